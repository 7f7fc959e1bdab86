package analytics_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func year(y int) analytics.Query {
	return analytics.Query{From: day(y, 1, 1), To: day(y+1, 1, 1), Zone: time.UTC}
}

// step is an event of a case of a process that the handbook does not define.
func step(caseID, stage string, action event.Action, at time.Time) event.Event {
	return event.Event{
		ID: fmt.Sprintf("%s %s %d", caseID, stage, at.UnixMilli()), Source: "test", Type: event.TypeTask, Time: at,
		Task: &event.Task{Process: "errand", CaseID: caseID, Stage: stage, Action: action, Department: "sales"},
	}
}

// Every question that makes no sense is refused with a text that says what would.
func TestErrQuery(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	f := func(metric, want string, change func(*analytics.Query)) {
		t.Helper()
		q := year(2026)
		change(&q)
		_, err := m.Query(t.Context(), metric, q)
		if !errors.Is(err, analytics.ErrQuery) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ErrQuery with %q", metric, err, want)
		}
	}
	f("leadtime", "there are lead_time, stage_time", func(*analytics.Query) {})
	f("lead_time", "empty or reversed", func(q *analytics.Query) { q.To = q.From })
	f("lead_time", "empty or reversed", func(q *analytics.Query) { q.From, q.To = q.To, q.From })
	f("lead_time", "more than 1100 parts", func(q *analytics.Query) { q.From, q.Bucket = day(2000, 1, 1), analytics.BucketDay })
	f("lead_time", "no bucket \"hour\"", func(q *analytics.Query) { q.Bucket = "hour" })
	f("lead_time", "no clock \"sidereal\"", func(q *analytics.Query) { q.Clock = "sidereal" })
	f("lead_time", "it can be by none, process, department, class", func(q *analytics.Query) { q.By = analytics.ByStage })
	f("lead_time", "cannot be filtered by stage; it can be by process, department, class", func(q *analytics.Query) { q.Stage = []string{"draft"} })
	f("error_rate", "cannot be grouped by \"stage\"", func(q *analytics.Query) { q.By = analytics.ByStage })
	f("faults", "cannot be filtered by class", func(q *analytics.Query) { q.Class = []string{"core"} })
	f("satisfaction", "cannot be filtered by process; it can be by department", func(q *analytics.Query) { q.Process = []string{"approval"} })
	f("satisfaction", "it can be by none, department", func(q *analytics.Query) { q.By = analytics.ByProcess })
	f("variants", "leave the bucket out", func(q *analytics.Query) { q.Bucket = analytics.BucketMonth })
	f("variants", "it can be by none", func(q *analytics.Query) { q.By = analytics.ByProcess })
	f("variants", "1 to 1000 rows, not 1001", func(q *analytics.Query) { q.Limit = 1001 })
	f("transitions", "1 to 1000 rows, not -1", func(q *analytics.Query) { q.Limit = -1 })
	f("transitions", "there are count, total", func(q *analytics.Query) { q.Sort = "mean" })
	_, err := m.Cases(t.Context(), analytics.CaseQuery{Query: year(2026), About: "deviations", Kind: []string{"detour"}})
	if !errors.Is(err, analytics.ErrQuery) || !strings.Contains(err.Error(), "missing, repeated, out_of_order, foreign") {
		t.Errorf("a deviation that there is not: %v", err)
	}
	f("lead_time", "control character", func(q *analytics.Query) { q.Process = []string{"a\tb"} })

	// The finest question that is allowed.
	q := year(2024)
	q.From, q.Bucket = q.To.AddDate(0, 0, -analytics.MaxBuckets), analytics.BucketDay
	if r := ask(t, m, "lead_time", q); len(r.Series) != 0 {
		t.Errorf("an empty warehouse has %d series", len(r.Series))
	}
}

