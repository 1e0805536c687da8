package view

import (
	"strings"

	"github.com/portlight-app/portlight/monitor/process"
)

// "Hide system" leaves out a row if
//
//   - the kernel itself holds the socket; or
//   - every holder is the operating system's: PID 0, 1 or (Windows) 4, or a
//     program of the table below, and its executable, where known, lies in the
//     system's folders – a name alone doesn't hide what runs from a home
//     folder; or
//   - no holder can be read and the socket was made in one of the system's
//     own units; or
//   - it is a browser's UDP socket on an ephemeral port or on 5353: QUIC,
//     WebRTC and mDNS, which come and go by the hundred.
//
// sshd, databases and web servers are never "system", though a distribution
// starts them: they are doors one wants to see.
func (t *Text) isSystem(ephemeral PortRange) bool {
	port := t.ID.Addr.Port()
	return t.system || t.udpNoise && (port == 5353 || ephemeral.Contains(port))
}

// systemPrograms are names as programName writes them.
var systemPrograms = set(
	// Linux and the BSDs
	"systemd", "init", "systemd-resolved", "systemd-resolve", "systemd-networkd", "systemd-network",
	"systemd-timesyncd", "systemd-timesyn", "avahi-daemon", "cupsd", "cups-browsed", "chronyd", "ntpd", "ntpsec",
	"dhclient", "dhcpcd", "networkmanager", "modemmanager", "wpa_supplicant", "rpcbind", "rpc.statd", "rpc.mountd",
	"connmand", "iwd", "geoclue", "packagekitd", "fwupd", "snapd", "gvfsd", "gnome-remote-desktop-daemon",
	"kdeconnectd", "passimd", "exim4", "bluetoothd",
	// macOS
	"launchd", "controlcenter", "controlce", "rapportd", "mdnsresponder", "sharingd", "airplayxpchelper",
	"identityservicesd", "configd", "remoted", "netbiosd", "symptomsd", "timed", "apsd", "remotepairingdeviced",
	"airportd", "wifip2pd", "replicatord", "syslogd", "homed", "universalaccessd", "assistantd",
	// Windows
	"system", "svchost", "lsass", "wininit", "services", "spoolsv", "smss", "csrss", "winlogon", "lsaiso",
	"dashost", "searchhost", "widgets", "jhi_service", "mdnsresponder",
)

// systemUnits are systemd units of the system whose sockets an ordinary user
// sees without their holder.
var systemUnits = set(
	"init.scope", "systemd-resolved.service", "systemd-networkd.service", "systemd-timesyncd.service",
	"avahi-daemon.service", "avahi-daemon.socket", "cups.service", "cups.socket", "cups-browsed.service",
	"chrony.service", "chronyd.service", "ntp.service", "ntpsec.service", "networkmanager.service",
	"rpcbind.service", "rpcbind.socket", "rpc-statd.service", "ifup@.service", "networking.service",
	"dhcpcd.service", "connman.service", "iwd.service", "snapd.service", "exim4.service", "bluetooth.service",
	"modemmanager.service", "wpa_supplicant.service",
)

// systemFolders are where an executable of the system lies.
var systemFolders = []string{
	"/usr/", "/lib", "/sbin/", "/bin/", "/snap/", "/nix/store/", "/system/", "/applications/utilities/",
	`c:\windows\`, `c:\program files`,
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

func isSystemProcess(p *process.Process) bool {
	if p.PID == 0 || p.PID == 1 {
		return true
	}
	name := programName(p.Name)
	if p.PID == 4 && name == "system" {
		return true
	}
	return systemPrograms[name] && (p.Exe == "" || inSystemFolder(p.Exe))
}

func inSystemFolder(exe string) bool {
	exe = strings.ToLower(exe)
	if strings.HasPrefix(exe, "/usr/local/") {
		return false
	}
	for _, dir := range systemFolders {
		if strings.HasPrefix(exe, dir) {
			return true
		}
	}
	return false
}

// isSystemUnit leaves out the instance of a template unit.
func isSystemUnit(unit string) bool {
	unit = strings.ToLower(unit)
	if name, rest, ok := strings.Cut(unit, "@"); ok {
		if i := strings.LastIndexByte(rest, '.'); i >= 0 {
			unit = name + "@" + rest[i:]
		}
	}
	return systemUnits[unit]
}
