package containers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stopping serves the engine's stop and inspect requests
// (https://docs.docker.com/reference/api/engine/), on a socket that
// DOCKER_HOST names. It returns the stop requests' queries.
func stopping(t *testing.T, answer http.HandlerFunc) (asked chan string, path string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	asked = make(chan string, 8)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.47")
		if strings.HasSuffix(r.URL.Path, "/_ping") {
			fmt.Fprint(w, "OK")
			return
		}
		if strings.HasSuffix(r.URL.Path, "/containers/"+id+"/stop") && r.Method == http.MethodPost {
			asked <- r.URL.RawQuery
		}
		answer(w, r)
	})}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	t.Setenv("DOCKER_HOST", "unix://"+path)
	return asked, path
}

func says(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"message": message})
	}
}

func TestEngine_Stop(t *testing.T) {
	tests := []struct {
		name   string
		status int
		want   error
	}{
		{"stopped", http.StatusNoContent, nil},
		{"stopped already", http.StatusNotModified, nil},
		{"no such container", http.StatusNotFound, ErrNotFound},
		{"not for this user", http.StatusForbidden, ErrDenied},
		{"without a login", http.StatusUnauthorized, ErrDenied},
		{"being removed just now", http.StatusConflict, ErrRefused},
		{"trouble of the engine's own", http.StatusInternalServerError, ErrRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked, _ := stopping(t, func(w http.ResponseWriter, r *http.Request) {
				if tt.want == nil {
					w.WriteHeader(tt.status)
					return
				}
				says(tt.status, "No: "+tt.name)(w, r)
			})
			err := New(nil).Stop(t.Context(), id, 2500*time.Millisecond)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if tt.want != nil && !strings.Contains(err.Error(), "No: "+tt.name) {
				t.Errorf("%q doesn't say why", err)
			}
			if q := <-asked; q != "t=3" {
				t.Errorf("asked with %q, want the grace time in whole seconds", q)
			}
		})
	}
}

func TestEngine_StopTellsTheGraceTime(t *testing.T) {
	asked, _ := stopping(t, says(http.StatusNoContent, ""))
	for grace, want := range map[time.Duration]string{
		0: "t=0", time.Millisecond: "t=1", 5 * time.Second: "t=5",
		-1: "t=-1", -time.Minute: "t=-1", // without an end
	} {
		if err := New(nil).Stop(t.Context(), id, grace); err != nil {
			t.Fatal(err)
		}
		if q := <-asked; q != want {
			t.Errorf("%v: asked with %q, want %q", grace, q, want)
		}
	}
}

func TestEngine_StopOfAnEngineThatIsGone(t *testing.T) {
	t.Run("no socket", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "none"))
		if err := New(nil).Stop(t.Context(), id, 0); !errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want ErrNoEngine", err)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ln.Close()
		t.Setenv("DOCKER_HOST", "tcp://"+ln.Addr().String())
		if err := New(nil).Stop(t.Context(), id, 0); !errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want ErrNoEngine", err)
		}
	})
	t.Run("it leaves in the middle", func(t *testing.T) {
		stopping(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		if err := New(nil).Stop(t.Context(), id, 0); !errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want ErrNoEngine", err)
		}
	})
	t.Run("an address that is none", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", "nonsense")
		if err := New(nil).Stop(t.Context(), id, 0); !errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want ErrNoEngine", err)
		}
	})
	t.Run("a socket closed to this user", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("nothing is closed to root")
		}
		_, path := stopping(t, says(500, "never asked"))
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if err := New(nil).Stop(t.Context(), id, 0); !errors.Is(err, ErrDenied) {
			t.Errorf("got %v, want ErrDenied", err)
		}
	})
}

func TestStop_DoesNotWaitForAnEngineThatHangs(t *testing.T) {
	stopping(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	t.Run("its time is up", func(t *testing.T) {
		cli, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer cli.Close()
		if err := stop(t.Context(), cli, id, 0, 100*time.Millisecond); !errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want ErrNoEngine", err)
		}
	})
	t.Run("the caller's time is up", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := New(nil).Stop(ctx, id, time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNoEngine) {
			t.Errorf("got %v, want the context's error alone", err)
		}
	})
}

func TestEngine_Policy(t *testing.T) {
	tests := []struct {
		name     string
		restart  string
		labels   map[string]string
		want     Policy
		now, too bool
	}{
		{"none is no", "", nil, PolicyNo, false, false},
		{"no", "no", nil, PolicyNo, false, false},
		{"on failure", "on-failure", nil, PolicyOnFailure, false, false},
		{"always: not now, but at boot", "always", nil, PolicyAlways, false, true},
		{"unless stopped: never by itself", "unless-stopped", nil, PolicyUnlessStopped, false, false},
		{"a swarm replaces it at once", "no", map[string]string{"com.docker.swarm.service.id": "x"}, PolicySwarm, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stopping(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				json.NewEncoder(w).Encode(map[string]any{
					"Id": id, "Config": map[string]any{"Labels": tt.labels},
					"HostConfig": map[string]any{"RestartPolicy": map[string]any{"Name": tt.restart}},
				})
			})
			got, err := New(nil).Policy(t.Context(), id)
			if err != nil || got != tt.want || got.ComesBack() != tt.now || got.ComesBackAtBoot() != tt.too {
				t.Errorf("got %q (now %v, at boot %v), %v", got, got.ComesBack(), got.ComesBackAtBoot(), err)
			}
		})
	}
	t.Run("no such container", func(t *testing.T) {
		stopping(t, says(404, "No such container"))
		if _, err := New(nil).Policy(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}
