package netsh

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf16"

	"golang.org/x/sys/windows"
)

// patience is for a netsh that hangs; a tenth of a second is usual.
const patience = 10 * time.Second

// Run runs netsh with the arguments and returns what it printed, also where it
// failed: it says so on its standard output.
func Run(ctx context.Context, args ...string) (string, error) {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		return "", fmt.Errorf("netsh: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "netsh.exe"), args...)
	cmd.Dir = dir // it loads its helpers by name
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW, HideWindow: true}
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("netsh %s: %w", strings.Join(args, " "), errors.Join(err, ctx.Err()))
	}
	return consoleText(out), err
}

// consoleText decodes what a program wrote to a console without a window, whose
// code page is the system's OEM one. What doesn't decode is returned as it is:
// the numbers are the same in all of them.
func consoleText(b []byte) string {
	const oemCodePage = 1 // CP_OEMCP
	if len(b) == 0 {
		return ""
	}
	n, err := windows.MultiByteToWideChar(oemCodePage, 0, &b[0], int32(len(b)), nil, 0)
	if err != nil || n <= 0 {
		return string(b)
	}
	wide := make([]uint16, n)
	if n, err = windows.MultiByteToWideChar(oemCodePage, 0, &b[0], int32(len(b)), &wide[0], n); err != nil {
		return string(b)
	}
	return string(utf16.Decode(wide[:n]))
}
