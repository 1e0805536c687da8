package services

import (
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestName_dependsOnTheProtocol(t *testing.T) {
	for _, c := range []struct {
		p    sockets.Proto
		port uint16
		want string
	}{
		{sockets.TCP, 5432, "postgresql"}, {sockets.UDP, 5432, ""},
		{sockets.TCP, 443, "https"}, {sockets.UDP, 443, "http3"},
		{sockets.TCP, 5173, "vite"}, {sockets.TCP, 9229, "node-inspect"}, {sockets.TCP, 40001, ""},
	} {
		if got := Name(c.p, c.port); got != c.want {
			t.Errorf("%v %d: %q, want %q", c.p, c.port, got, c.want)
		}
	}
}
