// Package pagebench fills a warehouse with two years of a large office and
// measures how long the dashboard's pages and the API's answers take: as they
// are served, and computed from the raw events.
package pagebench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/dashboard"
)

// Subject is what is measured.
type Subject struct {
	Conn     driver.Conn
	Handbook *handbook.Handbook
	Data     string     // directory of everything that is kept
	Engine   func() int // process id of the engine

	// Route mounts pages and API over metrics.
	Route func(dashboard.Metrics) (http.Handler, error)
	// Served makes the metrics of one request as the program has them, with
	// nothing remembered of earlier ones; Raw makes such as ask the events
	// themselves.
	Served, Raw func() dashboard.Metrics
	// Derive builds the derived tables anew and says how long it took.
	Derive func(context.Context) (time.Duration, error)
	// Ready makes metrics that remember answers as those of a running service do,
	// and has the pages that are opened most be ready, as far as that is done before
	// ctx ends.
	Ready func(ctx context.Context) (m dashboard.Metrics, pages int, err error)
}

// Options are how much is asked.
type Options struct {
	Events     uint64        `json:"events"` // about so many
	Seed       uint64        `json:"seed"`
	Requests   int           `json:"requests"`    // of each kind and pass
	Budget     time.Duration `json:"budget"`      // of each kind and pass: what is slower is asked less often
	Ahead      time.Duration `json:"ahead"`       // for pages to be made ready
	RawRuns    int           `json:"raw_runs"`    // requests of each kind that are also answered from the raw events
	RawTimeout time.Duration `json:"raw_timeout"` // of each of them
	RawPages   bool          `json:"raw_pages"`   // of the pages too, each of which is some dozens of queries
}

// Default returns how much is asked unless told otherwise.
func Default() Options {
	return Options{
		Events: 1_000_000, Seed: 1, Requests: 200, Budget: 2 * time.Minute, Ahead: 30 * time.Minute,
		RawRuns: 3, RawTimeout: 5 * time.Minute, RawPages: true,
	}
}

// Run fills the warehouse unless that is done, builds the derived tables, and
// measures. say is told how far it is. An error that [ErrWrong] matches comes
// with the report: everything was measured, and something of it is wrong.
func Run(ctx context.Context, s Subject, o Options, say func(format string, values ...any)) (*Report, error) {
	r := &Report{Options: o, Started: time.Now().UTC().Truncate(time.Second), Departments: Departments(o.Events)}
	b := &bench{Subject: s, Options: o, say: say, report: r}
	for _, step := range []func(context.Context) error{b.fill, b.derive, b.shape, b.ready, b.measure, b.weigh} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return r, r.verdict()
}

// ErrWrong is matched when an answer was refused, differs from what the raw
// events say, or the office does not look like one.
var ErrWrong = errors.New("the pages do not pass")

// bench is one run.
type bench struct {
	Subject
	Options
	say    func(format string, values ...any)
	report *Report
	warm   dashboard.Metrics
}

// derive builds the derived tables.
func (b *bench) derive(ctx context.Context) error {
	memory := b.memory()
	took, err := b.Derive(ctx)
	if err != nil {
		return fmt.Errorf("build the derived tables: %w", err)
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	b.report.Rebuild = seconds(took)
	if took > 0 {
		b.report.RebuildRate = float64(b.report.Stored) / took.Seconds()
	}
	b.report.Peaks = append(b.report.Peaks, memory.peak("derived tables"))
	b.say("derived tables: %.1f s, %.0f events/s", b.report.Rebuild, b.report.RebuildRate)
	return nil
}

// ready makes the metrics of a service that has run for some time.
func (b *bench) ready(ctx context.Context) error {
	memory := b.memory()
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, b.Ahead)
	defer cancel()
	var err error
	if b.warm, b.report.ReadyPages, err = b.Ready(limited); err != nil {
		return fmt.Errorf("make pages ready: %w", err)
	}
	b.report.Ready, b.report.ReadyCut = seconds(time.Since(began)), limited.Err() != nil
	b.report.Peaks = append(b.report.Peaks, memory.peak("pages made ready"))
	b.say("%d pages ready after %.1f s", b.report.ReadyPages, b.report.Ready)
	return nil
}
