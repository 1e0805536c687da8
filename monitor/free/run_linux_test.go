package free

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestRun_APoliteHolderEndsAndThePortIsProvenFree(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Kind != KindProcess || c.Reason != ReasonAlone || !c.Safe() || len(c.Victims) != 1 || !c.Victims[0].Holds {
		t.Fatalf("the first choice is %+v", c)
	}
	var stages []Stage
	f, err := plan.Run(t.Context(), Order{}, func(s Step) {
		if !slices.Contains(stages, s.Stage) {
			stages = append(stages, s.Stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEnding(t, f, EndFreed)
	if f.Forced || len(f.Alive) > 0 || f.Elapsed <= 0 || f.Elapsed > DefaultGrace {
		t.Errorf("got %+v", f)
	}
	if want := []Stage{StageChecking, StageAsking, StageProving}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	if p.alive() {
		t.Error("it lives")
	}
}

func TestRun_AStubbornHolderIsForcedAfterItsGrace(t *testing.T) {
	p := stage(t, "stubborn listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})

	f := enact(t, plan, Order{Grace: shortly, NeverForce: true})
	wantEnding(t, f, EndRunning)
	if !slices.Equal(f.Alive, []process.Identity{p.id}) || f.Forced {
		t.Errorf("never forced: %+v", f)
	}
	f = enact(t, plan, Order{Grace: shortly})
	wantEnding(t, f, EndFreed)
	if !f.Forced || f.Elapsed < shortly {
		t.Errorf("forced: %+v", f)
	}
}

func TestRun_ForceLeavesTheQuestionOut(t *testing.T) {
	p := stage(t, "stubborn listen 127.0.0.1:0")
	f := enact(t, p.plan(t, Machine{}), Order{Force: true, Grace: time.Minute})
	wantEnding(t, f, EndFreed)
	if !f.Forced || f.Elapsed > 5*time.Second {
		t.Errorf("got %+v", f)
	}
}

func TestRun_TakenBackInTheGraceTimeIsNotForced(t *testing.T) {
	p := stage(t, "stubborn listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f, err := plan.Run(ctx, Order{Grace: shortly}, func(s Step) {
		if s.Stage == StageAsking {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEnding(t, f, EndTakenBack)
	time.Sleep(2 * shortly) // had it a timer, it would be over
	if !p.alive() {
		t.Error("it was forced all the same")
	}
}

func TestRun_AContextThatIsOverBeforeTheSignalSendsNone(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f, err := plan.Run(ctx, Order{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", f, err)
	}
	if !p.alive() {
		t.Error("it was ended")
	}
}

func TestRun_WhoLetThePortGoAndFinishesItsWorkIsNotForced(t *testing.T) {
	p := stage(t, "draining listen 127.0.0.1:0")
	f := enact(t, p.plan(t, Machine{}), Order{Grace: shortly})
	wantEnding(t, f, EndFreed)
	if f.Forced || !slices.Equal(f.Alive, []process.Identity{p.id}) || !p.alive() {
		t.Errorf("got %+v", f)
	}
}

func TestRun_AHolderThatEndedBetweenPlanAndSignal(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	p.end()
	wantEnding(t, enact(t, plan, Order{}), EndNotHeld)
}

func TestRun_AnotherHolderOfThePortSinceThePlanIsLeftAlone(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	p.end()
	other := stage(t, "listen "+p.addr.String())
	wantEnding(t, enact(t, plan, Order{}), EndNotHeld)
	if !other.alive() {
		t.Error("the other was ended")
	}
}

func TestRun_AChildThatInheritedTheSocketStillHoldsIt(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0 children 1 inherited")
	plan := p.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Kind != KindTree || c.Reason != ReasonPrefork || len(c.Victims) != 2 || c.Victims[0].Identity != p.id {
		t.Fatalf("the first choice is %+v", c)
	}
	// Aimed at the parent alone.
	alone := planFor(t, Aim{Port: p.addr.Port(), Process: process.Identity{PID: p.id.PID}}, Machine{})
	f := enact(t, alone, Order{Choice: choice(t, alone, KindProcess)})
	wantEnding(t, f, EndStillHeld)
	if len(f.Holders) != 1 || strconv.Itoa(int(f.Holders[0].PID)) != p.children[0] {
		t.Errorf("holders %v, want the child %s", f.Holders, p.children[0])
	}
	// And now the heir of a dead parent.
	wantEnding(t, enact(t, p.plan(t, Machine{}), Order{}), EndFreed)
}

func TestRun_APreforkServerEndsWithItsWorkers(t *testing.T) {
	for name, words := range map[string]string{
		"one that ends its workers itself": "listen 127.0.0.1:0 children 3 inherited again tidy",
		"one that leaves them":             "listen 127.0.0.1:0 children 3 inherited again",
		"one whose workers are stubborn":   "listen 127.0.0.1:0 children 3 stubborn_inherited again",
		"one that is stubborn as well":     "stubborn listen 127.0.0.1:0 children 3 stubborn_inherited again",
	} {
		t.Run(name, func(t *testing.T) {
			p := stage(t, words)
			plan := p.plan(t, Machine{})
			c := &plan.Choices[0]
			if c.Kind != KindTree || c.Reason != ReasonPrefork || len(c.Victims) != 4 || c.Victims[0].Identity != p.id || c.Safe() || len(plan.Choices) != 1 {
				t.Fatalf("the plan has %v, first %+v", kinds(plan), c)
			}
			f := enact(t, plan, Order{Grace: 2 * shortly})
			wantEnding(t, f, EndFreed)
			if p.alive() || len(f.Alive) > 0 {
				t.Errorf("alive: %v", f.Alive)
			}
		})
	}
}

func TestRun_AWorkerAloneComesBack(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0 children 2 inherited again")
	pid, _ := strconv.Atoi(p.children[0])
	plan := planFor(t, Aim{Port: p.addr.Port(), Process: process.Identity{PID: int32(pid)}}, Machine{})
	c := &plan.Choices[0]
	if !slices.Contains(c.Risks, RiskComesBack) || c.Restarter == nil || c.Restarter.Identity != p.id {
		t.Errorf("got %+v", c)
	}
}

func TestRun_AWatcherStartsItAgainUnlessItIsTheChoice(t *testing.T) {
	p := stage(t, "again children 1 listen_127.0.0.1:"+port(t), as("nodemon", "--quiet"))
	plan := p.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Kind != KindWatcher || c.Reason != ReasonWatcher || len(c.Victims) != 2 || c.Victims[0].Identity != p.id {
		t.Fatalf("the plan has %v, first %+v", kinds(plan), c)
	}
	i := choice(t, plan, KindProcess)
	c := &plan.Choices[i]
	if c.Safe() || !slices.Contains(c.Risks, RiskComesBack) || c.Restarter == nil || c.Restarter.Identity != p.id {
		t.Errorf("ended alone: %+v", c)
	}
	f := enact(t, plan, Order{Choice: i})
	wantEnding(t, f, EndTakenAgain)
	if len(f.Holders) != 1 || f.By == nil || f.By.Identity != p.id {
		t.Errorf("taken by %s, started by %+v, want %v", names(f.Holders), f.By, p.id)
	}
	wantEnding(t, enact(t, p.plan(t, Machine{}), Order{}), EndFreed)
	if p.alive() {
		t.Error("the watcher lives")
	}
}

func TestRun_AnUnknownProgramThatStartsItAgainIsNamed(t *testing.T) {
	p := stage(t, "again children 1 listen_127.0.0.1:"+port(t), as("my-own-loop"))
	plan := p.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Kind != KindProcess {
		t.Fatalf("the first choice is %+v", c)
	}
	f := enact(t, plan, Order{})
	wantEnding(t, f, EndTakenAgain)
	if f.By == nil || f.By.Identity != p.id {
		t.Errorf("taken by %s, started by %+v, want %v", names(f.Holders), f.By, p.id)
	}
}

// port finds a port that is free now and not the system's to give away.
func port(t testing.TB) string {
	t.Helper()
	for n := 21000 + os.Getpid()%8000; n < 32000; n++ {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", n))
		if err == nil {
			l.Close()
			return strconv.Itoa(n)
		}
	}
	t.Fatal("no port is free")
	return ""
}
