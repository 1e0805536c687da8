package view

import (
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		en, zh string
	}{
		{-time.Second, "0 s", "0 秒"},
		{59 * time.Second, "59 s", "59 秒"},
		{3*time.Minute + 59*time.Second, "3 min", "3 分钟"},
		{2 * time.Hour, "2 h", "2 小时"},
		{47 * time.Hour, "47 h", "47 小时"},
		{120 * time.Hour, "5 d", "5 天"},
	} {
		speak(t, "en_US.UTF-8")
		if got := Duration(c.d); got != c.en {
			t.Errorf("Duration(%v) = %q, want %q", c.d, got, c.en)
		}
		speak(t, "zh_CN.UTF-8")
		if got := Duration(c.d); got != c.zh {
			t.Errorf("Duration(%v) = %q, want %q", c.d, got, c.zh)
		}
	}
}

func TestWarning_countsInBothLanguages(t *testing.T) {
	speak(t, "en_US.UTF-8")
	w := monitor.Warning{Code: monitor.WarnUnreadable, Count: 1}
	if got := Warning(w); got != "1 process could not be read; run as root or administrator to see what it holds" {
		t.Error(got)
	}
	speak(t, "zh_CN.UTF-8")
	if got := Warning(w); got != "有 1 个进程无法读取；以 root 或管理员身份运行可查看它们占用的端口" {
		t.Error(got)
	}
}
