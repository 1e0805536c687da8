package process

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/windows"
)

// identify returns the identity that has the PID now. Most processes of other
// users may not be opened; the system's list of all processes has the same
// creation time for them.
func identify(pid int32) (Identity, error) { return new(identifier).identify(pid) }

// identifier identifies processes and keeps the list of all of them for a
// moment: a poll asks for many, and each list costs about a millisecond.
type identifier struct {
	list processList
	at   time.Time
}

const listTTL = 250 * time.Millisecond

func (x *identifier) identify(pid int32) (Identity, error) {
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, pid)
	if err == nil {
		defer windows.CloseHandle(h)
		return identityOf(h, pid)
	}
	if !errors.Is(err, ErrDenied) {
		return Identity{}, err
	}
	if time.Since(x.at) > listTTL {
		if err := x.list.read(); err != nil {
			return Identity{}, err
		}
		x.at = time.Now()
	}
	e, ok := x.list.find(pid)
	if !ok {
		return Identity{}, ErrGone
	}
	return Identity{PID: pid, Start: e.start}, nil
}

// openProcess opens a process. PID 0 stands for nobody.
func openProcess(access uint32, pid int32) (windows.Handle, error) {
	if pid == 0 {
		return 0, ErrGone
	}
	h, err := windows.OpenProcess(access, false, uint32(pid))
	switch {
	case errors.Is(err, windows.ERROR_INVALID_PARAMETER): // no such PID
		return 0, ErrGone
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return 0, ErrDenied
	case err != nil:
		return 0, fmt.Errorf("open process %d: %w", pid, err)
	}
	return h, nil
}

// identityOf reads the identity through a handle. A process that has ended
// stays openable as long as anybody holds a handle of it.
func identityOf(h windows.Handle, pid int32) (Identity, error) {
	const stillActive = 259 // STILL_ACTIVE
	var code uint32
	if err := windows.GetExitCodeProcess(h, &code); err == nil && code != stillActive {
		return Identity{}, ErrGone
	}
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return Identity{}, fmt.Errorf("times of process %d: %w", pid, err)
	}
	return Identity{PID: pid, Start: uint64(created.HighDateTime)<<32 | uint64(created.LowDateTime)}, nil
}

// readFacts reads what may be read. While the handle is open the PID can't be
// given to another process, so all facts are of the one identity.
func readFacts(id Identity) (*Process, error) {
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, id.PID)
	if errors.Is(err, ErrDenied) {
		return listedFacts(id)
	}
	if err != nil {
		return nil, err
	}
	defer windows.CloseHandle(h)
	now, err := identityOf(h, id.PID)
	if err != nil {
		return nil, err
	}
	if id.Start != 0 && now.Start != id.Start {
		return nil, ErrGone
	}
	p := &Process{Identity: id, Started: startedAt(now.Start)}
	p.Exe = imagePath(h)
	if p.Exe == "" {
		p.Exe = imagePathOf(id.PID)
	}
	p.Name = filepath.Base(p.Exe)
	if p.Exe == "" { // the kernel's own helpers have no image file
		p.Name = listedName(id.PID)
	}
	user := tokenUser(h)
	p.User = accountOf(user)
	line := commandLine(h)
	if !isCriticalName(p.Name, p.Exe, systemDirectory()) {
		own := parametersOf(id.PID, user)
		p.Cwd = own.directory
		line = cmp.Or(line, own.commandLine)
	}
	if line != "" {
		p.Args, _ = windows.DecomposeCommandLine(line)
	}
	p.Unit = strings.Join(servicesOf(id.PID, p.Name), serviceSeparator)
	return p, nil
}

// listedFacts is what anybody may know of a process that can't be opened.
func listedFacts(id Identity) (*Process, error) {
	var list processList
	if err := list.read(); err != nil {
		return nil, err
	}
	e, ok := list.find(id.PID)
	if !ok || id.Start != 0 && e.start != id.Start {
		return nil, ErrGone
	}
	return &Process{
		Identity: id,
		Name:     e.name,
		Exe:      imagePathOf(id.PID),
		Started:  startedAt(e.start),
		Unit:     strings.Join(servicesOf(id.PID, e.name), serviceSeparator),
	}, nil
}

func listedName(pid int32) string {
	var list processList
	if list.read() != nil {
		return ""
	}
	e, _ := list.find(pid)
	return e.name
}

// parentOf returns the PID that created the process, which may be another
// process's by now.
func parentOf(id Identity) (int32, error) {
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, id.PID)
	if err == nil {
		defer windows.CloseHandle(h)
		if now, err := identityOf(h, id.PID); err != nil || now != id {
			return 0, errors.Join(ErrGone, err)
		}
		return basicInformation(h)
	}
	if !errors.Is(err, ErrDenied) {
		return 0, err
	}
	var list processList
	if err := list.read(); err != nil {
		return 0, err
	}
	e, ok := list.find(id.PID)
	if !ok || e.start != id.Start {
		return 0, ErrGone
	}
	return e.parent, nil
}

// isKernel: the kernel's threads belong to PID 4, "System".
func isKernel(id Identity) bool { return id.PID == 4 }

// startedAt reads a FILETIME; the zero time for 0.
func startedAt(filetime uint64) time.Time {
	if filetime == 0 {
		return time.Time{}
	}
	ft := windows.Filetime{LowDateTime: uint32(filetime), HighDateTime: uint32(filetime >> 32)}
	return time.Unix(0, ft.Nanoseconds())
}
