package bind

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func excluded(from, to uint16, administered bool) Excluded {
	return Excluded{Range: Range{From: from, To: to}, Proto: sockets.TCP, Family: 4, Administered: administered}
}

func TestParseExcluded(t *testing.T) {
	for _, tc := range []struct {
		sentence, text string
		want           []Excluded
		err            error
	}{
		{"English", recorded(t, "excluded-en.txt"), []Excluded{
			excluded(5357, 5357, false), excluded(49671, 49770, false), excluded(49871, 49970, false),
			excluded(50000, 50059, true), excluded(61902, 62001, false),
		}, nil},
		{"German in code page 850", recorded(t, "excluded-de.txt"), []Excluded{
			excluded(5357, 5357, false), excluded(50000, 50059, true),
		}, nil},
		{"Chinese in code page 936", recorded(t, "excluded-zh.txt"), []Excluded{
			excluded(50000, 50059, true), excluded(54364, 54463, false), excluded(60791, 60890, false),
		}, nil},
		{"a table without rows is no range", recorded(t, "excluded-none.txt"), nil, nil},
		{"nothing at all is no table", "", nil, errNetsh},
		{"an error message is no table", "The following command was not found: int ipv4 show 80 80.\r\n", nil, errNetsh},
		{"numbers before the table are none of it", "1 2\r\n-- --\r\n3 4\r\n", []Excluded{excluded(3, 4, false)}, nil},
		{"a port beyond 65535, a range upside down, a note are left out",
			"-- --\n 1 65536\n 9 8\n 7 8 x\n 7 8 * *\n 1 2 *\n", []Excluded{excluded(1, 2, true)}, nil},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			got, err := parseExcluded(tc.text, sockets.TCP, 4)
			if !reflect.DeepEqual(got, tc.want) || !errors.Is(err, tc.err) {
				t.Errorf("got %v, %v; want %v, %v", got, err, tc.want, tc.err)
			}
		})
	}
}

func TestParseDynamic(t *testing.T) {
	for _, tc := range []struct {
		sentence, text string
		want           Range
		err            error
	}{
		{"English", recorded(t, "dynamic-en.txt"), Range{49152, 65535}, nil},
		{"German in code page 850, moved by an administrator", recorded(t, "dynamic-de.txt"), Range{1024, 65534}, nil},
		{"Chinese in code page 936", recorded(t, "dynamic-zh.txt"), Range{49152, 65535}, nil},
		{"nothing", "", Range{}, errNetsh},
		{"one number", "Start Port : 49152\n", Range{}, errNetsh},
		{"more ports than there are", "a : 60000\nb : 16384\n", Range{}, errNetsh},
		{"no ports", "a : 0\nb : 0\n", Range{}, errNetsh},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			if got, err := parseDynamic(tc.text); got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("got %v, %v; want %v, %v", got, err, tc.want, tc.err)
			}
		})
	}
}

func FuzzNetsh(f *testing.F) {
	for _, name := range []string{"excluded-en.txt", "excluded-zh.txt", "dynamic-de.txt"} {
		f.Add(recorded(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		ranges, _ := parseExcluded(text, sockets.UDP, 6)
		for _, r := range ranges {
			if r.From > r.To || !r.Contains(r.From) || r.Proto != sockets.UDP || r.Family != 6 {
				t.Errorf("%q gives %+v", text, r)
			}
		}
		if r, err := parseDynamic(text); err == nil && (r.From == 0 || r.From > r.To) {
			t.Errorf("%q gives %+v", text, r)
		}
	})
}
