package app

import (
	"runtime"
	"testing"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/config"
)

func TestLoadTranslations_SpeaksTheLanguageChosen(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system's language can't be set for a test here")
	}
	t.Setenv("LANGUAGE", "")
	for name, c := range map[string]struct {
		system string
		chosen config.Language
		want   string
	}{
		"the system's, Chinese":           {"zh_CN.UTF-8", config.LanguageSystem, "显示"},
		"the system's, English":           {"en_GB.UTF-8", config.LanguageSystem, "Show"},
		"the system's, one we don't have": {"tlh", config.LanguageSystem, "Show"},
		"the system's, none":              {"C", config.LanguageSystem, "Show"},
		"Chinese on an English system":    {"en_US.UTF-8", config.LanguageChinese, "显示"},
		"English on a Chinese system":     {"zh_CN.UTF-8", config.LanguageEnglish, "Show"},
		"Chinese on one without":          {"C", config.LanguageChinese, "显示"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LC_ALL", c.system)
			if err := loadTranslations(c.chosen); err != nil {
				t.Fatal(err)
			}
			if got := lang.X("app.toast.open", "Show"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
