package units

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Manager is Windows' service control manager. Each question opens it anew, with
// no more rights than it takes, so there is nothing to close.
type Manager struct{}

// Open returns ErrNoManager if the service control manager doesn't answer.
func Open(context.Context) (*Manager, error) {
	h, err := connect(windows.SC_MANAGER_CONNECT)
	if err != nil {
		return nil, err
	}
	windows.CloseServiceHandle(h)
	return new(Manager), nil
}

// Of returns the service that runs in the process, ErrNoUnit if none does. Where
// one process runs several, it is the first by name and the others are its
// Shares; process.ServiceByTag and ByName tell which of them a socket belongs
// to.
func (m *Manager) Of(ctx context.Context, pid int32) (*Unit, error) {
	names, err := running(pid)
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("process %d: %w", pid, ErrNoUnit)
	}
	return m.ByName(ctx, names[0], false)
}

// ByName returns a service by its key name ("W3SVC", not what is displayed).
// Users have no service managers of their own on Windows: user is ignored.
func (m *Manager) ByName(_ context.Context, name string, _ bool) (*Unit, error) {
	const rights = windows.SERVICE_QUERY_STATUS | windows.SERVICE_QUERY_CONFIG
	s, err := openService(name, rights)
	if errors.Is(err, ErrDenied) { // some hide their configuration
		s, err = openService(name, windows.SERVICE_QUERY_STATUS)
	}
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	defer s.Close()
	status, err := s.Query()
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", name, meaning(err))
	}
	u := &Unit{Name: s.Name, CanStop: status.Accepts&svc.AcceptStop != 0}
	u.Description = displayName(s.Handle)
	// Recovery actions are for a process that ends without being asked to.
	if actions, err := s.RecoveryActions(); err == nil {
		u.Restarts = slices.ContainsFunc(actions, func(a mgr.RecoveryAction) bool { return a.Type == mgr.ServiceRestart })
	}
	if pid := int32(status.ProcessId); pid != 0 {
		u.PIDs = []int32{pid}
		others, err := running(pid)
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", name, err)
		}
		u.Shares = slices.DeleteFunc(others, func(o string) bool { return strings.EqualFold(o, u.Name) })
	}
	return u, nil
}

// displayName returns the name that Windows shows for a service, "" if that may
// not be read.
func displayName(service windows.Handle) string {
	buf := make([]uint64, 1<<10) // aligned for the pointers in it
	const most = 8 << 10         // as documented for QueryServiceConfig
	config := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&buf[0]))
	var need uint32
	if err := windows.QueryServiceConfig(service, config, most, &need); err != nil {
		return ""
	}
	return windows.UTF16PtrToString(config.DisplayName)
}

// SocketFor returns ErrNoUnit: no service manager listens for others here.
func (*Manager) SocketFor(context.Context, sockets.Proto, netip.AddrPort) (*Unit, error) {
	return nil, ErrNoUnit
}

// running lists the services in a process, by name.
func running(pid int32) ([]string, error) {
	manager, err := connect(windows.SC_MANAGER_CONNECT | windows.SC_MANAGER_ENUMERATE_SERVICE)
	if err != nil {
		return nil, err
	}
	defer windows.CloseServiceHandle(manager)
	var names []string
	buf := make([]byte, 64<<10)
	var resume uint32 // where the next part of a long list begins
	const parts = 64
	for range parts {
		var need, count uint32
		err := windows.EnumServicesStatusEx(manager, windows.SC_ENUM_PROCESS_INFO, windows.SERVICE_WIN32,
			windows.SERVICE_ACTIVE, &buf[0], uint32(len(buf)), &need, &count, &resume, nil)
		if err != nil && !errors.Is(err, windows.ERROR_MORE_DATA) {
			return nil, meaning(err)
		}
		if room := uint32(len(buf)) / uint32(unsafe.Sizeof(windows.ENUM_SERVICE_STATUS_PROCESS{})); count > room {
			return nil, fmt.Errorf("%w: %d services in a buffer for %d", ErrNoManager, count, room)
		}
		for _, s := range unsafe.Slice((*windows.ENUM_SERVICE_STATUS_PROCESS)(unsafe.Pointer(&buf[0])), count) {
			if int32(s.ServiceStatusProcess.ProcessId) == pid {
				names = append(names, windows.UTF16PtrToString(s.ServiceName))
			}
		}
		if err == nil {
			break
		}
	}
	slices.Sort(names)
	return names, nil
}

func connect(rights uint32) (windows.Handle, error) {
	h, err := windows.OpenSCManager(nil, nil, rights)
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return 0, ErrDenied
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	return h, nil
}

// openService opens a service. mgr.Mgr's own way asks for every right there is.
func openService(name string, rights uint32) (*mgr.Service, error) {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, ErrNoUnit
	}
	manager, err := connect(windows.SC_MANAGER_CONNECT)
	if err != nil {
		return nil, err
	}
	defer windows.CloseServiceHandle(manager)
	h, err := windows.OpenService(manager, text, rights)
	if err != nil {
		return nil, meaning(err)
	}
	return &mgr.Service{Name: name, Handle: h}, nil
}

// meaning turns the service manager's errors into ours.
func meaning(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return ErrDenied
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST), errors.Is(err, windows.ERROR_INVALID_NAME),
		errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE):
		return ErrNoUnit
	case errors.Is(err, windows.RPC_S_SERVER_UNAVAILABLE), errors.Is(err, windows.ERROR_DATABASE_DOES_NOT_EXIST):
		return fmt.Errorf("%w: %w", ErrNoManager, err)
	case errors.Is(err, windows.ERROR_INVALID_SERVICE_CONTROL), errors.Is(err, windows.ERROR_SERVICE_CANNOT_ACCEPT_CTRL):
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}