// Every grouping and filter that is documented for a metric is answered, also
// when there is nothing.
func TestEverythingAskable(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	for _, metric := range analytics.Names() {
		for _, by := range askable[metric].by {
			q := year(2026)
			q.By = by
			for filter, values := range map[string]*[]string{"process": &q.Process, "department": &q.Department, "class": &q.Class, "stage": &q.Stage, "limit_key": &q.Limits} {
				if askable[metric].filters[filter] {
					*values = []string{"x", "it's \\ odd", "{from}"}
				}
			}
			r := ask(t, m, metric, q)
			if r.Metric != metric || r.Unit == "" || r.Definition == "" || r.Timezone != "UTC" {
				t.Errorf("%s is described as %+v", metric, r)
			}
			timed := slices.Contains([]string{"lead_time", "stage_time", "transitions", "work_in_progress", "handovers", "bottlenecks", "emergency_response", "deviations"}, metric)
			if timed != (r.Clock == analytics.ClockElapsed) {
				t.Errorf("%s has clock %q", metric, r.Clock)
			}
		}
	}
}

// An empty warehouse, and the zero values of Query.
func TestEmpty(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	asOf, err := m.AsOf(t.Context())
	if err != nil || !asOf.IsZero() {
		t.Errorf("as of %v, %v; want nothing", asOf, err)
	}
	first, last, err := m.Span(t.Context())
	if err != nil || !first.IsZero() || !last.IsZero() {
		t.Errorf("span %v to %v, %v; want nothing", first, last, err)
	}
	for _, metric := range analytics.Names() {
		r := ask(t, m, metric, analytics.Query{From: day(2026, 1, 1), To: day(2026, 4, 1)})
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("%s: %v", metric, err)
		}
		if r.Timezone != "Asia/Shanghai" || strings.Contains(string(text), "as_of") || strings.Contains(string(text), "series") {
			t.Errorf("%s of nothing is %s", metric, text)
		}
	}
}

func TestSpanAndAsOf(t *testing.T) {
	conn := store(t)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	records := oracle.Log([]event.Event{
		step("old", "a", event.Submit, day(1948, 1, 1)), step("old", "b", event.Close, day(1948, 1, 2)),
		step("open", "a", event.Submit, day(2030, 1, 1)),
		{ID: "f", Source: "test", Type: event.TypeFault, Time: day(2031, 1, 1), Fault: &event.Fault{
			FaultID: "f", Process: "errand", Kind: "late", Severity: event.Minor, Status: event.Reported, Department: "sales",
		}},
		{ID: "a", Source: "test", Type: event.TypeAnswer, Time: day(2026, 5, 5), Answer: &event.Answer{
			AnswerID: "a", Wave: "w", Questionnaire: "service_v1", Department: "sales", Answers: map[string]event.Value{"speed": event.Number(4)},
		}},
	})
	insert(t, conn, records)
	first, last, err := m.Span(t.Context())
	if err != nil || !first.Equal(day(1948, 1, 2)) || !last.Equal(day(2026, 5, 5)) {
		t.Errorf("span is %v to %v (%v); neither open cases nor unconfirmed faults belong to it", first, last, err)
	}
	if reported, err := m.FaultProcesses(t.Context()); err != nil || !slices.Equal(reported, []string{"errand"}) {
		t.Errorf("faults were reported of %q (%v), want errand alone, though unconfirmed", reported, err)
	}
	asOf, err := m.AsOf(t.Context())
	if want := records[len(records)-1].ProducedAt; err != nil || !asOf.Equal(want) {
		t.Errorf("as of %v, %v; want %v", asOf, err, want)
	}
	r := ask(t, m, "satisfaction", year(2026))
	if got := *r.Series[0].Points[0].Mean; got != 80 || !r.AsOf.Equal(asOf) {
		t.Errorf("satisfaction %v as of %v, want 80 as of %v", got, r.AsOf, asOf)
	}
}

