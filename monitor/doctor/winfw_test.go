package doctor

import (
	"reflect"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestWinFirewall(t *testing.T) {
	const (
		node      = `C:\Program Files\nodejs\node.exe`
		allowPort = `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3000|Name=dev|`
		// What Windows writes when its question "allow this app?" is answered for
		// private networks and refused for public ones.
		allowNode = `v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|App=C:\program files\nodejs\node.exe|Name=Node.js JavaScript Runtime|`
		blockNode = `v2.33|Action=Block|Active=TRUE|Dir=In|Protocol=6|Profile=Public|App=C:\program files\nodejs\node.exe|Name=Node.js JavaScript Runtime|`
		remote    = `v2.22|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private|Profile=Public|LPort=3389|App=%SystemRoot%\system32\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28775|`
	)
	target := fwTarget{Proto: sockets.TCP, Port: 3000, Programs: []string{node},
		Expand: func(s string) string { return strings.ReplaceAll(s, "%SystemRoot%", `C:\Windows`) }}
	usual := func(rules ...string) []fwProfile {
		var all []fwProfile
		for _, name := range []string{"Domain", "Private", "Public"} {
			all = append(all, fwProfile{Name: name, On: true, Blocks: true, Rules: rules})
		}
		return all
	}
	blocked := func(evidence string, certain bool) []Barrier {
		return []Barrier{{Kind: BarrierWinFw, Evidence: evidence, Certain: certain}}
	}
	for _, tc := range []struct {
		sentence string
		profiles []fwProfile
		change   func(*fwTarget)
		want     []Barrier
	}{
		{"no rule: what isn't allowed is blocked", usual(remote), nil, blocked("DefaultInboundAction [Domain, Private, Public]", true)},
		{"a rule allows the port", usual(allowPort), nil, nil},
		{"a rule allows a range of ports", usual(`v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort2_10=2999-3001|Name=x|`), nil, nil},
		{"a rule for another port", usual(`v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=30000|Name=x|`), nil,
			blocked("DefaultInboundAction [Domain, Private, Public]", true)},
		{"a rule that is switched off", usual(strings.Replace(allowPort, "TRUE", "FALSE", 1)), nil,
			blocked("DefaultInboundAction [Domain, Private, Public]", true)},
		{"a rule for what goes out", usual(strings.Replace(allowPort, "Dir=In", "Dir=Out", 1)), nil,
			blocked("DefaultInboundAction [Domain, Private, Public]", true)},
		{"a rule for UDP", usual(allowPort), func(t *fwTarget) { t.Proto = sockets.UDP },
			blocked("DefaultInboundAction [Domain, Private, Public]", true)},
		{"a rule for the program in one profile, a refusal in another", usual(allowNode, blockNode), nil, []Barrier{
			{Kind: BarrierWinFw, Evidence: "DefaultInboundAction [Domain]"},
			{Kind: BarrierWinFw, Evidence: blockNode + " [Public]"},
		}},
		{"a refusal wins over a rule that allows", usual(allowPort, strings.Replace(blockNode, "Profile=Public|", "", 1)), nil,
			blocked(strings.Replace(blockNode, "Profile=Public|", "", 1)+" [Domain, Private, Public]", true)},
		{"a refusal of some peers isn't one of all", usual(allowPort, `v2.31|Action=Block|Active=TRUE|Dir=In|RA4=192.0.2.0/24|Name=x|`), nil, nil},
		{"a service's rule, by environment variable", usual(remote), func(t *fwTarget) {
			t.Port, t.Programs, t.Services = 3389, []string{`C:\WINDOWS\System32\svchost.exe`}, []string{"TermService"}
		}, nil},
		{"the firewall is off", []fwProfile{{Name: "Public", Blocks: true}}, nil, nil},
		{"nothing is let in, whatever is allowed", []fwProfile{{Name: "Public", On: true, Blocks: true, Shielded: true, Rules: []string{allowPort}}}, nil,
			blocked("DoNotAllowExceptions [Public]", true)},
		{"no profiles, no firewall", nil, nil, nil},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			target := target
			if tc.change != nil {
				tc.change(&target)
			}
			if got := winFirewall(tc.profiles, &target); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func FuzzParseFwRule(f *testing.F) {
	f.Add(`v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort2_10=2999-3001|App=%x%|Name=x|`, uint16(3000))
	f.Fuzz(func(t *testing.T, text string, port uint16) {
		target := fwTarget{Proto: sockets.TCP, Port: port, Expand: func(s string) string { return s }}
		p := fwProfile{Name: "Public", On: true, Blocks: true, Rules: []string{text}}
		if evidence, blocked := p.judge(&target); blocked && evidence == "" {
			t.Errorf("%q blocks without evidence", text)
		}
	})
}
