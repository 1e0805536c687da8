// Testlog reads `go test -json` and prints what a person wants of it: failures
// in full, every skipped test with its reason, and go test's own line for each
// package. It exits 1 if anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of test2json's output (go doc test2json).
type event struct {
	Action, Package, Test, Output, ImportPath string
}

func main() {
	summary := io.Discard
	if len(os.Args) > 1 { // every package's line is added to this file as well
		f, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer f.Close()
		summary = f
	}
	if failed := filter(os.Stdin, os.Stdout, summary); failed {
		os.Exit(1)
	}
}

// filter copies what matters from in to out and reports whether anything failed.
func filter(in io.Reader, out, summary io.Writer) (failed bool) {
	said := map[string]*strings.Builder{} // output of each test still running
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text()) // a build error of an older go
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "build-fail":
			failed = true
		case "output":
			if e.Test == "" {
				if isSummary(e.Output) {
					fmt.Fprint(out, e.Output)
					fmt.Fprint(summary, e.Output)
				} else if e.Output != "PASS\n" && !strings.HasSuffix(e.Output, "[no test files]\n") {
					fmt.Fprint(out, e.Output)
				}
				continue
			}
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			if !strings.HasPrefix(e.Output, "=== ") {
				said[key].WriteString(e.Output)
			}
		case "fail":
			failed = true
			fallthrough
		case "skip":
			if b := said[key]; b != nil {
				fmt.Fprint(out, b.String())
			}
			delete(said, key)
		case "pass":
			if b := said[key]; b != nil && strings.Contains(b.String(), "measured: ") {
				for _, line := range strings.Split(b.String(), "\n") {
					if strings.Contains(line, "measured: ") {
						fmt.Fprintln(out, strings.TrimSpace(line))
					}
				}
			}
			delete(said, key)
		}
	}
	// What a crash or a timeout cut off belongs to the failure.
	for _, b := range said {
		fmt.Fprint(out, b.String())
	}
	return failed || lines.Err() != nil
}

// isSummary reports whether the line is go test's verdict on a package.
func isSummary(line string) bool {
	for _, prefix := range []string{"ok  \t", "FAIL\t", "---\t"} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}
