package analytics_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// oracle computes every metric slowly and obviously, event by event, from the
// definitions. The SQL has to agree with it.
type oracle struct {
	hb      *handbook.Handbook
	cal     *calendar.Calendar
	tasks   map[[2]string][]event.Event // by process and case, in order
	faults  map[string][]event.Event    // by fault, in order
	answers map[string][]event.Event    // by answer, in order
}

// newOracle takes what the log holds: of the records of one event the one that
// Kafka took last counts.
func newOracle(hb *handbook.Handbook, cal *calendar.Calendar, records []event.Record) *oracle {
	last := make(map[string]event.Record)
	for _, r := range records {
		if before, ok := last[r.ID]; !ok || r.ProducedAt.After(before.ProducedAt) {
			last[r.ID] = r
		}
	}
	o := &oracle{
		hb: hb, cal: cal,
		tasks: make(map[[2]string][]event.Event), faults: make(map[string][]event.Event), answers: make(map[string][]event.Event),
	}
	for _, e := range slices.SortedFunc(maps.Values(last), func(a, b event.Record) int { return inOrder(a.Event, b.Event) }) {
		switch {
		case e.Task != nil:
			key := [2]string{e.Task.Process, e.Task.CaseID}
			o.tasks[key] = append(o.tasks[key], e.Event)
		case e.Fault != nil:
			o.faults[e.Fault.FaultID] = append(o.faults[e.Fault.FaultID], e.Event)
		case e.Answer != nil:
			o.answers[e.Answer.AnswerID] = append(o.answers[e.Answer.AnswerID], e.Event)
		}
	}
	return o
}

// completed is a case that has ended.
type completed struct {
	process, caseID, department, class string
	events                             []event.Event
	end                                int // index of the event that ended it
}

func (c completed) at() time.Time { return c.events[c.end].Time }

func (o *oracle) process(key string) *handbook.Process {
	for i := range o.hb.Processes {
		if o.hb.Processes[i].Key == key {
			return &o.hb.Processes[i]
		}
	}
	return nil
}

// cases are the completed cases that q asks for.
func (o *oracle) cases(q analytics.Query) []completed {
	var found []completed
	for key, events := range o.tasks {
		c := completed{process: key[0], caseID: key[1], events: events, end: -1, department: event.MissingDepartment, class: "(missing)"}
		p := o.process(c.process)
		closed := p != nil
		withdrawn := false
		for i, e := range events {
			isEnd := e.Task.Action != event.Withdraw
			if p != nil {
				isEnd = e.Task.Stage == p.Ends.Stage && string(e.Task.Action) == p.Ends.Action
			}
			if isEnd {
				c.end, withdrawn = i, false
			} else if e.Task.Action == event.Withdraw {
				withdrawn = true
			}
			if e.Task.Action == event.Close || e.Task.Attributes[event.AttributeAssumeComplete] == "true" {
				closed = true
			}
			if d := e.Task.Department; d != "" && d != event.MissingDepartment {
				c.department = d
			}
			if k := e.Task.Attributes[event.AttributeClass]; k != "" && k != "(missing)" {
				c.class = k
			}
		}
		if c.end >= 0 && closed && !withdrawn && within(q, c.at()) &&
			chosen(q.Process, c.process) && chosen(q.Department, c.department) && chosen(q.Class, c.class) {
			found = append(found, c)
		}
	}
	return found
}

func within(q analytics.Query, t time.Time) bool { return !t.Before(q.From) && t.Before(q.To) }

func chosen(filter []string, v string) bool { return len(filter) == 0 || slices.Contains(filter, v) }

// time between two instants on the clock asked for, in seconds.
func (o *oracle) between(q analytics.Query, a, b time.Time) float64 {
	if q.Clock == analytics.ClockWorking {
		return o.cal.Between(a, b).Seconds()
	}
	return float64(b.UnixMilli()-a.UnixMilli()) / 1000
}

func isStep(e event.Event) bool {
	switch e.Task.Action {
	case event.Start, event.Remind, event.Transfer, event.Withdraw, event.Comment, event.Reopen:
		return false
	default:
		return true
	}
}

// fault is a counted fault.
type fault struct {
	process, caseID, stage, department, kind string
	found                                    time.Time
}

