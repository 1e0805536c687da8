package tray

import "context"

// HostAvailable reports whether somebody on this desktop shows tray icons.
func HostAvailable(ctx context.Context) bool { return false }
