//go:build wine && linux

package wine

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// crossBuild builds for Windows without cgo, in a folder of this module.
func crossBuild(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// The unit tests of what is different on Windows, run there.
func TestUnits(t *testing.T) {
	w := newWine(t)
	// The service manager of the first boot has an environment in which no Go
	// program starts; the next boot's has all there should be.
	w.run(t, "wineboot", "--kill")
	for _, unit := range []struct {
		dir  string
		must []string // tests without which the run says nothing
		skip string   // what Wine 8 can't do
	}{
		{
			dir:  "monitor/sockets",
			must: []string{"TestReaderSeesOurSockets", "TestDecodeRecordedTables", "TestDestroyRefuses"},
			skip: "^$",
		},
		{
			dir: "monitor/process",
			must: []string{"TestReadFactsOfOurselves", "TestReadFactsOfAChild", "TestListAgreesWithHandles",
				"TestHandleKillsAndWaits", "TestStopWithoutAWindow", "TestStopClosesAWindow", "TestGuard",
				"TestNoPoliteWayWithoutAConsole", "TestConsoleBreakKnowsWhomItIsFor",
				"TestFacts_OfOneServiceOfMany", "TestFacts_OfAnInfantAreReadAgain"},
			// Under Wine 8 os.RemoveAll fails on a folder ("Invalid
			// function"), and with it the end of every t.TempDir.
			skip: "^(TestFindProject|TestProjects_.*)$",
		},
		{
			dir:  "monitor/bind",
			must: []string{"TestHeldExclusively", "TestCodesOfWinsock", "TestParseExcluded"},
			skip: "^$",
		},
		{
			dir:  "monitor/doctor",
			must: []string{"TestExamine_OnWindows", "TestDiagnose_WindowsCauses", "TestWinFirewall"},
			skip: "^$",
		},
		{
			dir:  "monitor/units",
			must: []string{"TestManager_KnowsAndStopsAService", "TestManager_KillsAServicesOwnProcess", "TestManager_NoUnit"},
			skip: "^$",
		},
		{
			dir:  "app/elevate",
			must: []string{"TestRunAs", "TestRunAs_AProgramThatIsNotThere", "TestParse_RefusesEverythingElse"},
			skip: "^$",
		},
	} {
		t.Run(unit.dir, func(t *testing.T) {
			source, err := filepath.Abs(filepath.Join("../..", unit.dir))
			if err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(t.TempDir(), "unit.test.exe")
			crossBuild(t, source, "test", "-c", "-o", program, ".")
			cmd := w.command(program, "-test.v", "-test.timeout=5m", "-test.skip="+unit.skip)
			cmd.Dir = source // where its testdata is
			cmd.WaitDelay = 2 * time.Second
			// The desktop that Wine started for a window keeps the pipes
			// open after the program's end.
			out, err := cmd.CombinedOutput()
			if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
				t.Errorf("%v", err)
			}
			for _, name := range unit.must {
				if !strings.Contains(string(out), "--- PASS: "+name+" ") {
					t.Errorf("%s didn't pass", name)
				}
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
}

// A listener of a Windows program, not of a Linux one beside it.
func TestWindowsListener(t *testing.T) {
	portlight := exe(t, "PORTLIGHT_EXE")
	w := newWine(t)
	program := filepath.Join(t.TempDir(), "listen.exe")
	crossBuild(t, "testdata/listen", "build", "-o", program, "main.go")
	cmd := w.command(program)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stdin.Close(); cmd.Wait() }()
	var pid, port int
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if _, scanErr := fmt.Sscan(line, &pid, &port); err != nil || scanErr != nil {
		t.Fatalf("the listener said %q (%v, %v)", line, err, scanErr)
	}

	r := w.run(t, portlight, "list", "--json", fmt.Sprint(port))
	if r.Code != 0 {
		t.Fatalf("list --json %d: exit %d\n%s%s", port, r.Code, r.Stdout, r.Stderr)
	}
	rows := stage.Decode(t, r.Stdout).Endpoints
	if len(rows) != 1 {
		t.Fatalf("%d rows of port %d\n%s", len(rows), port, r.Stdout)
	}
	row := rows[0]
	if row.Proto != "tcp" || row.Family != 4 || row.Address != "127.0.0.1" || row.Port != port ||
		row.State != "listen" || row.Exposure != "loopback" || row.UID != nil || row.CreatedAt != nil && row.CreatedAt.IsZero() {
		t.Errorf("the row is %+v", row)
	}
	// Wine's table has PID 0 for a listener: nobody may be named by guess.
	for _, h := range row.Holders {
		if h.PID != pid {
			t.Errorf("held by %+v, want PID %d or nobody", h, pid)
		}
	}
	if len(row.Holders) == 0 && (row.Owner != "hidden" || row.HoldersComplete) {
		t.Errorf("owner %q, complete %v; want hidden and not complete", row.Owner, row.HoldersComplete)
	}

	if r := w.run(t, portlight, "who", fmt.Sprint(port)); r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprint(port)) {
		t.Errorf("who %d: exit %d\n%s%s", port, r.Code, r.Stdout, r.Stderr)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the listener: %v", err)
	}
	if r := w.run(t, portlight, "who", fmt.Sprint(port)); r.Code != 2 {
		t.Errorf("who %d after its end: exit %d, want 2\n%s%s", port, r.Code, r.Stdout, r.Stderr)
	}
}
