#!/usr/bin/env bash
# Measures Portlight beside its peers, in one run under one load, then runs the
# Go benchmarks. Nothing here passes or fails: it prints figures.
#
#   RUNS=15 make bench     more runs of each command
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p out/bench
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o out/bench/portlight .
CGO_ENABLED=0 go build -o out/bench/peers ./bench/peers

# The peers: what the machine has, otherwise unpacked beside it.
for tool in ss:iproute2 netstat:net-tools lsof:lsof; do
  if ! command -v "${tool%%:*}" >/dev/null; then
    parts=$(scripts/unpack.sh "${tool##*:}" "${tool##*:}") || continue
    PATH=$PATH:$parts/bin:$parts/sbin:$parts/usr/bin:$parts/usr/sbin
    LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}:$(printf '%s:' "$parts"/{,usr/}lib/*-linux-gnu)
  fi
done
export PATH LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}

echo "$(nproc) cores, $(uname -sr), $(go version | cut -d' ' -f3)"
apart=()
# In a network of its own the load is all there is, and meets nobody else's ports.
((EUID != 0)) || apart=(unshare --net sh -c 'ip link set lo up 2>/dev/null; exec "$@"' sh)
"${apart[@]}" out/bench/peers -portlight "$PWD/out/bench/portlight" -runs "${RUNS:-7}"

if command -v Xvfb dbus-run-session >/dev/null; then
  make --no-print-directory build >/dev/null
  CGO_ENABLED=1 go build -trimpath -tags migrated_fynedo,no_emoji -o out/bench/empty ./bench/empty
  "${apart[@]}" dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' \
    out/bench/peers windows out/bench/empty bin/portlight 2>/dev/null | grep -v '^SpiRegistry'
else
  echo "The idle window is not measured: Xvfb or dbus-run-session is not here (scripts/need.sh desktop)."
fi

echo
echo "Go benchmarks (target: a key to 25,000 redrawn rows under 100 ms; ui's Keystroke is two of them)"
# A locale that Fyne knows, or each package says that it doesn't.
LANG=en_US.UTF-8 LC_ALL='' CGO_ENABLED=0 go test -run '^$' -bench . -benchmem ./... 2>&1 |
  grep -vE 'no test files|no tests to run|^(PASS|ok|\?|goos:|goarch:|cpu:|running as)'
