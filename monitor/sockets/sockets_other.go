//go:build !linux && !windows

package sockets

func openSource() (source, error) { return openFallback() }
