#!/usr/bin/env bash
# Runs a test binary as an ordinary user: go test -exec scripts/as-user.sh PKG
#
# PORTLIGHT_TEST_USER names the user (scripts/test.sh makes a throwaway one).
# The checkout may be closed to that user, so the binary, and what it needs of
# the environment, move to a folder that is open.
set -euo pipefail
user=${PORTLIGHT_TEST_USER:?names the ordinary user to test as}
dir=$(mktemp -d /tmp/portlight-user.XXXXXX)
trap 'rm -rf "$dir"' EXIT
cp "$1" "$dir/test"
[[ -z ${PORTLIGHT_BIN:-} ]] || { cp "$PORTLIGHT_BIN" "$dir/portlight"; PORTLIGHT_BIN=$dir/portlight; }
chown -R "$user": "$dir"
cd "$dir"
shift
# A network of its own, with nothing but loopback; the test binary knows how to
# bring that up. Screenshots would overwrite root's.
env -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS -u DISPLAY -u WAYLAND_DISPLAY \
  HOME="$dir" USER="$user" LOGNAME="$user" TMPDIR=/tmp PORTLIGHT_BIN="${PORTLIGHT_BIN:-}" PORTLIGHT_OUT= \
  unshare --net -- sh -c 'PORTLIGHT_STAGE_ROLE=loopback ./test </dev/null && exec "$@"' sh \
  setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --inh-caps=-all ./test "$@" </dev/null
