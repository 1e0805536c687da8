#!/usr/bin/env bash
# Makes sure that Debian packages are there: scripts/need.sh GROUP...
#
# Says what is missing and installs it with apt-get, through sudo where the
# user isn't root. Where that can't be done it says exactly what to install and
# stops. Nothing that runs as a system service is in these groups, and while
# they are installed no package may start one.
set -euo pipefail

packages() {
  case $1 in
    build) echo gcc pkg-config libgl1-mesa-dev xorg-dev libgtk-3-dev libayatana-appindicator3-dev ;;
    desktop) echo xvfb dbus-x11 openbox xfce4-panel xfce4-notifyd xdotool imagemagick x11-utils \
      libgl1-mesa-dri adwaita-icon-theme fonts-noto-cjk ;;
    windows) echo wine64 gcc-mingw-w64-x86-64 ;;
    *) echo "need.sh: no package group $1" >&2; exit 1 ;;
  esac
}

if ! command -v go >/dev/null; then
  echo "Portlight is built with Go: install it from https://go.dev/dl/ (go.mod names the version)." >&2
  exit 1
fi

wanted=()
for group in "$@"; do read -ra list <<<"$(packages "$group")"; wanted+=("${list[@]}"); done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  # Another distribution: nothing to check against, so believe the compiler.
  if [[ "$*" == build ]] && command -v gcc >/dev/null && pkg-config --exists gtk+-3.0 ayatana-appindicator3-0.1 gl x11 2>/dev/null; then
    exit 0
  fi
  echo "This is no Debian or Ubuntu. Install what your distribution calls these, then try again:" >&2
  printf '  %s\n' "${wanted[@]}" >&2
  [[ "$*" == build ]] && echo "Or build without window and tray: CGO_ENABLED=0 go build" >&2
  exit 1
fi

missing=()
for p in "${wanted[@]}"; do
  [[ $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) == "install ok installed" ]] || missing+=("$p")
done
((${#missing[@]})) || exit 0

echo "Missing packages ($*): ${missing[*]}"
root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "Not root and no sudo here. As root, run:  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  root=(sudo)
  echo "Installing them with sudo:"
else
  echo "Installing them:"
fi

# invoke-rc.d(8) asks policy-rc.d whether a package may start its service.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
  "${root[@]}" chmod 755 "$policy"
  trap '"${root[@]}" rm -f "$policy"' EXIT
fi
install() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y \
    install --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
}
log=$(mktemp)
# The package lists may be absent or too old to install from: refresh them then.
if ! install; then
  "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 -qq update </dev/null
  install || { tail -n 30 "$log" >&2; echo "apt-get failed; its whole output is in $log" >&2; exit 1; }
fi
rm -f "$log"
