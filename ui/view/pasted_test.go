package view

import (
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestFromText(t *testing.T) {
	addr := netip.MustParseAddr
	for name, tt := range map[string]struct {
		text string
		want Pasted
	}{
		"a number":                     {" 3000\n", Pasted{Port: 3000}},
		"a number behind a colon":      {":3000", Pasted{Port: 3000}},
		"localhost is no address":      {"localhost:3000", Pasted{Port: 3000}},
		"an address and a port":        {"127.0.0.1:5432", Pasted{Port: 5432, Addr: addr("127.0.0.1")}},
		"IPv6 in brackets":             {"[::1]:631", Pasted{Port: 631, Addr: addr("::1")}},
		"a URL":                        {"http://dev.example:8080/index.html", Pasted{Port: 8080}},
		"Docker's way":                 {"53/udp", Pasted{Port: 53, Proto: sockets.UDP}},
		"what Node says":               {"Error: listen EADDRINUSE: address already in use :::3000", Pasted{Port: 3000, Addr: addr("::")}},
		"all that Node says":           {"node:events:497\n      throw er;\n\nError: listen EADDRINUSE: address already in use 127.0.0.1:3000\n    at Server.setupListenHandle [as _listen2] (node:net:1817:16) {\n  code: 'EADDRINUSE',\n  errno: -98,\n  syscall: 'listen',\n  address: '127.0.0.1',\n  port: 3000\n}", Pasted{Port: 3000}},
		"what Go says":                 {"2026/05/04 12:30:45 listen tcp :8080: bind: address already in use", Pasted{Port: 8080}},
		"what Go says of an address":   {"listen udp 0.0.0.0:53: bind: permission denied", Pasted{Port: 53, Proto: sockets.UDP, Addr: addr("0.0.0.0")}},
		"what Python says":             {"OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use", Pasted{Port: 8000, Addr: addr("127.0.0.1")}},
		"what Spring Boot says":        {"Web server failed to start. Port 8080 was already in use.", Pasted{Port: 8080}},
		"what Vite says":               {"Error: Port 5173 is already in use", Pasted{Port: 5173}},
		"what nginx says":              {"nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", Pasted{Port: 80, Addr: addr("0.0.0.0")}},
		"what Docker says":             {"Bind for 0.0.0.0:5432 failed: port is already allocated", Pasted{Port: 5432, Addr: addr("0.0.0.0")}},
		"a file's line is no port":     {"server.js:12:5: listen EADDRINUSE :::4000", Pasted{Port: 4000, Addr: addr("::")}},
		"a time is no port either":     {"12:30:45 something is already running on port 3000.", Pasted{Port: 3000}},
		"an error's number is no port": {"Only one usage of each socket address is normally permitted. (os error 10048)", Pasted{}},
		"nothing":                      {"", Pasted{}},
		"no port has that number":      {"port 70000", Pasted{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := FromText(tt.text)
			if got != tt.want || ok != (tt.want.Port != 0) {
				t.Errorf("%+v, %v; want %+v", got, ok, tt.want)
			}
		})
	}
}

func FuzzFromText(f *testing.F) {
	f.Add("listen tcp [::1]:3000: bind: address already in use")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := FromText(s); ok != (p.Port != 0) {
			t.Errorf("%q: port %d, found %v", s, p.Port, ok)
		}
	})
}
