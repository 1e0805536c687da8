package free

import (
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestRestarts(t *testing.T) {
	for name, c := range map[string]struct {
		ancestor process.Ancestor
		want     bool
	}{
		"nodemon as node runs it":         {process.Ancestor{Name: "node", Args: []string{"node", "/usr/lib/node_modules/nodemon/bin/nodemon.js", "app.js"}}, true},
		"nodemon by its link":             {process.Ancestor{Name: "node", Args: []string{"node", "/src/node_modules/.bin/nodemon", "app.js"}}, true},
		"node watching by itself":         {process.Ancestor{Name: "node", Args: []string{"node", "--watch", "server.js"}}, true},
		"node watching a path":            {process.Ancestor{Name: "node", Args: []string{"node", "--watch-path=src", "server.js"}}, true},
		"node running a server":           {process.Ancestor{Name: "node", Args: []string{"node", "server.js"}}, false},
		"tsx watching":                    {process.Ancestor{Name: "node", Args: []string{"node", "/p/node_modules/tsx/dist/cli.mjs", "watch", "a.ts"}}, true},
		"tsx running once":                {process.Ancestor{Name: "node", Args: []string{"node", "/p/node_modules/tsx/dist/cli.mjs", "a.ts"}}, false},
		"air":                             {process.Ancestor{Name: "air", Args: []string{"air"}}, true},
		"dotnet watch":                    {process.Ancestor{Name: "dotnet", Args: []string{"dotnet", "watch", "run"}}, true},
		"dotnet watch by its library":     {process.Ancestor{Name: "dotnet.exe", Args: []string{`C:\Program Files\dotnet\dotnet.exe`, `C:\sdk\dotnet-watch.dll`, "run"}}, true},
		"dotnet run":                      {process.Ancestor{Name: "dotnet", Args: []string{"dotnet", "run"}}, false},
		"cargo watch":                     {process.Ancestor{Name: "cargo-watch", Args: []string{"cargo-watch", "-x", "run"}}, true},
		"cargo run":                       {process.Ancestor{Name: "cargo", Args: []string{"cargo", "run"}}, false},
		"uvicorn reloading":               {process.Ancestor{Name: "python3.12", Args: []string{"/venv/bin/python", "-m", "uvicorn", "app:app", "--reload"}}, true},
		"uvicorn alone":                   {process.Ancestor{Name: "python3.12", Args: []string{"/venv/bin/python", "/venv/bin/uvicorn", "app:app"}}, false},
		"Django's runserver":              {process.Ancestor{Name: "python3", Args: []string{"python3", "manage.py", "runserver", "8000"}}, true},
		"Django's shell":                  {process.Ancestor{Name: "python3", Args: []string{"python3", "manage.py", "shell"}}, false},
		"gunicorn by its title":           {process.Ancestor{Name: "python3.11", Args: []string{"gunicorn: master [app:app]"}}, true},
		"pm2's daemon by its title":       {process.Ancestor{Name: "node", Args: []string{"PM2 v5.3.0: God Daemon (/home/ana/.pm2)"}}, true},
		"supervisord":                     {process.Ancestor{Name: "python3.11", Args: []string{"/usr/bin/python3", "/usr/bin/supervisord", "-n"}}, true},
		"foreman ends with its child":     {process.Ancestor{Name: "ruby", Args: []string{"ruby", "/usr/bin/foreman", "start"}}, false},
		"foreman by its title":            {process.Ancestor{Name: "ruby", Args: []string{"foreman: master"}}, false},
		"honcho ends with its child":      {process.Ancestor{Name: "python3", Args: []string{"python3", "/usr/bin/honcho", "start"}}, false},
		"hivemind ends with its child":    {process.Ancestor{Name: "hivemind", Args: []string{"hivemind"}}, false},
		"goreman leaves it stopped":       {process.Ancestor{Name: "goreman", Args: []string{"goreman", "start"}}, false},
		"mprocs leaves it stopped":        {process.Ancestor{Name: "mprocs", Args: []string{"mprocs"}}, false},
		"process-compose, by default":     {process.Ancestor{Name: "process-compose", Args: []string{"process-compose", "up"}}, false},
		"overmind, by default":            {process.Ancestor{Name: "overmind", Args: []string{"overmind", "start"}}, false},
		"overmind told to":                {process.Ancestor{Name: "overmind", Args: []string{"overmind", "start", "--auto-restart=web"}}, true},
		"overmind told to, in short":      {process.Ancestor{Name: "overmind", Args: []string{"overmind", "s", "-r", "web"}}, true},
		"bun watching":                    {process.Ancestor{Name: "bun", Args: []string{"bun", "--watch", "index.ts"}}, true},
		"npm run dev ends with its child": {process.Ancestor{Name: "node", Args: []string{"npm run dev"}}, false},
		"a shell":                         {process.Ancestor{Name: "bash", Args: []string{"bash", "-c", "node server.js"}}, false},
		"vite doesn't restart":            {process.Ancestor{Name: "node", Args: []string{"node", "/p/node_modules/.bin/vite"}}, false},
		"concurrently by default":         {process.Ancestor{Name: "node", Args: []string{"node", "/p/node_modules/.bin/concurrently", "a", "b"}}, false},
		"concurrently with restarts":      {process.Ancestor{Name: "node", Args: []string{"node", "/p/node_modules/.bin/concurrently", "--restart-tries", "3", "a"}}, true},
		"one of whom nothing is known":    {process.Ancestor{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := restarts(c.ancestor); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestRelaysPorts(t *testing.T) {
	for name, want := range map[string]bool{
		"docker-proxy": true, "com.docker.backend.exe": true, "wslrelay.exe": true, "OrbStack Helper": true, "limactl": true,
		"vpnkit-bridge": true, "pasta.avx2": true, "vmmem": true, "node": false, "nginx": false, "": false,
	} {
		if got := relaysPorts(&process.Process{Name: name}); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}
