package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"example.com/officepulse/analytics/stats"
)

// Comparison is a metric in two periods, and what its change comes from.
type Comparison struct {
	Header // of the later period

	BeforeFrom time.Time   `json:"before_from"`
	BeforeTo   time.Time   `json:"before_to"`
	Before     *Point      `json:"before,omitempty"` // nil: no data
	After      *Point      `json:"after,omitempty"`
	Difference *Difference `json:"difference,omitempty"` // nil unless both have data
	Splits     []Split     `json:"splits"`               // one a grouping of the metric; none for counts
}

// Difference is after minus before, with its 95 % interval where there is one.
type Difference struct {
	Of     Value            `json:"of"` // rate, median, mean or n
	Value  float64          `json:"value"`
	Low    *float64         `json:"low,omitempty"`
	High   *float64         `json:"high,omitempty"`
	Method DifferenceMethod `json:"method,omitempty"` // of the interval; "": there is none
	Why    WhyNoInterval    `json:"why,omitempty"`    // there is no interval; "": there is one
}

// DifferenceMethod is how an interval of a difference is found.
type DifferenceMethod string

// The methods, see package stats.
const (
	MethodNewcombe  DifferenceMethod = "newcombe"
	MethodBootstrap DifferenceMethod = "block_bootstrap" // by week, seed fixed
	MethodWelch     DifferenceMethod = "welch"
)

// WhyNoInterval says why a difference has no interval.
type WhyNoInterval string

// The reasons.
const (
	TooLittleData WhyNoInterval = "too_little_data" // fewer than eight weeks or two answers on a side
	TooMuchData   WhyNoInterval = "too_much_data"   // more than MaxBootstrap cases, see there
	NoMethod      WhyNoInterval = "no_method"       // counts, and times of visits and of open cases
)

// MaxBootstrap is how many lead times of either period the bootstrap of their
// medians takes: with more it would cost seconds, and the interval would be
// narrower than anyone cares to know.
const MaxBootstrap = 50_000

// Split parts the change of a mean or a rate into what comes from other shares of
// the groups (mix) and what from other values within them (rate). All effects
// together are the change. Source: Kitagawa (1955), JASA 50, 1168-1194. The
// stages of lead_time are its parts and not groups of cases: there, mix is the
// effect of more or fewer visits a case.
type Split struct {
	By     By            `json:"by"`
	Of     Value         `json:"of"`     // rate or mean: medians cannot be split
	Change float64       `json:"change"` // in the metric's unit
	Mix    float64       `json:"mix"`
	Rate   float64       `json:"rate"`
	Groups []GroupEffect `json:"groups"` // the largest effect first
}

// GroupEffect is what one group did to the change.
type GroupEffect struct {
	Key         string   `json:"key"`
	BeforeN     uint64   `json:"before_n"`
	AfterN      uint64   `json:"after_n"`
	BeforeShare float64  `json:"before_share"` // of all cases; of a stage, visits a case
	AfterShare  float64  `json:"after_share"`
	Before      *float64 `json:"before,omitempty"` // its mean or rate; nil: no data
	After       *float64 `json:"after,omitempty"`
	Mix         float64  `json:"mix"`  // in the metric's unit
	Rate        float64  `json:"rate"` // likewise
	Effect      float64  `json:"effect"`
}

// Compare compares a metric in q's period with the one from beforeFrom
// (included) to beforeTo (excluded), under the same filters: both points, their
// difference with its interval (of rates Newcombe's, of median lead times that
// of a bootstrap by weeks, of satisfaction Welch's), and the change split by
// every grouping that the metric has. The error matches [ErrQuery] when the
// question makes no sense.
func (m *Metrics) Compare(ctx context.Context, name string, q Query, beforeFrom, beforeTo time.Time) (*Comparison, error) {
	of, ok := metrics[name]
	if !ok || of.point == nil {
		return nil, fmt.Errorf("%w: %q cannot be compared", ErrQuery, name)
	}
	q, err := m.wholePeriod(name, q)
	if err != nil {
		return nil, err
	}
	before := q
	before.From, before.To = beforeFrom, beforeTo
	if _, err := m.wholePeriod(name, before); err != nil {
		return nil, fmt.Errorf("the period before: %w", err)
	}
	both := []period{periodOf(name, q), periodOf(name, before)}
	return rememberOf(ctx, m, fmt.Sprintf("compare|%s%s%s", name, q.key(), before.key()), both, func(ctx context.Context) (*Comparison, error) {
		return m.compare(ctx, name, of, q, before)
	})
}

func (m *Metrics) compare(ctx context.Context, name string, of metric, q, before Query) (*Comparison, error) {
	now, err := m.Query(ctx, name, q)
	if err != nil {
		return nil, err
	}
	then, err := m.Query(ctx, name, before)
	if err != nil {
		return nil, err
	}
	c := &Comparison{
		Header: now.header(), BeforeFrom: then.From, BeforeTo: then.To, Splits: []Split{},
		Before: onlyPoint(then), After: onlyPoint(now),
	}
	if c.Before == nil || c.After == nil {
		return c, nil
	}
	if c.Difference, err = m.difference(ctx, name, of, q, before, c.Before, c.After); err != nil {
		return nil, fmt.Errorf("compare %s: %w", name, err)
	}
	for _, by := range splitsBy(name, of) {
		split, err := m.split(ctx, name, by, q, before, c.Before.N, c.After.N)
		if err != nil {
			return nil, err
		}
		c.Splits = append(c.Splits, *split)
	}
	return c, nil
}

