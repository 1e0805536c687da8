package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is set when a release is linked:
// -ldflags "-X github.com/portlight-app/portlight/app/cli.Version=1.2.3".
var Version string

// version describes this build in one line.
func version() string {
	v, commit := Version, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = s.Value[:12] + ", "
			}
		}
	}
	if v == "" {
		v = "(devel)"
	}
	return fmt.Sprintf("%s (%s%s, %s/%s)", v, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
