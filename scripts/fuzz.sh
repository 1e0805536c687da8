#!/usr/bin/env bash
# Fuzzes each target in turn: scripts/fuzz.sh TIME. `go test` fuzzes one at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | sort | while read -r file; do
  sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "$file" | while read -r target; do
    CGO_ENABLED=0 go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "./$(dirname "$file")" </dev/null
  done
done
