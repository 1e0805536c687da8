package units

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// asService is the argument that makes the test program a service.
const asService = "serve-as-a-service"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == asService {
		if err := svc.Run(os.Args[2], service{}); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

type service struct{}

func (service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop}
	forgotten := time.After(time.Minute)
	for {
		select {
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop:
				status <- svc.Status{State: svc.StopPending}
				time.Sleep(200 * time.Millisecond) // so that a stop that isn't waited for shows
				return false, 0
			}
		case <-forgotten:
			return false, 1
		}
	}
}

// install makes a service of the test program and starts it.
func install(t *testing.T, name string, dependsOn ...string) *mgr.Service {
	t.Helper()
	m, err := mgr.Connect()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		t.Skip("only an administrator may install a service")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer m.Disconnect()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.CreateService(name, self, mgr.Config{
		StartType: mgr.StartManual, DisplayName: "Portlight's " + name, Dependencies: dependsOn,
	}, asService, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Control(svc.Stop)
		if err := s.Delete(); err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
		s.Close()
	})
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		status, err := s.Query()
		if err != nil {
			t.Fatal(err)
		}
		if status.State == svc.Running {
			return s
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%s is in state %d", name, status.State)
		}
	}
}

func TestManager_KnowsAndStopsAService(t *testing.T) {
	name := "portlight-test-" + strconv.Itoa(os.Getpid())
	s := install(t, name)
	if err := s.SetRecoveryActions([]mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: time.Hour}}, 60); err != nil {
		t.Log("no recovery actions here:", err)
	}
	status, err := s.Query()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := m.Of(t.Context(), int32(status.ProcessId))
	if err != nil {
		t.Fatal(err)
	}
	if u.Name != name || !u.CanStop || u.Description != "Portlight's "+name ||
		!slices.Equal(u.PIDs, []int32{int32(status.ProcessId)}) || len(u.Shares) != 0 {
		t.Errorf("the unit is %+v", u)
	}
	if actions, err := s.RecoveryActions(); err == nil && u.Restarts != (len(actions) > 0) {
		t.Errorf("restarts %v with %v", u.Restarts, actions)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Fatal(err)
	}
	if status, err := s.Query(); err != nil || status.State != svc.Stopped {
		t.Errorf("after Stop it is in state %d (%v)", status.State, err)
	}
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Errorf("a second Stop: %v, want nil", err)
	}
	if u, err := m.ByName(ctx, name, false); err != nil || u.CanStop || len(u.PIDs) != 0 {
		t.Errorf("stopped, it is %+v, %v", u, err)
	}
}

func TestManager_LeavesDependentsAlone(t *testing.T) {
	base := "portlight-base-" + strconv.Itoa(os.Getpid())
	s := install(t, base)
	above := "portlight-above-" + strconv.Itoa(os.Getpid())
	install(t, above, base)
	if names, err := s.ListDependentServices(svc.Active); err != nil || len(names) == 0 {
		t.Skipf("this system doesn't list dependents (Wine): %v, %v", names, err)
	}
	m := new(Manager)
	err := m.Stop(t.Context(), &Unit{Name: base}, nil)
	var needed *DependentsError
	if !errors.As(err, &needed) || !slices.Equal(needed.Dependents, []string{above}) {
		t.Fatalf("Stop: %v, want it to name %s", err, above)
	}
	if !errors.Is(err, ErrRefused) {
		t.Errorf("%v isn't a refusal", err)
	}
	if status, err := s.Query(); err != nil || status.State != svc.Running {
		t.Errorf("state %d (%v), want it left running", status.State, err)
	}
}

func TestManager_KillsAServicesOwnProcess(t *testing.T) {
	name := "portlight-kill-" + strconv.Itoa(os.Getpid())
	s := install(t, name)
	status, err := s.Query()
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, status.ProcessId)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(h)
	if err := new(Manager).Kill(t.Context(), &Unit{Name: name}); err != nil {
		t.Fatal(err)
	}
	const patience = 20_000 // milliseconds
	if event, err := windows.WaitForSingleObject(h, patience); event != windows.WAIT_OBJECT_0 {
		t.Errorf("its process lives (%d, %v)", event, err)
	}
}

func TestManager_NoUnit(t *testing.T) {
	m := new(Manager)
	if u, err := m.Of(t.Context(), int32(os.Getpid())); !errors.Is(err, ErrNoUnit) {
		t.Errorf("of ourselves: %+v, %v; want ErrNoUnit", u, err)
	}
	for _, name := range []string{"portlight-there-is-none", "", "a\x00b"} {
		if u, err := m.ByName(t.Context(), name, false); !errors.Is(err, ErrNoUnit) {
			t.Errorf("%q: %+v, %v; want ErrNoUnit", name, u, err)
		}
		if err := m.Stop(t.Context(), &Unit{Name: name}, nil); !errors.Is(err, ErrNoUnit) {
			t.Errorf("stop %q: %v, want ErrNoUnit", name, err)
		}
	}
}
