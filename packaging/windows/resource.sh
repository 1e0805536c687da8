#!/bin/sh
# Compiles the Windows resources for a version and CPU:
#
#	packaging/windows/resource.sh v1.2.3 [amd64|arm64]
#
# into rsrc_windows_CPU.syso beside main.go, where "go build" finds it by its
# name and links it in; builds for other systems don't see it. Needs windres of
# mingw-w64 (or llvm-windres for arm64).
set -eu
version=${1:?version} cpu=${2:-amd64}
here=$(cd "$(dirname "$0")" && pwd)

case $cpu in
amd64) windres=x86_64-w64-mingw32-windres ;;
arm64) windres=aarch64-w64-mingw32-windres ;;
*) echo "resource.sh: no windres for $cpu" >&2; exit 1 ;;
esac

# v1.2.3-4-gabcdef is 1,2,3,4; what has no numbers is 0,0,0,0.
numbers=$(echo "$version" |
	sed -nE 's/^v?([0-9]+)\.([0-9]+)\.([0-9]+)(-([0-9]+)-g.*)?([-+].*)?$/\1,\2,\3,\5/p' | sed 's/,$/,0/')
cd "$here"
"$windres" --output-format=coff -DVERSION_NUMBERS="${numbers:-0,0,0,0}" -DVERSION_TEXT="\\\"$version\\\"" \
	-o "../../rsrc_windows_$cpu.syso" portlight.rc
