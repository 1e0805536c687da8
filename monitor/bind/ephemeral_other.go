//go:build !linux

package bind

// Ephemeral returns the ports that outgoing connections are usually given.
// ReadReserved knows what an administrator made of it, but takes its time.
func Ephemeral() Range { return dynamic }
