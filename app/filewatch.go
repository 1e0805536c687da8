package app

import (
	"io/fs"
	"os"
	"time"
)

// fileWatch tells when a file has been changed by another program. It looks
// when asked to, because a look costs microseconds and what tells of changes
// by itself differs with every system and misses network drives.
type fileWatch struct {
	path       string
	seen, last stamp // as of the last change told of, and of the last look
}

// stamp is what a changed file has another of; the zero stamp is no file's.
type stamp struct {
	time time.Time
	size int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Type() != fs.FileMode(0) {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

func newFileWatch(path string) *fileWatch {
	now := stampOf(path)
	return &fileWatch{path, now, now}
}

// changed reports a change once, when the file has rested from one look to the
// next: an editor may write it in pieces.
func (w *fileWatch) changed() bool {
	now := stampOf(w.path)
	rested := now == w.last
	w.last = now
	if !rested || now == w.seen {
		return false
	}
	w.seen = now
	return true
}

// current reports whether the file is as it was when a change was told of.
func (w *fileWatch) current() bool { return stampOf(w.path) == w.seen }
