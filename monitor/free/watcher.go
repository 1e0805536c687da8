package free

import (
	"path"
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor/process"
)

// restarters are programs whose trade it is to start others again, when they
// end or when a file changes, by executable or script without extension. The
// arguments that make them do so are given where they also do other things.
var restarters = map[string][]string{
	// watchers of files
	"nodemon": nil, "ts-node-dev": nil, "tsnd": nil, "air": nil, "reflex": nil, "watchexec": nil, "entr": nil,
	"cargo-watch": nil, "dotnet-watch": nil, "bacon": nil, "modd": nil, "gow": nil, "wgo": nil, "compiledaemon": nil,
	"realize": nil, "guard": nil, "rerun": nil, "watchmedo": nil, "watchfiles": nil, "node-dev": nil, "supervisor": nil,
	"tsx": {"watch"}, "cargo": {"watch"}, "dotnet": {"watch"}, "turbo": {"watch"}, "mix": {"watch"},
	"node": {"--watch", "--watch-path"}, "bun": {"--watch", "--hot"}, "deno": {"--watch", "--watch-hmr"},
	// servers that start their workers again
	"gunicorn": nil, "uvicorn": {"--reload", "--workers"}, "hypercorn": {"--reload", "--workers"}, "granian": {"--reload", "--workers"},
	"flask": {"run"}, "manage": {"runserver"}, "django-admin": {"runserver"}, "werkzeug": nil,
	// supervisors; not those that end with the first of their children
	// (foreman, honcho, hivemind) or restart only what a file tells them to
	// (mprocs, process-compose) or somebody asks them to (goreman)
	"pm2": nil, "pm2-runtime": nil, "pm2-docker": nil, "forever": nil, "supervisord": nil, "circusd": nil,
	"overmind": {"--auto-restart", "-r"}, "concurrently": {"--restart-tries"},
	"runsv": nil, "s6-supervise": nil, "supervise": nil, "immortal": nil, "monit": nil, "nssm": nil, "winsw": nil,
}

// titles are what such programs call themselves in place of their arguments.
var titles = []string{"pm2 ", "gunicorn: master", "god daemon", "nodemon"}

// interpreters run a script, which is the program people mean.
var interpreters = []string{"node", "bun", "deno", "python", "ruby", "php", "perl", "dotnet", "sh", "bash", "pwsh", "powershell", "java"}

// restarts reports whether the ancestor is a program that would start its
// child again. Package managers' and shells' scripts are not: they end with
// what they run.
func restarts(a process.Ancestor) bool {
	if len(a.Args) > 0 && slices.ContainsFunc(titles, func(t string) bool { return strings.HasPrefix(strings.ToLower(a.Args[0]), t) }) {
		return true
	}
	names := []string{program(a.Name)}
	if len(a.Args) > 0 {
		names = append(names, program(a.Args[0]))
	}
	for _, name := range names {
		if restartsAs(name, a.Args[min(1, len(a.Args)):]) {
			return true
		}
		if slices.ContainsFunc(interpreters, func(i string) bool { return isVersionOf(name, i) }) {
			if script, rest := scriptOf(a.Args); script != "" && restartsAs(script, rest) {
				return true
			}
		}
	}
	return false
}

func restartsAs(name string, args []string) bool {
	need, ok := restarters[name]
	if !ok || need == nil {
		return ok
	}
	return slices.ContainsFunc(args, func(arg string) bool {
		flag, _, _ := strings.Cut(arg, "=")
		return slices.Contains(need, flag)
	})
}

// program is a program's or script's name in lower case, without folder and
// extension.
func program(file string) string {
	name := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	switch ext := path.Ext(name); ext {
	case ".exe", ".cmd", ".bat", ".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".dll", ".sh":
		name = strings.TrimSuffix(name, ext)
	}
	return name
}

// isVersionOf: python3.12 is a version of python.
func isVersionOf(name, interpreter string) bool {
	rest, ok := strings.CutPrefix(name, interpreter)
	return ok && strings.Trim(rest, "0123456789.-") == ""
}

// scriptOf finds what an interpreter runs: python's -m module, or the first
// argument that is no flag. Tools of Node keep their entry in a folder of
// their name (…/node_modules/tsx/dist/cli.mjs).
func scriptOf(args []string) (script string, rest []string) {
	for i := 1; i < len(args); i++ {
		arg := args[i]
		if arg == "-m" && i+1 < len(args) {
			return program(args[i+1]), args[i+2:]
		}
		if strings.HasPrefix(arg, "-") || arg == "" {
			continue
		}
		if _, inside, ok := cutLast(strings.ReplaceAll(arg, `\`, "/"), "node_modules/"); ok {
			name, file, _ := strings.Cut(inside, "/")
			if strings.HasPrefix(name, "@") {
				name, _, _ = strings.Cut(file, "/")
			}
			if name == ".bin" {
				name = program(arg)
			}
			return strings.ToLower(name), args[i+1:]
		}
		return program(arg), args[i+1:]
	}
	return "", nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// relays are the programs through which container engines and virtual
// machines pass on what comes to a published port. To end one breaks the
// machine behind it and all of its other ports.
var relays = []string{
	"docker-proxy", "rootlessport", "rootlesskit", "gvproxy", "pasta", "pasta.avx2", "passt", "slirp4netns", "conmon",
	"dockerd", "containerd", "com.docker.backend", "com.docker.vpnkit", "com.docker.proxy", "com.docker.hyperkit", "docker desktop backend",
	"vpnkit", "vpnkit-bridge", "vpnkit-forwarder", "wslrelay", "wslhost", "wslservice", "wsl", "vmmem", "vmmemwsl", "vmcompute", "vmwp",
	"orbstack helper", "orbstack", "limactl", "colima", "lima",
}

// relaysPorts reports whether the process is one of these.
func relaysPorts(p *process.Process) bool {
	name := program(p.Name)
	return slices.Contains(relays, name) || strings.HasPrefix(name, "vpnkit")
}
