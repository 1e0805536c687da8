// Package netsh runs Windows' netsh, for the few things that no documented
// function tells. What it prints is in the user's language: whoever reads it
// goes by numbers and structure alone.
package netsh
