package export

import (
	"io"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

// Story is an entry of `portlight who --json`: the endpoint, and what else is
// known of it.
type Story struct {
	Endpoint
	// Origins are in the order of the holders.
	Origins []Origin `json:"origins"`
	// Backlog is null where the kernel doesn't tell.
	Backlog *Backlog `json:"backlog"`
	Peers   []Peer   `json:"peers"`
}

// Origin is what started a holder.
type Origin struct {
	Kind  string     `json:"kind"`
	Name  *string    `json:"name"`
	Chain []Ancestor `json:"chain"` // nearest first
}

// Ancestor is one step of a holder's lineage.
type Ancestor struct {
	PID  int32   `json:"pid"`
	Name *string `json:"name"`
	Exe  *string `json:"exe"`
}

// Backlog is the accept queue of a listening TCP socket.
type Backlog struct {
	Waiting uint32 `json:"waiting"`
	Limit   uint32 `json:"limit"`
}

// Peer is one connection to the endpoint.
type Peer struct {
	RemoteAddress string `json:"remote_address"`
	RemotePort    uint16 `json:"remote_port"`
	State         string `json:"state"`
	// Holders are the processes at the far end, where that is this machine.
	Holders       []Holder `json:"holders"`
	BytesReceived *uint64  `json:"bytes_received"`
	BytesSent     *uint64  `json:"bytes_sent"` // acknowledged by the peer
	RTTMicros     *int64   `json:"rtt_us"`
}

// WriteStories writes the document of `portlight who --json`: the stories of
// a port's endpoints, then connections that use the port without one.
func WriteStories(w io.Writer, taken time.Time, ss []monitor.Story, cs []*monitor.Connection, ws []monitor.Warning) error {
	return write(w, taken, len(ss)+len(cs), func(i int) any {
		if i < len(ss) {
			return story(&ss[i])
		}
		return Story{Endpoint: connection(cs[i-len(ss)]), Origins: []Origin{}, Peers: []Peer{}}
	}, ws)
}

func story(s *monitor.Story) Story {
	d := Story{Endpoint: endpoint(&s.Endpoint), Origins: []Origin{}, Peers: []Peer{}}
	for _, o := range s.Origins {
		od := Origin{Kind: string(o.Kind), Name: text(o.Name), Chain: []Ancestor{}}
		for _, a := range o.Chain {
			od.Chain = append(od.Chain, Ancestor{PID: a.PID, Name: text(a.Name), Exe: text(a.Exe)})
		}
		d.Origins = append(d.Origins, od)
	}
	if s.HasBacklog {
		d.Backlog = &Backlog{Waiting: s.Backlog, Limit: s.BacklogLimit}
	}
	for _, p := range s.Peers {
		pd := Peer{RemoteAddress: p.Connection.Remote.Addr().String(), RemotePort: p.Connection.Remote.Port(),
			State: p.Connection.State.String(), Holders: holders(p.Local)}
		if p.Info != nil {
			rtt := p.Info.RTT.Microseconds()
			pd.BytesReceived, pd.BytesSent, pd.RTTMicros = &p.Info.BytesReceived, &p.Info.BytesAcked, &rtt
		}
		d.Peers = append(d.Peers, pd)
	}
	return d
}
