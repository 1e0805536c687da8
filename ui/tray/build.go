package tray

import "github.com/portlight-app/portlight/monitor"

// Build makes the model from a snapshot, which is nil before the first poll.
func Build(s *monitor.Snapshot, st State) Model { return Model{} }
