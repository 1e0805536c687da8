package export

import (
	"io"
	"time"

	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Attempt is what `portlight kill` made of one port or process.
type Attempt struct {
	Aim  free.Aim
	Plan *free.Plan // nil: nobody holds it, or Err says why there is none
	// Chosen is the index of the choice that was taken, or would be; -1 for
	// none.
	Chosen int
	Final  *free.Final // nil: nothing was done
	Err    error
	// Exit is the exit code this attempt alone would have.
	Exit int
}

// Kill is the document of `portlight kill --json`.
type Kill struct {
	Schema  int        `json:"schema"`
	TakenAt *time.Time `json:"taken_at"`
	Plans   []Plan     `json:"plans"`
}

// Plan is one attempt.
type Plan struct {
	Port    *uint16    `json:"port"` // null: whatever the process holds
	PID     *int32     `json:"pid"`  // null: whoever holds the port
	Targets []Endpoint `json:"targets"`
	Choices []Choice   `json:"choices"`
	Chosen  *int       `json:"chosen"` // index into choices
	Final   *Final     `json:"final"`
	Error   *string    `json:"error"`
	Exit    int        `json:"exit"`
}

// Choice is one way to free the targets.
type Choice struct {
	Kind          string       `json:"kind"`
	Name          string       `json:"name"`
	Reason        *string      `json:"reason"`
	Safe          bool         `json:"safe"`
	Victims       []Victim     `json:"victims"`
	Also          []SocketName `json:"also"`
	LocalClients  int          `json:"local_clients"`
	RemoteClients int          `json:"remote_clients"`
	Shares        []string     `json:"shares"`
	Restarter     *Ancestor    `json:"restarter"`
	Risks         []string     `json:"risks"`
	Blocked       *string      `json:"blocked"`
	Protection    *string      `json:"protection"`
	Elevate       bool         `json:"elevate"`
}

// Victim is a process that a choice ends.
type Victim struct {
	Holder
	Holds bool `json:"holds"`
}

// Final is what a run came to.
type Final struct {
	Ending         string        `json:"ending"`
	ElapsedSeconds float64       `json:"elapsed_seconds"`
	Forced         bool          `json:"forced"`
	Holders        []Holder      `json:"holders"`
	By             *Ancestor     `json:"by"`
	Alive          []ProcessName `json:"alive"`
	WaitSeconds    *float64      `json:"wait_seconds"`
	Error          *string       `json:"error"`
}

// ProcessName is an identity: PID and the kernel's start value.
type ProcessName struct {
	PID   int32   `json:"pid"`
	Start *string `json:"start"`
}

// WriteKill writes the document of `portlight kill --json`.
func WriteKill(w io.Writer, taken time.Time, as []Attempt) error {
	doc := Kill{Schema: Schema, TakenAt: at(taken), Plans: []Plan{}}
	for i := range as {
		doc.Plans = append(doc.Plans, plan(&as[i]))
	}
	return writeOne(w, doc)
}

// Ports is the document of `portlight free --json`.
type Ports struct {
	Schema  int        `json:"schema"`
	TakenAt *time.Time `json:"taken_at"`
	Proto   string     `json:"proto"`
	Ports   []uint16   `json:"ports"`
}

// WritePorts writes the document of `portlight free --json`.
func WritePorts(w io.Writer, taken time.Time, proto sockets.Proto, ports []uint16) error {
	return writeOne(w, Ports{Schema: Schema, TakenAt: at(taken), Proto: proto.String(), Ports: list(ports)})
}

func plan(a *Attempt) Plan {
	d := Plan{Targets: []Endpoint{}, Choices: []Choice{}, Error: message(a.Err), Exit: a.Exit}
	if a.Aim.Port != 0 {
		d.Port = &a.Aim.Port
	}
	if a.Aim.Process.PID != 0 {
		d.PID = &a.Aim.Process.PID
	}
	if a.Plan != nil {
		for i := range a.Plan.Targets {
			d.Targets = append(d.Targets, endpoint(&a.Plan.Targets[i]))
		}
		for i := range a.Plan.Choices {
			d.Choices = append(d.Choices, choice(&a.Plan.Choices[i]))
		}
		if a.Chosen >= 0 {
			d.Chosen = &a.Chosen
		}
	}
	if f := a.Final; f != nil {
		fd := &Final{Ending: string(f.Ending), ElapsedSeconds: f.Elapsed.Round(time.Millisecond).Seconds(), Forced: f.Forced,
			Holders: holders(f.Holders), By: ancestor(f.By), Alive: []ProcessName{}, WaitSeconds: seconds(f.Wait), Error: message(f.Err)}
		for _, id := range f.Alive {
			fd.Alive = append(fd.Alive, ProcessName{PID: id.PID, Start: start(id)})
		}
		d.Final = fd
	}
	return d
}

func choice(c *free.Choice) Choice {
	d := Choice{Kind: string(c.Kind), Name: c.Name, Reason: text(string(c.Reason)), Safe: c.Safe(), Victims: []Victim{},
		Also: keyNames(c.Also), LocalClients: c.Clients.Local, RemoteClients: c.Clients.Remote, Shares: list(c.Shares),
		Restarter: ancestor(c.Restarter), Risks: []string{}, Blocked: text(string(c.Blocked)), Protection: text(string(c.Protection)), Elevate: c.Elevate}
	for _, v := range c.Victims {
		d.Victims = append(d.Victims, Victim{holder(v.Process), v.Holds})
	}
	for _, r := range c.Risks {
		d.Risks = append(d.Risks, string(r))
	}
	return d
}

func ancestor(a *process.Ancestor) *Ancestor {
	if a == nil {
		return nil
	}
	return &Ancestor{PID: a.PID, Name: text(a.Name), Exe: text(a.Exe)}
}
