package process

import (
	"os/user"
	"strconv"
	"time"
)

// accounts names user ids and remembers the answers: a look-up can go to a
// directory server.
type accounts struct {
	names map[uint32]accountName
}

type accountName struct {
	name string
	at   time.Time
}

const accountTTL = 10 * time.Minute

// name returns the account's name, or the number as text if it has none.
func (a *accounts) name(uid uint32) string {
	if n, ok := a.names[uid]; ok && time.Since(n.at) < accountTTL {
		return n.name
	}
	name := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(name); err == nil && u.Username != "" {
		name = u.Username
	}
	if a.names == nil {
		a.names = make(map[uint32]accountName)
	}
	a.names[uid] = accountName{name, time.Now()}
	return name
}