// ClickHouse compiles what it has run a few times, and then takes a negative
// DateTime64 for the largest of all. The figures must not change at that.
func TestBefore1970Again(t *testing.T) {
	conn := store(t)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	insert(t, conn, oracle.Log([]event.Event{
		step("long", "a", event.Submit, day(1948, 1, 1)), step("long", "b", event.Approve, day(1969, 12, 31)), step("long", "c", event.Close, day(1970, 1, 2)),
	}))
	for range 12 {
		p := ask(t, m, "lead_time", analytics.Query{From: day(1900, 1, 1), To: day(1971, 1, 1), Zone: time.UTC}).Series[0].Points[0]
		if want := day(1970, 1, 2).Sub(day(1948, 1, 1)).Seconds(); *p.Total != want {
			t.Fatalf("lead time is %v, want %v", *p.Total, want)
		}
	}
}

// A case that lasts for the span of any two instants of four centuries, one case
// a process: office time inside ClickHouse is that of the calendar, to the
// millisecond, in and out of the calendar's years, with and without summer time.
func TestOfficeTimeOfAnyInstants(t *testing.T) {
	const cases = 400
	for name, since := range map[string]time.Time{
		"Asia/Shanghai":       day(1901, 1, 1), // until then by the sun: 8:05:43, which ClickHouse rounds
		"America/New_York":    event.Earliest,  // a day before the calendar begins
		"Australia/Lord_Howe": event.Earliest,
	} {
		cal := workdays(t, name)
		r := rand.New(rand.NewPCG(1, 2))
		conn := store(t)
		want := make(map[string]float64)
		var events []event.Event
		for i := range cases {
			a, b := since.Add(anyTime(r, i)), since.Add(anyTime(r, i))
			if b.Before(a) {
				a, b = b, a
			}
			process := fmt.Sprintf("p%d", i)
			for j, at := range []time.Time{a, b} {
				e := step("c", strconv.Itoa(j), event.Close, at)
				e.ID, e.Task.Process = fmt.Sprint(process, j), process
				events = append(events, e)
			}
			want[process] = cal.Between(a, b).Seconds()
		}
		insert(t, conn, oracle.Log(events))
		q := analytics.Query{From: event.Earliest, To: day(2300, 1, 1), By: analytics.ByProcess, Clock: analytics.ClockWorking}
		got := make(map[string]float64)
		for _, s := range ask(t, analytics.New(conn, office(), cal).Publishing(0, nil), "lead_time", q).Series {
			got[s.Key] = *s.Points[0].Total
		}
		if diff := cmp.Diff(want, got, alike); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// anyTime is a distance: by turns of a few days, or of centuries, as far as
// time.Duration goes.
func anyTime(r *rand.Rand, i int) time.Duration {
	if i%2 == 0 {
		return time.Duration(r.Int64N(4 * 24 * int64(time.Hour))).Truncate(time.Millisecond)
	}
	return time.Duration(r.Int64N(290 * 365 * 24 * int64(time.Hour))).Truncate(time.Millisecond)
}

// A cancelled question ends with its context's error, which is no ErrQuery.
func TestCancelled(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Query(ctx, "lead_time", year(2026))
	if !errors.Is(err, context.Canceled) || errors.Is(err, analytics.ErrQuery) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// Copies and another order of arrival change no figure.
func TestCopiesAndOrderChangeNothing(t *testing.T) {
	d := dice(99)
	records := oracle.Log(story(d).Tell(storyCases))
	answers := func(records ...[]event.Record) string {
		conn := store(t)
		for _, r := range records {
			insert(t, conn, r)
		}
		m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
		var b strings.Builder
		for _, metric := range analytics.Names() {
			q := year(2025)
			if !slices.Contains(tables, metric) {
				q.Bucket = analytics.BucketMonth
			}
			text, err := json.Marshal(ask(t, m, metric, q))
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
			b.WriteByte('\n')
		}
		return b.String()
	}
	want := answers(records)
	got := answers(shuffled(d, records), shuffled(d, records[:len(records)/2]), shuffled(d, records))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-once +thrice and shuffled):\n%s", diff)
	}
}
