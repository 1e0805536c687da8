package view

import (
	"strings"

	"fyne.io/fyne/v2/lang"
)

// ErrorCode says what is wrong with a filter.
type ErrorCode string

// The codes.
const (
	CodePort      ErrorCode = "port"       // a number that no port can have
	CodePortWord  ErrorCode = "port_word"  // a port is required and this is none
	CodeBackwards ErrorCode = "backwards"  // a range whose end is before its start
	CodeRange     ErrorCode = "range"      // a range without an end
	CodeKey       ErrorCode = "key"        // an unknown "key:"
	CodeNoValue   ErrorCode = "no_value"   // "key:" and nothing after it
	CodeNothing   ErrorCode = "nothing"    // "-" and nothing after it
	CodeQuote     ErrorCode = "quote"      // a quote that is never closed
	CodeProto     ErrorCode = "proto"      // neither tcp nor udp
	CodePID       ErrorCode = "pid"        // not a process id
	CodeState     ErrorCode = "state"      // not a socket state
	CodeAddr      ErrorCode = "addr"       // not an address, prefix or network
	CodeColumn    ErrorCode = "column"     // not a column (ParseSort)
	CodePortNone  ErrorCode = "port_empty" // no port where one is required
)

// ParseError is one mistake in a filter.
type ParseError struct {
	Code ErrorCode
	// Pos is the offset in bytes where the faulty term begins.
	Pos int
	// Term is the faulty part as typed.
	Term string
	// Key is the key before the colon, if the term has one.
	Key string
	// Choices are what could stand there instead, if that is a short list.
	Choices []string
}

// Error is one sentence in the user's language that says what to do.
func (e *ParseError) Error() string {
	d := map[string]any{"Term": e.Term, "Key": e.Key, "Choices": strings.Join(e.Choices, ", ")}
	switch e.Code {
	case CodePort:
		return lang.X("view.error.port", `{{.Term}} is not a port: ports run from 1 to 65535`, d)
	case CodePortWord:
		return lang.X("view.error.port_word", `"{{.Term}}" is not a port: give a number from 1 to 65535`, d)
	case CodePortNone:
		return lang.X("view.error.port_empty", `a port is missing: give a number from 1 to 65535`, d)
	case CodeBackwards:
		return lang.X("view.error.backwards", `the range {{.Term}} runs backwards: write the lower port first`, d)
	case CodeRange:
		return lang.X("view.error.range", `the range {{.Term}} needs both ends, as in 3000-3999`, d)
	case CodeKey:
		return lang.X("view.error.key", `unknown filter "{{.Key}}:": use {{.Choices}}, or put the text in double quotes to search for it`, d)
	case CodeNoValue:
		return lang.X("view.error.no_value", `"{{.Key}}:" needs a value right after the colon`, d)
	case CodeNothing:
		return lang.X("view.error.nothing", `"-" leaves out what follows it, and nothing does`, d)
	case CodeQuote:
		return lang.X("view.error.quote", `a double quote is not closed: add another " at the end`, d)
	case CodeProto:
		return lang.X("view.error.proto", `"{{.Term}}" is not a protocol: use {{.Choices}}`, d)
	case CodePID:
		return lang.X("view.error.pid", `"{{.Term}}" is not a process ID: give a whole number`, d)
	case CodeState:
		return lang.X("view.error.state", `"{{.Term}}" is not a state: use one of {{.Choices}}`, d)
	case CodeAddr:
		return lang.X("view.error.addr", `"{{.Term}}" is not an address: use one like 127.0.0.1, its beginning (192.168.), a network (10.0.0.0/8), localhost or *`, d)
	case CodeColumn:
		return lang.X("view.error.column", `"{{.Term}}" is not a column: use one of {{.Choices}}, with - before it for descending`, d)
	}
	return string(e.Code)
}

// Unfinished reports whether typing on could mend the mistake: a search box
// then keeps quiet for the moment.
func (e *ParseError) Unfinished() bool {
	switch e.Code {
	case CodeNothing, CodeNoValue, CodeQuote, CodeRange:
		return true
	}
	return false
}
