package units

import (
	"fmt"
	"strings"
)

// DependentsError: a Windows service isn't stopped while others run that need
// it. It wraps ErrRefused.
type DependentsError struct {
	Name string
	// Dependents are those services' key names, in the order in which they
	// would have to be stopped.
	Dependents []string
}

func (e *DependentsError) Error() string {
	return fmt.Sprintf("%s is needed by %s", e.Name, strings.Join(e.Dependents, ", "))
}

// Unwrap returns ErrRefused.
func (e *DependentsError) Unwrap() error { return ErrRefused }
