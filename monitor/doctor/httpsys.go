package doctor

import (
	"bufio"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file reads `netsh http show servicestate view=requestq`: which programs
// answer behind Windows' kernel web server. No documented function tells that.
// The words are in the user's language, so only the structure counts: a queue
// begins in the first column, what belongs to it is indented. It is built
// everywhere, so that it can be tested anywhere.

var (
	// Up to Windows 10 1809 or so a process is a line of digits, later
	// "ID: 2688, image: C:\…".
	oldProcess = regexp.MustCompile(`^\s+(\d{1,10})\s*$`)
	newProcess = regexp.MustCompile(`^\s+[^\s:：]+\s*[:：]\s*(\d{1,10})\s*[,，、]`)
	attribute  = regexp.MustCompile(`^(\s+)[^\s:：][^:：]*[:：]\s*(\S.*?)\s*$`)
	queueName  = regexp.MustCompile(`^[^\s:：][^:：]*[:：]\s*(.+?)\s*$`)
	urlText    = regexp.MustCompile(`(?i)^\s+(https?://\S+?)\s*$`)
)

// parseURLGroups returns the request queues with an URL on the port.
func parseURLGroups(text string, port uint16) []URLGroup {
	var groups []URLGroup
	var queue URLGroup
	var services [][]string // of each process; below it, its services and the queue's
	end := func() {
		if len(queue.URLs) > 0 {
			queue.Service = theService(services)
			groups = append(groups, queue)
		}
		queue, services = URLGroup{}, nil
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if m := queueName.FindStringSubmatch(line); m != nil {
			end()
			queue.Queue = m[1]
		} else if m := urlText.FindStringSubmatch(line); m != nil {
			if portOf(m[1]) == port && !slices.Contains(queue.URLs, m[1]) {
				queue.URLs = append(queue.URLs, m[1])
			}
		} else {
			m := oldProcess.FindStringSubmatch(line)
			if m == nil {
				m = newProcess.FindStringSubmatch(line)
			}
			if m == nil {
				if i := len(services) - 1; i >= 0 && len(queue.URLs) == 0 {
					services[i] = append(services[i], line)
				}
				continue
			}
			services = append(services, []string{line})
			if pid, err := strconv.ParseInt(m[1], 10, 32); err == nil && pid > 0 && !slices.Contains(queue.PIDs, int32(pid)) {
				queue.PIDs = append(queue.PIDs, int32(pid))
			}
		}
	}
	end()
	return groups
}

// theService finds the service that a queue belongs to. Each process is a line
// followed by two as far to the right, if it runs services: all their names,
// and the one that registered. Processes that disagree have none in common.
func theService(processes [][]string) (name string) {
	for i, lines := range processes {
		own := ""
		if len(lines) > 2 {
			id, all, tagged := attribute.FindStringSubmatch(lines[0]), attribute.FindStringSubmatch(lines[1]), attribute.FindStringSubmatch(lines[2])
			if id != nil && all != nil && tagged != nil && id[1] == all[1] && id[1] == tagged[1] && slices.Contains(serviceNames(all[2]), tagged[2]) {
				own = tagged[2]
			}
		}
		if i > 0 && own != name {
			return ""
		}
		name = own
	}
	return name
}

// serviceNames splits what names several services.
func serviceNames(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(" ,，、", r) })
}

// portOf returns the port of an URL prefix, 0 if it can't be read:
// "HTTP://+:80/NAME/", "HTTPS://[::1]:443/" or "HTTP://127.0.0.1:8000:127.0.0.1/",
// where IIS repeats the address.
// https://learn.microsoft.com/windows/win32/http/urlprefix-strings
func portOf(prefix string) uint16 {
	_, rest, _ := strings.Cut(prefix, "://")
	host, _, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(host, "[") {
		i := strings.Index(host, "]")
		if i < 0 {
			return 0
		}
		host = host[i+1:]
	}
	_, rest, ok := strings.Cut(host, ":")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}
