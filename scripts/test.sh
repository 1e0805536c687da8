#!/usr/bin/env bash
# Tests everything, the cheapest first, and ends with go test's own summary.
#
# Each variant of the program is built once: cgo builds of the window cost
# minutes on a cold machine. As root the end-to-end tests run twice, the second
# time as an ordinary user made for the occasion: most people are not root.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

mkdir -p out/test
summary=$PWD/out/test/summary
: >"$summary"
started=$SECONDS
stage() { printf '\n== %s  (after %d:%02d)\n' "$1" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)); }
# Fyne complains of the locale C on every start; a person's is another.
export LANG=en_US.UTF-8 LC_ALL=
tests() { # go test, with the environment given before
  # A package has 10 minutes by default: short on a machine that does much else.
  go test -json -count=1 -timeout 30m "$@" | "$PWD/out/test/testlog" "$summary"
}

stage "Packages"
scripts/need.sh build desktop windows
CGO_ENABLED=0 go build -o out/test/testlog ./test/internal/testlog

user=
if ((EUID == 0)); then
  user=portlight-test
  cleanup() { userdel "$user" 2>/dev/null || true; }
  trap cleanup EXIT
  id "$user" >/dev/null 2>&1 || useradd --no-create-home --shell /usr/sbin/nologin "$user"
  export PORTLIGHT_TEST_USER=$user
else
  echo "Not root, so the end-to-end tests run once, as $(id -un), and the staged machine of test/monday is left out."
  echo "sudo make test runs them both as root and as an ordinary user."
fi
as_user=$PWD/scripts/as-user.sh

stage "Lint"
scripts/lint.sh

stage "Units, without cgo"
CGO_ENABLED=0 go build -trimpath -o out/test/portlight-cli .
export PORTLIGHT_BIN=$PWD/out/test/portlight-cli
CGO_ENABLED=0 tests ./...

if [[ -n $user ]]; then
  stage "The command line as an ordinary user"
  CGO_ENABLED=0 tests -exec "$as_user" ./test/truth
fi

stage "Windows: units and the command line under Wine"
CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -o out/test/portlight.exe .
PORTLIGHT_EXE=$PWD/out/test/portlight.exe CGO_ENABLED=0 tests -tags wine -skip '^TestWindow$' ./test/wine

stage "Races"
# The race detector needs cgo, but none of these links a window library.
mapfile -t pure < <(CGO_ENABLED=1 go list -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
  grep -vE 'go-gl/|getlantern/systray|/test/|^[^ ]*/bench' | cut -d' ' -f1)
CGO_ENABLED=1 tests -race "${pure[@]}"

stage "The window"
make --no-print-directory build
export PORTLIGHT_BIN=$PWD/bin/portlight
# Packages that only a cgo build has; -trimpath as in make build, or all the C is compiled again.
mapfile -t windowed < <(CGO_ENABLED=1 go list -tags migrated_fynedo,no_emoji -f '{{.ImportPath}} {{join .Deps " "}}' ./app/... ./ui/... |
  grep -E 'go-gl/|getlantern/systray' | cut -d' ' -f1)
if ((${#windowed[@]})); then
  CGO_ENABLED=1 go vet -trimpath -tags migrated_fynedo,no_emoji "${windowed[@]}"
  CGO_ENABLED=1 tests -trimpath -tags migrated_fynedo,no_emoji "${windowed[@]}"
fi

stage "The desktop"
PORTLIGHT_OUT=$PWD/out/screenshots CGO_ENABLED=0 tests -tags desktop ./test/desktop
# Without Fyne's tag the toolkit itself complains of every call that is made off
# its goroutine, which the tests take for a failure.
CGO_ENABLED=1 go build -trimpath -o out/test/portlight-watchful .
PORTLIGHT_BIN=$PWD/out/test/portlight-watchful PORTLIGHT_OUT=$PWD/out/test \
  CGO_ENABLED=0 tests -tags desktop -run 'Keyboard|Tray|Notification' ./test/desktop
if [[ -n $user ]]; then
  stage "The desktop as an ordinary user"
  CGO_ENABLED=0 tests -exec "$as_user" -tags desktop ./test/desktop

  stage "Monday"
  PORTLIGHT_PARTS=$(scripts/unpack.sh nginx nginx):$(scripts/unpack.sh docker docker.io):$(scripts/unpack.sh postgresql postgresql):$(scripts/unpack.sh node nodejs)
  export PORTLIGHT_PARTS
  PORTLIGHT_OUT=$PWD/out/monday CGO_ENABLED=0 tests -tags monday ./test/monday

  stage "Service managers and container engines"
  systemd=$(scripts/unpack.sh systemd systemd-container debootstrap)
  # Without a root file system to boot, the test says that it is skipped.
  PORTLIGHT_ROOT=$(scripts/root.sh "$systemd") || true
  export PORTLIGHT_ROOT
  PORTLIGHT_BIN=$PWD/out/test/portlight-cli PORTLIGHT_PARTS=$PORTLIGHT_PARTS:$systemd \
    CGO_ENABLED=0 tests -tags units ./test/units
fi

stage "Windows: the window under Wine"
make --no-print-directory windows
PORTLIGHT_EXE=$PWD/bin/portlight.exe PORTLIGHT_WINDOW_EXE=$PWD/bin/portlightw.exe CGO_ENABLED=0 \
  tests -tags wine -run '^TestWindow$' ./test/wine

stage "All packages"
cat "$summary"
