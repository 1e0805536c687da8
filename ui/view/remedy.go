package view

import (
	"strconv"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Remedy is a way out in words.
type Remedy struct {
	Kind doctor.RemedyKind
	Text string
	// Command is a line for a shell, "" where there is none; Admin tells that
	// it needs an administrator's rights.
	Command string
	Admin   bool
}

// Remedies puts a diagnosis's ways out into words, in its order.
func Remedies(d *doctor.Diagnosis) []Remedy {
	out := make([]Remedy, 0, len(d.Remedies))
	for _, r := range d.Remedies {
		w := Remedy{Kind: r.Kind, Command: process.JoinArgs(r.Command), Admin: r.Admin}
		port := strconv.Itoa(int(d.Port))
		v := map[string]any{"Wait": Duration(r.Wait), "Port": r.Port}
		switch r.Kind {
		case doctor.RemedyFree:
			w.Text = lang.X("view.remedy.free_port", "end what holds it")
			w.Command = firstOf(w.Command, "portlight kill "+port)
		case doctor.RemedyWait:
			w.Text = lang.X("view.remedy.wait", "wait {{.Wait}}", v)
			if r.Wait <= 0 {
				w.Text = lang.X("view.remedy.wait_unknown", "wait until it is free")
			}
			if d.Finding.Cause != doctor.FreeWithReuse { // it would find the port free
				w.Command = firstOf(w.Command, "portlight wait "+port+" --free")
			}
		case doctor.RemedyReuse:
			w.Text = lang.X("view.remedy.set_reuse", "have your program set SO_REUSEADDR before it binds")
		case doctor.RemedyOtherPort:
			w.Text = lang.X("view.remedy.other_port", "use port {{.Port}}: it is free", v)
		case doctor.RemedyOtherAddr:
			w.Text = lang.X("view.remedy.other_address", "bind another address: 127.0.0.1 for this machine only, 0.0.0.0 for every network")
		case doctor.RemedyCloseConn:
			w.Text = lang.X("view.remedy.close_connection", "close that connection")
		default:
			w.Text = about(r.About)
		}
		out = append(out, w)
	}
	return out
}

// about says what a command does.
func about(code string) string {
	switch code {
	case "stop_unit":
		return lang.X("view.remedy.stop_unit", "stop the service")
	case "find_unit":
		return lang.X("view.remedy.find_unit", "see for which unit systemd listens, and stop that")
	case "end_process":
		return lang.X("view.remedy.end_process", "end the program behind it")
	case "stop_container":
		return lang.X("view.remedy.stop_container", "stop the container")
	case "allow_low_ports":
		return lang.X("view.remedy.allow_low_ports", "let every user have that port, until the next boot")
	case "setcap":
		return lang.X("view.remedy.setcap", "let that one program have low ports")
	case "reserve_excluded":
		return lang.X("view.remedy.reserve_excluded", "reserve the port for yourself, so that Windows chooses others")
	case "reserve_local":
		return lang.X("view.remedy.reserve_local", "keep outgoing connections from being given the port")
	case "restart_winnat":
		return lang.X("view.remedy.restart_winnat", "have winnat choose other ranges")
	case "delete_urlacl":
		return lang.X("view.remedy.delete_urlacl", "remove the registration with http.sys")
	case "enable_ipv6":
		return lang.X("view.remedy.enable_ipv6", "switch IPv6 on")
	case "add_address":
		return lang.X("view.remedy.add_address", "give this machine that address")
	case "allow_firewall":
		return lang.X("view.remedy.allow_firewall", "let it through the firewall")
	case "publish_port":
		return lang.X("view.remedy.publish_port", "publish the container's port")
	}
	return lang.X("view.remedy.run", "run")
}
