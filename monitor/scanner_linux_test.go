package monitor

import (
	"testing"
)

// BenchmarkScan measures polls of this machine as it is; bench/ stages a load
// around the same.
func BenchmarkScan(b *testing.B) {
	for _, bench := range []struct {
		name        string
		connections bool
	}{{"endpoints", false}, {"connections", true}} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := newScanner(Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.close()
			if _, err := s.scan(b.Context(), bench.connections); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var read, resolve float64
			for b.Loop() {
				snap, err := s.scan(b.Context(), bench.connections)
				if err != nil {
					b.Fatal(err)
				}
				read += float64(snap.Cost.Read.Nanoseconds())
				resolve += float64(snap.Cost.Resolve.Nanoseconds())
			}
			b.ReportMetric(read/float64(b.N), "read-ns/op")
			b.ReportMetric(resolve/float64(b.N), "resolve-ns/op")
		})
	}
}

func BenchmarkOnce(b *testing.B) {
	for b.Loop() {
		if _, err := Once(b.Context(), Options{}, false); err != nil {
			b.Fatal(err)
		}
	}
}
