//go:build !windows

package process

// isCritical: only Windows marks processes that it can't live without; on
// Unix they are init, the kernel's threads or root's.
func isCritical(*Process) bool { return false }
