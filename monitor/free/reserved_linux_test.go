package free

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestRun_APortOnlyForAdministrators(t *testing.T) {
	for name, c := range map[string]struct {
		words string
		first uint16 // the lowest that everybody may bind
		code  bind.Code
		hold  bool
		want  Ending
	}{
		"is free as far as can be seen":    {"listen 127.0.0.1:0", 65535, bind.Denied, false, EndReserved},
		"can't be held either":             {"listen 127.0.0.1:0", 65535, bind.Denied, true, EndReserved},
		"that somebody takes at once":      {"again children 1 listen_127.0.0.1:PORT", 65535, bind.Denied, false, EndTakenAgain},
		"a port above that nobody gets":    {"listen 127.0.0.1:0", 1024, bind.Denied, false, EndUnproven},
		"one that fails for another cause": {"listen 127.0.0.1:0", 65535, bind.Other, false, EndUnproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stage(t, strings.ReplaceAll(c.words, "PORT", port(t)), as("my-own-loop"))
			m := Machine{
				Try: func(proto sockets.Proto, addr netip.AddrPort, manner bind.Manner) bind.Try {
					return bind.Try{Proto: proto, Addr: addr, Manner: manner, Code: c.code, Err: unix.EACCES}
				},
				Hold:     func(sockets.Proto, netip.AddrPort) (io.Closer, error) { return nil, unix.EACCES },
				Reserved: func() bind.Reserved { return bind.Reserved{FirstUnprivileged: c.first} },
			}
			f := enact(t, p.plan(t, m), Order{Hold: c.hold})
			wantEnding(t, f, c.want)
			if told := f.Err != nil; told != (c.want != EndTakenAgain) || f.Held != nil {
				t.Errorf("got %+v", f)
			}
		})
	}
}
