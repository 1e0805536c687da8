//go:build !linux

package monitor

import "github.com/portlight-app/portlight/monitor/process"

// detached: where a process's streams lead isn't read here.
func detached(process.Identity) bool { return false }
