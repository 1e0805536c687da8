package process

// Ended reports whether the process has ended, be it only waited for by its
// parent by now: a zombie holds nothing and takes no signals.
func (h *Handle) Ended() bool { return h.os.ended() }

// Allowed returns nil if this user may end the process, as far as the system
// tells without doing it; ErrDenied if not, ErrGone if it has ended.
func (h *Handle) Allowed() error { return h.os.allowed() }

// Identity returns what the handle holds on to.
func (h *Handle) Identity() Identity { return h.id }

// Privileged reports whether this program runs with an administrator's rights:
// as root, or elevated on Windows. If so, asking for more is no use.
func Privileged() bool { return privileged() }
