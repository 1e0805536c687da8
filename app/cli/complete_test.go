package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		typed string
		want  []string
	}{
		{"who 5", []string{"5173\t服务器 · 商店项目", "5353\tnode, 服务器 +1 · shop", "5432\tdocker-proxy · shop"}},
		{"who 80 ", nil},
		{"list 8", []string{"80\t(nginx.service)"}},
		{"list pr", []string{"proto:", "process:"}},
		{"list process:doc", []string{"process:docker-proxy"}},
		{"list proto:", []string{"proto:tcp", "proto:udp"}},
		{"list state:time", []string{"state:time_wait"}},
		{"watch user:a", []string{"user:alice"}},
		{"list --sort pro", []string{"proto", "project", "process"}},
	} {
		args := strings.Split("__complete "+c.typed, " ")
		r := run(t, machine(), 0, args...)
		lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
		got := lines[:len(lines)-1]       // the last is the directive
		if c.typed == "list --sort pro" { // cobra leaves the choice to the shell
			got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "pro") })
		}
		if len(got) == 0 && len(c.want) == 0 {
			continue
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q completes to %q, want %q", c.typed, got, c.want)
		}
	}
	if r := run(t, &engine{err: errNothing}, 0, "__complete", "who", ""); r.code != 0 {
		t.Errorf("a system that refuses: exit %d", r.code)
	}
}
