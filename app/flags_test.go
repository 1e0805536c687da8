package app

import (
	"slices"
	"testing"
)

func TestParseFlags(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want windowFlags
		rest []string
		fail bool
	}{
		"nothing opens the window":            {nil, windowFlags{}, nil, false},
		"minimised":                           {[]string{"--minimised"}, windowFlags{minimised: true}, nil, false},
		"as it is spelt elsewhere":            {[]string{"--minimized"}, windowFlags{minimised: true}, nil, false},
		"a file in the same argument":         {[]string{"--config=a=b.yaml"}, windowFlags{config: "a=b.yaml"}, nil, false},
		"a file in the next":                  {[]string{"--config", "--minimised"}, windowFlags{config: "--minimised"}, nil, false},
		"a command takes all that follows it": {[]string{"--config", "x", "list", "--config"}, windowFlags{config: "x"}, []string{"list", "--config"}, false},
		"so does a flag we don't know":        {[]string{"--help", "--minimised"}, windowFlags{}, []string{"--help", "--minimised"}, false},
		"no file":                             {[]string{"--config"}, windowFlags{}, nil, true},
		"an empty file":                       {[]string{"--config="}, windowFlags{}, nil, true},
		"a value where there is none":         {[]string{"--minimised=yes"}, windowFlags{}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, rest, err := parseFlags(c.args)
			if (err != nil) != c.fail {
				t.Fatalf("error %v", err)
			}
			if err == nil && (got != c.want || !slices.Equal(rest, c.rest)) {
				t.Errorf("got %+v and %q, want %+v and %q", got, rest, c.want, c.rest)
			}
		})
	}
}

func TestWindowFlags_AreReadAsTheyAreWritten(t *testing.T) {
	for _, f := range []windowFlags{{}, {minimised: true}, {true, "-x y=z"}} {
		if got, rest, err := parseFlags(f.args()); got != f || len(rest) > 0 || err != nil {
			t.Errorf("%+v reads back as %+v, %q, %v", f, got, rest, err)
		}
	}
}
