package analytics_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/ingest/event"
)

// What early warning looks at adds up to what the metrics say, whatever
// duplicates and disorder there are.
func TestPulseAgreesWithTheMetrics(t *testing.T) {
	d := dice(5)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, records)
	cal := workdays(t, "Asia/Shanghai")
	if _, err := analytics.New(conn, office(), cal).Pulse(t.Context(), day(2026, time.January, 1), day(2026, time.July, 1), nil); !errors.Is(err, analytics.ErrNoFacts) {
		t.Errorf("a pulse without facts: %v", err)
	}
	m := overFacts(conn, office(), cal)
	from, to := analytics.DayStart(2026, time.January, 1, cal.Zone()), analytics.DayStart(2026, time.July, 1, cal.Zone())
	p, err := m.Pulse(t.Context(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := analytics.Query{From: from, To: to, Zone: cal.Zone(), By: analytics.ByProcess, Clock: analytics.ClockWorking}
	compared := 0
	for _, s := range ask(t, m, "lead_time", q).Series {
		var leads []float64
		for _, of := range p.Done[s.Key] {
			leads = append(leads, of.Leads...)
		}
		slices.Sort(leads)
		if uint64(len(leads)) != s.Points[0].N || math.Abs(stats.Quantile(leads, 0.5)-*s.Points[0].Median) > 0.001 {
			t.Errorf("%s: %d leads, the metric has %d", s.Key, len(leads), s.Points[0].N)
		}
		compared += len(leads)
	}
	var found, want uint64
	for _, days := range p.Faults {
		for _, n := range days {
			found += n
		}
	}
	q.By = ""
	for _, s := range ask(t, m, "faults", q).Series {
		want += s.Points[0].N
	}
	if found != want || want == 0 || compared < 20 {
		t.Errorf("%d faults, the metric has %d; %d leads", found, want, compared)
	}
}

// Near-due cases, persons' waits and what a source sent, by hand.
func TestPulseByHand(t *testing.T) {
	conn := store(t)
	cal := workdays(t, "Asia/Shanghai")
	begin := time.Date(2026, time.July, 6, 9, 0, 0, 0, cal.Zone())
	var events []event.Event
	tell := func(id, actor, stage string, after time.Duration, action event.Action, due time.Duration) {
		task := &event.Task{Process: "purchase", CaseID: id, Stage: stage, Action: action, Department: "sales", Actor: actor}
		if due != 0 {
			task.DueAt = begin.Add(due).UTC()
		}
		events = append(events, event.Event{ID: id + string(action) + actor, Source: "/test", Type: event.TypeTask, Time: begin.Add(after).UTC(), Task: task})
	}
	tell("kept", "li", "draft", 0, event.Submit, 24*time.Hour)
	tell("kept", "wang", "archive", 2*time.Hour, event.Close, 0)
	tell("late", "li", "draft", 0, event.Submit, 24*time.Hour)
	tell("late", "zhao", "archive", 48*time.Hour, event.Close, 0)
	tell("far", "li", "draft", 0, event.Submit, 240*time.Hour)
	tell("withdrawn", "li", "draft", 0, event.Submit, 24*time.Hour)
	tell("withdrawn", "li", "draft", 3*time.Hour, event.Withdraw, 0)
	insert(t, conn, oracle.Log(events))
	m := overFacts(conn, office(), cal)
	at := begin.Add(time.Hour)
	p, err := m.Pulse(t.Context(), begin.AddDate(0, 0, -30), begin.AddDate(0, 0, 30), []analytics.PulseMoment{{At: at, Until: at.AddDate(0, 0, 1)}, {At: begin.Add(30 * time.Hour), Until: begin.AddDate(0, 0, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	due := p.NearDue["purchase"]
	if len(due) != 1 || due[at.UnixMilli()].N != 2 || due[at.UnixMilli()].Late != 1 || !due[at.UnixMilli()].Miss.Equal(begin.Add(24*time.Hour)) {
		t.Errorf("near due: %+v", due)
	}
	waits := map[string]float64{}
	for _, w := range p.Waits["purchase"] {
		waits[w.Person] += w.Seconds
	}
	if waits["wang"] != 2*3600 || waits["zhao"] != 2*(8*3600+1) || len(p.Seen["/test"]) != 4 || !p.Last.Equal(begin.Add(48*time.Hour)) {
		t.Errorf("waits %v, seen %v, last %s", waits, p.Seen, p.Last)
	}
}
