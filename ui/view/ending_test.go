package view

import (
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/free"
)

func TestEnding_TakenBackSaysWhoGoesOn(t *testing.T) {
	ours := Ending(&free.Final{Ending: free.EndTakenBack}, "TCP 80")
	theirs := Ending(&free.Final{Ending: free.EndTakenBack, Managed: true}, "TCP 80")
	if strings.Contains(ours, "manager") || !strings.Contains(theirs, "manager may go on") || !strings.Contains(theirs, "TCP 80") {
		t.Errorf("a process: %q; a unit: %q", ours, theirs)
	}
}

func TestStage_PromisesForceOnlyWhileATimeRuns(t *testing.T) {
	timed := Stage(free.Step{Stage: free.StageAsking, Grace: 5 * time.Second, Elapsed: time.Second})
	waiting := Stage(free.Step{Stage: free.StageAsking, Elapsed: time.Minute})
	if !strings.Contains(timed, "forced in 4") || strings.Contains(waiting, "forced") {
		t.Errorf("with a time: %q; without: %q", timed, waiting)
	}
}
