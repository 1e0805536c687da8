package quiet_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The command line's error output belongs to its commands in every locale,
// also where Fyne's lang complains of it.
func TestProgram_startsWithoutChatter(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "portlight")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	build := exec.Command("go", "build", "-o", bin, "github.com/portlight-app/portlight")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, c := range []struct{ lang, usage string }{
		{"C", "Usage:"}, {"POSIX", "Usage:"}, {"", "Usage:"}, {"no-such_LOCALE@x", "Usage:"}, {"en_US.UTF-8", "Usage:"}, {"zh_CN.UTF-8", "用法："},
	} {
		for _, args := range []string{"version", "list --help"} {
			var stdout, stderr bytes.Buffer
			cmd := exec.Command(bin, strings.Fields(args)...)
			cmd.Env = []string{"LANG=" + c.lang, "LC_ALL=", "HOME=" + t.TempDir(), "SystemRoot=" + os.Getenv("SystemRoot")}
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil || stderr.Len() > 0 || stdout.Len() == 0 {
				t.Errorf("LANG=%s portlight %s: %v, stderr %q", c.lang, args, err, stderr.String())
			}
			if runtime.GOOS == "linux" && strings.Contains(args, "--help") && !strings.Contains(stdout.String(), c.usage) {
				t.Errorf("LANG=%s: no %q in the help:\n%s", c.lang, c.usage, stdout.String())
			}
		}
	}
}
