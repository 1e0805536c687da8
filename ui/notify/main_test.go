package notify

import (
	"testing"

	"fyne.io/fyne/v2/lang"
	"go.uber.org/goleak"

	"github.com/portlight-app/portlight/assets"
)

// Texts are tested in the words that users read.
func TestMain(m *testing.M) {
	for _, part := range []string{"notify", "view"} {
		if err := lang.AddTranslationsFS(assets.Translations, "translations/"+part); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}
