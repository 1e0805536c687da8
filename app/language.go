package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/assets"
)

// loadTranslations gives every part's texts to Fyne's lang, in the language
// chosen. It has to run before anything is built that shows text, and on
// Fyne's goroutine afterwards.
//
// Fyne follows the system's language and has no call to choose another. On
// unix systems the system's language is what the environment says, so for the
// time of the call it says another. Elsewhere the texts of the language chosen
// are put in place of the system's; Fyne's own few texts stay as they were.
func loadTranslations(l config.Language) error {
	texts, err := translations(assets.Translations)
	if err != nil {
		return fmt.Errorf("load translations: %w", err)
	}
	if l == config.LanguageSystem {
		return add(texts)
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		defer setenv("LC_ALL", string(l)+".UTF-8")()
		defer setenv("LANGUAGE", string(l))()
		return add(texts)
	}
	chosen, ok := texts[string(l)]
	if !ok {
		return fmt.Errorf("no translation to %q", l)
	}
	return add(map[string]map[string]any{
		"en": withOne(chosen), "zh": chosen, lang.SystemLocale().LanguageString(): withOne(chosen),
	})
}

// translations reads all parts' files, merged by language.
func translations(files fs.FS) (map[string]map[string]any, error) {
	paths, err := fs.Glob(files, "translations/*/*.json")
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]any)
	for _, p := range paths {
		data, err := fs.ReadFile(files, p)
		if err != nil {
			return nil, err
		}
		var texts map[string]any
		if err := json.Unmarshal(data, &texts); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		language := path.Base(p[:len(p)-len(".json")])
		if out[language] == nil {
			out[language] = make(map[string]any)
		}
		for k, v := range texts {
			if _, twice := out[language][k]; twice {
				return nil, fmt.Errorf("%s: key %q is another part's already", p, k)
			}
			out[language][k] = v
		}
	}
	return out, nil
}

func add(texts map[string]map[string]any) error {
	var errs []error
	for language, t := range texts {
		tag := fyne.Locale(language)
		if tag == "zh" {
			tag = "zh-Hans" // as Fyne's own: beside it, texts under "zh" are never looked at
		}
		data, err := json.Marshal(t)
		if err == nil {
			err = lang.AddTranslationsForLocale(data, tag)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// withOne gives plural texts the form that languages with a singular ask for.
func withOne(texts map[string]any) map[string]any {
	out := make(map[string]any, len(texts))
	for k, v := range texts {
		if forms, ok := v.(map[string]any); ok && forms["one"] == nil {
			v = map[string]any{"one": forms["other"], "other": forms["other"]}
		}
		out[k] = v
	}
	return out
}

// setenv sets a variable and returns what sets it back, so that programs we
// start see the user's own.
func setenv(key, value string) (restore func()) {
	old, had := os.LookupEnv(key)
	_ = os.Setenv(key, value) // fails only for impossible names
	return func() {
		if had {
			_ = os.Setenv(key, old)
		} else {
			_ = os.Unsetenv(key)
		}
	}
}
