package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/pagebench"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/warehouse"
)

// How "make bench-pages" asks for more than the few events of the test.
var (
	pagesEvents   = flag.Uint64("pages.events", 0, "run the benchmark of the pages with about so many task events")
	pagesData     = flag.String("pages.data", "", "keep what it is filled with in this `directory`, and find it there the next time")
	pagesOut      = flag.String("pages.out", "", "write the report to this `file` with .md and .json")
	pagesAgainst  = flag.String("pages.against", "", "a report's JSON `file` of fewer events, to show how times grow")
	pagesRequests = flag.Int("pages.requests", pagebench.Default().Requests, "requests of each kind and pass")
	pagesBudget   = flag.Duration("pages.budget", pagebench.Default().Budget, "time for each kind and pass; what is slower is asked less often")
	pagesRawRuns  = flag.Int("pages.raw-runs", pagebench.Default().RawRuns, "requests of each kind that the raw events answer too")
	rawTimeout    = flag.Duration("pages.raw-timeout", pagebench.Default().RawTimeout, "how long the raw events may take for one of them")
	pagesAhead    = flag.Duration("pages.ahead", pagebench.Default().Ahead, "time for the pages that are opened most to be made ready")
	rawPages      = flag.Bool("pages.raw-pages", pagebench.Default().RawPages, "answer pages from the raw events too")
)

// derivePages builds the derived tables anew.
func derivePages(ctx context.Context, o *office) (time.Duration, error) {
	began := time.Now()
	facts := o.pageFacts()
	if err := facts.Rebuild(ctx); err != nil {
		return 0, err
	}
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		return 0, err
	}
	metrics := analytics.New(o.conn, hb, cal).Over(facts)
	for built := false; !built; { // points are built of what does not change any more
		more := true
		for more && err == nil {
			more, err = metrics.BuildPoints(ctx)
			built = built || more
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// pageFacts are the facts by the shipped handbook.
func (o *office) pageFacts() *analytics.Facts {
	return analytics.NewFacts(o.conn, handbook.Default(), o.logger)
}

// servedMetrics and rawMetrics are what the program answers with and what asks
// the events themselves, both with nothing remembered.
func servedMetrics(o *office, p *promises) dashboard.Metrics {
	return analytics.New(o.conn, p.handbook, p.calendar).Over(p.facts)
}

func rawMetrics(o *office, p *promises) dashboard.Metrics {
	return analytics.New(o.conn, p.handbook, p.calendar)
}

// TestPages runs the benchmark of the pages: small and without looking at the
// times by itself, with flags as large as they say. It fails when a request is
// refused, when the answers are not those of the raw events, and when what it
// was filled with does not look like an office.
func TestPages(t *testing.T) {
	options := pagebench.Options{Events: 20_000, Seed: 1, Requests: 10, Budget: 50 * time.Millisecond, Ahead: 5 * time.Second, RawRuns: 2, RawTimeout: time.Minute}
	data := t.TempDir()
	if *pagesEvents > 0 {
		options = pagebench.Options{
			Events: *pagesEvents, Seed: 1, Requests: *pagesRequests, Budget: *pagesBudget,
			Ahead: *pagesAhead, RawRuns: *pagesRawRuns, RawTimeout: *rawTimeout, RawPages: *rawPages,
		}
		if *pagesData != "" {
			data = *pagesData
		}
	}
	o := openForPages(t, data)
	report, err := pagebench.Run(t.Context(), pagesSubject(t, o), options, t.Logf)
	if report != nil && *pagesOut != "" {
		writePages(t, report)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range report.Measured {
		if *pagesEvents == 0 && m.Raw.N == 0 && (options.RawPages || !m.Page) {
			t.Errorf("%s was not compared with the raw events: %s", m.Kind, m.Raw.Unfinished)
		}
	}
}

// openForPages opens the program's parts over a data directory; it listens nowhere.
func openForPages(t *testing.T, data string) *office {
	t.Helper()
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	config := Default()
	config.Data, config.Roles = data, []string{roleDashboard}
	o := &office{
		config: config, logger: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry(), durations: newDurations(), started: time.Now(),
	}
	t.Cleanup(func() {
		if err := o.close(); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	})
	if err := o.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.assemble()
	return o
}

func pagesSubject(t *testing.T, o *office) pagebench.Subject {
	t.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	p := &promises{handbook: hb, calendar: cal, facts: o.pageFacts()}
	return pagebench.Subject{
		Conn: o.conn, Handbook: hb, Data: o.config.Data, Engine: o.engine.Pid,
		Served: func() dashboard.Metrics { return servedMetrics(o, p) },
		Raw:    func() dashboard.Metrics { return rawMetrics(o, p) },
		Derive: func(ctx context.Context) (time.Duration, error) { return derivePages(ctx, o) },
		Ready:  func(ctx context.Context) (dashboard.Metrics, int, error) { return o.readyPages(ctx, p) },
		Route: func(m dashboard.Metrics) (http.Handler, error) {
			gin.SetMode(gin.ReleaseMode)
			r := gin.New()
			r.Use(o.measure, gin.CustomRecoveryWithWriter(nil, o.recovered), ownHost)
			return r, dashboard.Routes(r, o.pagesOver(p, m))
		},
	}
}

// pagesOver are what the pages over metrics need.
func (o *office) pagesOver(p *promises, m dashboard.Metrics) dashboard.Dependencies {
	return dashboard.Dependencies{
		Metrics: m, Operations: operations{o.auditor, o.sink}, Desk: ingest.NewDesk(warehouse.NewWriter(o.conn), o.door),
		Operator: o.tokenOnly, Handbook: p.handbook, Logger: o.logger, Version: version,
		Now: func() time.Time { return time.Date(2026, time.October, 1, 9, 0, 0, 0, p.calendar.Zone()) }, // the morning after what was filled in
	}
}

// readyPages are metrics as a service has them that has run for some time.
func (o *office) readyPages(ctx context.Context, p *promises) (dashboard.Metrics, int, error) {
	m := analytics.New(o.conn, p.handbook, p.calendar).Over(p.facts)
	ahead, err := dashboard.NewAhead(o.pagesOver(p, m), m, Default().ReadyQuarters)
	if err != nil {
		return nil, 0, err
	}
	pages := 0
	for ctx.Err() == nil && ahead.Next(ctx) {
		pages++
	}
	return m, pages, nil
}

func writePages(t *testing.T, report *pagebench.Report) {
	t.Helper()
	var against *pagebench.Report
	if *pagesAgainst != "" {
		text, err := os.ReadFile(*pagesAgainst)
		if err != nil {
			t.Fatal(err)
		}
		against = new(pagebench.Report)
		if err := json.Unmarshal(text, against); err != nil {
			t.Fatalf("read %s: %v", *pagesAgainst, err)
		}
	}
	text, err := report.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(*pagesOut), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{".json": append(text, '\n'), ".md": []byte(report.Markdown(against))} {
		if err := os.WriteFile(*pagesOut+name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
