// Package oracle is for tests: it computes every metric a second time, slowly
// and obviously, in plain Go from a list of events, and says in words where
// another's figures differ. It shares with package analytics the questions and
// the form of the answers, and no formula: where the two agree, SQL and Go have
// come to a figure on different ways.
//
// Events go in as [event.Record], as the log holds them; figures come out as
// [analytics.Result].
package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// missing stands for a department, class or stage that no event names.
const missing = event.MissingDepartment

// Oracle knows the figures of one list of events. It is immutable and safe for
// concurrent use.
type Oracle struct {
	hb  *handbook.Handbook
	cal *calendar.Calendar

	cases   []completed
	lives   []life    // all cases
	now     time.Time // when Kafka took the newest event
	faults  []fault
	answers []event.Event // the last of each answer
}

// New returns the Oracle of records, in whatever order and with whatever copies
// they come. An event is known by its id; of its copies the one that Kafka took
// last counts, and of those that Kafka took in the same millisecond the first
// in the list. Copies that differ must therefore differ in ProducedAt, and no
// copy may name another process, case, fault, wave or answer: to the warehouse
// that would be another event.
func New(hb *handbook.Handbook, cal *calendar.Calendar, records []event.Record) *Oracle {
	o := &Oracle{hb: hb, cal: cal}
	tasks := make(map[[2]string][]event.Event) // by process and case, in order
	faults := make(map[string][]event.Event)   // by fault, in order
	answers := make(map[string]event.Event)    // the last of each
	for _, e := range once(records) {
		switch {
		case e.Task != nil:
			key := [2]string{e.Task.Process, e.Task.CaseID}
			tasks[key] = append(tasks[key], e)
		case e.Fault != nil:
			key := e.Fault.FaultID
			faults[key] = append(faults[key], e)
		case e.Answer != nil:
			answers[e.Answer.AnswerID] = e
		}
	}
	for _, events := range tasks {
		if c, ok := o.complete(events); ok {
			o.cases = append(o.cases, c)
		}
		o.lives = append(o.lives, o.live(events))
	}
	for _, r := range records {
		if r.ProducedAt.After(o.now) {
			o.now = r.ProducedAt
		}
	}
	for _, reports := range faults {
		if f, ok := count(reports); ok {
			o.faults = append(o.faults, f)
		}
	}
	o.answers = slices.Collect(maps.Values(answers))
	return o
}

// once returns one copy of each event, in the order in which things happened.
func once(records []event.Record) []event.Event {
	last := make(map[string]event.Record)
	for _, r := range records {
		if before, ok := last[r.ID]; !ok || r.ProducedAt.After(before.ProducedAt) {
			last[r.ID] = r
		}
	}
	events := make([]event.Event, 0, len(last))
	for _, r := range last {
		events = append(events, r.Event)
	}
	slices.SortFunc(events, func(a, b event.Event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.ID, b.ID))
	})
	return events
}

// Log gives events their places in a log, in the order given, each a
// millisecond after the one before.
func Log(events []event.Event) []event.Record {
	records := make([]event.Record, len(events))
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for i, e := range events {
		records[i] = event.Record{Event: e, Offset: int64(i), ProducedAt: start.Add(time.Duration(i) * time.Millisecond)}
	}
	return records
}

// Result answers what [analytics.Metrics.Query] would, with the same defaults.
// It leaves out AsOf and the bounds of points, and takes the newest ProducedAt
// for now. The error is [analytics.ErrQuery]; it is not as thorough about
// questions as Metrics is.
func (o *Oracle) Result(metric string, q analytics.Query) (*analytics.Result, error) {
	return o.resultAt(metric, q, o.now)
}

// resultAt is Result as of another now.
func (o *Oracle) resultAt(metric string, q analytics.Query, now time.Time) (*analytics.Result, error) {
	i := slices.IndexFunc(analytics.Catalogue(), func(d analytics.Description) bool { return d.Metric == metric })
	if i < 0 {
		return nil, fmt.Errorf("%w: there is no metric %q", analytics.ErrQuery, metric)
	}
	d := analytics.Catalogue()[i]
	q = o.withDefaults(q)
	if !slices.Contains(d.By, q.By) || !slices.Contains(d.Buckets, q.Bucket) {
		return nil, fmt.Errorf("%w: %s by %s in %s", analytics.ErrQuery, metric, q.By, q.Bucket)
	}
	r := &analytics.Result{
		Metric: metric, Unit: d.Unit, Definition: d.Definition,
		Timezone: q.Zone.String(), From: q.From.In(q.Zone), To: q.To.In(q.Zone),
	}
	if len(d.Clocks) > 0 {
		r.Clock = q.Clock
	}
	switch metric {
	case "variants":
		r.Rows, r.N = o.variants(q)
	case "deviations":
		r.Rows, r.N = o.deviations(q)
	case "transitions":
		r.Rows, r.N = o.transitions(q)
	case "handovers":
		r.Rows, r.N = o.handovers(q)
	case "bottlenecks":
		r.Rows, r.N = o.bottlenecks(q)
	default:
		r.Series = o.series(metric, q, now)
	}
	return r, nil
}

func (o *Oracle) withDefaults(q analytics.Query) analytics.Query {
	if q.Zone == nil {
		q.Zone = o.cal.Zone()
	}
	q.Bucket = cmp.Or(q.Bucket, analytics.BucketNone)
	q.By = cmp.Or(q.By, analytics.ByNone)
	q.Clock = cmp.Or(q.Clock, analytics.ClockElapsed)
	q.Sort = cmp.Or(q.Sort, analytics.SortCount)
	q.Limit = cmp.Or(q.Limit, analytics.DefaultLimit)
	return q
}

// between is the time from a to b on the clock asked for, in seconds.
func (o *Oracle) between(q analytics.Query, a, b time.Time) float64 {
	if q.Clock == analytics.ClockWorking {
		return o.cal.Between(a, b).Seconds()
	}
	return float64(b.UnixMilli()-a.UnixMilli()) / 1000
}

func within(q analytics.Query, t time.Time) bool { return !t.Before(q.From) && t.Before(q.To) }

func chosen(filter []string, v string) bool { return len(filter) == 0 || slices.Contains(filter, v) }