// onlyPoint is the point of a result in one bucket; several series, which kinds
// of faults are, count together. nil: no data.
func onlyPoint(r *Result) *Point {
	if len(r.Series) == 0 {
		return nil
	}
	p := r.Series[0].Points[0]
	for _, s := range r.Series[1:] {
		p.N += s.Points[0].N
	}
	return &p
}

// splitValue is what of a point can be split into groups; "" for counts.
func splitValue(unit string) Value {
	switch unit {
	case "rate":
		return ValueRate
	case "seconds", "points":
		return ValueMean
	default:
		return ""
	}
}

// splitsBy are the groupings by which a change can be split.
func splitsBy(name string, of metric) []By {
	if splitValue(of.unit) == "" {
		return nil
	}
	groups := slices.DeleteFunc(slices.Clone(of.by), func(b By) bool { return b == ByNone })
	if name == "lead_time" {
		groups = append(groups, ByStage)
	}
	return groups
}

func (m *Metrics) difference(ctx context.Context, name string, of metric, q, before Query, then, now *Point) (*Difference, error) {
	switch {
	case of.unit == "rate":
		i := stats.Newcombe(*now.Count, now.N, *then.Count, then.N)
		return &Difference{Of: ValueRate, Value: *now.Rate - *then.Rate, Low: &i.Low, High: &i.High, Method: MethodNewcombe}, nil
	case name == "lead_time":
		return m.medianDifference(ctx, q, before, then, now)
	case of.unit == "seconds":
		return &Difference{Of: ValueMedian, Value: *now.Median - *then.Median, Why: NoMethod}, nil
	case name == "satisfaction":
		return m.scoreDifference(ctx, q, before, then, now)
	default:
		return &Difference{Of: ValueN, Value: float64(now.N) - float64(then.N), Why: NoMethod}, nil
	}
}

func (d *Difference) within(i stats.Interval, ok bool, method DifferenceMethod) *Difference {
	if !ok {
		d.Why = TooLittleData
		return d
	}
	d.Low, d.High, d.Method = &i.Low, &i.High, method
	return d
}

//go:embed compare_weeks.sql
var compareWeeksSQL string

func (m *Metrics) medianDifference(ctx context.Context, q, before Query, then, now *Point) (*Difference, error) {
	d := &Difference{Of: ValueMedian, Value: *now.Median - *then.Median}
	if now.N > MaxBootstrap || then.N > MaxBootstrap {
		d.Why = TooMuchData
		return d, nil
	}
	after, err := m.leadTimesByWeek(ctx, q)
	if err != nil {
		return nil, err
	}
	earlier, err := m.leadTimesByWeek(ctx, before)
	if err != nil {
		return nil, err
	}
	interval, ok := stats.MedianChange(after, earlier)
	return d.within(interval, ok, MethodBootstrap), nil
}

// leadTimesByWeek are the lead times of the cases completed in each week that has
// any, in seconds.
func (m *Metrics) leadTimesByWeek(ctx context.Context, q Query) ([][]float64, error) {
	q.Bucket = BucketWeek
	parts, err := split(q.From, q.To, q.Zone, q.Bucket, m.fiscalStart)
	if err != nil {
		return nil, err
	}
	of := metric{with: []string{casesSQL}, sql: compareWeeksSQL}
	var weeks []struct {
		Leads []float64 `ch:"leads"`
	}
	err = m.conn.Select(ctx, &weeks, of.statement(m.source(ctx), q.Clock), append(of.parameters(q, parts, time.Time{}), m.given()...)...)
	if err != nil {
		return nil, fmt.Errorf("read lead times by week: %w", err)
	}
	all := make([][]float64, len(weeks))
	for i, w := range weeks {
		all[i] = w.Leads
	}
	return all, nil
}

//go:embed compare_scores.sql
var compareScoresSQL string

func (m *Metrics) scoreDifference(ctx context.Context, q, before Query, then, now *Point) (*Difference, error) {
	after, err := m.scoreSpread(ctx, q)
	if err != nil {
		return nil, err
	}
	earlier, err := m.scoreSpread(ctx, before)
	if err != nil {
		return nil, err
	}
	interval, ok := stats.Welch(after, earlier)
	return (&Difference{Of: ValueMean, Value: *now.Mean - *then.Mean}).within(interval, ok, MethodWelch), nil
}

// scoreSpread sums up the scores of each department.
func (m *Metrics) scoreSpread(ctx context.Context, q Query) ([]stats.Sample, error) {
	of := metric{with: []string{scoresSQL}, sql: compareScoresSQL}
	published, err := m.published(ctx, of)
	if err != nil {
		return nil, err
	}
	_, parameters := m.run(ctx, of, q, time.Time{}, published...)
	var rows []struct {
		N        uint64  `ch:"n"`
		Mean     float64 `ch:"mean"`
		Variance float64 `ch:"variance"`
	}
	if err := m.conn.Select(ctx, &rows, of.statement(m.source(ctx), q.Clock), parameters...); err != nil {
		return nil, fmt.Errorf("read the spread of scores: %w", err)
	}
	samples := make([]stats.Sample, len(rows))
	for i, r := range rows {
		samples[i] = stats.Sample(r)
	}
	return samples, nil
}
