#!/bin/sh
# Makes a Wine prefix in which Go programs run, and prints what to run them
# with, as shell assignments:
#
#	eval "$(test/wine/setup.sh)" && "$WINE" program.exe
#
# It starts and enables nothing that outlives it. Installs Debian's wine64 and
# mingw where they are missing (root, or sudo). The prefix is kept per Wine
# version in ${XDG_CACHE_HOME:-~/.cache}/portlight.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
log() { echo "wine: $*" >&2; }

missing=
[ -x /usr/lib/wine/wine64 ] || missing="$missing wine64"
command -v x86_64-w64-mingw32-gcc >/dev/null || missing="$missing gcc-mingw-w64-x86-64"
if [ -n "$missing" ]; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	log "installing$missing"
	$sudo apt-get update -qq >&2
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >&2
fi

# The launcher "wine" is in a package of its own; the program behind it does.
WINE=/usr/lib/wine/wine64
version=$("$WINE" --version | sed 's/^wine-//; s/[^0-9.].*//')
export WINEPREFIX="${XDG_CACHE_HOME:-$HOME/.cache}/portlight/wine-$version"
# No Mono and Gecko (they would be downloaded), no debug channel chatter.
export WINEDLLOVERRIDES='mscoree,mshtml=' WINEDEBUG=-all WINEARCH=win64

shim="$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
if [ ! -f "$shim" ] || [ "$here/prng.c" -nt "$shim" ]; then
	log "making the prefix $WINEPREFIX"
	mkdir -p "$(dirname "$WINEPREFIX")"
	"$WINE" wineboot --init >/dev/null 2>&1
	# wineboot returns before the registry is written.
	"$(dirname "$WINE")/wineserver64" -w
	x86_64-w64-mingw32-gcc -Os -Wall -shared -s -o "$shim.new" "$here/prng.c" -ladvapi32
	mv "$shim.new" "$shim"
fi

for name in WINE WINEPREFIX WINEDLLOVERRIDES WINEDEBUG WINEARCH; do
	eval "value=\$$name"
	echo "export $name='$value'"
done
