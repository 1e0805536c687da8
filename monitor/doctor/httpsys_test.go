package doctor

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
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
			{Queue: unnamed, PIDs: []int32{2688}, URLs: []string{"HTTPS://+:443/HOSTAGENT/VSWITCH/"}},
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
