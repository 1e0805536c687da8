package app

import "sync"

// workers counts the goroutines that work for a face. After end no more are
// started.
type workers struct {
	mu    sync.Mutex
	wg    sync.WaitGroup
	ended bool
}

// run starts f unless the program is ending.
func (w *workers) run(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.wg.Go(f)
	}
}

// end waits for all.
func (w *workers) end() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.wg.Wait()
}
