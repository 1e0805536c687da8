package units

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// Stop asks the service to stop and waits until it has. Others that need it are
// not stopped along: while such run, a *DependentsError names them. If ctx ends
// before, its error is returned and the stop goes on. accepted, which may be
// nil, is called once the service was told to stop.
func (m *Manager) Stop(ctx context.Context, u *Unit, accepted func()) error {
	s, err := openService(u.Name, windows.SERVICE_STOP|windows.SERVICE_QUERY_STATUS|windows.SERVICE_ENUMERATE_DEPENDENTS)
	if err != nil {
		return fmt.Errorf("stop %s: %w", u.Name, err)
	}
	defer s.Close()
	// Asked first, because the control itself only says that there are some.
	if names, err := s.ListDependentServices(svc.Active); err == nil && len(names) > 0 {
		return &DependentsError{Name: u.Name, Dependents: names}
	}
	_, err = s.Control(svc.Stop)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE):
		return nil
	case errors.Is(err, windows.ERROR_DEPENDENT_SERVICES_RUNNING):
		return &DependentsError{Name: u.Name}
	case errors.Is(err, windows.ERROR_SERVICE_CANNOT_ACCEPT_CTRL):
		// Also said while it is on its way already.
		if status, asked := s.Query(); asked != nil || status.State != svc.StopPending {
			return fmt.Errorf("stop %s: %w", u.Name, meaning(err))
		}
	case err != nil:
		return fmt.Errorf("stop %s: %w", u.Name, meaning(err))
	}
	if accepted != nil {
		accepted()
	}
	return awaitStop(ctx, s)
}

// awaitStop looks ten times a second. (NotifyServiceStatusChange would need a
// thread that waits alertably, which Go's don't.)
func awaitStop(ctx context.Context, s *mgr.Service) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		status, err := s.Query()
		switch {
		case err != nil:
			return fmt.Errorf("stop %s: %w", s.Name, meaning(err))
		case status.State == svc.Stopped:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stop %s: %w", s.Name, ctx.Err())
		case <-tick.C:
		}
	}
}

// Kill ends the service's process by force, for one whose Stop takes too long.
// A process that runs other services too, and any svchost, is never ended:
// ErrRefused.
func (m *Manager) Kill(ctx context.Context, u *Unit) error {
	now, err := m.ByName(ctx, u.Name, false)
	if err != nil {
		return err
	}
	if len(now.PIDs) == 0 {
		return nil // it has stopped
	}
	if len(now.Shares) > 0 {
		return fmt.Errorf("kill %s: its process runs %s as well: %w", u.Name, strings.Join(now.Shares, ", "), ErrRefused)
	}
	const rights = windows.PROCESS_TERMINATE | windows.PROCESS_QUERY_LIMITED_INFORMATION | windows.SYNCHRONIZE
	h, err := windows.OpenProcess(rights, false, uint32(now.PIDs[0]))
	if err != nil {
		return fmt.Errorf("kill %s: %w", u.Name, meaning(err))
	}
	defer windows.CloseHandle(h)
	path := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(path))
	if err := windows.QueryFullProcessImageName(h, 0, &path[0], &size); err != nil {
		return fmt.Errorf("kill %s: %w", u.Name, meaning(err))
	}
	if strings.EqualFold(filepath.Base(windows.UTF16ToString(path[:size])), "svchost.exe") {
		return fmt.Errorf("kill %s: svchost is left alone: %w", u.Name, ErrRefused)
	}
	// The handle holds the PID now; it has to be the service's still.
	again, err := running(now.PIDs[0])
	if err != nil || len(again) != 1 || !strings.EqualFold(again[0], u.Name) {
		return fmt.Errorf("kill %s: its process is another by now: %w", u.Name, errors.Join(ErrRefused, err))
	}
	const exitCode = 1
	if err := windows.TerminateProcess(h, exitCode); err != nil {
		return fmt.Errorf("kill %s: %w", u.Name, meaning(err))
	}
	return nil
}
