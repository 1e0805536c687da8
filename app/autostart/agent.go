package autostart

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// agentLabel names the launch agent and, with ".plist", its file.
const agentLabel = "app.portlight.Portlight"

// agentFile writes a launch agent (launchd.plist(5)) that runs once at login.
func agentFile(e Entry) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + agentLabel + `</string>
	<key>ProgramArguments</key>
	<array>
`)
	for _, a := range append([]string{e.Program}, e.Args...) {
		b.WriteString("\t\t<string>")
		_ = xml.EscapeText(&b, []byte(a)) // a bytes.Buffer takes everything
		b.WriteString("</string>\n")
	}
	fmt.Fprint(&b, `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`)
	return b.Bytes()
}
