package app

import (
	"sync"

	"github.com/portlight-app/portlight/app/config"
)

// saver writes settings one after the other; of those that come while one is
// written, only the last.
type saver struct {
	start func(func())          // starts a goroutine
	write func(config.Settings) // may take its time

	mu      sync.Mutex
	next    *config.Settings
	running bool
}

// busy reports whether there is something that isn't written yet.
func (s *saver) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// save returns at once.
func (s *saver) save(c config.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = &c
	if s.running {
		return
	}
	s.running = true
	s.start(func() {
		for {
			s.mu.Lock()
			next := s.next
			s.next = nil
			s.running = next != nil
			s.mu.Unlock()
			if next == nil {
				return
			}
			s.write(*next)
		}
	})
}
