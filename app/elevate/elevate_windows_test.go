package elevate

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// Started with the verb, this binary is the elevated program. Which target it
// was given says what it does.
func init() {
	if len(os.Args) < 2 || os.Args[1] != Verb {
		return
	}
	r, _, err := Parse(os.Args[2:])
	switch {
	case err != nil || !slices.Equal(r.Args(), os.Args[1:]):
		os.Exit(exitError)
	case r.PID == 8: // takes its time
		time.Sleep(5 * time.Second)
	case r.PID == 12:
		os.Exit(7)
	}
	os.Exit(Result{Ending: "lingering"}.Code())
}

// Windows itself would ask a person; Wine starts the program at once.
func underWine(t *testing.T) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		t.Skip("on Windows this opens a question for a person")
	}
}

func TestRunAs(t *testing.T) {
	underWine(t)
	r := request()
	if got, err := Run(t.Context(), r); err != nil || got.Ending != "lingering" {
		t.Errorf("got %+v, %v; want its ending", got, err)
	}
	r.PID = 12
	if got, err := Run(t.Context(), r); err == nil {
		t.Errorf("an exit code that tells nothing: got %+v", got)
	}
	r.PID = 8
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if got, err := Run(ctx, r); !errors.Is(err, ErrOnItsOwn) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v, %v; want to be told that it goes on", got, err)
	}
}

func TestRunAs_AProgramThatIsNotThere(t *testing.T) {
	underWine(t)
	if _, err := runAs(`C:\absent\portlight.exe`, ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}
