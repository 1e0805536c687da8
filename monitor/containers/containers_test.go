package containers

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// engine serves as much of the engine's documented API as is asked of it, on
// a socket that DOCKER_HOST names.
func engine(t *testing.T, list func() (int, any)) (events chan any) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	events = make(chan any)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.47")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			fmt.Fprint(w, "OK")
		case strings.HasSuffix(r.URL.Path, "/containers/json"):
			status, body := list()
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(body)
		case strings.HasSuffix(r.URL.Path, "/events"):
			w.Header().Set("Content-Type", "application/json")
			w.(http.Flusher).Flush()
			for {
				select {
				case <-r.Context().Done():
					return
				case e := <-events:
					json.NewEncoder(w).Encode(e)
					w.(http.Flusher).Flush()
				}
			}
		default:
			http.NotFound(w, r)
		}
	})}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	t.Setenv("DOCKER_HOST", "unix://"+path)
	return events
}

func database(ports ...map[string]any) []map[string]any {
	return []map[string]any{{
		"Id": id, "Names": []string{"/shop-db-1"}, "Image": "postgres:17", "Ports": ports,
		"Labels": map[string]string{"com.docker.compose.project": "shop"},
	}}
}

func key(proto sockets.Proto, addr string) monitor.Key {
	return monitor.Key{Proto: proto, Addr: netip.MustParseAddrPort(addr)}
}

func TestEngine_NamesPublishedPortsAndIDs(t *testing.T) {
	engine(t, func() (int, any) {
		return 200, database(
			map[string]any{"IP": "127.0.0.1", "PrivatePort": 5432, "PublicPort": 5432, "Type": "tcp"},
			map[string]any{"IP": "::", "PrivatePort": 9000, "PublicPort": 9000, "Type": "udp"},
			map[string]any{"PrivatePort": 8000, "Type": "tcp"},
		)
	})
	e := New(nil)
	if err := e.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := monitor.Container{ID: id, Name: "shop-db-1", Image: "postgres:17", Project: "shop"}
	if got, ok := e.ByID(id); !ok || got != want {
		t.Errorf("ByID = %+v, %v", got, ok)
	}
	tests := []struct {
		name string
		key  monitor.Key
		want bool
	}{
		{"the published address", key(sockets.TCP, "127.0.0.1:5432"), true},
		{"the same address in an IPv6 socket", key(sockets.TCP, "[::ffff:127.0.0.1]:5432"), true},
		{"another address isn't published", key(sockets.TCP, "0.0.0.0:5432"), false},
		{"another protocol isn't published", key(sockets.UDP, "127.0.0.1:5432"), false},
		{"a wildcard of UDP", key(sockets.UDP, "[::]:9000"), true},
		{"a port that is only exposed isn't published", key(sockets.TCP, "0.0.0.0:8000"), false},
	}
	for _, tt := range tests {
		if _, ok := e.Published(tt.key); ok != tt.want {
			t.Errorf("%s: published = %v", tt.name, ok)
		}
	}
	if _, ok := e.ByID(""); ok {
		t.Error("a process outside a container was given one")
	}
}

func TestEngine_FollowsEvents(t *testing.T) {
	var running atomic.Bool
	events := engine(t, func() (int, any) {
		if running.Load() {
			return 200, database()
		}
		return 200, []any{}
	})
	changed := make(chan struct{}, 8)
	e := New(func() { changed <- struct{}{} })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); e.Run(ctx) }()
	running.Store(true)
	events <- map[string]any{"Type": "container", "Action": "start", "Actor": map[string]any{"ID": id}}
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("a started container wasn't noticed")
	}
	if _, ok := e.ByID(id); !ok {
		t.Error("the started container has no name")
	}
	cancel()
	<-done
	if _, ok := e.ByID(id); ok {
		t.Error("names outlive the engine's last answer")
	}
}

func TestEngine_IsAbsentSilently(t *testing.T) {
	t.Run("no engine", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "none.sock"))
		e := New(func() { t.Error("told of a change without an engine") })
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		e.Run(ctx)
		if _, ok := e.Published(key(sockets.TCP, "127.0.0.1:80")); ok {
			t.Error("a container without an engine")
		}
	})
	t.Run("an engine that refuses", func(t *testing.T) {
		engine(t, func() (int, any) { return 403, map[string]string{"message": "no"} })
		if err := New(nil).Ask(t.Context()); err == nil {
			t.Error("a refusal is an error of Ask")
		}
	})
}
