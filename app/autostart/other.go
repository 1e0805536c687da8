//go:build !unix && !windows

package autostart

func location() (string, error) { return "", ErrUnsupported }
func enabled() (bool, error)    { return false, ErrUnsupported }
func set(Entry) error           { return ErrUnsupported }
func remove() error             { return ErrUnsupported }
