#!/usr/bin/env bash
# Checks that need no test to run, the cheapest first.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs -r ls -d 2>/dev/null | xargs -r gofmt -l)
if [[ -n $unformatted ]]; then
  echo "gofmt these: $unformatted" >&2
  exit 1
fi
for system in linux windows darwin; do
  CGO_ENABLED=0 GOOS=$system go vet ./...
done
CGO_ENABLED=0 go vet -tags "desktop monday wine" ./test/...
go run ./scripts/notices -check THIRD_PARTY.md
for script in scripts/*.sh .ci/run bench/*.sh; do
  [[ ! -e $script ]] || bash -n "$script"
done
if command -v golangci-lint >/dev/null; then
  golangci-lint run
fi
