package assets

import _ "embed" // the icons

// TrayState is what a tray icon tells by its shape, and by its colour.
type TrayState uint8

// The states.
const (
	TrayNormal  TrayState = iota
	TrayChanged           // something happened
	TrayWarning           // something needs a look
	TrayPaused            // notifications are off
	TrayError             // the ports can't be read
)

// App icons: PNG by edge length in pixels, an ICO with all sizes, the drawing.
var (
	//go:embed icons/app-32.png
	App32 []byte
	//go:embed icons/app-48.png
	App48 []byte
	//go:embed icons/app-256.png
	App256 []byte
	//go:embed icons/app-512.png
	App512 []byte
	//go:embed icons/app.ico
	AppICO []byte
	//go:embed icons/app.svg
	AppSVG []byte
)

// TrayIcon is one state's icon in the forms that systems want. The bytes are
// the program's own memory: C libraries may keep pointers to them for ever.
type TrayIcon struct {
	PNG      []byte // 48 pixels, for panels that scale
	PNG22    []byte // for panels that don't
	ICO      []byte // Windows
	Template []byte // black and transparent, 44 pixels: macOS colours it
}

// Tray returns the icon of a state.
func Tray(s TrayState) TrayIcon {
	switch s {
	case TrayChanged:
		return TrayIcon{changed48, changed22, changedICO, changedTemplate}
	case TrayWarning:
		return TrayIcon{warning48, warning22, warningICO, warningTemplate}
	case TrayPaused:
		return TrayIcon{paused48, paused22, pausedICO, pausedTemplate}
	case TrayError:
		return TrayIcon{error48, error22, errorICO, errorTemplate}
	}
	return TrayIcon{normal48, normal22, normalICO, normalTemplate}
}

var (
	//go:embed icons/tray-normal-48.png
	normal48 []byte
	//go:embed icons/tray-normal-22.png
	normal22 []byte
	//go:embed icons/tray-normal.ico
	normalICO []byte
	//go:embed icons/tray-normal-template.png
	normalTemplate []byte
	//go:embed icons/tray-changed-48.png
	changed48 []byte
	//go:embed icons/tray-changed-22.png
	changed22 []byte
	//go:embed icons/tray-changed.ico
	changedICO []byte
	//go:embed icons/tray-changed-template.png
	changedTemplate []byte
	//go:embed icons/tray-warning-48.png
	warning48 []byte
	//go:embed icons/tray-warning-22.png
	warning22 []byte
	//go:embed icons/tray-warning.ico
	warningICO []byte
	//go:embed icons/tray-warning-template.png
	warningTemplate []byte
	//go:embed icons/tray-paused-48.png
	paused48 []byte
	//go:embed icons/tray-paused-22.png
	paused22 []byte
	//go:embed icons/tray-paused.ico
	pausedICO []byte
	//go:embed icons/tray-paused-template.png
	pausedTemplate []byte
	//go:embed icons/tray-error-48.png
	error48 []byte
	//go:embed icons/tray-error-22.png
	error22 []byte
	//go:embed icons/tray-error.ico
	errorICO []byte
	//go:embed icons/tray-error-template.png
	errorTemplate []byte
)
