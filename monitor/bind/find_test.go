package bind

import (
	"errors"
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestFind_LooksOutwardFromNear(t *testing.T) {
	reserved := Reserved{
		Ephemeral: Range{32768, 60999}, FirstUnprivileged: 1024,
		Excluded: []Excluded{{Range: Range{8090, 8099}, Proto: sockets.TCP, Family: 6}},
	}
	taken := []uint16{8080, 8081}
	free := func(_ sockets.Proto, p uint16) (bool, error) { return !slices.Contains(taken, p), nil }
	for _, tt := range []struct {
		name string
		opt  FindOptions
		want []uint16
		err  error
	}{
		{"the nearest, upward first", FindOptions{Near: 8080, Count: 3}, []uint16{8079, 8082, 8078}, nil},
		{"itself, if it is free", FindOptions{Near: 3000}, []uint16{3000}, nil},
		{"itself once only", FindOptions{Near: 3000, Count: 2}, []uint16{3000, 3001}, nil},
		{"never an excluded one", FindOptions{Near: 8095, Count: 3}, []uint16{8100, 8101, 8089}, nil},
		{"which is excluded for one protocol only", FindOptions{Near: 8095, Proto: sockets.UDP}, []uint16{8095}, nil},
		{"never an ephemeral one", FindOptions{Near: 40000}, []uint16{32767}, nil},
		{"never a privileged one", FindOptions{Near: 80}, []uint16{1024}, nil},
		{"unless a range asks for it", FindOptions{Near: 80, Range: Range{1, 100}}, []uint16{80}, nil},
		{"and no further than the range", FindOptions{Near: 8081, Count: 2, Range: Range{8080, 8082}}, []uint16{8082}, ErrTooFew},
		{"the highest is no end of the world", FindOptions{Near: 65535, Count: 2}, []uint16{65535, 65534}, nil},
	} {
		got, err := find(tt.opt, reserved, free)
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
	if _, err := find(FindOptions{Range: Range{9, 8}}, reserved, free); err == nil {
		t.Error("a range that ends before it begins is a mistake")
	}
	trouble := errors.New("too many open files")
	if _, err := find(FindOptions{}, reserved, func(sockets.Proto, uint16) (bool, error) { return false, trouble }); !errors.Is(err, trouble) {
		t.Errorf("our own trouble was taken for a port's: %v", err)
	}
}

func TestParseRanges_ReadsWhatSysctlPrints(t *testing.T) {
	for text, want := range map[string][]Range{
		"":                 nil,
		"8080":             {{8080, 8080}},
		"8080,9148-9160\n": {{8080, 8080}, {9148, 9160}},
	} {
		if got, err := parseRanges(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "1-", "9-8", "70000"} {
		if got, err := parseRanges(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func FuzzParseRanges(f *testing.F) {
	f.Add("8080,9148-9160")
	f.Fuzz(func(t *testing.T, text string) {
		all, _ := parseRanges(text)
		for _, r := range all {
			if r.From > r.To {
				t.Fatalf("%q: %v", text, r)
			}
		}
	})
}

func TestFind_TakesWhatWasReadForGranted(t *testing.T) {
	set := Reserved{FirstUnprivileged: 1024, Ephemeral: Range{1024, 65535}}
	if ports, err := Find(FindOptions{Near: 8080, Reserved: &set}); len(ports) > 0 || !errors.Is(err, ErrTooFew) {
		t.Errorf("got %v, %v, though nothing is left over", ports, err)
	}
}
