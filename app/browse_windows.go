package app

import (
	"context"

	"golang.org/x/sys/windows"
)

// browse hands an address to the desktop.
func browse(_ context.Context, url string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	address, err := windows.UTF16PtrFromString(url)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, address, nil, nil, windows.SW_SHOWNORMAL)
}
