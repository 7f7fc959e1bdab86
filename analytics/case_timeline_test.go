package analytics_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// The visits on the timelines of all cases are those of the stage time, on both
// clocks; the time since the event before adds up to the whole.
func TestTimelinesAreTheStageTime(t *testing.T) {
	d := dice(33)
	conn := store(t)
	insert(t, conn, story(d).Copies(oracle.Log(story(d).Tell(60))))
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	all := analytics.Query{From: day(1940, time.January, 1), To: day(2028, time.January, 1), Zone: time.UTC, Limit: analytics.MaxLimit}
	cases, err := m.Cases(t.Context(), analytics.CaseQuery{Query: all, About: "lead_time"})
	if err != nil || len(cases.Cases) < 20 {
		t.Fatalf("%d cases: %v", len(cases.Cases), err)
	}
	type visits struct {
		n                uint64
		elapsed, working float64
	}
	got := make(map[string]visits)
	for _, c := range cases.Cases {
		line, err := m.Case(t.Context(), c.Process, c.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		if line.State != analytics.CaseCompleted || line.Department != c.Department || line.Class != c.Class || uint64(len(line.Faults)) != c.Faults {
			t.Errorf("the list has %+v, the timeline %+v", c, line)
		}
		near(t, c.CaseID+" lead time", line.Elapsed, c.Seconds)
		if last := line.Stages[len(line.Stages)-1]; last.Stage != c.Stage || !last.Left.Equal(*c.Completed) {
			t.Errorf("%s ends in %+v, the list says %+v", c.CaseID, last, c)
		}
		for _, s := range line.Stages {
			v := got[s.Stage]
			got[s.Stage] = visits{v.n + 1, v.elapsed + s.Elapsed, v.working + s.Working}
		}
		since := 0.0
		for _, e := range line.Events {
			since += e.SinceElapsed
		}
		near(t, c.CaseID+" since the first event", since, line.Events[len(line.Events)-1].Time.Sub(line.From).Seconds())
	}
	all.By = analytics.ByStage
	elapsed := ask(t, m, "stage_time", all).Series
	all.Clock = analytics.ClockWorking
	working := ask(t, m, "stage_time", all).Series
	equal(t, "stages", len(got), len(elapsed))
	for i, s := range elapsed {
		v := got[s.Key]
		equal(t, s.Key+" visits", v.n, s.Points[0].N)
		if math.Abs(v.elapsed-*s.Points[0].Total) > 0.01 || math.Abs(v.working-*working[i].Points[0].Total) > 0.01 {
			t.Errorf("%s: timelines have %.3f and %.3f s, the stage time %.3f and %.3f", s.Key, v.elapsed, v.working, *s.Points[0].Total, *working[i].Points[0].Total)
		}
	}
}

// lone is a case of two events that took a while.
func lone(caseID string, at time.Time, took time.Duration) []event.Event {
	return []event.Event{
		stepOf(caseID, 0, "draft", event.Submit, at),
		stepOf(caseID, 1, "sign_off", event.Sign, at.Add(took)),
	}
}

func stepOf(caseID string, i int, stage string, action event.Action, at time.Time) event.Event {
	return event.Event{
		ID: fmt.Sprintf("%s-%d", caseID, i), Source: "/test", Type: event.TypeTask, Time: at.UTC(),
		Task: &event.Task{Process: "approval", CaseID: caseID, Stage: stage, Action: action, Department: "sales"},
	}
}

func TestTimelineOfAnUnfinishedCase(t *testing.T) {
	conn := store(t)
	monday := time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC) // 9:00 at the office
	events := []event.Event{
		stepOf("open", 0, "draft", event.Submit, monday),
		stepOf("open", 1, "review", event.Start, monday.Add(2*time.Hour)),
		stepOf("open", 2, "review", event.Comment, monday.Add(150*time.Minute)),
		stepOf("open", 3, "review", event.Return, monday.Add(3*time.Hour)),
		stepOf("open", 4, "draft", event.Submit, monday.Add(24*time.Hour)),
	}
	events = append(events, stepOf("gone", 0, "draft", event.Submit, monday), stepOf("gone", 1, "draft", event.Withdraw, monday.Add(time.Hour)))
	insert(t, conn, oracle.Log(events))
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	open, err := m.Case(t.Context(), "approval", "open")
	if err != nil {
		t.Fatal(err)
	}
	if open.State != analytics.CaseOpen || !open.To.Equal(open.AsOf) || len(open.Events) != 5 || open.Class != "(missing)" {
		t.Errorf("%+v", open)
	}
	type visit struct {
		stage            string
		elapsed, working float64
		visit            int
	}
	want := []visit{{"draft", 0, 0, 1}, {"review", 3 * 3600, 3 * 3600, 1}, {"draft", 21 * 3600, 5 * 3600, 2}}
	if len(open.Stages) != len(want) {
		t.Fatalf("visits %+v", open.Stages)
	}
	for i, v := range open.Stages {
		if got := (visit{v.Stage, v.Elapsed, v.Working, v.Visit}); got.stage != want[i].stage || got.elapsed != want[i].elapsed || got.visit != want[i].visit || math.Abs(got.working-want[i].working) > 1 {
			t.Errorf("visit %d: got %+v, want %+v", i, got, want[i])
		}
	}
	gone, err := m.Case(t.Context(), "approval", "gone")
	if err != nil || gone.State != analytics.CaseWithdrawn || gone.Elapsed != 3600 || len(gone.Limits) != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	for _, id := range []string{"nobody", "", "a\x00b"} {
		if _, err := m.Case(t.Context(), "approval", id); !errors.Is(err, analytics.ErrNoCase) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
