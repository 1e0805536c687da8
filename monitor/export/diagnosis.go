package export

import (
	"io"
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Diagnosis is the document of `portlight doctor --json`.
type Diagnosis struct {
	Schema  int        `json:"schema"`
	TakenAt *time.Time `json:"taken_at"`
	Port    uint16     `json:"port"`
	Proto   string     `json:"proto"`
	Address *string    `json:"address"` // null: any
	Verdict string     `json:"verdict"` // free, taken, unknown
	Finding
	Notes     []Finding    `json:"notes"`
	Remedies  []Remedy     `json:"remedies"`
	Tries     []Try        `json:"tries"`
	Localhost []Route      `json:"localhost"`
	Shadow    []SocketName `json:"shadow"` // endpoints of different owners
	Barriers  []Barrier    `json:"barriers"`
	Missing   []string     `json:"missing"`
}

// Finding is a cause with its evidence.
type Finding struct {
	Cause       string      `json:"cause"`
	Addresses   []string    `json:"addresses"`
	WaitSeconds *float64    `json:"wait_seconds"`
	Endpoints   []Endpoint  `json:"endpoints"`
	Bound       []Bound     `json:"bound,omitempty"`
	Lingering   []Lingering `json:"lingering,omitempty"`
	Client      *Endpoint   `json:"client,omitempty"`
	Excluded    *Excluded   `json:"excluded,omitempty"`
	URLs        []URLGroup  `json:"urls,omitempty"`
	LowPort     uint16      `json:"first_unprivileged_port,omitempty"`
}

// Bound is a socket that has a port and doesn't listen.
type Bound struct {
	SocketName
	UID     *uint32  `json:"uid"`
	Holders []Holder `json:"holders"`
}

// SocketName names a socket.
type SocketName struct {
	Proto   string `json:"proto"`
	Address string `json:"address"`
	Port    uint16 `json:"port"`
}

// Lingering is a connection that ends and still keeps the port.
type Lingering struct {
	SocketName
	RemoteAddress string   `json:"remote_address"`
	RemotePort    uint16   `json:"remote_port"`
	State         string   `json:"state"`
	LeftSeconds   *float64 `json:"left_seconds"`
}

// Excluded is a range that Windows sets aside.
type Excluded struct {
	From         uint16 `json:"from"`
	To           uint16 `json:"to"`
	Administered bool   `json:"administered"`
}

// URLGroup is a registration with http.sys.
type URLGroup struct {
	URLs  []string `json:"urls"`
	Queue *string  `json:"queue"`
	PIDs  []int32  `json:"pids"`
	// Service registered them, Holders are the processes of the PIDs.
	Service *string  `json:"service"`
	Holders []Holder `json:"holders"`
}

// Remedy is a way out.
type Remedy struct {
	Kind        string   `json:"kind"`
	Command     []string `json:"command"` // null: none
	Admin       bool     `json:"admin"`
	About       *string  `json:"about"`
	WaitSeconds *float64 `json:"wait_seconds"`
	Port        *uint16  `json:"port"`
}

// Try is one bind and what became of it.
type Try struct {
	Proto   string  `json:"proto"`
	Address string  `json:"address"`
	Manner  string  `json:"manner"` // server, plain, exclusive, dual
	Code    string  `json:"code"`
	Error   *string `json:"error"`
}

// Route is what a packet to one of localhost's addresses reaches.
type Route struct {
	To     string      `json:"to"`
	Found  *SocketName `json:"found"`
	Probed bool        `json:"probed"`
}

// Barrier is what keeps others from connecting.
type Barrier struct {
	Kind     string  `json:"kind"`
	Evidence *string `json:"evidence"`
	Certain  bool    `json:"certain"`
}

// WriteDiagnosis writes the document of `portlight doctor --json`.
func WriteDiagnosis(w io.Writer, d *doctor.Diagnosis) error {
	doc := Diagnosis{Schema: Schema, TakenAt: at(d.Taken), Port: d.Port, Proto: d.Proto.String(), Address: address(d.Question.Addr),
		Verdict: map[doctor.Verdict]string{doctor.CanHave: "free", doctor.CanNotHave: "taken"}[d.Verdict],
		Finding: finding(&d.Finding), Notes: []Finding{}, Remedies: []Remedy{}, Tries: []Try{}, Localhost: []Route{},
		Barriers: []Barrier{}, Missing: []string{}}
	if doc.Verdict == "" {
		doc.Verdict = "unknown"
	}
	for i := range d.Notes {
		doc.Notes = append(doc.Notes, finding(&d.Notes[i]))
	}
	for _, r := range d.Remedies {
		rd := Remedy{Kind: string(r.Kind), Command: r.Command, Admin: r.Admin, About: text(r.About), WaitSeconds: seconds(r.Wait)}
		if r.Port != 0 {
			rd.Port = &r.Port
		}
		doc.Remedies = append(doc.Remedies, rd)
	}
	for _, t := range d.Tries {
		manner := map[bind.Manner]string{bind.Server: "server", bind.Plain: "plain", bind.Exclusive: "exclusive", bind.Dual: "dual"}[t.Manner]
		doc.Tries = append(doc.Tries, Try{Proto: t.Proto.String(), Address: t.Addr.Addr().String(), Manner: manner,
			Code: string(t.Code), Error: message(t.Err)})
	}
	for _, r := range d.Localhost {
		rd := Route{To: r.To.String(), Probed: r.Probed}
		if r.Found {
			rd.Found = new(keyName(r.Key))
		}
		doc.Localhost = append(doc.Localhost, rd)
	}
	if d.Shadow != nil {
		doc.Shadow = keyNames(d.Shadow.Keys)
	}
	for _, b := range d.Barriers {
		doc.Barriers = append(doc.Barriers, Barrier{Kind: string(b.Kind), Evidence: text(b.Evidence), Certain: b.Certain})
	}
	for _, err := range d.Missing {
		doc.Missing = append(doc.Missing, err.Error())
	}
	return writeOne(w, doc)
}

func finding(f *doctor.Finding) Finding {
	d := Finding{Cause: string(f.Cause), Addresses: []string{}, WaitSeconds: seconds(f.Wait), Endpoints: []Endpoint{}, LowPort: f.LowPort}
	for _, a := range f.Addrs {
		d.Addresses = append(d.Addresses, a.String())
	}
	for i := range f.Endpoints {
		d.Endpoints = append(d.Endpoints, endpoint(&f.Endpoints[i]))
	}
	for _, b := range f.Bound {
		bd := Bound{SocketName: socketName(b.Socket), Holders: holders(b.Holders)}
		if b.HasUID {
			bd.UID = &b.UID
		}
		d.Bound = append(d.Bound, bd)
	}
	for _, l := range f.Lingering {
		d.Lingering = append(d.Lingering, Lingering{SocketName: socketName(l.Socket), RemoteAddress: l.Remote.Addr().String(),
			RemotePort: l.Remote.Port(), State: l.State.String(), LeftSeconds: seconds(l.Left)})
	}
	if f.Client != nil {
		d.Client = new(connection(f.Client))
	}
	if x := f.Excluded; x != nil {
		d.Excluded = &Excluded{From: x.From, To: x.To, Administered: x.Administered}
	}
	for _, g := range f.URLs {
		d.URLs = append(d.URLs, URLGroup{URLs: list(g.URLs), Queue: text(g.Queue), PIDs: list(g.PIDs),
			Service: text(g.Service), Holders: holders(g.Holders)})
	}
	return d
}

func socketName(s sockets.Socket) SocketName {
	return SocketName{Proto: s.Proto.String(), Address: s.Local.Addr().String(), Port: s.Local.Port()}
}

func keyName(k monitor.Key) SocketName {
	return SocketName{Proto: k.Proto.String(), Address: k.Addr.Addr().String(), Port: k.Addr.Port()}
}

func keyNames(ks []monitor.Key) []SocketName {
	ds := make([]SocketName, len(ks))
	for i, k := range ks {
		ds[i] = keyName(k)
	}
	return ds
}

// writeOne writes a document on one line.
func writeOne(w io.Writer, doc any) error {
	line, err := encode(doc)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// seconds, address and message turn "unknown" or "none" into null.
func seconds(d time.Duration) *float64 {
	if d <= 0 {
		return nil
	}
	s := d.Round(time.Millisecond).Seconds()
	return &s
}

func address(a netip.Addr) *string {
	if !a.IsValid() {
		return nil
	}
	return text(a.String())
}

func message(err error) *string {
	if err == nil {
		return nil
	}
	return text(err.Error())
}

// list is never nil, so that JSON shows [] for none.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
