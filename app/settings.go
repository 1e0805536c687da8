package app

import (
	"errors"
	"path/filepath"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/config"
)

// loaded are the settings at the start.
type loaded struct {
	file *config.File // nil where this user has no place for settings
	now  config.Settings
	err  error // why now are the defaults and not what the file says
}

func loadSettings(path string) loaded {
	if path == "" {
		var err error
		if path, err = config.DefaultPath(); err != nil {
			return loaded{now: config.Default(), err: err}
		}
	} else if abs, err := filepath.Abs(path); err == nil {
		path = abs // start at login has another working directory
	}
	l := loaded{file: config.Open(path)}
	l.now, l.err = l.file.Load()
	return l
}

// configMessage says in the user's language what is wrong with a file; of
// other errors it says what they say.
func configMessage(err error) string {
	var e *config.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	data := map[string]any{
		"File": e.File, "Line": e.Line, "Column": e.Column, "Source": e.Source,
		"Key": e.Key, "Got": e.Got, "Allowed": e.Allowed, "Detail": e.Detail,
	}
	place := lang.X("app.config.place", "{{.File}}, line {{.Line}}, column {{.Column}}", data)
	var what string
	switch e.Problem {
	case config.ProblemSyntax:
		what = lang.X("app.config.syntax", "not valid YAML: {{.Detail}}", data)
	case config.ProblemUnknownKey:
		what = lang.X("app.config.unknown_key", "unknown key \"{{.Got}}\"; allowed: {{.Allowed}}", data)
	case config.ProblemDuplicate:
		what = lang.X("app.config.duplicate", "key \"{{.Got}}\" is given twice", data)
	default:
		what = lang.X("app.config.value", "{{.Key}} can't be {{.Got}}; allowed: {{.Allowed}}", data)
	}
	if e.Source == "" {
		return place + ": " + what
	}
	return place + ": " + what + " — " + e.Source
}
