#!/usr/bin/env bash
# Opens the built Portlight, or says why it can't and lists the ports instead.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  exec bin/portlight
fi
echo "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so there is nowhere to open a window."
echo "This is what the terminal shows; bin/portlight --help lists the rest:"
echo
bin/portlight list
