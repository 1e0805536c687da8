package export

import (
	"io"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

// Orphans is the document of `portlight orphans --json`.
type Orphans struct {
	Schema  int           `json:"schema"`
	TakenAt *time.Time    `json:"taken_at"`
	Groups  []OrphanGroup `json:"groups"`
}

// OrphanGroup are the orphans of one project.
type OrphanGroup struct {
	Project *string  `json:"project"`
	Dir     *string  `json:"dir"`
	Orphans []Orphan `json:"orphans"` // oldest first
}

// Orphan is a process that still listens although what it was started from is
// gone.
type Orphan struct {
	Holder
	Endpoints []SocketName `json:"endpoints"`
	// Gone is terminal, ide, agent, or orphan where nobody saw what it was.
	Gone     string  `json:"gone"`
	GoneName *string `json:"gone_name"`
}

// WriteOrphans writes the document of `portlight orphans --json`.
func WriteOrphans(w io.Writer, taken time.Time, groups []monitor.OrphanGroup) error {
	doc := Orphans{Schema: Schema, TakenAt: at(taken), Groups: []OrphanGroup{}}
	for _, g := range groups {
		gd := OrphanGroup{Project: text(g.Project), Dir: text(g.Dir), Orphans: []Orphan{}}
		for _, o := range g.Orphans {
			od := Orphan{Holder: holder(o.Holder.Process), Endpoints: keyNames(o.Keys), Gone: string(o.Gone.Kind), GoneName: text(o.Gone.Name)}
			od.VerifiedAt = at(o.Holder.VerifiedAt)
			gd.Orphans = append(gd.Orphans, od)
		}
		doc.Groups = append(doc.Groups, gd)
	}
	return writeOne(w, doc)
}
