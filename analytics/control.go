package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.com/officepulse/analytics/stats"
)

// ControlQuery asks for the control chart of a metric.
type ControlQuery struct {
	Query // Bucket: month (also for ""), quarter or week; By is not used

	Chart ChartKind // "": the usual one of the metric, see [Metrics.Control]
	Value Value     // of an XmR chart; "": median of times, mean of scores, else n or the rate
	MinN  uint64    // periods that rest on fewer are left out; 0: none is

	// Which periods the limits are computed from: those that lie within. Both
	// zero: the first [BaselineLength], or all as long as fewer than
	// [stats.RunLength] follow on them.
	BaselineFrom, BaselineTo time.Time
}

// BaselineLength is how many periods the limits rest on unless asked otherwise:
// a year of months.
const BaselineLength = 12

// largeN is from how many cases a period on, on average over the baseline, chance
// alone explains too little of how shares vary, so that the usual chart is p′.
const largeN = 1000

// ChartKind is a kind of control chart.
type ChartKind string

// The kinds: of individual values, of shares, of faults per case, and of shares of
// large numbers.
const (
	ChartXmR    ChartKind = "xmr"
	ChartP      ChartKind = "p"
	ChartU      ChartKind = "u"
	ChartLaneyP ChartKind = "laney_p"
)

// Value is the figure of a point that an XmR chart shows.
type Value string

// The values.
const (
	ValueMedian Value = "median"
	ValueMean   Value = "mean"
	ValueP90    Value = "p90"
	ValueRate   Value = "rate"
	ValueN      Value = "n"
)

// Control is a control chart: whether a process stays within what it always
// varied by, or has changed.
type Control struct {
	Header

	Chart    ChartKind       `json:"chart"`
	Value    Value           `json:"value"` // what the points show; of u: faults per completed case, which is a rate
	Bucket   Bucket          `json:"bucket"`
	Baseline ControlBaseline `json:"baseline"`
	Points   []ControlPoint  `json:"points"` // in order of time, without periods that have no data
	Signals  []ControlSignal `json:"signals"`

	MeanRange float64 `json:"mean_range,omitzero"` // XmR: mean moving range
	RangeHigh float64 `json:"range_high,omitzero"` // XmR: upper limit of the moving range
	SigmaZ    float64 `json:"sigma_z,omitzero"`    // p′: how much more the shares vary than their numbers explain
}

// ControlBaseline is what the limits rest on.
type ControlBaseline struct {
	From   string `json:"from"` // its first and last period
	To     string `json:"to"`
	Points int    `json:"points"`
	Frozen bool   `json:"frozen"` // there are points that are not in it
}

// ControlPoint is one period of a control chart with the limits that hold for it.
type ControlPoint struct {
	Period   string    `json:"period"` // as in [Point]
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	N        uint64    `json:"n"` // what the value rests on
	Value    float64   `json:"value"`
	Centre   float64   `json:"centre"`
	Lower    float64   `json:"lower"`
	Upper    float64   `json:"upper"`
	Sigma    float64   `json:"sigma"`
	Baseline bool      `json:"baseline"`          // the limits rest on it too
	Partial  bool      `json:"partial,omitempty"` // the period is not over, or cut by the question
}

// ControlSignal is where the chart says that something has changed.
type ControlSignal struct {
	Rule   stats.Rule `json:"rule"` // outside, run, trend, two_of_three, range
	From   string     `json:"from"` // period, included
	To     string     `json:"to"`   // period, included
	Points int        `json:"points"`
	Above  bool       `json:"above"` // above the centre, rising, or a jump upwards
}

