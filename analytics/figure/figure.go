// Package figure names one figure that can be asked for again and again: a
// metric, which value of it, the clock and the filters. Targets are set for
// figures and changes judged by them. A name goes in, its values over time come out.
package figure

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/record"
)

// Figure is one figure. What is left empty is not narrowed down.
type Figure struct {
	Metric     string          `json:"metric"`
	Value      analytics.Value `json:"value"`           // of a point: mean, median, p90, rate or n
	Clock      analytics.Clock `json:"clock,omitempty"` // of times only
	Process    string          `json:"process,omitempty"`
	Department string          `json:"department,omitempty"`
	Stage      string          `json:"stage,omitempty"`
	Class      string          `json:"class,omitempty"`
}

// Asker is what is asked: [analytics.Metrics].
type Asker interface {
	Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error)
}

// Codes of refusals.
const (
	NoMetric  record.Code = "metric"
	BadValue  record.Code = "value"
	BadClock  record.Code = "clock"
	BadFilter record.Code = "filter"
)

var catalogue = sync.OnceValue(func() map[string]analytics.Description {
	known := make(map[string]analytics.Description)
	for _, d := range analytics.Catalogue() {
		if slices.Contains(d.Buckets, analytics.BucketQuarter) {
			known[d.Metric] = d
		}
	}
	return known
})

// Metrics lists the metrics that figures can be of, in the order of the API.
func Metrics() []string {
	return slices.DeleteFunc(analytics.Names(), func(name string) bool { return catalogue()[name].Metric == "" })
}

// Values lists the values that a metric has, the usual one first.
func Values(metric string) []analytics.Value {
	switch catalogue()[metric].Unit {
	case "seconds":
		return []analytics.Value{analytics.ValueMean, analytics.ValueMedian, analytics.ValueP90, analytics.ValueN}
	case "rate":
		return []analytics.Value{analytics.ValueRate}
	case "points":
		return []analytics.Value{analytics.ValueMean}
	default:
		return []analytics.Value{analytics.ValueN}
	}
}

// Filters lists by what a metric can be narrowed down, of those that figures have.
func Filters(metric string) []string {
	return slices.DeleteFunc(slices.Clone(catalogue()[metric].Filters), func(name string) bool { return name == "limit_key" })
}

// Timed reports whether a metric is a time, so that it has a clock.
func Timed(metric string) bool { return len(catalogue()[metric].Clocks) > 0 }

// LowerIsBetter reports which way is usually good for a metric.
func LowerIsBetter(metric string) bool {
	return slices.Contains([]string{
		"lead_time", "stage_time", "work_in_progress", "error_rate", "faults", "return_rate", "rework_rate", "emergency_response", "adhoc_purchase_share",
	}, metric)
}

// Unit is what the values are in: seconds, rate, points, cases or faults.
func (f Figure) Unit() string {
	unit := catalogue()[f.Metric].Unit
	if f.Value == analytics.ValueN && unit == "seconds" {
		return "cases"
	}
	return unit
}

// Check says what is wrong with a figure.
func (f Figure) Check() (list []*record.RefusedError) {
	refuse := func(code record.Code, field, format string, values ...any) {
		list = append(list, record.Refuse(code, field, format, values...))
	}
	if _, ok := catalogue()[f.Metric]; !ok {
		refuse(NoMetric, "metric", "there is no metric %.40q that has figures; choose one of %v", f.Metric, Metrics())
		return list
	}
	if !slices.Contains(Values(f.Metric), f.Value) {
		refuse(BadValue, "value", "%s has no value %.40q; it has %v", f.Metric, f.Value, Values(f.Metric))
	}
	if timed := Timed(f.Metric); timed != slices.Contains([]analytics.Clock{analytics.ClockElapsed, analytics.ClockWorking}, f.Clock) {
		refuse(BadClock, "clock", "a time is counted on the clock elapsed or working, and nothing else has a clock")
	}
	for _, filter := range f.filters() {
		if filter.value != "" && !slices.Contains(Filters(f.Metric), filter.name) {
			refuse(BadFilter, filter.name, "%s cannot be narrowed down by %s", f.Metric, filter.name)
		}
		if len(filter.value) > maxFilterBytes {
			refuse(record.TooLong, filter.name, "the %s is longer than %d bytes", filter.name, maxFilterBytes)
		}
	}
	return list
}

const maxFilterBytes = 200

type named struct{ name, value string }

func (f Figure) filters() []named {
	return []named{{"process", f.Process}, {"department", f.Department}, {"stage", f.Stage}, {"class", f.Class}}
}

// Query is the question about the figure in a period.
func (f Figure) Query(from, to time.Time, bucket analytics.Bucket) analytics.Query {
	one := func(value string) []string {
		if value == "" {
			return nil
		}
		return []string{value}
	}
	return analytics.Query{
		From: from, To: to, Zone: from.Location(), Bucket: bucket, By: analytics.ByNone, Clock: f.Clock,
		Process: one(f.Process), Department: one(f.Department), Stage: one(f.Stage), Class: one(f.Class),
	}
}

// Of is the figure in a point, in the metric's unit; ok is false when the point
// does not have it.
func (f Figure) Of(p *analytics.Point) (value float64, ok bool) {
	var at *float64
	switch f.Value {
	case analytics.ValueN:
		return float64(p.N), true
	case analytics.ValueMean:
		at = p.Mean
	case analytics.ValueMedian:
		at = p.Median
	case analytics.ValueP90:
		at = p.P90
	case analytics.ValueRate:
		at = p.Rate
	default:
		return 0, false
	}
	if at == nil {
		return 0, false
	}
	return *at, true
}

// Value is the figure in a part of a period.
type Value struct {
	Period string    `json:"period"` // as in [analytics.Point]
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Value  float64   `json:"value"` // in the metric's unit
	N      uint64    `json:"n"`     // what it rests on
}

// Values asks for the figure in the parts of a period, in order; parts without
// data are left out. from and to are midnights in the office's zone.
func (f Figure) Values(ctx context.Context, ask Asker, from, to time.Time, bucket analytics.Bucket) ([]Value, error) {
	r, err := ask.Query(ctx, f.Metric, f.Query(from, to, bucket))
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", f.Metric, err)
	}
	var points []analytics.Point
	for _, s := range r.Series { // kinds of faults count together
		points = merge(points, s.Points)
	}
	var list []Value
	for i := range points {
		p := &points[i]
		if value, ok := f.Of(p); ok {
			list = append(list, Value{Period: p.Period, Start: p.Start, End: p.End, Value: value, N: p.N})
		}
	}
	return list, nil
}

// merge adds points to those of the same period. Only counts have several series.
func merge(into, more []analytics.Point) []analytics.Point {
	if len(into) == 0 {
		return slices.Clone(more)
	}
	for _, p := range more {
		i, found := slices.BinarySearchFunc(into, p, func(a, b analytics.Point) int { return a.Start.Compare(b.Start) })
		if found {
			into[i].N += p.N
		} else {
			into = slices.Insert(into, i, p)
		}
	}
	return into
}
