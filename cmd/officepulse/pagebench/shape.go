package pagebench

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"example.com/officepulse/analytics"
)

// Figure is what the office looks like by one metric: its value in each quarter.
type Figure struct {
	Metric  string             `json:"metric"`
	Process string             `json:"process,omitempty"`
	Unit    string             `json:"unit"`
	Values  map[string]float64 `json:"values"` // by quarter: the rate, the mean of times (working), or how many
}

// expectation is what a figure has to be to look like an office's, wide enough
// for a few hundred cases.
type expectation struct {
	metric, process string
	least, most     float64 // in every quarter
	falls, rises    bool    // from before 2026 to after its first quarter
}

const workingDay = 8 * 3600 // seconds

var expectations = []expectation{
	{metric: "throughput", least: 1, most: 1e9},
	{metric: "work_in_progress", least: 1, most: 1e9},
	{metric: "error_rate", least: 0.02, most: 0.12, falls: true},
	{metric: "lead_time", process: "doc_approval", least: 0.8 * workingDay, most: 4.5 * workingDay, falls: true},
	{metric: "lead_time", process: "meeting", least: 2 * workingDay, most: 10 * workingDay},
	{metric: "stage_time", least: 0.1 * 3600, most: 20 * 3600},
	{metric: "on_time_rate", least: 0.5, most: 0.99},
	{metric: "first_pass_yield", process: "doc_approval", least: 0.7, most: 0.97, rises: true},
	{metric: "return_rate", process: "doc_approval", least: 0.03, most: 0.3, falls: true},
	{metric: "rework_rate", process: "doc_approval", least: 0.03, most: 0.3, falls: true},
	{metric: "archive_on_time", least: 0.4, most: 1},
	{metric: "equipment_check_on_time", least: 0.4, most: 1, rises: true},
	{metric: "notice_coverage", least: 0.9, most: 1},
	{metric: "adhoc_purchase_share", least: 0.01, most: 0.6, falls: true},
	{metric: "satisfaction", least: 60, most: 99, rises: true},
}

// tables are the metrics that have rows; an office has some in all of them.
var tables = []string{"variants", "deviations", "transitions", "handovers", "bottlenecks"}

// shape looks whether what was filled in looks like an office. It asks what is
// served: whether that is what the events say is looked at besides.
func (b *bench) shape(ctx context.Context) error {
	m := b.Served()
	on := func(year int, month time.Month) time.Time {
		return analytics.DayStart(year, month, 1, b.zone())
	}
	q := analytics.Query{From: on(2024, time.October), To: on(2026, time.October), Clock: analytics.ClockWorking}
	for _, e := range expectations {
		q := q
		q.Bucket = analytics.BucketQuarter
		if e.process != "" {
			q.Process = []string{e.process}
		}
		r, err := m.Query(ctx, e.metric, q)
		if err != nil {
			b.report.wrong("shape: %s of %q: %v", e.metric, e.process, err)
			continue
		}
		f := Figure{Metric: e.metric, Process: e.process, Unit: r.Unit, Values: map[string]float64{}}
		for _, s := range r.Series {
			for _, p := range s.Points {
				f.Values[p.Period] = valueOf(e.metric, p)
			}
		}
		b.report.Shape = append(b.report.Shape, f)
		if fault := e.fault(f.Values); fault != "" {
			b.report.wrong("shape: %s of %q %s", e.metric, e.process, fault)
		}
	}
	for _, name := range tables {
		r, err := m.Query(ctx, name, q)
		if err != nil {
			b.report.wrong("shape: %s: %v", name, err)
			continue
		}
		b.report.Tables = append(b.report.Tables, Table{name, r.N, r.Rows})
		if reflect.ValueOf(r.Rows).Len() == 0 {
			b.report.wrong("shape: %s has no rows", name)
		}
	}
	return ctx.Err()
}

// Table is one of the tables of the whole time.
type Table struct {
	Metric string `json:"metric"`
	N      uint64 `json:"n"`
	Rows   any    `json:"rows"`
}

func (b *bench) zone() *time.Location {
	zone, err := time.LoadLocation(b.Handbook.Timezone)
	if err != nil { // a handbook that was loaded has one
		return time.UTC
	}
	return zone
}

// counted is a metric of times of which the number says more.
const counted = "work_in_progress"

// valueOf is the figure that stands for a point.
func valueOf(metric string, p analytics.Point) float64 {
	switch {
	case metric == counted:
		return float64(p.N)
	case p.Rate != nil:
		return *p.Rate
	case p.Mean != nil:
		return *p.Mean
	default:
		return float64(p.N)
	}
}

// fault says what is wrong with the values of the quarters; "" if nothing is.
func (e expectation) fault(values map[string]float64) string {
	const quarters = 8
	if len(values) != quarters {
		return fmt.Sprintf("has %d quarters", len(values))
	}
	for _, quarter := range slices.Sorted(maps.Keys(values)) {
		if v := values[quarter]; v < e.least || v > e.most {
			return fmt.Sprintf("is %.4g in %s, not %g to %g", v, quarter, e.least, e.most)
		}
	}
	before := mean(values, "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4")
	after := mean(values, "2026Q2", "2026Q3")
	if e.falls && after >= before || e.rises && after <= before {
		return fmt.Sprintf("went from %.4g to %.4g", before, after)
	}
	return ""
}

func mean(values map[string]float64, quarters ...string) float64 {
	sum := 0.0
	for _, q := range quarters {
		sum += values[q]
	}
	return sum / float64(len(quarters))
}
