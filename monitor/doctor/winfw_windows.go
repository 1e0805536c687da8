package doctor

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// Where the firewall's settings are, an administrator's of this machine and
// those of group policy, which come first.
const (
	fwLocal  = `SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy`
	fwPolicy = `SOFTWARE\Policies\Microsoft\WindowsFirewall`
)

// readFirewall reads the profiles and their rules; none where there is no such
// firewall. Everybody may read them.
func readFirewall() ([]fwProfile, error) {
	local, err := fwRules(fwLocal)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	policy, err := fwRules(fwPolicy)
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return nil, err
	}
	var profiles []fwProfile
	for _, p := range []struct{ name, local, policy string }{
		{"Domain", "DomainProfile", "DomainProfile"},
		{"Private", "StandardProfile", "PrivateProfile"},
		{"Public", "PublicProfile", "PublicProfile"},
	} {
		// setting prefers group policy; a value that isn't there is the default.
		setting := func(name string, usual uint64) bool {
			for _, path := range []string{fwPolicy + `\` + p.policy, fwLocal + `\` + p.local} {
				if n, ok := number(path, name); ok {
					return n != 0
				}
			}
			return usual != 0
		}
		profile := fwProfile{
			Name: p.name, On: setting("EnableFirewall", 1),
			Blocks: setting("DefaultInboundAction", 1), Shielded: setting("DoNotAllowExceptions", 0),
			Rules: policy,
		}
		if setting("AllowLocalPolicyMerge", 1) {
			profile.Rules = append(profile.Rules[:len(profile.Rules):len(profile.Rules)], local...)
		}
		profiles = append(profiles, profile)
	}
	return profiles, nil
}

// fwRules reads the rules under a key.
func fwRules(path string) ([]string, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path+`\FirewallRules`, registry.QUERY_VALUE)
	if err != nil {
		return nil, fmt.Errorf("firewall rules: %w", err)
	}
	defer k.Close()
	names, err := k.ReadValueNames(0)
	if err != nil {
		return nil, fmt.Errorf("firewall rules: %w", err)
	}
	rules := make([]string, 0, len(names))
	for _, name := range names {
		if text, _, err := k.GetStringValue(name); err == nil {
			rules = append(rules, text)
		}
	}
	return rules, nil
}

func number(path, name string) (uint64, bool) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return 0, false
	}
	defer k.Close()
	n, _, err := k.GetIntegerValue(name)
	return n, err == nil
}
