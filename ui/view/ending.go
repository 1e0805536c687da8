package view

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/free"
)

// Ending says how a run ended, in one sentence. Port is the port's name, or
// whatever was to become free (PortName).
func Ending(f *free.Final, port string) string {
	var alive []string
	for _, id := range f.Alive {
		alive = append(alive, strconv.Itoa(int(id.PID)))
	}
	d := map[string]any{"Port": port, "Took": Seconds(f.Elapsed), "Wait": Seconds(f.Wait), "Who": HolderNames(f.Holders),
		"PIDs": strings.Join(alive, ", "), "Error": f.Err}
	switch f.Ending {
	case free.EndFreed:
		if f.Forced {
			return lang.X("view.end.freed_forced", "freed {{.Port}} in {{.Took}}, by force", d)
		}
		return lang.X("view.end.freed", "freed {{.Port}} in {{.Took}}", d)
	case free.EndLingering:
		if f.Wait <= 0 {
			return lang.X("view.end.lingering_unknown", "freed {{.Port}} in {{.Took}}; programs without SO_REUSEADDR wait for closed connections to pass", d)
		}
		return lang.X("view.end.lingering", "freed {{.Port}} in {{.Took}}; programs without SO_REUSEADDR wait {{.Wait}}", d)
	case free.EndReserved:
		return lang.X("view.end.reserved", "nobody holds {{.Port}} any more, after {{.Took}}; only an administrator can bind it, so a bind can't prove it here", d)
	case free.EndTakenAgain:
		switch {
		case len(f.Holders) == 0:
			return lang.X("view.end.taken_again_unknown", "{{.Port}} was freed and taken again by a process that may not be read", d)
		case f.By != nil:
			d["By"] = AncestorName(*f.By)
			return lang.X("view.end.taken_again_by", "{{.Port}} was freed and taken again by {{.Who}}, started by {{.By}}", d)
		}
		return lang.X("view.end.taken_again", "{{.Port}} was freed and taken again by {{.Who}}", d)
	case free.EndStillHeld:
		if len(f.Holders) == 0 {
			return lang.X("view.end.still_held_unknown", "the holder has ended, but {{.Port}} is still held by a process that may not be read", d)
		}
		return lang.X("view.end.still_held", "the holder has ended, but {{.Port}} is still held by {{.Who}}", d)
	case free.EndRunning:
		if len(alive) == 0 {
			return lang.X("view.end.running_unknown", "it still runs after {{.Took}}; {{.Port}} is not free", d)
		}
		return lang.X("view.end.running", "PID {{.PIDs}} still runs after {{.Took}}; {{.Port}} is not free", d)
	case free.EndTakenBack:
		if f.Managed {
			return lang.X("view.end.taken_back_managed", "taken back: Portlight doesn't force it, but its service manager may go on stopping it, in the end by force, and free {{.Port}}", d)
		}
		return lang.X("view.end.taken_back", "taken back: it was asked to end and is not forced; it may still end and free {{.Port}}", d)
	case free.EndDenied:
		if f.Err != nil {
			return lang.X("view.end.denied_why", "the system doesn't let you end it: {{.Error}}", d)
		}
		return lang.X("view.end.denied", "the system doesn't let you end it")
	case free.EndNotHeld:
		return lang.X("view.end.not_held", "it no longer held {{.Port}} at the last moment: nothing was done", d)
	case free.EndUnproven:
		if f.Err == nil {
			return lang.X("view.end.unproven", "nobody holds {{.Port}}, and yet it can't be bound", d)
		}
		return lang.X("view.end.unproven_why", "nobody holds {{.Port}}, and yet it can't be bound: {{.Error}}", d)
	}
	return string(f.Ending)
}

// Stage says where a run is, for a progress line.
func Stage(s free.Step) string {
	d := map[string]any{"Left": Seconds(s.Grace - s.Elapsed)}
	switch s.Stage {
	case free.StageChecking:
		return lang.X("view.stage.checking", "looking once more")
	case free.StageAsking:
		if s.Grace <= 0 {
			return lang.X("view.stage.waiting", "waiting for the manager that is to stop it")
		}
		return lang.X("view.stage.asking", "asked to end; forced in {{.Left}}", d)
	case free.StageForcing:
		return lang.X("view.stage.forcing", "forcing it to end")
	case free.StageProving:
		return lang.X("view.stage.proving", "ended; trying the port")
	}
	return ""
}
