// Package export writes snapshots as documents for other programs: JSON and
// CSV. docs/json.md describes them in words, docs/portlight.schema.json as a
// JSON Schema. What is unknown is null or absent, never a made-up value.
package export

import (
	"strconv"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/services"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Schema is the version of the JSON documents. It grows when a field changes
// its meaning or goes away; new fields don't change it.
const Schema = 1

// Item is what a document lists: an endpoint or a connection.
type Item struct {
	Endpoint   *monitor.Endpoint
	Connection *monitor.Connection
}

// Items returns everything in a snapshot: the endpoints, then the connections.
func Items(s *monitor.Snapshot) []Item {
	items := make([]Item, 0, len(s.Endpoints)+len(s.Connections))
	for i := range s.Endpoints {
		items = append(items, Item{Endpoint: &s.Endpoints[i]})
	}
	for i := range s.Connections {
		items = append(items, Item{Connection: &s.Connections[i]})
	}
	return items
}

// Endpoint is one entry of the list "endpoints".
type Endpoint struct {
	Kind            string     `json:"kind"` // endpoint or connection
	Proto           string     `json:"proto"`
	Family          int        `json:"family"`
	Address         string     `json:"address"`
	Port            uint16     `json:"port"`
	Device          string     `json:"device,omitempty"`
	RemoteAddress   *string    `json:"remote_address"`
	RemotePort      *uint16    `json:"remote_port"`
	State           string     `json:"state"`
	UID             *uint32    `json:"uid"`
	User            *string    `json:"user"`
	Owner           string     `json:"owner"`
	HoldersComplete bool       `json:"holders_complete"`
	Holders         []Holder   `json:"holders"`
	Creators        []Creator  `json:"creators,omitempty"`
	Container       *Container `json:"container,omitempty"`
	Service         *string    `json:"service"`
	Exposure        *string    `json:"exposure"`
	DualStack       *bool      `json:"dual_stack"`
	FirstSeen       *time.Time `json:"first_seen"`
	CreatedAt       *time.Time `json:"created_at"`
}

// Holder is a process that holds the socket.
type Holder struct {
	PID int32 `json:"pid"`
	// Start is text, because JSON's numbers are exact to 2^53 only in many
	// programs, and Windows' values are greater.
	Start      *string    `json:"start"`
	Name       *string    `json:"name"`
	Exe        *string    `json:"exe"`
	ExeDeleted bool       `json:"exe_deleted,omitempty"`
	Cmdline    *string    `json:"cmdline"`
	Args       []string   `json:"args,omitempty"`
	UID        *uint32    `json:"uid"`
	User       *string    `json:"user"`
	Cwd        *string    `json:"cwd"`
	Project    *string    `json:"project"`
	ProjectDir string     `json:"project_dir,omitempty"`
	Unit       *string    `json:"unit"`
	Container  *string    `json:"container"`
	StartedAt  *time.Time `json:"started_at"`
	VerifiedAt *time.Time `json:"verified_at"`
}

// Creator is what the kernel tells of a socket whose holder can't be read.
type Creator struct {
	UID       *uint32 `json:"uid"`
	User      *string `json:"user"`
	Unit      *string `json:"unit"`
	Container *string `json:"container"`
}

// Container is a container as its engine describes it.
type Container struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Image   string `json:"image"`
	Project string `json:"project,omitempty"`
}

// Warning is something that a reader of the document should know.
type Warning struct {
	Code  string `json:"code"`
	Count int    `json:"count,omitempty"`
	Error string `json:"error,omitempty"`
}

func (it Item) document() Endpoint {
	if it.Endpoint != nil {
		return endpoint(it.Endpoint)
	}
	return connection(it.Connection)
}

