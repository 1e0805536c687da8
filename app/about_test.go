package app

import (
	"os"
	"strings"
	"testing"
)

func TestFyneApp_SaysWhatTheProgramSays(t *testing.T) {
	data, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`Name = "` + Name + `"`, `ID = "` + ID + `"`, "fyneDo = true"} {
		if !strings.Contains(string(data), "\n"+line+"\n") {
			t.Errorf("FyneApp.toml lacks the line %s", line)
		}
	}
}
