//go:build !windows

package process

// ServiceByTag names the service that a socket's service tag stands for; only
// Windows has such tags.
func ServiceByTag(pid int32, tag uint32) string { return "" }