func endpoint(e *monitor.Endpoint) Endpoint {
	d := Endpoint{Kind: "endpoint", Proto: e.Proto.String(), Family: e.Family(),
		Address: e.Addr.Addr().String(), Port: e.Addr.Port(), Device: e.Device,
		State: e.State.String(), Owner: e.Owner.String(), HoldersComplete: e.HoldersComplete,
		Holders: holders(e.Holders), Service: text(services.Name(e.Proto, e.Addr.Port())),
		Exposure: text(e.Exposure.String()), DualStack: tri(e.DualStack),
		FirstSeen: at(e.FirstSeen), CreatedAt: at(e.CreatedAt)}
	for _, c := range e.Creators {
		d.Creators = append(d.Creators, creator(c))
	}
	if c := e.Container; c != nil {
		d.Container = &Container{ID: c.ID, Name: c.Name, Image: c.Image, Project: c.Project}
	}
	uid, has := e.UID()
	d.user(has, uid, e.Holders, e.Creators)
	return d
}

func connection(c *monitor.Connection) Endpoint {
	d := Endpoint{Kind: "connection", Proto: c.Proto.String(), Family: 6,
		Address: c.Local.Addr().String(), Port: c.Local.Port(), Device: c.Device,
		State: c.State.String(), Owner: c.Owner.String(), HoldersComplete: c.HoldersComplete,
		Holders: holders(c.Holders), CreatedAt: at(c.Socket.CreatedAt())}
	if c.Local.Addr().Is4() {
		d.Family = 4
	}
	service := services.Name(c.Proto, c.Local.Port())
	if c.Remote.IsValid() {
		addr, port := c.Remote.Addr().String(), c.Remote.Port()
		d.RemoteAddress, d.RemotePort = &addr, &port
		if service == "" {
			service = services.Name(c.Proto, port)
		}
	}
	d.Service = text(service)
	var creators []monitor.Creator
	if c.Creator != nil {
		creators = []monitor.Creator{*c.Creator}
		d.Creators = []Creator{creator(*c.Creator)}
	}
	d.user(c.HasUID, c.UID, c.Holders, creators)
	return d
}

// user names the socket's own user, by what is known of processes and creators
// with that number.
func (d *Endpoint) user(has bool, uid uint32, hs []monitor.Holder, cs []monitor.Creator) {
	if !has {
		if len(hs) > 0 { // Windows: a socket is its process's
			d.User = text(hs[0].User)
		}
		return
	}
	d.UID = &uid
	for _, c := range cs {
		if c.HasUID && c.UID == uid && d.User == nil {
			d.User = text(c.User)
		}
	}
	for _, h := range hs {
		if h.HasUID && h.UID == uid && d.User == nil {
			d.User = text(h.User)
		}
	}
}

// holders is never nil, so that JSON shows [] for none.
func holders(hs []monitor.Holder) []Holder {
	ds := make([]Holder, len(hs))
	for i, h := range hs {
		ds[i] = holder(h.Process)
		ds[i].VerifiedAt = at(h.VerifiedAt)
	}
	return ds
}

func holder(p *process.Process) Holder {
	d := Holder{PID: p.PID, Name: text(p.Name), Exe: text(p.Exe), ExeDeleted: p.ExeDeleted,
		Cmdline: text(p.CommandLine()), Args: p.Args, User: text(p.User), Cwd: text(p.Cwd),
		Project: text(p.Project), ProjectDir: p.ProjectDir, Unit: text(p.Unit),
		Container: text(p.Container), StartedAt: at(p.Started), Start: start(p.Identity)}
	if p.HasUID {
		d.UID = &p.UID
	}
	return d
}

func start(id process.Identity) *string {
	if id.Start == 0 {
		return nil
	}
	return text(strconv.FormatUint(id.Start, 10))
}

func creator(c monitor.Creator) Creator {
	d := Creator{User: text(c.User), Unit: text(c.Unit), Container: text(c.Container)}
	if c.HasUID {
		d.UID = &c.UID
	}
	return d
}

func warnings(ws []monitor.Warning) []Warning {
	ds := make([]Warning, len(ws))
	for i, w := range ws {
		ds[i] = Warning{Code: string(w.Code), Count: w.Count, Error: w.Err}
	}
	return ds
}

// text, tri and at turn "unknown" into null.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func tri(t sockets.Tri) *bool {
	if t == sockets.Unknown {
		return nil
	}
	yes := t == sockets.Yes
	return &yes
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}
