package details

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/services"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// URL returns the address at which a browser would reach the endpoint, nil if
// what listens there doesn't look like a web server: by its program, or by the
// number of its port. It is a guess; nothing is asked over the network.
func URL(k monitor.Key, state sockets.State, c view.Category) *url.URL {
	if k.Proto != sockets.TCP || state != sockets.Listen {
		return nil
	}
	name := services.Name(k.Proto, k.Addr.Port())
	switch c {
	case view.CategoryWeb, view.CategoryRuntime, view.CategoryContainer:
		if notHTTP(name) {
			return nil
		}
	default:
		if !looksHTTP(name) {
			return nil
		}
	}
	u := &url.URL{Scheme: "http", Host: net.JoinHostPort(host(k.Addr.Addr()), strconv.Itoa(int(k.Addr.Port())))}
	switch k.Addr.Port() {
	case 80:
		u.Host = strings.TrimSuffix(u.Host, ":80")
	case 443:
		u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":443")
	case 4443, 8443, 9443, 10443:
		u.Scheme = "https"
	}
	u.Path = "/"
	return u
}

// host is where this machine reaches the address. It is never "localhost":
// another program may hold the same port in the other family.
func host(a netip.Addr) string {
	switch a = a.Unmap(); {
	case a == netip.IPv4Unspecified():
		return "127.0.0.1"
	case a == netip.IPv6Unspecified():
		return "::1"
	}
	return a.String()
}

// looksHTTP tells by a port's usual service.
func looksHTTP(service string) bool {
	for _, s := range []string{"http", "dev server", "vite", "angular", "astro", "hugo", "storybook", "jupyter",
		"prometheus", "grafana", "kibana", "consul", "vault", "minio-console", "rabbitmq-ui", "jaeger-ui", "zipkin",
		"elasticsearch", "ipp", "caddy-admin", "mailhog", "ollama", "node-exporter", "alertmanager", "pushgateway",
		"go-pprof", "expo", "metro", "wrangler", "localstack", "supabase", "meilisearch", "couchdb", "solr", "influxdb"} {
		if service == s || s == "http" && strings.HasPrefix(service, s) {
			return true
		}
	}
	return false
}

// notHTTP are services that programs of any kind publish, and that a browser
// can do nothing with.
func notHTTP(service string) bool {
	switch service {
	case "ssh", "smtp", "dns", "ftp", "imap", "pop3", "mysql", "postgresql", "redis", "mongodb", "amqp", "amqps", "kafka",
		"nats", "mqtt", "memcached", "cassandra", "etcd-peer", "java-debug", "debugpy", "grpc", "otlp-grpc", "mssql",
		"oracle", "vite-hmr", "neo4j-bolt", "zookeeper", "smb", "ldap", "rdp", "vnc", "epmd":
		return true
	}
	return false
}
