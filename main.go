// Portlight shows which program holds which port.
package main

import (
	"os"

	"github.com/portlight-app/portlight/app"
)

func main() { os.Exit(app.Run(os.Args[1:])) }