// Control draws the control chart of a metric by month, quarter or week.
//
// The usual chart is p for a rate (Laney's p′ where a period of the baseline has
// a thousand cases or more on average), u for faults (per completed case, both
// under the same filters, of which there is none by stage), and XmR for
// everything else: of times the medians, because lead times are skewed. A
// frozen baseline keeps a slow drift from taking the limits along. Formulas and
// rules are those of package stats, with their sources. The error matches
// [ErrQuery] when the question makes no sense.
func (m *Metrics) Control(ctx context.Context, name string, q ControlQuery) (*Control, error) {
	of, ok := metrics[name]
	if !ok || of.point == nil {
		return nil, fmt.Errorf("%w: there is no control chart of %q", ErrQuery, name)
	}
	q.By = ByNone
	if q.Bucket == "" {
		q.Bucket = BucketMonth
	}
	if err := q.check(name, of); err != nil {
		return nil, err
	}
	result, periods, err := m.controlPoints(ctx, name, q)
	if err != nil {
		return nil, err
	}
	periods = slices.DeleteFunc(periods, func(p controlPeriod) bool { return p.N < max(1, q.MinN) })
	c := &Control{Header: result.header(), Bucket: q.Bucket, Points: []ControlPoint{}, Signals: []ControlSignal{}}
	if name == "faults" && q.Chart != ChartXmR {
		c.Unit = "rate"
	}
	base := q.baseline(periods)
	c.Chart, c.Value = q.chart(name, of.unit, periods, base)
	if len(periods) == 0 {
		return c, nil
	}
	if err := c.draw(periods, base, m.fiscalStart); err != nil {
		return nil, err
	}
	return c, nil
}

// controlPeriod is a point of a metric and, of faults, how many there were in
// how many cases.
type controlPeriod struct {
	Point

	hits uint64
}

// controlPoints are the points of the only series. Of faults they are those of
// the completed cases, with the faults found in the same period.
func (m *Metrics) controlPoints(ctx context.Context, name string, q ControlQuery) (*Result, []controlPeriod, error) {
	result, err := m.Query(ctx, name, q.Query)
	if err != nil {
		return nil, nil, err
	}
	if name != "faults" {
		return result, onlySeries(result), nil
	}
	found := make(map[string]uint64)
	for _, kind := range result.Series {
		for _, p := range kind.Points {
			found[p.Period] += p.N
		}
	}
	cases, err := m.Query(ctx, "throughput", q.Query)
	if err != nil {
		return nil, nil, err
	}
	periods := onlySeries(cases)
	for i := range periods {
		periods[i].hits = found[periods[i].Period]
	}
	return result, periods, nil
}

func onlySeries(r *Result) []controlPeriod {
	var periods []controlPeriod
	if len(r.Series) > 0 {
		for _, p := range r.Series[0].Points {
			period := controlPeriod{Point: p}
			if p.Count != nil {
				period.hits = *p.Count
			}
			periods = append(periods, period)
		}
	}
	return periods
}

func (q ControlQuery) check(name string, of metric) error {
	kinds, values := []ChartKind{"", ChartXmR}, []Value{""}
	switch {
	case name == "faults":
		kinds, values = append(kinds, ChartU), append(values, ValueN)
	case of.unit == "rate":
		kinds, values = append(kinds, ChartP, ChartLaneyP), append(values, ValueRate)
	case of.clocked:
		values = append(values, ValueMedian, ValueMean, ValueP90, ValueN)
	case of.unit == "points":
		values = append(values, ValueMean)
	default:
		values = append(values, ValueN)
	}
	switch {
	case !slices.Contains(kinds, q.Chart):
		return fmt.Errorf("%w: %s has no chart %q; it has %s", ErrQuery, name, q.Chart, list(kinds[1:]))
	case !slices.Contains(values, q.Value):
		return fmt.Errorf("%w: %s has no value %q to chart; it has %s", ErrQuery, name, q.Value, list(values[1:]))
	case !slices.Contains([]Bucket{BucketMonth, BucketQuarter, BucketWeek}, q.Bucket):
		return fmt.Errorf("%w: a control chart is by month, quarter or week, not by %q", ErrQuery, q.Bucket)
	case q.BaselineFrom.IsZero() != q.BaselineTo.IsZero() || q.BaselineTo.Before(q.BaselineFrom):
		return fmt.Errorf("%w: a baseline has a beginning and a later end", ErrQuery)
	case name == "faults" && len(q.Stage) > 0:
		return fmt.Errorf("%w: cases have no stage that faults in a stage could be compared with", ErrQuery)
	}
	return nil
}

// chart is the kind of chart and what it shows, asked for or usual.
func (q ControlQuery) chart(name, unit string, periods []controlPeriod, base stats.Baseline) (ChartKind, Value) {
	kind, value := q.Chart, q.Value
	if kind == "" {
		switch {
		case name == "faults":
			kind = ChartU
		case unit == "rate" && isLarge(periods[base.From:base.To]):
			kind = ChartLaneyP
		case unit == "rate":
			kind = ChartP
		default:
			kind = ChartXmR
		}
	}
	if value == "" {
		switch {
		case kind != ChartXmR || unit == "rate":
			value = ValueRate
		case unit == "seconds":
			value = ValueMedian
		case unit == "points":
			value = ValueMean
		default:
			value = ValueN
		}
	}
	return kind, value
}

