package config

// syncDir does nothing: Windows has no call for it, and os.Rename's
// MoveFileEx is as durable as NTFS makes it.
func syncDir(string) error { return nil }
