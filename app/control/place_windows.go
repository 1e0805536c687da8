package control

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// place is where instances meet: a named pipe with the user's SID in its
// name and its access list. The first to create the name is the instance;
// Windows removes it with the process.
type place struct{ sid string }

func userPlace() (place, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return place{}, fmt.Errorf("no place to meet other instances: %w", err)
	}
	return place{user.User.Sid.String()}, nil
}

func (p place) pipe() string { return `\\.\pipe\portlight-` + p.sid }

func (p place) listen() (net.Listener, error) {
	l, err := winio.ListenPipe(p.pipe(), &winio.PipeConfig{
		// Protected, full access for this user and nobody else
		// (Security Descriptor String Format).
		SecurityDescriptor: "D:P(A;;GA;;;" + p.sid + ")",
	})
	// go-winio creates the first instance of the name exclusively.
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) ||
		errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return nil, errTaken
	}
	return l, err
}

func (p place) dial(ctx context.Context) (net.Conn, error) {
	return winio.DialPipeContext(ctx, p.pipe())
}

// checkPeer has nothing to do: the pipe's access list did it.
func checkPeer(net.Conn) error { return nil }
