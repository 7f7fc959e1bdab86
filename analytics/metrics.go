package analytics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
)

// Metrics answers queries. It holds a connection and what the office has
// promised, and is safe for concurrent use. It never changes: other promises are
// other Metrics, with nothing remembered, so all answers of one agree.
type Metrics struct {
	conn        driver.Conn
	handbook    *handbook.Handbook
	calendar    *calendar.Calendar
	current     Versions // of every figure, before its period is known
	office      *time.Location
	fiscalStart time.Month
	rules       string                  // fingerprint of what points are built by
	resting     map[time.Time]time.Time // by the beginning of a quarter, until when its points are not built again; of who builds
	facts       *Facts                  // nil: figures are read from the events
	promises    []any                   // the handbook and the calendar as named parameters, the same for every query
	surveys     func() Surveys
	cache       cache

	threshold int                                    // answers that a department's score needs
	scores    func(context.Context) ([]Score, error) // of surveys that are held here; nil: there are none
}

// Score is what a survey that is held here lets be known of a department.
type Score struct {
	Department string
	At         time.Time // instant to which the survey belongs
	stats.Sample
}

// New returns Metrics over the warehouse behind conn.
func New(conn driver.Conn, hb *handbook.Handbook, cal *calendar.Calendar) *Metrics {
	return &Metrics{
		conn:        conn,
		handbook:    hb,
		calendar:    cal,
		current:     currentVersions(hb, cal),
		office:      cal.Zone(),
		fiscalStart: time.Month(max(1, hb.FiscalYearStart)),
		promises:    append(ruleParameters(hb), calendarParameters(cal)...),
		surveys:     func() Surveys { return Surveys{} },
		threshold:   anonymity.Default.Scores,
	}
}

// Publishing returns the same Metrics with another threshold of suppression, and
// with the scores of surveys that are held here, of which the answers are then read
// from nowhere else. A threshold of 0 shows every score, which is for tests of the
// arithmetic.
func (m *Metrics) Publishing(threshold int, scores func(context.Context) ([]Score, error)) *Metrics {
	m.threshold, m.scores = threshold, scores
	return m
}

// published are the parameters of scores.sql that say what may be shown.
func (m *Metrics) published(ctx context.Context, of metric) ([]any, error) {
	published := clickhouse.ArraySet{}
	if m.scores != nil && slices.Contains(of.with, scoresSQL) {
		scores, err := m.scores(ctx)
		if err != nil {
			return nil, fmt.Errorf("read what surveys say: %w", err)
		}
		for _, s := range scores {
			published = append(published, tuple(s.Department, s.At.UnixMilli(), s.N, s.Mean, s.Variance))
		}
	}
	return []any{clickhouse.Named("threshold", m.threshold), clickhouse.Named("published", published)}, nil
}

// Over returns the same Metrics that read figures from facts where those are up
// to date, which takes a fraction of the time.
func (m *Metrics) Over(facts *Facts) *Metrics {
	m.facts, m.rules, m.resting = facts, m.pointsRules(), make(map[time.Time]time.Time)
	return m
}

// metric is one thing that can be asked: how it is computed and what may be
// asked of it.
type metric struct {
	unit       string
	definition string
	with       []string // common table expressions that sql stands on
	sql        string
	clocked    bool   // it is a time, on either clock
	actors     bool   // it is about who did the events
	classed    bool   // it needs to know the cases' classes, whatever it is asked for
	told       bool   // it is told event by event, so always read from the events
	ever       bool   // it is about cases of any time, not of the period
	promised   bool   // it judges by the handbook's limits: it stands on the office's clock
	yardstick  string // "process/limit" that it measures every case by; "": those in force
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

	"on_time_rate":            onTimeRate,
	"archive_on_time":         archiveOnTime,
	"equipment_check_on_time": equipmentCheckOnTime,
	"emergency_response":      emergencyResponse,
	"notice_coverage":         noticeCoverage,
	"adhoc_purchase_share":    adhocPurchaseShare,
	"deviations":              deviations,
}

// Names lists the metrics that [Metrics.Query] knows.
func Names() []string {
	return []string{
		"lead_time", "stage_time", "throughput", "work_in_progress", "error_rate", "faults", "first_pass_yield", "return_rate", "rework_rate",
		"on_time_rate", "archive_on_time", "equipment_check_on_time", "emergency_response", "notice_coverage", "adhoc_purchase_share",
		"satisfaction", "variants", "deviations", "transitions", "handovers", "bottlenecks",
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
	return rememberOf(ctx, m, name+q.key(), []period{periodOf(name, q)}, func(ctx context.Context) (*Result, error) {
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
	if definition.clocked {
		result.Clock = q.Clock
	}
	result.Versions = m.versions(definition, q)
	if series, ok, err := m.points(ctx, name, definition, q, parts); ok || err != nil {
		result.Series = series
		return result, err
	}
	if err := m.answer(ctx, result, definition, definition.statement(m.source(ctx), result.Clock), parts, definition.parameters(q, parts, asOf)); err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return result, nil
}

// source is what the question of the context is answered from.
func (m *Metrics) source(ctx context.Context) source {
	if now := m.moment(ctx); now != nil {
		return now.from
	}
	return fromEvents
}

// moment is that of the context; nil when it has none.
func (m *Metrics) moment(ctx context.Context) *moment {
	if s, ok := ctx.Value(momentKey{}).(*shared); ok && s.of == m {
		return s.moment
	}
	return nil
}

// statement is the metric's, from a source, on a clock; "" when it is no time.
func (m metric) statement(from source, clock Clock) string {
	if clock == "" {
		clock = ClockElapsed
	}
	if m.told {
		from = fromEvents
	}
	with := []string{clocks[clock], placeSQL}
	if from == forNodes {
		with = append(with, pointsNodesSQL)
	}
	if m.promised && clock != ClockWorking { // which brings the office's clock along
		with = append(with, clockOffice)
	}
	return compose(from, append(with, m.with...), m.sql)
}

// parameters are those of the question and of the metric itself; the promises
// come on top.
func (m metric) parameters(q Query, parts []part, now time.Time) []any {
	if m.classed {
		q.By = ByClass // cases.sql looks for the class only where it is asked for; a table has no series
	}
	first, last := q.quarters()
	if m.ever {
		first, last = 0, math.MaxUint16
	}
	return append(q.parameters(parts),
		clickhouse.Named("first_quarter", first),
		clickhouse.Named("last_quarter", last),
		clickhouse.Named("now", now.UnixMilli()),
		clickhouse.Named("actors", m.actors),
		clickhouse.Named("yardstick", m.yardstick))
}

// answer runs a metric's statement and reads what comes into result.
func (m *Metrics) answer(ctx context.Context, result *Result, of metric, statement string, parts []part, parameters []any) (err error) {
	published, err := m.published(ctx, of)
	if err != nil {
		return err
	}
	rows, err := m.conn.Query(ctx, statement, named(statement, append(append(parameters, m.given()...), published...))...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if of.table != nil {
		result.Rows, result.N, err = of.table(rows)
	} else {
		result.Series, err = readSeries(rows, parts, of.point, nil)
	}
	return errors.Join(err, rows.Err())
}
