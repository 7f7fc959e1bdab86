package oracle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// Question is a metric with what it is asked.
type Question struct {
	Metric string
	Query  analytics.Query
}

// String puts the question into words.
func (q Question) String() string {
	words := []string{q.Metric}
	for _, w := range []struct{ before, value string }{
		{"by", string(q.Query.By)},
		{"per", string(q.Query.Bucket)},
		{"on the clock", string(q.Query.Clock)},
		{"sorted by", string(q.Query.Sort)},
		{"from", q.Query.From.Format(time.RFC3339)},
		{"to", q.Query.To.Format(time.RFC3339)},
	} {
		if w.value != "" {
			words = append(words, w.before, w.value)
		}
	}
	if q.Query.Zone != nil {
		words = append(words, "in", q.Query.Zone.String())
	}
	for _, f := range []struct {
		name   string
		values []string
	}{
		{"process", q.Query.Process}, {"department", q.Query.Department}, {"stage", q.Query.Stage}, {"class", q.Query.Class}, {"limit", q.Query.Limits},
	} {
		if len(f.values) > 0 {
			words = append(words, fmt.Sprintf("of %s %q", f.name, f.values))
		}
	}
	return strings.Join(words, " ")
}

// Questions are a good hundred that together show every figure there is, over
// the days from the first to the last event that counts in the office's zone:
// every metric on both clocks, in every grouping for the whole time and per
// month, and in one series per quarter, week and day; tables in every order,
// with as many rows as there can be. Where the time has more parts than may be
// asked for, the last of them are. Nothing is filtered.
func (o *Oracle) Questions() []Question {
	from, to := o.days()
	var list []Question
	for _, d := range analytics.Catalogue() {
		for _, by := range d.By {
			for _, bucket := range d.Buckets {
				if by != analytics.ByNone && bucket != analytics.BucketNone && bucket != analytics.BucketMonth {
					continue
				}
				q := analytics.Query{From: o.notBefore(to, bucket, from), To: to, Zone: o.cal.Zone(), Bucket: bucket, By: by, Limit: analytics.MaxLimit}
				list = append(list, inEveryWay(d, q)...)
			}
		}
	}
	return list
}

// inEveryWay asks on every clock and, of tables that can be sorted, in every order.
func inEveryWay(d analytics.Description, q analytics.Query) []Question {
	clocks, orders := d.Clocks, []analytics.Sort{""}
	if len(clocks) == 0 {
		clocks = []analytics.Clock{""}
	}
	if d.Metric == "transitions" || d.Metric == "handovers" || d.Metric == "deviations" {
		orders = []analytics.Sort{analytics.SortCount, analytics.SortTotal}
	}
	var list []Question
	for _, q.Clock = range clocks {
		for _, q.Sort = range orders {
			list = append(list, Question{d.Metric, q})
		}
	}
	return list
}

// days are the first instant of the first day that has a figure, and of the day
// after the last; a day of 1970 when there is none.
func (o *Oracle) days() (from, to time.Time) {
	var at []time.Time
	for _, c := range o.cases {
		at = append(at, c.ended().Time)
	}
	for _, f := range o.faults {
		at = append(at, f.found)
	}
	for _, e := range o.answers {
		at = append(at, e.Time)
	}
	if len(at) == 0 {
		at = []time.Time{time.Unix(0, 0)}
	}
	first, last := slices.MinFunc(at, time.Time.Compare), slices.MaxFunc(at, time.Time.Compare)
	return o.day(first, 0), o.day(last, 1)
}

// day is the first instant of the day of t, or of one some days later.
func (o *Oracle) day(t time.Time, later int) time.Time {
	y, m, d := t.In(o.cal.Zone()).Date()
	return analytics.DayStart(y, m, d+later, o.cal.Zone())
}

// notBefore moves from so near to to that the buckets between them are not more
// than [analytics.MaxBuckets].
func (o *Oracle) notBefore(to time.Time, b analytics.Bucket, from time.Time) time.Time {
	var earliest time.Time
	switch b {
	case analytics.BucketDay:
		earliest = o.day(to.AddDate(0, 0, -analytics.MaxBuckets+2), 0)
	case analytics.BucketWeek:
		earliest = o.day(to.AddDate(0, 0, 7*(-analytics.MaxBuckets+2)), 0)
	case analytics.BucketMonth:
		earliest = o.day(to.AddDate(0, -analytics.MaxBuckets+2, 0), 0)
	default: // quarters since 1900 are few
		earliest = event.Earliest
	}
	if from.Before(earliest) {
		return earliest
	}
	return from
}

// Asker answers questions, as [analytics.Metrics] and [API] do.
type Asker interface {
	Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error)
}

// maxWords is how many differences of one answer are told: the first few show
// what is wrong, and where nothing was stored all of them would be thousands.
const maxWords = 5

// Check asks m all [Oracle.Questions] and returns in words where its answers are
// not the Oracle's, or where it has none; nil when all is well.
func (o *Oracle) Check(ctx context.Context, m Asker) []string {
	var found []string
	for _, q := range o.Questions() {
		found = append(found, o.CheckOne(ctx, m, q)...)
	}
	return found
}

// CheckOne is [Oracle.Check] of one question.
func (o *Oracle) CheckOne(ctx context.Context, m Asker, q Question) []string {
	got, err := m.Query(ctx, q.Metric, q.Query)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", q, err)}
	}
	now := got.AsOf
	if now.IsZero() {
		now = o.now
	}
	want, err := o.resultAt(q.Metric, q.Query, now)
	if err != nil {
		return []string{fmt.Sprintf("%s: the oracle cannot answer: %v", q, err)}
	}
	found := Differences(got, want)
	if more := len(found) - maxWords; more > 0 {
		found = append(found[:maxWords], fmt.Sprintf("and %d more", more))
	}
	for i := range found {
		found[i] = q.String() + ": " + found[i]
	}
	return found
}
