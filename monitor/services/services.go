// Package services knows what usually runs on a port.
package services

import "github.com/portlight-app/portlight/monitor/sockets"

// Name returns what usually runs on a port, "" if nothing does. It is a
// guess from the number alone, never a statement about the program there.
// Sources: the IANA Service Name and Transport Protocol Port Number Registry,
// and for 3000 and the like the defaults of the tools themselves.
func Name(p sockets.Proto, port uint16) string {
	if p == sockets.UDP {
		return udp[port]
	}
	return tcp[port]
}

var tcp = map[uint16]string{
	20: "ftp-data", 21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "dns", 70: "gopher", 80: "http",
	88: "kerberos", 110: "pop3", 111: "rpcbind", 135: "msrpc", 139: "netbios-ssn", 143: "imap", 179: "bgp",
	389: "ldap", 443: "https", 445: "smb", 465: "smtps", 515: "lpd", 548: "afp", 554: "rtsp", 587: "submission",
	631: "ipp", 636: "ldaps", 853: "dns-over-tls", 873: "rsync", 993: "imaps", 995: "pop3s", 1025: "mailhog-smtp",
	1080: "socks", 1194: "openvpn", 1313: "hugo", 1337: "strapi", 1433: "mssql", 1521: "oracle", 1883: "mqtt",
	2019: "caddy-admin", 2049: "nfs", 2181: "zookeeper", 2375: "docker", 2376: "docker-tls", 2379: "etcd",
	2380: "etcd-peer", 3000: "dev server", 3001: "dev server", 3100: "loki", 3128: "squid", 3268: "ldap-gc",
	3306: "mysql", 3389: "rdp", 4000: "dev server", 4040: "ngrok/spark-ui", 4200: "angular", 4222: "nats",
	4317: "otlp-grpc", 4318: "otlp-http", 4321: "astro", 4369: "epmd", 4443: "https-alt", 4566: "localstack",
	5000: "dev server/airplay", 5001: "dev server", 5005: "java-debug", 5037: "adb", 5044: "logstash",
	5173: "vite", 5174: "vite", 5222: "xmpp", 5353: "mdns", 5432: "postgresql", 5555: "adb-device",
	5601: "kibana", 5671: "amqps", 5672: "amqp", 5678: "debugpy", 5900: "vnc", 5984: "couchdb", 5985: "winrm",
	5986: "winrm-tls", 6006: "storybook", 6060: "go-pprof", 6379: "redis", 6380: "redis-tls", 6443: "kubernetes",
	6667: "irc", 7000: "airplay", 7070: "realserver", 7474: "neo4j", 7687: "neo4j-bolt", 7700: "meilisearch",
	8000: "http-dev", 8001: "http-dev", 8008: "http-alt", 8025: "mailhog", 8080: "http-alt", 8081: "http-alt",
	8086: "influxdb", 8088: "http-alt", 8123: "clickhouse-http", 8125: "statsd", 8200: "vault", 8291: "winbox",
	8300: "consul-rpc", 8332: "bitcoin", 8443: "https-alt", 8500: "consul", 8529: "arangodb", 8545: "ethereum-rpc",
	8787: "wrangler", 8888: "jupyter", 8983: "solr", 9000: "minio/php-fpm", 9001: "minio-console",
	9042: "cassandra", 9050: "tor", 9090: "prometheus", 9091: "pushgateway", 9092: "kafka", 9093: "alertmanager",
	9100: "node-exporter", 9200: "elasticsearch", 9222: "chrome-devtools", 9229: "node-inspect",
	9300: "elasticsearch-peer", 9411: "zipkin", 9418: "git", 9443: "https-alt", 10250: "kubelet",
	11211: "memcached", 11434: "ollama", 15672: "rabbitmq-ui", 16686: "jaeger-ui", 19000: "metro", 19006: "expo",
	24678: "vite-hmr", 25565: "minecraft", 26257: "cockroachdb", 27017: "mongodb", 27018: "mongodb",
	28015: "rethinkdb", 35729: "livereload", 50051: "grpc", 54321: "supabase", 61616: "activemq",
}

var udp = map[uint16]string{
	53: "dns", 67: "dhcp-server", 68: "dhcp-client", 69: "tftp", 88: "kerberos", 111: "rpcbind", 123: "ntp",
	137: "netbios-ns", 138: "netbios-dgm", 161: "snmp", 162: "snmp-trap", 323: "chrony", 389: "ldap",
	443: "http3", 500: "ipsec-ike", 514: "syslog", 520: "rip", 546: "dhcpv6-client", 547: "dhcpv6-server",
	631: "ipp", 853: "dns-over-quic", 1194: "openvpn", 1701: "l2tp", 1812: "radius", 1900: "ssdp", 3478: "stun",
	3702: "ws-discovery", 4500: "ipsec-nat", 4789: "vxlan", 5060: "sip", 5349: "stun-tls", 5353: "mdns",
	5355: "llmnr", 8125: "statsd", 8472: "vxlan", 41641: "tailscale", 51820: "wireguard", 60001: "mosh",
}
