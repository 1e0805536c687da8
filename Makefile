# Portlight. `make run` and `make test` are all the set-up there is; both say
# and install what is missing (scripts/need.sh).

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  = -s -w -X github.com/portlight-app/portlight/app/cli.Version=$(VERSION)
# migrated_fynedo: Fyne's switch for programs that keep to its one-thread rule
# (FyneApp.toml). no_emoji: without its emoji font, which costs 20 MB of memory.
TAGS     = migrated_fynedo,no_emoji
GO_BUILD = go build -trimpath -ldflags "$(LDFLAGS)"

.DEFAULT_GOAL := help
.PHONY: help run build cli windows test quick fuzz bench lint notices screenshots clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build Portlight and open its window
	@scripts/run.sh

build: ## Build bin/portlight: window, tray and command line
	@scripts/need.sh build
	CGO_ENABLED=1 $(GO_BUILD) -tags $(TAGS) -o bin/portlight .

cli: ## Build bin/portlight-cli: no cgo, no window, for servers
	CGO_ENABLED=0 $(GO_BUILD) -o bin/portlight-cli .

windows: ## Cross-build bin/portlight.exe (console) and bin/portlightw.exe (window)
	@scripts/need.sh windows
	packaging/windows/resource.sh $(VERSION)
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO_BUILD) -o bin/portlight.exe .
	CC=x86_64-w64-mingw32-gcc CGO_ENABLED=1 GOOS=windows GOARCH=amd64 go build -trimpath -tags $(TAGS) \
		-ldflags "$(LDFLAGS) -H=windowsgui" -o bin/portlightw.exe .

test: ## Test everything: units, races, command line, desktop, Windows under Wine
	@scripts/test.sh

quick: ## Test what needs no cgo and no display: a minute
	CGO_ENABLED=0 go vet ./...
	CGO_ENABLED=0 go test ./...

fuzz: ## Fuzz every decoder for a while (FUZZTIME=30s each)
	@scripts/fuzz.sh $(or $(FUZZTIME),30s)

bench: ## Measure Portlight beside ss, netstat, lsof and gopsutil
	@bench/run.sh

lint: ## Check formatting, vet on three systems, notices; golangci-lint if installed
	@scripts/lint.sh

notices: ## Write THIRD_PARTY.md anew from the modules that are built in
	go run ./scripts/notices -o THIRD_PARTY.md

screenshots: build ## Take the README's screenshots on a desktop of real parts (as root)
	@scripts/need.sh desktop
	@[ "$$(id -u)" = 0 ] || { echo "The machine in the pictures has users of its own: sudo make screenshots"; exit 1; }
	PORTLIGHT_BIN=$(CURDIR)/bin/portlight PORTLIGHT_OUT=$(CURDIR)/out/screenshots \
		CGO_ENABLED=0 go test -count=1 -tags desktop -run 'TestGallery' ./test/desktop
	@mkdir -p docs/images
	for p in light-en dark-en light-zh dark-zh; do \
		convert out/screenshots/readme-details-$$p.png -strip -define png:compression-level=9 docs/images/window-$$p.png; done

clean: ## Remove what was built
	rm -rf bin out rsrc_windows_*.syso
