package sockets

import "errors"

func openSource() (source, error) { return nil, errors.ErrUnsupported }
