package why

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

// asked counts what the page asks for.
type asked struct{ examined, given int }

func (a *asked) Examine(doctor.Question) { a.examined++ }
func (a *asked) StopExamining()          { a.given++ }

func open(t *testing.T) (*Page, *asked, *time.Time) {
	uitest.App(t, "en", theme.Light)
	w := test.NewTempWindow(t, nil)
	now, a := uitest.Now, &asked{}
	clock := func() time.Time { return now }
	p := New(a, Options{Now: clock, Canvas: w.Canvas, Copy: func(string) {}, Escape: func() {},
		Desk: freeing.NewDesk(nil, freeing.Options{Now: clock, Canvas: w.Canvas})})
	w.SetContent(p.Object())
	w.Resize(fyne.NewSize(900, 600))
	return p, a, &now
}

func lingering(wait time.Duration) *doctor.Diagnosis {
	return &doctor.Diagnosis{Verdict: doctor.CanNotHave, Taken: uitest.Now,
		Finding:  doctor.Finding{Cause: doctor.LingeringOnly, Wait: wait, Lingering: make([]sockets.Lingering, 1)},
		Remedies: []doctor.Remedy{{Kind: doctor.RemedyWait, Wait: wait}}}
}

func TestWaitingLooksAgainUntilThePortIsFree(t *testing.T) {
	p, a, now := open(t)
	p.Ask(3000, sockets.TCP)
	p.Apply(p.Question(), lingering(5*time.Second), nil)
	p.waitFor()
	*now = now.Add(2 * time.Second)
	p.Tick()
	if a.examined != 1 || p.wait.Text != "Looking again in 3.0 s." {
		t.Errorf("after 2 of 5 s: examined %d times, says %q", a.examined, p.wait.Text)
	}
	*now = now.Add(4 * time.Second)
	p.Tick()
	if a.examined != 2 {
		t.Fatalf("after the wait it was examined %d times", a.examined)
	}
	p.Apply(p.Question(), &doctor.Diagnosis{Verdict: doctor.CanHave, Finding: doctor.Finding{Cause: doctor.Free}}, nil)
	*now = now.Add(time.Hour)
	p.Tick()
	if s := p.State(); a.examined != 2 || s.Waiting || s.Cause != "free" {
		t.Errorf("once it is free: examined %d times, %+v", a.examined, s)
	}
}

func TestAnExaminationCanBeGivenUp(t *testing.T) {
	p, a, _ := open(t)
	p.Ask(3000, sockets.TCP)
	if !p.State().Examining || p.stop.Hidden {
		t.Fatal("no progress is shown")
	}
	p.stop.OnTapped()
	p.Apply(p.Question(), lingering(0), nil) // too late
	if s := p.State(); a.given != 1 || s.Examining || s.Cause != "" {
		t.Errorf("given up %d times, %+v", a.given, s)
	}
}

func TestWhatCouldNotBeFoundOutIsSaid(t *testing.T) {
	p, _, _ := open(t)
	p.Ask(3000, sockets.UDP)
	p.Apply(p.Question(), nil, errors.New("too many open files"))
	if p.failure != "too many open files" || len(p.answer.Objects) != 1 {
		t.Errorf("it says %q in %d lines", p.failure, len(p.answer.Objects))
	}
}

func TestEveryCauseIsLaidOut(t *testing.T) {
	p, _, _ := open(t)
	for _, c := range []doctor.Cause{doctor.Free, doctor.FreeWithReuse, doctor.Held, doctor.HeldHidden, doctor.HeldShared, doctor.Ghost,
		doctor.HeldOtherAddress, doctor.BoundNotListen, doctor.LingeringOnly, doctor.EphemeralClient, doctor.Privileged, doctor.AddressNotLocal,
		doctor.FamilyDisabled, doctor.Container, doctor.SystemdSocket, doctor.ExcludedRange, doctor.HTTPSys, doctor.Unexplained} {
		var all []doctor.Remedy
		for _, k := range []doctor.RemedyKind{doctor.RemedyFree, doctor.RemedyWait, doctor.RemedyReuse, doctor.RemedyOtherPort,
			doctor.RemedyCommand, doctor.RemedyOtherAddr, doctor.RemedyCloseConn} {
			all = append(all, doctor.Remedy{Kind: k, Port: 3001, Command: []string{"true"}, About: "setcap"})
		}
		p.Ask(3000, sockets.TCP)
		p.Apply(p.Question(), &doctor.Diagnosis{Question: p.Question(), Finding: doctor.Finding{Cause: c}, Remedies: all}, nil)
		if s := p.State(); s.Cause != string(c) || s.Text == "" || len(p.answer.Objects) < 2 {
			t.Errorf("%s: %+v in %d parts", c, s, len(p.answer.Objects))
		}
	}
}
