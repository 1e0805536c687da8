//go:build !windows && !(linux && cgo) && !(darwin && cgo) && !fynetray

package tray

import "context"

func start(context.Context, Options) (Tray, error) { return nil, ErrUnsupported }
