package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the expected messages of testdata anew")

func TestDecode_TellsEveryMistakeInOneLineWithItsPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid-*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Decode(filepath.Base(path), data)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want an *Error", err)
			}
			got := e.Error()
			if strings.Contains(got, "\n") {
				t.Errorf("message has more than one line: %q", got)
			}
			if !s.Equal(Default()) {
				t.Errorf("settings beside the error are %+v, want the defaults", s)
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.TrimSpace(string(want)) {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestDecode_ReadsWhatPeopleWrite(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want func(*Settings)
	}{
		"an empty file means the defaults":          {"", func(*Settings) {}},
		"so does one of comments":                   {"# later\n\n", func(*Settings) {}},
		"so does an empty document":                 {"---\n", func(*Settings) {}},
		"a key that is not given keeps its default": {"theme: dark\n", func(s *Settings) { s.Theme = ThemeDark }},
		"an empty section changes nothing":          {"notifications:\n", func(*Settings) {}},
		"an empty list is a list":                   {"notifications:\n  kinds:\n", func(s *Settings) { s.Notifications.Kinds = nil }},
		"bare numbers are filters as well":          {"ignore: [5353, proto:udp]\n", func(s *Settings) { s.Ignore = []string{"5353", "proto:udp"} }},
		"Windows line ends":                         {"theme: dark\r\ninterval: 2s\r\n", func(s *Settings) { s.Theme, s.Interval = ThemeDark, 2*time.Second }},
		"the shortest and the longest interval":     {"interval: 60s\n", func(s *Settings) { s.Interval = MaxInterval }},
		"kinds in any order, once each": {"notifications: {kinds: [udp, opened, udp]}\n", func(s *Settings) {
			s.Notifications.Kinds = []Kind{KindOpened, KindUDP}
		}},
		"JSON": {`{"theme": "light", "notifications": {"muted_ports": [80, 443]}}`, func(s *Settings) {
			s.Theme, s.Notifications.MutedPorts = ThemeLight, []uint16{80, 443}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode("portlight.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			want := Default()
			c.want(&want)
			if !got.Equal(want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestRender_ReadsBackAsTheSame(t *testing.T) {
	for _, s := range []Settings{Default(), every()} {
		got, err := Decode("portlight.yaml", Render(s))
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(s) {
			t.Errorf("got %+v, want %+v", got, s)
		}
	}
}

// every differs from the defaults in every field and holds text that YAML
// would read as something else.
func every() Settings {
	return Settings{
		Interval: 1500 * time.Millisecond,
		Notifications: Notifications{
			Kinds:          []Kind{KindClosed, KindUDP},
			MutedPorts:     []uint16{1, 65535},
			MutedProcesses: []string{"node", "true", "naïve", `a"b\`, "- x", "1e3", "", "a, b", "#c"},
		},
		Theme: ThemeLight, Language: LanguageChinese,
		StartAtLogin: true, StartMinimised: true, HideSystem: true,
		Ignore: []string{"proto:udp -user:root", "5353", "~", "[::1]"},
	}
}

func TestEdit_KeepsCommentsAndOrder(t *testing.T) {
	const before = `# Mine.
theme: "dark" # night

# Toasts
notifications:
  kinds: [opened, exposed] # calm
  # these are loud
  muted_ports:
    - 3000 # node
    # the fifth
    - 5000
interval: 1s

# the end
`
	const after = `# Mine.
theme: light # night

# Toasts
notifications:
  kinds: [opened] # calm
  # these are loud
  muted_ports:
    - 80
    # the fifth
    - 5000
interval: 2s

# the end
hide_system: true
`
	want, err := Decode("portlight.yaml", []byte(before))
	if err != nil {
		t.Fatal(err)
	}
	want.Theme, want.Interval, want.HideSystem = ThemeLight, 2*time.Second, true
	want.Notifications.Kinds = []Kind{KindOpened}
	want.Notifications.MutedPorts = []uint16{80, 5000}
	got, kept, err := Edit("portlight.yaml", []byte(before), want)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != after || !kept {
		t.Errorf("kept %v, got:\n%s\nwant:\n%s", kept, got, after)
	}
}

func TestEdit_ReachesAnySettingsFromAnyShape(t *testing.T) {
	for _, text := range []string{
		"", "# only\n", "{theme: dark}\n", "---\ntheme: dark\n...\n", "notifications:\n", "notifications: {}\nignore:\n",
		"ignore:\n- a\n- b # keep\n", "theme: dark\r\nhide_system: true\r\n", "ignore: []\n", string(Render(Default())), string(Render(every())),
	} {
		for _, want := range []Settings{Default(), every()} {
			out, _, err := Edit("portlight.yaml", []byte(text), want)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if got, err := Decode("portlight.yaml", out); err != nil || !got.Equal(want) {
				t.Errorf("from %q: %v\n%s", text, err, out)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(Render(every()))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode("portlight.yaml", data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || strings.Contains(err.Error(), "\n") {
				t.Fatalf("not one line with a place: %q", err)
			}
			return
		}
		if err := s.validate(); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		want := s
		want.Theme, want.HideSystem = ThemeLight, !s.HideSystem
		out, _, err := Edit("portlight.yaml", data, want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode("portlight.yaml", out); err != nil || !got.Equal(want) {
			t.Fatalf("edited to %q: %v", out, err)
		}
	})
}
