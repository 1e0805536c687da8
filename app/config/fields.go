package config

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one key of the file: how it is explained, read and written. The
// file's whole grammar is the list that fields returns.
type field struct {
	key     string // dotted for a key in a section
	doc     string // the comment above it in a new file
	allowed string // for messages
	value   kind
	words   []string // of texts: what an entry may be, nil for anything
	// get returns what is written: bool, string, []string or []uint16.
	get func(Settings) any
	// set takes what was read, of the type get returns, and reports whether
	// the value is allowed.
	set func(*Settings, any) bool
}

// kind is the type of a field's value in the file.
type kind uint8

const (
	boolean kind = iota + 1
	text
	texts // a list of text
	ports // a list of port numbers
)

func fields() []field {
	return []field{
		{
			key: "interval", value: text,
			doc:     "Time between two looks at the ports.",
			allowed: `a time from 250ms to 60s, such as 500ms or 2s`,
			get:     func(s Settings) any { return formatInterval(s.Interval) },
			set: func(s *Settings, v any) bool {
				d, err := time.ParseDuration(v.(string))
				s.Interval = d
				return err == nil && MinInterval <= d && d <= MaxInterval
			},
		},
		truth("notifications.enabled", "Desktop notifications.", func(s *Settings) *bool { return &s.Notifications.Enabled }),
		{
			key: "notifications.kinds", value: texts, words: words(Kinds()),
			doc:     "What they tell of: " + strings.Join(words(Kinds()), ", ") + ".",
			allowed: "a list of " + strings.Join(words(Kinds()), ", "),
			get: func(s Settings) any {
				return words(slices.DeleteFunc(Kinds(), func(k Kind) bool { return !s.Notifications.Has(k) }))
			},
			set: func(s *Settings, v any) bool {
				s.Notifications.Kinds = slices.DeleteFunc(Kinds(), func(k Kind) bool { return !slices.Contains(v.([]string), string(k)) })
				return true
			},
		},
		{
			key: "notifications.muted_ports", value: ports,
			doc:     "Ports and process names they never tell of.",
			allowed: "a list of port numbers from 1 to 65535",
			get:     func(s Settings) any { return s.Notifications.MutedPorts },
			set:     func(s *Settings, v any) bool { s.Notifications.MutedPorts = v.([]uint16); return true },
		},
		{
			key: "notifications.muted_processes", value: texts,
			allowed: "a list of process names",
			get:     func(s Settings) any { return s.Notifications.MutedProcesses },
			set: func(s *Settings, v any) bool {
				s.Notifications.MutedProcesses = v.([]string)
				return true
			},
		},
		choice("theme", "Colours.", func(s *Settings) *Theme { return &s.Theme }, ThemeSystem, ThemeLight, ThemeDark),
		choice("language", "Language of all texts.", func(s *Settings) *Language { return &s.Language },
			LanguageSystem, LanguageEnglish, LanguageChinese),
		truth("start_at_login", "Start with the desktop session. Change it in the window: the system keeps the entry.", func(s *Settings) *bool { return &s.StartAtLogin }),
		truth("start_minimised", "Start without showing the window, in the tray.", func(s *Settings) *bool { return &s.StartMinimised }),
		{
			key: "ignore", value: texts,
			doc:     "Filters, as in the search box; endpoints that match one are left out of the table.",
			allowed: `a list of filters, such as ["proto:udp", "5353"]`,
			get:     func(s Settings) any { return s.Ignore },
			set:     func(s *Settings, v any) bool { s.Ignore = v.([]string); return true },
		},
		truth("hide_system", "Leave the operating system's own endpoints out of the table.", func(s *Settings) *bool { return &s.HideSystem }),
	}
}

func truth(key, doc string, at func(*Settings) *bool) field {
	return field{
		key: key, value: boolean, doc: doc, allowed: "true or false",
		get: func(s Settings) any { return *at(&s) },
		set: func(s *Settings, v any) bool { *at(s) = v.(bool); return true },
	}
}

func choice[T ~string](key, doc string, at func(*Settings) *T, all ...T) field {
	allowed := strings.Join(words(all[:len(all)-1]), ", ") + " or " + string(all[len(all)-1])
	return field{
		key: key, value: text, doc: doc + " One of " + allowed + ".", allowed: allowed,
		get: func(s Settings) any { return string(*at(&s)) },
		set: func(s *Settings, v any) bool {
			*at(s) = T(v.(string))
			return slices.Contains(all, *at(s))
		},
	}
}

func words[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = string(w)
	}
	return out
}

// formatInterval writes whole seconds as such: "60s", not Go's "1m0s".
func formatInterval(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.Itoa(int(d/time.Second)) + "s"
	}
	return d.String()
}
