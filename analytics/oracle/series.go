package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// sample is one observation of a metric.
type sample struct {
	key   string // of the series
	at    time.Time
	value float64
	hit   bool // of a rate: it is meant

	overdue bool // of a promise: it is open

	// Of a visit: it has seen a start, something happened after that, and how
	// much of value was over at the start.
	begun, parted bool
	waiting       float64
}

func (o *Oracle) samples(metric string, q analytics.Query, now time.Time) []sample {
	switch metric {
	case "work_in_progress":
		return o.open(q, now)
	case "on_time_rate", "archive_on_time", "equipment_check_on_time":
		return o.promiseSamples(metric, q, now)
	case "emergency_response":
		return o.responses(q)
	case "faults":
		return o.faultSamples(q)
	case "satisfaction":
		return o.answerSamples(q)
	}
	var samples []sample
	for _, c := range o.of(q) {
		samples = append(samples, o.caseSamples(metric, q, c)...)
	}
	return samples
}

func (o *Oracle) caseSamples(metric string, q analytics.Query, c completed) []sample {
	one := sample{key: c.key(q.By), at: c.ended().Time}
	switch metric {
	case "lead_time":
		one.value = o.between(q, c.started().Time, c.ended().Time)
	case "rework_rate":
		one.hit = o.reworked(c)
	case "return_rate":
		one.hit = c.saw(event.Return)
	case "first_pass_yield":
		one.hit = !c.saw(event.Return) && !c.saw(event.Reject)
	case "error_rate":
		one.hit = o.faulty(q, c)
	case "stage_time":
		return o.visits(q, c)
	case "notice_coverage":
		return o.invitees(q, c)
	case "adhoc_purchase_share":
		if c.process != "supplies" {
			return nil
		}
		one.hit = c.attribute("order") == "ad_hoc"
	}
	return []sample{one}
}

// series groups a metric's samples into points, ordered by key and then by time.
func (o *Oracle) series(metric string, q analytics.Query, now time.Time) []analytics.Series {
	type place struct{ key, period string }
	groups := make(map[place][]sample)
	for _, s := range o.samples(metric, q, now) {
		p := place{s.key, o.period(s.at.In(q.Zone), q.Bucket)}
		if metric == "satisfaction" && q.By == analytics.ByNone {
			p.key = "all"
		}
		groups[p] = append(groups[p], s)
	}
	var series []analytics.Series
	for _, p := range slices.SortedFunc(maps.Keys(groups), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.period, b.period))
	}) {
		if len(series) == 0 || series[len(series)-1].Key != p.key {
			series = append(series, analytics.Series{Key: p.key})
		}
		point := point(metric, groups[p])
		point.Period = p.period
		last := &series[len(series)-1]
		last.Points = append(last.Points, point)
	}
	return series
}

// period names the bucket of an instant. Of one kind, names sort as time goes.
func (o *Oracle) period(t time.Time, b analytics.Bucket) string {
	switch b {
	case analytics.BucketQuarter:
		months := t.Year()*12 + int(t.Month()) - max(1, o.hb.FiscalYearStart) // since fiscal year 0 began
		return fmt.Sprintf("%04dQ%d", months/12, months%12/3+1)
	case analytics.BucketMonth:
		return t.Format("2006-01")
	case analytics.BucketWeek:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%04dW%02d", year, week)
	case analytics.BucketDay:
		return t.Format(time.DateOnly)
	default:
		return ""
	}
}

func point(metric string, samples []sample) analytics.Point {
	p := analytics.Point{N: uint64(len(samples))}
	var values []float64
	var hits, overdue uint64
	for _, s := range samples {
		values = append(values, s.value)
		if s.hit {
			hits++
		}
		if s.overdue {
			overdue++
		}
	}
	switch metric {
	case "lead_time", "stage_time", "work_in_progress", "emergency_response":
		p.Mean, p.Total = new(mean(values)), new(sum(values))
		p.Median, p.P75 = new(quantile(values, 0.5)), new(quantile(values, 0.75))
		p.P90, p.P95 = new(quantile(values, 0.9)), new(quantile(values, 0.95))
		if metric == "stage_time" {
			p.Waiting, p.Processing = waitingAndProcessing(samples)
		}
	case "rework_rate", "error_rate", "return_rate", "first_pass_yield", "notice_coverage", "adhoc_purchase_share",
		"on_time_rate", "archive_on_time", "equipment_check_on_time":
		p.Count, p.Rate = &hits, new(float64(hits)/float64(len(samples)))
	case "satisfaction":
		p.Mean = new(meanOfMeans(samples))
	}
	switch metric {
	case "emergency_response":
		p.Count, p.Rate = &hits, new(float64(hits)/float64(len(samples)))
	case "on_time_rate", "archive_on_time", "equipment_check_on_time":
		p.Overdue = &overdue
	}
	return p
}

// waitingAndProcessing are those of the visits that tell them apart; nil without any.
func waitingAndProcessing(samples []sample) (waiting, processing *analytics.Times) {
	var before, after []float64
	for _, s := range samples {
		if s.parted {
			before, after = append(before, s.waiting), append(after, s.value-s.waiting)
		}
	}
	return times(before), times(after)
}

func times(values []float64) *analytics.Times {
	if len(values) == 0 {
		return nil
	}
	return &analytics.Times{N: uint64(len(values)), Mean: mean(values), Median: quantile(values, 0.5), P90: quantile(values, 0.9), Total: sum(values)}
}

// meanOfMeans is the simple mean of the keys' means.
func meanOfMeans(samples []sample) float64 {
	byKey := make(map[string][]float64)
	for _, s := range samples {
		byKey[s.key] = append(byKey[s.key], s.value)
	}
	var means []float64
	for _, values := range byKey {
		means = append(means, mean(values))
	}
	return mean(means)
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

// quantile is R's type 7. Source: Hyndman and Fan (1996), The American
// Statistician 50, 361-365.
func quantile(values []float64, p float64) float64 {
	s := slices.Sorted(slices.Values(values))
	h := float64(len(s)-1) * p
	low := int(math.Floor(h))
	high := min(low+1, len(s)-1)
	return s[low] + (h-float64(low))*(s[high]-s[low])
}