func (o *oracle) counted() []fault {
	var counted []fault
	for _, reports := range o.faults {
		last := reports[len(reports)-1].Fault
		if last.Status != event.Confirmed && last.Status != event.Corrected {
			continue
		}
		f := fault{process: last.Process, kind: last.Kind, stage: "(missing)", department: event.MissingDepartment, found: reports[0].Time}
		for _, r := range slices.Backward(reports) {
			if !r.Fault.FoundAt.IsZero() {
				f.found = r.Fault.FoundAt
			}
		}
		for _, r := range reports {
			if r.Fault.CaseID != "" {
				f.caseID = r.Fault.CaseID
			}
			if r.Fault.Stage != "" {
				f.stage = r.Fault.Stage
			}
			if d := r.Fault.Department; d != event.MissingDepartment {
				f.department = d
			}
		}
		counted = append(counted, f)
	}
	return counted
}

// sample is one observation of a metric.
type sample struct {
	key   string
	at    time.Time
	value float64
	hit   bool
}

func (o *oracle) samples(metric string, q analytics.Query) []sample {
	var samples []sample
	switch metric {
	case "faults":
		for _, f := range o.counted() {
			if within(q, f.found) && chosen(q.Process, f.process) && chosen(q.Department, f.department) && chosen(q.Stage, f.stage) {
				key := map[analytics.By]string{
					analytics.ByNone: f.kind, analytics.ByKind: f.kind, analytics.ByProcess: f.process, analytics.ByStage: f.stage, analytics.ByDepartment: f.department,
				}[q.By]
				samples = append(samples, sample{key: key, at: f.found})
			}
		}
	case "satisfaction":
		for _, a := range o.answers {
			last := a[len(a)-1]
			if score, ok := o.score(last.Answer); ok && within(q, last.Time) && chosen(q.Department, last.Answer.Department) {
				samples = append(samples, sample{key: last.Answer.Department, at: last.Time, value: score})
			}
		}
	default:
		for _, c := range o.cases(q) {
			samples = append(samples, o.ofCase(metric, q, c)...)
		}
	}
	return samples
}

func (o *oracle) score(a *event.Answer) (float64, bool) {
	known := slices.IndexFunc(o.hb.Questionnaires, func(q handbook.Questionnaire) bool { return q.Key == a.Questionnaire })
	sum, weights := 0.0, 0.0
	for key, v := range a.Answers {
		value, ok := v.Number()
		weight := 1.0
		inRange := value >= 0 && value <= 100
		if known >= 0 {
			q := o.hb.Questionnaires[known]
			item := slices.IndexFunc(q.Items, func(i handbook.Item) bool { return i.Key == key })
			if item < 0 {
				continue
			}
			weight = q.Items[item].Weight
			if len(q.Levels) > 0 {
				points, exists := q.Levels[int(value)]
				inRange = exists && value == math.Floor(value)
				value = points
			}
		}
		if ok && inRange {
			sum, weights = sum+weight*value, weights+weight
		}
	}
	return sum / weights, weights > 0
}

func (o *oracle) ofCase(metric string, q analytics.Query, c completed) []sample {
	key := map[analytics.By]string{
		analytics.ByNone: "all", analytics.ByProcess: c.process, analytics.ByDepartment: c.department, analytics.ByClass: c.class,
	}[q.By]
	one := sample{key: key, at: c.at()}
	switch metric {
	case "throughput":
	case "lead_time":
		one.value = o.between(q, c.events[0].Time, c.at())
	case "stage_time":
		return o.visits(q, c, key)
	case "rework_rate":
		seen := make(map[string]bool)
		for _, stage := range c.stages() {
			one.hit = one.hit || seen[stage] && !o.repeats(c.process, stage)
			seen[stage] = true
		}
	case "error_rate":
		for _, f := range o.counted() {
			one.hit = one.hit || f.process == c.process && f.caseID == c.caseID && chosen(q.Stage, f.stage)
		}
	}
	return []sample{one}
}

func (o *oracle) repeats(process, stage string) bool {
	p := o.process(process)
	return p != nil && slices.ContainsFunc(p.Stages, func(s handbook.Stage) bool { return s.Key == stage && s.Repeats })
}

func (c completed) stages() []string {
	stages := []string{}
	for _, e := range c.events {
		if isStep(e) {
			stages = append(stages, e.Task.Stage)
		}
	}
	return stages
}

func (o *oracle) visits(q analytics.Query, c completed, key string) []sample {
	var visits []sample
	at, stage := c.events[0].Time, ""
	for i, e := range c.events[:c.end+1] {
		if i != c.end && (e.Task.Action == event.Comment || e.Task.Action == event.Remind) {
			continue
		}
		if len(visits) == 0 || e.Task.Stage != stage {
			k := key
			if q.By == analytics.ByStage {
				k = e.Task.Stage
			}
			visits = append(visits, sample{key: k, at: c.at(), hit: chosen(q.Stage, e.Task.Stage)})
		}
		visits[len(visits)-1].value += o.between(q, at, e.Time)
		at, stage = e.Time, e.Task.Stage
	}
	return slices.DeleteFunc(visits, func(v sample) bool { return !v.hit })
}

