package view

import "strings"

// Category is a class of programs, for the icon of a row.
type Category string

// The categories.
const (
	CategoryUnknown   Category = "unknown"
	CategoryWeb       Category = "web"       // web servers and proxies
	CategoryDatabase  Category = "database"  // databases, caches, queues
	CategoryContainer Category = "container" // container engines and their proxies
	CategoryBrowser   Category = "browser"
	CategoryEditor    Category = "editor"  // editors, IDEs, language servers
	CategoryRuntime   Category = "runtime" // language runtimes and dev servers
	CategorySystem    Category = "system"  // parts of the operating system
)

var byName = invert(map[Category]string{
	CategoryWeb: "nginx apache2 httpd caddy traefik haproxy envoy lighttpd varnishd squid h2o openresty " +
		"iisexpress w3wp tomcat jetty puma unicorn gunicorn uvicorn hypercorn passenger php-fpm",
	CategoryDatabase: "postgres postgresql mysqld mariadbd redis-server valkey-server keydb-server memcached mongod " +
		"mongos clickhouse clickhouse-server cockroach etcd influxd cassandra elasticsearch opensearch meilisearch " +
		"typesense rabbitmq beam.smp nats-server kafka zookeeper minio sqlservr oracle neo4j couchdb rethinkdb " +
		"surreal qdrant weaviate milvus victoria-metrics prometheus questdb tikv-server",
	CategoryContainer: "docker-proxy dockerd docker containerd containerd-shim containerd-shim-runc-v2 podman conmon " +
		"rootlessport slirp4netns pasta rootlesskit kubelet k3s k3s-server minikube kube-proxy kubectl " +
		"com.docker.backend com.docker.vpnkit vpnkit orbstack lima colima wslrelay wslhost qemu-system-x86_64 crio",
	CategoryBrowser: "firefox firefox-esr firefox-bin chrome chromium chromium-browser google-chrome msedge brave " +
		"brave-browser opera vivaldi vivaldi-bin safari librewolf waterfox zen arc epiphany falkon webkitnetworkprocess " +
		"com.apple.webkit.networking chrome_crashpad_handler electron",
	CategoryEditor: "code code-insiders code-server codium vscodium cursor windsurf zed nvim vim emacs idea idea64 " +
		"goland goland64 pycharm pycharm64 webstorm webstorm64 clion rider rubymine phpstorm studio studio64 devenv " +
		"gopls rust-analyzer clangd tsserver pyright pylsp jdtls lua-language-server sublime_text fleet helix hx",
	CategoryRuntime: "node nodejs deno bun bun.exe npm npx pnpm yarn vite esbuild webpack next-server tsx ts-node nodemon " +
		"python python2 python3 pypy pypy3 uv ruby irb rails php perl java javaw kotlin scala sbt gradle mvn dotnet " +
		"mono go dlv air cargo rustc erl elixir iex mix lua luajit r rscript julia ghc stack hugo jekyll jupyter " +
		"jupyter-lab jupyter-notebook flask django streamlit ollama wrangler workerd",
	CategorySystem: "systemd systemd-resolved systemd-networkd systemd-timesyncd init launchd sshd cupsd cups-browsed " +
		"avahi-daemon chronyd ntpd dhclient dhcpcd networkmanager rpcbind rpc.statd rpc.mountd dnsmasq named unbound " +
		"svchost system lsass wininit services spoolsv controlcenter rapportd mdnsresponder sharingd airplayxpchelper " +
		"identityservicesd bluetoothd configd kdc remoted exim4 master postfix smbd nmbd snapd wpa_supplicant",
})

func invert(table map[Category]string) map[string]Category {
	names := map[string]Category{}
	for c, list := range table {
		for _, n := range strings.Fields(list) {
			names[n] = c
		}
	}
	return names
}

// CategoryOf classes a program by its name. A version at the end (python3.12,
// postgres-16) and ".exe" don't matter.
func CategoryOf(name string) Category {
	name = programName(name)
	if c, ok := byName[name]; ok {
		return c
	}
	if c, ok := byName[strings.TrimRight(name, "0123456789.-")]; ok {
		return c
	}
	return CategoryUnknown
}

// programName brings a process's name into the form of the tables: lower case,
// without ".exe", and of a title like "nginx: master process" or "postgres:
// writer" the first word.
func programName(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".exe")
	if first, _, ok := strings.Cut(name, ":"); ok && first != "" {
		name = first
	}
	return name
}
