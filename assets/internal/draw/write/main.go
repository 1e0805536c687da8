// Command write writes the icon files into the folder it is given.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/portlight-app/portlight/assets/internal/draw"
)

func main() {
	for name, content := range draw.Files() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
