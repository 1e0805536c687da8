//go:build wine && linux

// Package wine runs the Windows programs under Wine, so that Windows stays
// alive between the days somebody has one. Wine tells PID 0 as the owner of
// most sockets: ownership is tested with recorded tables instead.
package wine

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestMain(m *testing.M) {
	stage.Main()
	// Wine reads the machine's tables slowly, and gives up on ones that change
	// under its hands: what other programs do is kept out.
	stage.OwnNetwork()
	os.Exit(m.Run())
}

// wine is a Wine installation with a Windows of its own.
type wine struct {
	program string
	env     []string
	desktop *desk.Desktop
}

func newWine(t *testing.T) *wine {
	t.Helper()
	w := &wine{desktop: desk.Start(t, desk.Options{NoTrayHost: true})}
	for _, name := range []string{"wine64", "/usr/lib/wine/wine64", "wine"} {
		if path, err := exec.LookPath(name); err == nil {
			w.program = path
			break
		}
	}
	if w.program == "" {
		t.Fatal("wine64 is not installed: scripts/need.sh windows")
	}
	prefix := filepath.Join(t.TempDir(), "prefix")
	w.env = []string{"WINEPREFIX=" + prefix, "WINEDEBUG=-all", "WINEARCH=win64",
		// No .NET and no HTML engine: both would ask to be downloaded.
		"WINEDLLOVERRIDES=mscoree=;mshtml="}
	t.Cleanup(func() {
		cmd := w.command("wineboot", "--kill")
		if cmd.Start() == nil { // it hangs if the Windows does
			patience := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
			defer patience.Stop()
			cmd.Wait()
		}
	})
	if r := w.run(t, "wineboot", "--init"); r.Code != 0 {
		t.Fatalf("wineboot: exit %d %s", r.Code, r.Stderr)
	}
	dll := filepath.Join(prefix, "drive_c/windows/system32/bcryptprimitives.dll")
	if out, err := exec.Command("x86_64-w64-mingw32-gcc", "-shared", "-O", "-o", dll,
		"testdata/bcryptprimitives.c", "-ladvapi32").CombinedOutput(); err != nil {
		t.Fatalf("compile ProcessPrng: %v\n%s", err, out)
	}
	return w
}

func (w *wine) command(args ...string) *exec.Cmd {
	cmd := w.desktop.Command(w.program, args...)
	cmd.Env = append(cmd.Env, w.env...)
	return cmd
}

// run runs a Windows program to its end.
func (w *wine) run(t *testing.T, args ...string) stage.Result {
	t.Helper()
	cmd := w.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // Wine's own servers keep the pipes open
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	patience := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	if !patience.Stop() {
		t.Fatalf("%q did not end\n%s%s", args, stdout.String(), stderr.String())
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	return stage.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
}

func exe(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program: make test sets it", variable)
	}
	return path
}

func TestConsole(t *testing.T) {
	portlight := exe(t, "PORTLIGHT_EXE")
	w := newWine(t)

	t.Run("list and who know a Linux listener through Wine's table", func(t *testing.T) {
		c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
		port := fmt.Sprint(c.Port)
		r := w.run(t, portlight, "list", "--json")
		if r.Code != 0 {
			t.Fatalf("list --json: exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		if rows := stage.Decode(t, r.Stdout).On(c.Port); len(rows) != 1 || rows[0].State != "listen" {
			t.Errorf("list --json has %+v for port %s, want one listener", rows, port)
		}
		if r := w.run(t, portlight, "list", port); r.Code != 0 || !strings.Contains(r.Stdout, port) {
			t.Errorf("list %s: exit %d\n%s%s", port, r.Code, r.Stdout, r.Stderr)
		}
		if r := w.run(t, portlight, "who", port); r.Code != 0 || !strings.Contains(r.Stdout, port) {
			t.Errorf("who %s: exit %d\n%s%s", port, r.Code, r.Stdout, r.Stderr)
		}
	})
	for _, tc := range []struct {
		args []string
		code int
	}{
		{[]string{"--help"}, 0},
		{[]string{"list", "1"}, 2},
		{[]string{"who", "1"}, 2},
		{[]string{"who", "70000"}, 1},
		{[]string{"list", "--nonsense"}, 1},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			r := w.run(t, append([]string{portlight}, tc.args...)...)
			if r.Code != tc.code {
				t.Errorf("exit %d, want %d\n%s%s", r.Code, tc.code, r.Stdout, r.Stderr)
			}
			if tc.code == 1 && strings.Count(strings.TrimSpace(r.Stderr), "\n") != 0 {
				t.Errorf("want one clear line on stderr, got %q", r.Stderr)
			}
		})
	}
	t.Run("watch says nothing wrong and ends when it is told to", func(t *testing.T) {
		cmd := w.command(portlight, "watch", "--json", "--interval", "300ms")
		var out syncBuffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.WaitDelay = time.Second
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { cmd.Process.Kill(); cmd.Wait() }()
		// Wine's table knows the sockets of all Linux programs; a listener
		// opened after the baseline has to be told of.
		stage.Eventually(t, time.Minute, "watch tells of a new listener", func() (bool, string) {
			c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
			for range 50 {
				if strings.Contains(out.String(), fmt.Sprintf(`"port":%d`, c.Port)) {
					return true, ""
				}
				time.Sleep(50 * time.Millisecond)
			}
			return false, out.String()
		})
	})
}

func TestWindow(t *testing.T) {
	portlight, console := exe(t, "PORTLIGHT_WINDOW_EXE"), exe(t, "PORTLIGHT_EXE")
	w := newWine(t)
	if r := w.run(t, console, "list"); r.Code != 0 && r.Code != 2 {
		t.Errorf("list: exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	cmd := w.command(portlight)
	var out syncBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })

	var window desk.Window
	stage.Eventually(t, 2*time.Minute, "Wine shows the window", func() (bool, string) {
		select {
		case err := <-done:
			t.Fatalf("the program ended: %v\n%s", err, out.String())
		default:
		}
		found, _ := w.desktop.Try("xdotool", "search", "--onlyvisible", "--name", "Portlight")
		ids := strings.Fields(found)
		if len(ids) > 0 {
			window = desk.Window(ids[0])
		}
		return len(ids) > 0, out.String()
	})
	// A window of one colour has drawn nothing. The picture is of the whole
	// display: asked for a window of Wine's, import(1) at times never returns.
	stage.Eventually(t, time.Minute, "the window has drawn its content", func() (bool, string) {
		colours := coloursWithin(t, w.desktop, window)
		return colours >= 10, fmt.Sprintf("%d colours", colours)
	})
	if text := out.String(); strings.Contains(text, "panic") || strings.Contains(text, "Error in Fyne call thread") {
		t.Errorf("the program said:\n%s", text)
	}
}

// coloursWithin counts the colours of a window as the display shows it.
func coloursWithin(t *testing.T, d *desk.Desktop, window desk.Window) int {
	t.Helper()
	f, err := os.Open(d.Screenshot("root", "windows"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	display, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	x, y, width, height := d.Geometry(window)
	inside := image.Rect(x, y, x+width, y+height).Intersect(display.Bounds())
	seen := make(map[color.Color]bool)
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		for x := inside.Min.X; x < inside.Max.X; x++ {
			seen[display.At(x, y)] = true
		}
	}
	return len(seen)
}

// syncBuffer may be written by a program while the test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
