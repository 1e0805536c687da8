package config

import "fmt"

// Problem is what is wrong with a file, as a code: words in the user's
// language are made where it is shown.
type Problem string

// The problems.
const (
	ProblemSyntax     Problem = "syntax"      // not YAML; Detail is the parser's word
	ProblemUnknownKey Problem = "unknown_key" // Allowed lists the keys of that place
	ProblemDuplicate  Problem = "duplicate_key"
	ProblemType       Problem = "wrong_type"
	ProblemRange      Problem = "out_of_range" // of the right type, but not allowed
)

// Error is one mistake in a settings file.
type Error struct {
	File         string
	Line, Column int    // from 1; the column counts characters
	Source       string // that line of the file, without the space around it
	Problem      Problem
	Key          string // "notifications.kinds", "" for the whole file
	Got          string // as written
	Allowed      string // what may stand there instead
	Detail       string
}

// Error tells it all in one line.
func (e *Error) Error() string {
	var what string
	switch e.Problem {
	case ProblemSyntax:
		what = "not valid YAML: " + e.Detail
	case ProblemUnknownKey:
		what = fmt.Sprintf("unknown key %q", e.Got)
		if e.Key != "" {
			what += " in " + e.Key
		}
	case ProblemDuplicate:
		what = fmt.Sprintf("key %q is given twice", e.Got)
	case ProblemRange:
		what = fmt.Sprintf("%s can't be %q", e.Key, e.Got)
	default:
		what = fmt.Sprintf("%s can't be %s", e.name(), e.Got)
	}
	if e.Allowed != "" {
		what += "; allowed: " + e.Allowed
	}
	return fmt.Sprintf("%s:%d:%d: %s (the line says: %s)", e.File, e.Line, e.Column, what, e.Source)
}

func (e *Error) name() string {
	if e.Key == "" {
		return "the file"
	}
	return e.Key
}
