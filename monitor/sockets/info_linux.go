package sockets

import "errors"

// ConnectionInfo measures the established TCP connections with that local
// port, by Handle.
func ConnectionInfo(port uint16) (map[uint64]Info, error) {
	n, err := openNetlink()
	if err != nil {
		return nil, err
	}
	defer n.close()
	infos := make(map[uint64]Info)
	n.dec.info = func(s *Socket, b []byte) {
		if s.Local.Port() == port {
			infos[s.Handle] = parseTCPInfo(b)
		}
	}
	const wantInfo = 1 << (inetDiagAttrInfo - 1)
	var errs error
	for _, family := range [...]uint8{afInet, afInet6} {
		_, err := n.dump(diagRequest{family: family, proto: protoTCP, states: 1 << 1, ext: wantInfo}, nil)
		errs = errors.Join(errs, err)
	}
	return infos, errs
}
