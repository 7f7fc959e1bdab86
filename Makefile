# Everything here also runs by hand; .ci/run calls the same targets.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LINT    := 2.15.0
VENDOR  := dashboard/assets/vendor
export PATH := $(PATH):$(shell $(GO) env GOPATH)/bin

.DEFAULT_GOAL := build
.PHONY: assets build run test test-kafka torture race lint bench bench-pages bench-surveys fuzz clean

# What npm provides: the database engine and the front-end files. Nothing of it is executed by Node.
node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci --ignore-scripts
	@touch $@

assets: $(VENDOR)/echarts.min.js
$(VENDOR)/echarts.min.js: node_modules/.package-lock.json
	cp node_modules/@tabler/core/dist/css/tabler.min.css node_modules/htmx.org/dist/htmx.min.js node_modules/echarts/dist/echarts.min.js $(VENDOR)/
	@touch $@

build: assets
	$(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/officepulse ./cmd/officepulse

run: build
	bin/officepulse serve --demo M

# On a busy machine a package may take longer than the usual ten minutes.
test: assets lint
	$(GO) test -timeout 30m ./...

# The delivery tests once more, against one real Kafka that they share: so one package at a time.
# Those of the program are named, because others of its tests are about the embedded broker.
test-kafka: assets
	deploy/kafka/kafka.sh fetch
	deploy/kafka/kafka.sh with sh -ec '\
	  $(GO) test -count=1 -p 1 -timeout 30m ./ingest/...; \
	  $(GO) test -count=1 -timeout 30m -run "Keeps|Killed|External|Reference|Shuffled" ./cmd/officepulse'

# The fault matrix: hours, and a table of docs/delivery.md at the end. ROWS chooses rows by a
# regular expression of their names in ingest/torture/matrix_test.go.
RUNS ?= 20
ROWS ?= .
torture: assets
	@mkdir -p bin
	$(GO) test -count=1 -timeout 24h -run 'TestMatrix/$(ROWS)' ./ingest/torture -torture.full -torture.runs=$(RUNS) -torture.table=$(CURDIR)/bin/torture.md; \
	  status=$$?; cat bin/torture.md; exit $$status

race: assets
	$(GO) test -race -short ./...

lint: assets
	@golangci-lint version 2>/dev/null | grep -q "version $(LINT)" || $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT)
	golangci-lint run ./...

bench: build
	$(GO) test -run '^$$' -bench . -timeout 30m ./...

# How long pages and API take with EVENTS task events, and how much faster that is than asking the
# raw events. DATA=DIR keeps what is filled in, or finds it there; AGAINST=FILE is a report of fewer
# events, to see how times grow; PAGES takes further flags (-pages.requests=50, ...).
EVENTS  ?= 1000000
DATA    ?=
AGAINST ?=
PAGES   ?=
bench-pages: assets
	@mkdir -p bin
	$(GO) test -count=1 -timeout 24h -v -run '^TestPages$$' ./cmd/officepulse -pages.events=$(EVENTS) -pages.out=$(CURDIR)/bin/pages \
	  $(if $(DATA),-pages.data=$(abspath $(DATA))) $(if $(AGAINST),-pages.against=$(abspath $(AGAINST))) $(PAGES); \
	  status=$$?; cat bin/pages.md; exit $$status

# 2,000 people answer a survey within a minute: how long they wait, and whether every answer counts.
bench-surveys: assets
	$(GO) test -run '^$$' -bench Survey -benchtime 1x -timeout 10m ./cmd/officepulse

# Each fuzz target for a short while; what is found is kept under testdata/fuzz.
FUZZTIME ?= 10s
fuzz: assets
	@$(GO) list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r pkg dir; do \
	  for target in $$(grep -hoE '^func (Fuzz[A-Za-z0-9]+)' $$dir/*_test.go 2>/dev/null | cut -c6-); do \
	    echo "fuzz $$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg || exit 1; \
	  done; \
	done

clean:
	rm -rf bin node_modules deploy/kafka/lib
	find $(VENDOR) -type f ! -name README.md -delete
