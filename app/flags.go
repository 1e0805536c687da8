package app

import (
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2/lang"
)

// windowFlags are the flags that may stand where a command could: they are
// about the window, or about everything.
type windowFlags struct {
	minimised bool
	config    string // "" means the default path
}

// parseFlags reads the window's flags up to the first argument that is none
// of them, which belongs to the command line.
func parseFlags(args []string) (f windowFlags, rest []string, err error) {
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(args[i], "=")
		switch name {
		case "--minimised", "--minimized":
			if given {
				return f, nil, errors.New(lang.X("app.flag.no_value", "{{.Flag}} takes no value", map[string]any{"Flag": name}))
			}
			f.minimised = true
		case "--config":
			if !given {
				if i++; i == len(args) {
					return f, nil, errors.New(lang.X("app.flag.file", "--config needs a file"))
				}
				value = args[i]
			}
			if value == "" {
				return f, nil, errors.New(lang.X("app.flag.file", "--config needs a file"))
			}
			f.config = value
		default:
			return f, args[i:], nil
		}
	}
	return f, nil, nil
}

// args writes the flags as they are given on a command line.
func (f windowFlags) args() []string {
	var out []string
	if f.minimised {
		out = append(out, "--minimised")
	}
	if f.config != "" {
		out = append(out, fmt.Sprintf("--config=%s", f.config))
	}
	return out
}
