package process

import (
	"strings"

	"golang.org/x/sys/windows"
)

// tokenUser returns the user a process runs as, nil if that may not be read.
func tokenUser(h windows.Handle) *windows.SID {
	var token windows.Token
	if err := windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token); err != nil {
		return nil
	}
	defer token.Close()
	user, err := token.GetTokenUser()
	if err != nil {
		return nil
	}
	return user.User.Sid
}

// accountOf names a user; one without a name is given as its SID. It isn't
// remembered here: it is asked for once per process, and Windows itself keeps
// the names of domain accounts (LsaLookupCacheMaxSize).
func accountOf(sid *windows.SID) string {
	if sid == nil {
		return ""
	}
	account, domain, kind, err := sid.LookupAccount("")
	if err != nil || account == "" {
		return sid.String()
	}
	computer, err := windows.ComputerName()
	if err != nil {
		computer = ""
	}
	return shortAccount(account, domain, kind == windows.SidTypeWellKnownGroup, computer)
}

// shortAccount leaves the domain out where it says nothing: for the machine's
// own accounts and for SYSTEM and the like, whose "domain" is translated.
func shortAccount(account, domain string, wellKnown bool, computer string) string {
	if domain == "" || wellKnown || strings.EqualFold(domain, computer) {
		return account
	}
	return domain + `\` + account
}
