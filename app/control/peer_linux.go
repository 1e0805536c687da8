package control

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkPeer asks the kernel who is at the other end (SO_PEERCRED, unix(7)):
// should the folder's permissions ever be opened, the door stays shut.
func checkPeer(conn net.Conn) error {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if credErr != nil {
		return credErr
	}
	return sameUser(int(cred.Uid), os.Geteuid())
}

func sameUser(peer, own int) error {
	if peer != own {
		return errors.New("this Portlight belongs to another user")
	}
	return nil
}
