package process

import "time"

// Socket is what the kernel's table says of a socket, as far as it helps to
// find its holders.
type Socket struct {
	Handle uint64 // inode on Linux, 0 elsewhere
	PID    int32  // owner where the table says it, 0 elsewhere
	HasUID bool
	UID    uint32
	// Created is the socket's creation in Unix nanoseconds, 0 if unknown.
	Created int64
	// ServiceTag stands for a service inside the owner, 0 if it doesn't.
	ServiceTag uint32
}

// Claim is one process seen to hold a socket.
type Claim struct {
	Identity
	// VerifiedAt is when the evidence for it was last looked at.
	VerifiedAt time.Time
	// Image counts the programs the process has run (execve(2) keeps the
	// identity): facts read under an older image are out of date.
	Image uint32
	// ServiceTag is the socket's.
	ServiceTag uint32
}

// Answer says who holds one socket.
type Answer struct {
	Claims []Claim
	// Complete: every process there is could be read, so there is no other
	// holder.
	Complete bool
	// Exited: the holder that was known has ended, and nobody else is seen
	// to hold the socket, which is still there.
	Exited bool
	// Kernel: it can be said that no process holds the socket.
	Kernel bool
}

// index is how an operating system finds a socket's holders: by walking
// descriptors (Linux) or by the PID in the table (everywhere else).
type index interface {
	// update looks at what changed since the last update. same says that
	// wanted holds the very sockets of the last call.
	update(now time.Time, wanted []Socket, same bool) error
	// answer is about a socket of the last update's wanted.
	answer(s Socket) Answer
	// verified returns a claim's VerifiedAt as of the last update.
	verified(id Identity) time.Time
	// generation changes whenever any answer does, but for VerifiedAt.
	generation() uint64
	// unreadable counts the processes whose descriptors can't be read.
	unreadable() int
	close() error
}

// Index answers who holds a socket, kept up to date in proportion to what
// changes. It is not safe for concurrent use.
type Index struct{ os index }

// OpenIndex prepares an index with no processes in it.
func OpenIndex() (*Index, error) {
	os, err := openIndex()
	if err != nil {
		return nil, err
	}
	return &Index{os}, nil
}

// Update brings the index up to now for the wanted sockets; same promises that
// they are those of the last call. After an error the answers are the old ones.
func (x *Index) Update(now time.Time, wanted []Socket, same bool) error {
	return x.os.update(now, wanted, same)
}

// Answer says who holds a socket that the last Update wanted.
func (x *Index) Answer(s Socket) Answer { return x.os.answer(s) }

// Verified returns the VerifiedAt that a claim of that identity has now.
func (x *Index) Verified(id Identity) time.Time { return x.os.verified(id) }

// Generation changes whenever any answer does, but for VerifiedAt.
func (x *Index) Generation() uint64 { return x.os.generation() }

// Unreadable counts the processes whose descriptors may not be read.
func (x *Index) Unreadable() int { return x.os.unreadable() }

// Close gives the index's resources back.
func (x *Index) Close() error { return x.os.close() }
