package free

import (
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestConcerned(t *testing.T) {
	id := func(pid int32) process.Identity { return process.Identity{PID: pid, Start: 1} }
	server := &process.Process{Identity: id(10), Parents: []process.Ancestor{{Identity: id(9)}, {Identity: id(8)}}}
	victims := []Victim{{Process: server}, {Process: &process.Process{Identity: id(11)}}}
	for _, tc := range []struct {
		sentence string
		pid      int32
		want     bool
	}{
		{"its shell", 8, true},
		{"the script runner between", 9, true},
		{"a worker that ends along", 11, true},
		{"another server started in the same console", 12, false},
	} {
		if got := concerned(id(tc.pid), server, victims); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.sentence, got, tc.want)
		}
	}
}
