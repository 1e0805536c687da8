package process

import "os"

// Self returns the identity of this very process.
func Self() (Identity, error) { return identify(int32(os.Getpid())) }
