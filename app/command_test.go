package app

import (
	"errors"
	"testing"
)

func TestColumns(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width int
		err   error
		want  int
	}{
		{"a terminal knows its width", 132, nil, 132},
		{"one without a size has 80 columns", 0, nil, 80},
		{"so has one that can't be asked", 0, errors.New("inappropriate ioctl"), 80},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := columns(tt.width, tt.err); got != tt.want {
				t.Errorf("columns(%d, %v) = %d, want %d", tt.width, tt.err, got, tt.want)
			}
		})
	}
}
