#!/usr/bin/env bash
# Checks that need no test to run, the cheapest first.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs -r ls -d 2>/dev/null | xargs -r gofmt -l)
if [[ -n $unformatted ]]; then
  echo "gofmt these: $unformatted" >&2
  exit 1
fi
for system in linux windows; do
  CGO_ENABLED=0 GOOS=$system go vet ./...
done
# On macOS Fyne's widgets need cgo, and so a Mac: all the rest is checked.
GOOS=darwin CGO_ENABLED=0 go list -e -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
  grep -v fyne.io/fyne/v2/internal/widget | cut -d' ' -f1 | GOOS=darwin CGO_ENABLED=0 xargs go vet
CGO_ENABLED=0 go vet -tags "desktop monday units wine" ./test/...
go run ./scripts/notices -check THIRD_PARTY.md
for script in scripts/*.sh .ci/run bench/*.sh; do
  [[ ! -e $script ]] || bash -n "$script"
done
if command -v golangci-lint >/dev/null; then
  golangci-lint run
fi
