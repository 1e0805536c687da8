package view

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"encoding/json"

	"github.com/portlight-app/portlight/assets"
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

// call finds lang.X and lang.XN with their key and fallback.
var call = regexp.MustCompile("lang\\.XN?\\(\"([^\"]+)\",\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)")

func TestTranslations_haveEveryKeyAndNoOther(t *testing.T) {
	texts := map[string]map[string]any{}
	for _, l := range assets.Languages {
		raw, err := assets.Translations.ReadFile("translations/view/" + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(l, err)
		}
		texts[l] = m
	}
	used := map[string]bool{}
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			key := m[1]
			fallback, err := strconv.Unquote(m[2])
			if err != nil {
				t.Fatal(f, m[0], err)
			}
			used[key] = true
			for l := range texts {
				if _, ok := texts[l][key]; !ok {
					t.Errorf("%s: %s is missing in %s.json", f, key, l)
				}
			}
			if en, ok := texts["en"][key].(string); ok && en != fallback {
				t.Errorf("%s: the fallback of %s differs from en.json", f, key)
			}
		}
	}
	if len(used) < 50 {
		t.Fatalf("found only %d keys: is the pattern still right?", len(used))
	}
	for l, m := range texts {
		for key := range m {
			if !used[key] {
				t.Errorf("%s.json: nobody uses %s", l, key)
			}
		}
	}
}