func isLarge(periods []controlPeriod) bool {
	var n uint64
	for _, p := range periods {
		n += p.N
	}
	return len(periods) > 0 && n/uint64(len(periods)) >= largeN
}

// baseline are the points that the limits rest on.
func (q ControlQuery) baseline(periods []controlPeriod) stats.Baseline {
	if q.BaselineFrom.IsZero() {
		if len(periods) < BaselineLength+stats.RunLength {
			return stats.Baseline{To: len(periods)}
		}
		return stats.Baseline{To: BaselineLength}
	}
	var base stats.Baseline
	for base.From < len(periods) && periods[base.From].Start.Before(q.BaselineFrom) {
		base.From++
	}
	base.To = base.From
	for base.To < len(periods) && !periods[base.To].End.After(q.BaselineTo) {
		base.To++
	}
	return base
}

// draw computes the chart and names its points by their periods.
func (c *Control) draw(periods []controlPeriod, base stats.Baseline, fiscalStart time.Month) error {
	if base.To <= base.From {
		return fmt.Errorf("%w: the baseline has no period with data", ErrQuery)
	}
	chart, err := c.stats(periods, base)
	if err != nil {
		return err
	}
	c.Baseline = ControlBaseline{From: periods[base.From].Period, To: periods[base.To-1].Period, Points: base.To - base.From, Frozen: base.To-base.From < len(periods)}
	c.MeanRange, c.RangeHigh, c.SigmaZ = chart.MeanRange, chart.RangeHigh, chart.SigmaZ
	for i, p := range chart.Points {
		at := periods[i]
		c.Points = append(c.Points, ControlPoint{
			Period: at.Period, Start: at.Start, End: at.End, N: at.N,
			Value: p.Value, Centre: p.Centre, Lower: p.Low, Upper: p.High, Sigma: p.Sigma,
			Baseline: i >= base.From && i < base.To, Partial: c.isPartial(at.Point, fiscalStart),
		})
	}
	for _, s := range chart.Signals {
		c.Signals = append(c.Signals, ControlSignal{Rule: s.Rule, From: periods[s.From].Period, To: periods[s.To].Period, Points: s.To - s.From + 1, Above: s.Up})
	}
	return nil
}

// isPartial reports whether a period is not over, or was cut by the bounds of
// the question.
func (c *Control) isPartial(p Point, fiscalStart time.Month) bool {
	zone := p.Start.Location()
	first, step, _ := c.Bucket.first(p.Start, fiscalStart)
	return p.Start.After(first.begins(zone)) || p.End.Before(first.plus(step).begins(zone)) || p.End.After(c.AsOf)
}

func (c *Control) stats(periods []controlPeriod, base stats.Baseline) (stats.Chart, error) {
	hits, n, values := make([]uint64, len(periods)), make([]uint64, len(periods)), make([]float64, len(periods))
	for i, p := range periods {
		hits[i], n[i] = p.hits, p.N
		value, err := c.Value.of(p)
		if err != nil {
			return stats.Chart{}, err
		}
		values[i] = value
		if c.Metric == "faults" && c.Value == ValueN {
			values[i] = float64(p.hits)
		}
	}
	switch c.Chart {
	case ChartP:
		return stats.P(hits, n, base), nil
	case ChartLaneyP:
		return stats.LaneyP(hits, n, base), nil
	case ChartU:
		return stats.U(hits, n, base), nil
	default:
		return stats.XmR(values, base), nil
	}
}

func (v Value) of(p controlPeriod) (float64, error) {
	value := map[Value]*float64{ValueMedian: p.Median, ValueMean: p.Mean, ValueP90: p.P90, ValueRate: p.Rate}[v]
	switch {
	case v == ValueN:
		return float64(p.N), nil
	case value != nil:
		return *value, nil
	case v == ValueRate:
		return float64(p.hits) / float64(p.N), nil
	}
	return 0, fmt.Errorf("%w: the metric has no %s", ErrQuery, v)
}
