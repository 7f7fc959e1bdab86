package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Distribution is how often which times occur.
type Distribution struct {
	Header

	N    uint64 `json:"n"` // cases (lead_time, work_in_progress) or visits (stage_time)
	Bins []Bin  `json:"bins"`
	// Percentiles are the values at 0, 1 … 100 %, in seconds: 101 values, none
	// without data. They interpolate linearly (R type 7).
	Percentiles []float64 `json:"percentiles"`
}

// Bin is a bar of a histogram, all of which but the last are equally wide.
type Bin struct {
	From float64  `json:"from"`         // seconds, included
	To   *float64 `json:"to,omitempty"` // seconds, excluded; nil: the last bin has no end
	N    uint64   `json:"n"`
}

// bins is about how many there are; the last holds what lies above the 99 %
// percentile, so that one case of three years does not press all others into
// the first bin.
const bins = 30

var (
	//go:embed distribution.sql
	distributionSQL string
	//go:embed histogram.sql
	histogramSQL string
	//go:embed distribution_cases.sql
	distributionCasesSQL string
	//go:embed distribution_visits.sql
	distributionVisitsSQL string
	//go:embed distribution_open.sql
	distributionOpenSQL string
)

// distributions are the metrics that have one, with what measures their times.
var distributions = map[string][]string{
	"lead_time":        {casesSQL, distributionCasesSQL},
	"stage_time":       {casesSQL, visitsSQL, distributionVisitsSQL},
	"work_in_progress": {openCasesSQL, distributionOpenSQL},
}

// DistributionMetrics lists the metrics of which there is a distribution.
func DistributionMetrics() []string { return []string{"lead_time", "stage_time", "work_in_progress"} }

// Distribution is the histogram and the percentile curve of lead_time,
// stage_time or work_in_progress (ages) over the whole period on q.Clock. The
// error matches [ErrQuery] when the question makes no sense.
func (m *Metrics) Distribution(ctx context.Context, name string, q Query) (*Distribution, error) {
	measured, ok := distributions[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q has no distribution; there is one of %s", ErrQuery, name, list(DistributionMetrics()))
	}
	q, err := m.wholePeriod(name, q)
	if err != nil {
		return nil, err
	}
	return rememberOf(ctx, m, "distribution|"+name+q.key(), []period{periodOf(name, q)}, func(ctx context.Context) (*Distribution, error) {
		d, err := m.distribution(ctx, name, measured, q)
		if err != nil {
			return nil, fmt.Errorf("distribute %s: %w", name, err)
		}
		return d, nil
	})
}

// wholePeriod is a question about a metric in one bucket and one series.
func (m *Metrics) wholePeriod(name string, q Query) (Query, error) {
	q = q.withDefaults(m.office)
	q.Bucket, q.By = BucketNone, ByNone
	if err := q.check(name, metrics[name]); err != nil {
		return q, err
	}
	_, err := split(q.From, q.To, q.Zone, BucketNone, m.fiscalStart)
	return q, err
}

func (m *Metrics) distribution(ctx context.Context, name string, measured []string, q Query) (*Distribution, error) {
	header, err := m.header(ctx, name, metrics[name], q)
	if err != nil {
		return nil, err
	}
	d := &Distribution{Header: header, Bins: []Bin{}, Percentiles: []float64{}}
	statement, parameters := m.run(ctx, metric{with: measured, sql: distributionSQL}, q, header.AsOf)
	if err := m.conn.QueryRow(ctx, statement, parameters...).Scan(&d.N, &d.Percentiles); err != nil {
		return nil, err
	}
	if d.N == 0 {
		d.Percentiles = []float64{}
		return d, nil
	}
	width := m.binWidth(d.Percentiles[99], q.Clock)
	count := int64(d.Percentiles[99]*1000)/width.Milliseconds() + 1 // bins up to and with that of the 99 % percentile
	statement, parameters = m.run(ctx, metric{with: measured, sql: histogramSQL}, q, header.AsOf,
		clickhouse.Named("width", width.Milliseconds()), clickhouse.Named("count", count))
	var counts []uint64
	if err := m.conn.QueryRow(ctx, statement, parameters...).Scan(&counts); err != nil {
		return nil, err
	}
	d.Bins = histogram(counts, width)
	return d, nil
}

// histogram names the bins; the last of the counts has no end, and is left out
// where it is empty.
func histogram(counts []uint64, width time.Duration) []Bin {
	all := make([]Bin, 0, len(counts))
	for i, n := range counts {
		b := Bin{From: (time.Duration(i) * width).Seconds(), N: n}
		if i < len(counts)-1 {
			b.To = new((time.Duration(i+1) * width).Seconds())
		} else if n == 0 {
			break
		}
		all = append(all, b)
	}
	return all
}

// binWidth is the smallest of the widths that people count in with which no
// more than about thirty bins reach up to longest, in seconds. A day on the working
// clock is a day of office hours.
func (m *Metrics) binWidth(longest float64, clock Clock) time.Duration {
	day := m.day(clock)
	widths := []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}
	for _, minutes := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120} {
		widths = append(widths, minutes*time.Minute)
	}
	for _, parts := range []time.Duration{4, 2, 1} {
		if day/parts > 2*time.Hour {
			widths = append(widths, day/parts)
		}
	}
	for step := day; ; step *= 10 {
		widths = append(widths, 2*step, 5*step, 10*step)
		for _, w := range widths {
			if longest <= w.Seconds()*bins {
				return w
			}
		}
	}
}

// day is a day as a clock counts it.
func (m *Metrics) day(clock Clock) time.Duration {
	if clock == ClockWorking {
		return time.Duration(m.calendar.SecondsPerDay()) * time.Second
	}
	return 24 * time.Hour
}
