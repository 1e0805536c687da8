package doctor

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseURLGroups(t *testing.T) {
	const unnamed = "Request queue is unnamed."
	for _, tc := range []struct {
		sentence, file string
		port           uint16
		want           []URLGroup
	}{
		{"two queues share port 80", "httpsys-old-en.txt", 80, []URLGroup{
			{Queue: "DefaultAppPool", PIDs: []int32{3248, 3252}, URLs: []string{"HTTP://*:80/"}},
			{Queue: unnamed, PIDs: []int32{2668}, URLs: []string{"HTTP://+:80/116B50EB-ECE2-41AC-8429-9F9E963361B7/"}},
		}},
		{"IIS repeats the address behind the port", "httpsys-old-en.txt", 8000, []URLGroup{
			{Queue: "DefaultAppPool", PIDs: []int32{3248, 3252}, URLs: []string{"HTTP://127.0.0.1:8000:127.0.0.1/"}},
		}},
		{"an IPv6 address", "httpsys-old-en.txt", 443, []URLGroup{
			{Queue: unnamed, PIDs: []int32{2668}, URLs: []string{"HTTPS://[::1]:443/SSTP_SSL/"}},
		}},
		{"processes with their images", "httpsys-new-en.txt", 443, []URLGroup{
			{Queue: unnamed, PIDs: []int32{2688}, Service: "NcHostAgent", URLs: []string{"HTTPS://+:443/HOSTAGENT/VSWITCH/"}},
		}},
		{"an image that may not be read", "httpsys-new-en.txt", 47001, []URLGroup{
			{Queue: unnamed, PIDs: []int32{1412}, URLs: []string{"HTTP://+:47001/WSMAN/"}},
		}},
		{"in Chinese", "httpsys-new-zh.txt", 80, []URLGroup{
			{Queue: "DefaultAppPool", PIDs: []int32{5628}, URLs: []string{"HTTP://*:80/"}},
		}},
		{"a port that only looks like a part of one", "httpsys-old-en.txt", 598, nil},
		{"numbers that are no ports", "httpsys-old-en.txt", 1000, nil},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			if got := parseURLGroups(recorded(t, tc.file), tc.port); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func FuzzParseURLGroups(f *testing.F) {
	for _, name := range []string{"httpsys-old-en.txt", "httpsys-new-en.txt", "httpsys-new-zh.txt"} {
		f.Add(recorded(f, name), uint16(80))
	}
	f.Fuzz(func(t *testing.T, text string, port uint16) {
		for _, g := range parseURLGroups(text, port) {
			if len(g.URLs) == 0 {
				t.Errorf("a group without an URL: %+v", g)
			}
			for _, u := range g.URLs {
				if portOf(u) != port {
					t.Errorf("%q isn't on port %d", u, port)
				}
			}
			for _, pid := range g.PIDs {
				if pid <= 0 {
					t.Errorf("PID %d", pid)
				}
			}
		}
	})
}

func TestHTTPSys_StopsWhoIsBehindItFirst(t *testing.T) {
	run := func(pid int32, name, user, services string) monitor.Holder {
		return monitor.Holder{Process: &process.Process{Identity: process.Identity{PID: pid, Start: 1}, Name: name, User: user, Unit: services}}
	}
	for _, tc := range []struct {
		sentence, file string
		port           uint16
		holders        map[int32]monitor.Holder
		want           []string // commands, "admin: " before those that need rights
	}{
		{"Windows names the service, of several in one process", "httpsys-new-en.txt", 443,
			map[int32]monitor.Holder{2688: run(2688, "svchost.exe", "", "NcHostAgent, WinRM")},
			[]string{"admin: net stop NcHostAgent", "admin: netsh http delete urlacl url=HTTPS://+:443/HOSTAGENT/VSWITCH/"}},
		{"or the process has but one", "httpsys-new-en.txt", 47001,
			map[int32]monitor.Holder{1412: run(1412, "svchost.exe", "", "WinRM")},
			[]string{"admin: net stop WinRM", "admin: netsh http delete urlacl url=HTTP://+:47001/WSMAN/"}},
		{"which of several isn't known", "httpsys-new-en.txt", 47001,
			map[int32]monitor.Holder{1412: run(1412, "svchost.exe", "", "NcHostAgent, WinRM")},
			[]string{"admin: netsh http delete urlacl url=HTTP://+:47001/WSMAN/"}},
		{"IIS would start its workers again", "httpsys-old-en.txt", 8000,
			map[int32]monitor.Holder{3248: run(3248, "w3wp.exe", "", ""), 3252: run(3252, "w3wp.exe", "", "")},
			[]string{"admin: net stop W3SVC", "admin: netsh http delete urlacl url=HTTP://127.0.0.1:8000:127.0.0.1/"}},
		{"a program of our own", "httpsys-old-en.txt", 8000,
			map[int32]monitor.Holder{3248: run(3248, "shop.exe", `PC\alice`, "")},
			[]string{"taskkill /PID 3248", "admin: netsh http delete urlacl url=HTTP://127.0.0.1:8000:127.0.0.1/"}},
		{"a program of somebody else's", "httpsys-old-en.txt", 8000,
			map[int32]monitor.Holder{3248: run(3248, "shop.exe", "", "")},
			[]string{"admin: taskkill /PID 3248", "admin: netsh http delete urlacl url=HTTP://127.0.0.1:8000:127.0.0.1/"}},
		{"nobody is there any more", "httpsys-old-en.txt", 8000, nil,
			[]string{"admin: netsh http delete urlacl url=HTTP://127.0.0.1:8000:127.0.0.1/"}},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			groups := parseURLGroups(recorded(t, tc.file), tc.port)
			for i := range groups {
				for _, pid := range groups[i].PIDs {
					if h, ok := tc.holders[pid]; ok {
						groups[i].Holders = append(groups[i].Holders, h)
					}
				}
			}
			d := Diagnose(Question{Port: tc.port, Proto: sockets.TCP}, &Evidence{
				OS: "windows", HTTPSys: groups, Tries: windowsTries(tc.port, map[string]bind.Code{"*": bind.Denied}),
				Snapshot: windowsTable(listener(netip.AddrPortFrom(netip.IPv4Unspecified(), tc.port).String(), monitor.OwnerKernel, 4, "")),
			})
			var got []string
			for _, r := range d.Remedies {
				line := strings.Join(r.Command, " ")
				if r.Admin {
					line = "admin: " + line
				}
				got = append(got, line)
			}
			if d.Cause != HTTPSys || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%s, %q\nwant %q", d.Cause, got, tc.want)
			}
		})
	}
}
