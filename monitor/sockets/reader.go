package sockets

// source is what an operating system has to offer. The implementation is
// chosen by file suffix: netlink on Linux, IP Helper on Windows, gopsutil
// elsewhere.
type source interface {
	// read appends the wanted sockets to dst. On an error it returns what it
	// could read beside it. dst's memory belongs to the caller.
	read(want Want, dst []Socket) ([]Socket, error)
	// limits lists what the source can't know; fixed for its lifetime.
	limits() []Limit
	close() error
}

// A Reader reads the socket tables, keeping its kernel handle and buffers
// between readings. It is not safe for concurrent use.
type Reader struct {
	src source
}

// Open prepares the best source that this system grants.
func Open() (*Reader, error) {
	src, err := openSource()
	if err != nil {
		return nil, err
	}
	return &Reader{src: src}, nil
}

// Read appends the wanted sockets to dst and returns it, in no particular
// order. The result never shares memory with the Reader.
func (r *Reader) Read(want Want, dst []Socket) ([]Socket, error) {
	return r.src.read(want, dst)
}

// Limits lists what this source can't know.
func (r *Reader) Limits() []Limit { return r.src.limits() }

// Close gives the kernel handle back.
func (r *Reader) Close() error { return r.src.close() }