// bucketOf names the bucket of an instant, in whole calendar quarters and so on.
func bucketOf(t time.Time, b analytics.Bucket) string {
	switch b {
	case analytics.BucketQuarter:
		return fmt.Sprintf("%dQ%d", t.Year(), (int(t.Month())-1)/3+1)
	case analytics.BucketMonth:
		return t.Format("2006-01")
	case analytics.BucketWeek:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%dW%02d", y, w)
	case analytics.BucketDay:
		return t.Format(time.DateOnly)
	default:
		return ""
	}
}

// series is the metric as series, with the bounds of points left out.
func (o *oracle) series(metric string, q analytics.Query) []analytics.Series {
	type place struct{ key, period string }
	groups := make(map[place][]sample)
	for _, s := range o.samples(metric, q) {
		key := s.key
		if metric == "satisfaction" && q.By == analytics.ByNone {
			key = "all"
		}
		p := place{key, bucketOf(s.at.In(q.Zone), q.Bucket)}
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
		series[len(series)-1].Points = append(series[len(series)-1].Points, point)
	}
	return series
}

func point(metric string, samples []sample) analytics.Point {
	p := analytics.Point{N: uint64(len(samples))}
	var values []float64
	hits := uint64(0)
	for _, s := range samples {
		values = append(values, s.value)
		if s.hit {
			hits++
		}
	}
	switch metric {
	case "lead_time", "stage_time":
		p.Mean, p.Total = new(mean(values)), new(sum(values))
		p.Median, p.P75, p.P90, p.P95 = new(quantile(values, 0.5)), new(quantile(values, 0.75)), new(quantile(values, 0.9)), new(quantile(values, 0.95))
	case "rework_rate", "error_rate":
		p.Count, p.Rate = &hits, new(float64(hits)/float64(len(samples)))
	case "satisfaction":
		byDepartment := make(map[string][]float64)
		for _, s := range samples {
			byDepartment[s.key] = append(byDepartment[s.key], s.value)
		}
		var means []float64
		for _, v := range byDepartment {
			means = append(means, mean(v))
		}
		p.Mean = new(mean(means))
	}
	return p
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

// quantile is R's type 7.
func quantile(values []float64, p float64) float64 {
	s := slices.Sorted(slices.Values(values))
	h := float64(len(s)-1) * p
	low := int(math.Floor(h))
	high := min(low+1, len(s)-1)
	return s[low] + (h-float64(low))*(s[high]-s[low])
}

func (o *oracle) variants(q analytics.Query) ([]analytics.Variant, uint64) {
	ways := make(map[string]*analytics.Variant)
	cases := o.cases(q)
	for _, c := range cases {
		way := fmt.Sprint(c.stages())
		if ways[way] == nil {
			ways[way] = &analytics.Variant{Stages: c.stages()}
		}
		ways[way].Count++
		ways[way].Share = float64(ways[way].Count) / float64(len(cases))
	}
	table := []analytics.Variant{}
	for _, v := range ways {
		table = append(table, *v)
	}
	slices.SortFunc(table, func(a, b analytics.Variant) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), slices.Compare(a.Stages, b.Stages))
	})
	return table[:min(len(table), q.Limit)], uint64(len(cases))
}

func (o *oracle) transitions(q analytics.Query) ([]analytics.Transition, uint64) {
	waits := make(map[[2]string][]float64)
	n := uint64(0)
	for _, c := range o.cases(q) {
		var before *event.Event
		for _, e := range c.events {
			if !isStep(e) {
				continue
			}
			if before != nil {
				pair := [2]string{before.Task.Stage, e.Task.Stage}
				waits[pair] = append(waits[pair], o.between(q, before.Time, e.Time))
				n++
			}
			before = &e
		}
	}
	table := []analytics.Transition{}
	for pair, w := range waits {
		table = append(table, analytics.Transition{
			From: pair[0], To: pair[1], Count: uint64(len(w)),
			Mean: mean(w), Median: quantile(w, 0.5), P90: quantile(w, 0.9), Total: sum(w),
		})
	}
	slices.SortFunc(table, func(a, b analytics.Transition) int {
		first := -cmp.Compare(a.Count, b.Count)
		if q.Sort == analytics.SortTotal {
			first = -cmp.Compare(math.Round(a.Total*1000), math.Round(b.Total*1000))
		}
		return cmp.Or(first, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return table[:min(len(table), q.Limit)], n
}
