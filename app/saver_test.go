package app

import (
	"sync"
	"testing"
	"time"

	"github.com/portlight-app/portlight/app/config"
)

func TestSaver_WritesTheLastAndNeverTwoAtATime(t *testing.T) {
	var w workers
	var mu sync.Mutex
	var written []time.Duration
	writing := false
	first := make(chan struct{})
	var once sync.Once
	s := saver{start: w.run, write: func(c config.Settings) {
		mu.Lock()
		if writing {
			t.Error("two are written at a time")
		}
		writing = true
		mu.Unlock()
		once.Do(func() { <-first })
		mu.Lock()
		writing = false
		written = append(written, c.Interval)
		mu.Unlock()
	}}
	for i := range 100 {
		s.save(config.Settings{Interval: time.Duration(i)})
	}
	close(first)
	w.end()
	if n := len(written); n == 0 || n > 2 || written[n-1] != 99 {
		t.Errorf("written: %v, want at most two and the last 99", written)
	}
}

func TestWorkers_StartNobodyAfterTheEnd(t *testing.T) {
	var w workers
	ran := 0
	w.run(func() { ran++ })
	w.end()
	w.run(func() { ran++ })
	if ran != 1 {
		t.Errorf("%d ran, want 1", ran)
	}
}
