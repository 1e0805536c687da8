package ui

import (
	"errors"
	"runtime"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
)

// ShowProblem tells of something that went wrong, as one calm line above the
// status bar until dismissed; err is its detail and may be nil.
func (w *Window) ShowProblem(code ProblemCode, err error) {
	text := sentence(code)
	detail := ""
	if err != nil {
		detail = plain.Text(err.Error(), 400)
	}
	if code == ProblemEngine {
		w.failures = text
		if detail != "" {
			w.failures = detail
		}
		w.ports.Fail(w.failures)
		return
	}
	if detail != "" {
		text += " " + detail
	}
	w.problem.Say(text)
	w.win.Content().Refresh()
}

// ReportDisconnect answers Actions.Disconnect, in the same line.
func (w *Window) ReportDisconnect(d Disconnected) {
	ends := map[string]any{"Local": d.Local.String(), "Remote": d.Remote.String(), "Command": d.Command}
	var text string
	switch {
	case d.Denied && d.Command != "" && runtime.GOOS != "windows":
		text = lang.X("window.disconnect.denied_command", "The system lets only an administrator close others' connections: sudo {{.Command}}", ends)
	case d.Denied:
		text = lang.X("window.disconnect.denied", "The system lets only an administrator close others' connections.")
	case errors.Is(d.Err, errors.ErrUnsupported):
		text = lang.X("window.disconnect.unsupported", "This system can't close a connection from outside.")
	case d.Err != nil:
		ends["Error"] = plain.Text(d.Err.Error(), 300)
		text = lang.X("window.disconnect.failed", "The connection could not be closed: {{.Error}}", ends)
	default:
		text = lang.X("window.disconnect.closed", "Closed the connection {{.Local}} → {{.Remote}}.", ends)
	}
	w.problem.Say(text)
	w.win.Content().Refresh()
}

func sentence(code ProblemCode) string {
	switch code {
	case ProblemEngine:
		return lang.X("window.problem.engine", "This system doesn't let Portlight read its sockets.")
	case ProblemSave:
		return lang.X("window.problem.save", "The settings are in effect but could not be saved.")
	case ProblemSettingsFile:
		return lang.X("window.problem.settings_file", "The settings file could not be read; the defaults are in effect.")
	case ProblemSettingsEdit:
		return lang.X("window.problem.settings_edit", "The settings file was changed and can't be read; the settings stay as they were.")
	case ProblemExport:
		return lang.X("window.problem.export", "The export could not be written.")
	case ProblemBrowser:
		return lang.X("window.problem.browser", "The browser could not be opened.")
	case ProblemReveal:
		return lang.X("window.problem.reveal", "The program's folder could not be shown.")
	case ProblemLogin:
		return lang.X("window.problem.login", "Starting at login could not be changed.")
	case ProblemNotify:
		return lang.X("window.problem.notify", "Notifications can't be shown.")
	}
	return string(code)
}

// SayNoTray tells the user, once ever, that there is no tray to close to, and
// calls then; at once if it was told before.
func (w *Window) SayNoTray(then func()) {
	prefs := w.app.Preferences()
	if prefs.Bool(prefNoTray) {
		then()
		return
	}
	prefs.SetBool(prefNoTray, true)
	parts.Tell(w.win.Canvas(), "info", lang.X("window.no_tray.title", "Portlight ends with its window"),
		lang.X("window.no_tray.text", "This desktop shows no tray icons, so there is nothing to close the window to.\nStart Portlight again whenever you need it."),
		lang.X("window.ok", "OK"), then)
}
