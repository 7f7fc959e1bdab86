package analytics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// Metrics answers queries. It holds a connection and what the office has
// promised, and is safe for concurrent use.
type Metrics struct {
	conn        driver.Conn
	office      *time.Location
	fiscalStart time.Month
	promises    []any // the handbook and the calendar as named parameters, the same for every query
	cache       cache
}

// New returns Metrics over the warehouse behind conn.
func New(conn driver.Conn, hb *handbook.Handbook, cal *calendar.Calendar) *Metrics {
	return &Metrics{
		conn:        conn,
		office:      cal.Zone(),
		fiscalStart: time.Month(max(1, hb.FiscalYearStart)),
		promises:    append(handbookParameters(hb), calendarParameters(cal)...),
	}
}

// metric is one thing that can be asked: how it is computed and what may be
// asked of it.
type metric struct {
	unit       string
	definition string
	with       []string // common table expressions that sql stands on
	sql        string
	clocked    bool // it is a time, on either clock
	actors     bool // it is about who did the events
	by         []By
	filters    []filter

	// One of the two: a metric has points, a table has rows.
	point func(row) Point
	table func(driver.Rows) (rows any, n uint64, err error)
}

// metrics is the catalogue, by name in the API.
var metrics = map[string]metric{
	"lead_time":    leadTime,
	"stage_time":   stageTime,
	"throughput":   throughput,
	"error_rate":   errorRate,
	"faults":       faults,
	"satisfaction": satisfaction,
	"variants":     variants,
	"transitions":  transitions,
	"rework_rate":  reworkRate,

	"return_rate":      returnRate,
	"first_pass_yield": firstPassYield,
	"work_in_progress": workInProgress,
	"handovers":        handovers,
	"bottlenecks":      bottlenecks,
}

// Names lists the metrics that [Metrics.Query] knows.
func Names() []string {
	return []string{
		"lead_time", "stage_time", "throughput", "work_in_progress", "error_rate", "faults", "first_pass_yield", "return_rate", "rework_rate",
		"satisfaction", "variants", "transitions", "handovers", "bottlenecks",
	}
}

// Query computes one metric by its name in the API. The error matches
// [ErrQuery] when the question makes no sense; any other error is about the
// way to the warehouse. Cancelling ctx cancels the query there. The Result may
// be shared with others who asked the same: read only.
func (m *Metrics) Query(ctx context.Context, name string, q Query) (*Result, error) {
	definition, ok := metrics[name]
	if !ok {
		return nil, fmt.Errorf("%w: there is no metric %q; there are %s", ErrQuery, name, list(Names()))
	}
	q = q.withDefaults(m.office)
	if err := q.check(name, definition); err != nil {
		return nil, err
	}
	parts, err := split(q.From, q.To, q.Zone, q.Bucket, m.fiscalStart)
	if err != nil {
		return nil, err
	}
	return remember(ctx, m, name+q.key(), func(ctx context.Context) (*Result, error) {
		return m.compute(ctx, name, definition, q, parts)
	})
}

// compute asks the warehouse.
func (m *Metrics) compute(ctx context.Context, name string, definition metric, q Query, parts []part) (*Result, error) {
	// First the newest event stored, then the figures: they hold at least that much.
	asOf, err := m.AsOf(ctx)
	if err != nil {
		return nil, err
	}
	result := &Result{
		Metric: name, Unit: definition.unit, Definition: definition.definition,
		Timezone: q.Zone.String(), From: q.From.In(q.Zone), To: q.To.In(q.Zone), AsOf: asOf,
	}
	clock := clockElapsed
	if definition.clocked {
		result.Clock = q.Clock
		clock = clocks[q.Clock]
	}
	statement := compose(append([]string{clock, placeSQL}, definition.with...), definition.sql)
	if err := m.answer(ctx, result, definition, statement, parts, append(q.parameters(parts), clickhouse.Named("now", asOf.UnixMilli()), clickhouse.Named("actors", definition.actors))); err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return result, nil
}

// answer runs a metric's statement and reads what comes into result.
func (m *Metrics) answer(ctx context.Context, result *Result, of metric, statement string, parts []part, parameters []any) (err error) {
	rows, err := m.conn.Query(ctx, statement, append(parameters, m.promises...)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if of.table != nil {
		result.Rows, result.N, err = of.table(rows)
	} else {
		result.Series, err = readSeries(rows, parts, of.point)
	}
	return errors.Join(err, rows.Err())
}
