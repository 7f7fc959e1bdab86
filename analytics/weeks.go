package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/stats"
)

var (
	//go:embed weeks_leads.sql
	weeksLeadsSQL string
	//go:embed weeks_faulty.sql
	weeksFaultySQL string
)

// MostWeekValues is how many lead times of a week and class [Metrics.StartWeeks] gives.
const MostWeekValues = 5000

// StartWeek is what became of the cases of a class that began in a week.
type StartWeek struct {
	Week  int    // number in the starts asked for
	Class string // key
	N     uint64 // cases completed since
	Hits  uint64 // of the error_rate: with a fault
	// Values are the lead times, in seconds, at most [MostWeekValues]: a sample
	// where N is larger.
	Values []float64
}

// StartWeeks follows the cases that began in each of some weeks, which begin at
// starts, the last of them up to end: studies of before and after go by the start
// of a case, since one that began under the old rules tells of those. It knows
// lead_time and error_rate, and q's filters and clock; q's period says until when
// cases may have been completed. The error matches [ErrQuery] when the question
// makes no sense.
func (m *Metrics) StartWeeks(ctx context.Context, name string, q Query, starts []time.Time, end time.Time) ([]StartWeek, error) {
	of, ok := map[string]metric{
		"lead_time":  {with: []string{casesSQL}, sql: weeksLeadsSQL, filters: caseFilters, by: caseBy},
		"error_rate": {with: []string{casesSQL, faultyCasesSQL}, sql: weeksFaultySQL, filters: errorRate.filters, by: caseBy},
	}[name]
	if !ok || len(starts) == 0 || !slices.IsSortedFunc(starts, time.Time.Compare) || !starts[len(starts)-1].Before(end) {
		return nil, fmt.Errorf("%w: %q cannot be followed by week from the start of cases, or the weeks are in no order", ErrQuery, name)
	}
	q.By, q.From = ByClass, starts[0]
	q = q.withDefaults(m.office)
	if err := q.check(name, of); err != nil {
		return nil, err
	}
	weeks := make([]int64, len(starts))
	for i, s := range starts {
		weeks[i] = s.UnixMilli()
	}
	key := fmt.Sprintf("weeks|%s%s|%v|%d", name, q.key(), weeks, end.UnixMilli())
	return remember(ctx, m, key, func(ctx context.Context) ([]StartWeek, error) {
		return m.startWeeks(ctx, name, of, q, weeks, end.UnixMilli())
	})
}

func (m *Metrics) startWeeks(ctx context.Context, name string, of metric, q Query, weeks []int64, end int64) ([]StartWeek, error) {
	statement, parameters := m.run(ctx, of, q, time.Time{}, clickhouse.Named("week_starts", weeks), clickhouse.Named("weeks_end", end))
	var rows []struct {
		Class string    `ch:"key"`
		Week  int64     `ch:"week"`
		N     uint64    `ch:"n"`
		Hits  uint64    `ch:"hits"`
		Leads []float64 `ch:"leads"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return nil, fmt.Errorf("follow %s by week: %w", name, err)
	}
	list := make([]StartWeek, len(rows))
	for i, r := range rows {
		list[i] = StartWeek{Week: slices.Index(weeks, r.Week), Class: r.Class, N: r.N, Hits: r.Hits, Values: r.Leads}
	}
	return list, nil
}

// Scores sums up the satisfaction of every department in a period, as far as it
// may be shown.
func (m *Metrics) Scores(ctx context.Context, q Query) ([]stats.Sample, error) {
	q = q.withDefaults(m.office)
	if err := q.check("satisfaction", satisfaction); err != nil {
		return nil, err
	}
	return m.scoreSpread(ctx, q)
}
