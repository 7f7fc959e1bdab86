package target_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
)

var (
	shanghai = time.FixedZone("Asia/Shanghai", 8*3600)
	fiscal   = quarters.Fiscal{Zone: shanghai, First: time.January}
	q        = func(year, number int) quarters.Quarter { return quarters.Quarter{Year: year, Number: number} }
)

func workdays(t *testing.T) *calendar.Calendar {
	t.Helper()
	cal, err := handbook.Default().Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func at(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, shanghai)
}

func by(reason string) record.By {
	return record.By{Author: "director", Reason: reason, At: at(2025, 12, 20)}
}

const workday = 8 * 3600.0

// approval is the promise of the story: 3.2 to 1.5 working days.
func approval() *target.Target {
	return &target.Target{
		Stamp: record.Stamp{Key: "approval-days"}, Name: record.Text{ZH: "审批时长", EN: "Approval time"},
		Figure:    figure.Figure{Metric: "lead_time", Value: analytics.ValueMean, Clock: analytics.ClockWorking, Process: "doc_approval"},
		Direction: target.Lower, Baseline: target.Baseline{Value: 3.2 * workday, From: "2025-07-01", To: "2026-01-01", N: 1800}, Goal: 1.5 * workday,
		Start: q(2026, 1), Due: q(2026, 3), Owner: "director",
	}
}

func made(t *testing.T, draft *target.Target) *target.Target {
	t.Helper()
	made, err := target.New(draft, by("promised to leadership"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRefusals(t *testing.T) {
	f := func(want []record.Code, change func(*target.Target)) {
		t.Helper()
		draft := approval()
		change(draft)
		_, err := target.New(draft, by("why"))
		var got []record.Code
		for _, r := range record.Refusals(err) {
			got = append(got, r.Code)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	f(nil, func(*target.Target) {})
	f([]record.Code{record.BadKey}, func(d *target.Target) { d.Key = "Ä/" })
	f([]record.Code{record.NoName, target.NoOwner}, func(d *target.Target) { d.Name, d.Owner = record.Text{}, " " })
	f([]record.Code{target.WrongGoal}, func(d *target.Target) { d.Goal = 4 * workday })
	f([]record.Code{target.WrongGoal}, func(d *target.Target) { d.Goal = d.Baseline.Value })
	f([]record.Code{target.BadGoal}, func(d *target.Target) { d.Goal = math.NaN() })
	f([]record.Code{target.BadStretch}, func(d *target.Target) { d.Stretch = new(2 * workday) })
	f([]record.Code{target.NoBaseReason}, func(d *target.Target) { d.Baseline.From = "" })
	f([]record.Code{target.BadQuarters}, func(d *target.Target) { d.Due = q(2025, 4) })
	f([]record.Code{figure.BadClock, figure.BadFilter}, func(d *target.Target) { d.Figure.Stage, d.Figure.Clock = "draft", "" })
	f([]record.Code{target.BadGoal}, func(d *target.Target) {
		d.Figure = figure.Figure{Metric: "on_time_rate", Value: analytics.ValueRate}
		d.Direction, d.Baseline.Value, d.Goal = target.Higher, 0.8, 92
	})
	if _, err := target.New(approval(), record.By{}); len(record.Refusals(err)) != 2 {
		t.Errorf("nobody, for no reason: %v", err)
	}
}

func TestDeeds(t *testing.T) {
	first := made(t, approval())
	draft := approval()
	draft.Goal = 1.4 * workday
	second, err := first.Edited(draft, by("leadership wants more"))
	if err != nil || second.Revision != 2 || !slices.Equal(second.Change.What, []string{"goal"}) || first.Goal == second.Goal {
		t.Fatalf("%v %+v", err, second)
	}
	third, err := second.CheckedIn("the first pilot runs", target.Sure, by(""))
	if err != nil || len(third.CheckIns) != 1 || len(second.CheckIns) != 0 || third.CheckIns[0].By != "director" {
		t.Fatalf("%v %+v", err, third)
	}
	if _, err := third.ScoredBy(&target.Observation{Value: workday, N: 9}, false, by("")); len(record.Refusals(err)) != 1 {
		t.Errorf("scored before the end: %v", err)
	}
	if _, err := third.ScoredBy(nil, true, by("")); len(record.Refusals(err)) != 1 {
		t.Errorf("scored without a figure: %v", err)
	}
	scored, err := third.ScoredBy(&target.Observation{Value: 2 * workday, N: 900}, true, by(""))
	if err != nil || scored.State != target.Scored || scored.Score.Outcome != target.Partly || math.Abs(scored.Score.Score-2.0/3) > 1e-9 {
		t.Fatalf("%v %+v", err, scored.Score)
	}
	for _, err := range []error{
		second2(scored.Edited(approval(), by("x"))), second2(scored.CheckedIn("x", target.Sure, by(""))), second2(scored.WithdrawnBy(by("x"))),
	} {
		if list := record.Refusals(err); len(list) != 1 || list[0].Code != record.WrongState {
			t.Errorf("a deed with a scored target: %v", err)
		}
	}
	if _, _, err := scored.CarriedOver("approval-days-2", q(2026, 4), by(" ")); len(record.Refusals(err)) != 1 {
		t.Errorf("carried over without a reason: %v", err)
	}
	old, next, err := scored.CarriedOver("approval-days-2", q(2026, 4), by("the second office joins later"))
	if err != nil || old.State != target.Carried || old.CarriedTo != next.Key || next.CarriedFrom != old.Key || next.State != target.Active ||
		next.Baseline.Value != 2*workday || next.Start != q(2026, 4) || next.Revision != 1 || len(next.CheckIns) != 0 {
		t.Fatalf("%v %+v %+v", err, old, next)
	}
	reached, err := third.ScoredBy(&target.Observation{Value: 1.3 * workday, N: 900}, true, by(""))
	if err != nil || reached.Score.Outcome != target.Reached || reached.Score.Score != 1 {
		t.Fatalf("%v %+v", err, reached.Score)
	}
	if _, _, err := reached.CarriedOver("x", q(2026, 4), by("why")); len(record.Refusals(err)) != 1 {
		t.Errorf("a reached target carried over: %v", err)
	}
}

func second2(_ *target.Target, err error) error { return err }

func history(from quarters.Quarter, days ...float64) *target.History {
	h := &target.History{First: from, PerQuarter: 3}
	for i, d := range days {
		h.Quarters = append(h.Quarters, target.Observation{Quarter: from.Add(i), Value: d * workday, N: 900})
		for month := range 3 {
			h.Points = append(h.Points, target.Point{At: 3*i + month, Period: from.Add(i).String(), Value: d * workday})
		}
	}
	return h
}

func TestLights(t *testing.T) {
	cal := workdays(t)
	// 2026 has 59, 61 and 66 working days in its first three quarters.
	f := func(now time.Time, light target.Light, scheduled, progress float64, days ...float64) *target.Standing {
		t.Helper()
		s := made(t, approval()).Stand(history(q(2025, 4), days...), now, cal, fiscal)
		if s.Light != light || math.Abs(s.Scheduled-scheduled) > 1e-9 || math.Abs(s.Progress-progress) > 1e-9 {
			t.Errorf("%s: %s, scheduled %.4f, progress %.4f; want %s, %.4f, %.4f", now.Format(time.DateOnly), s.Light, s.Scheduled, s.Progress, light, scheduled, progress)
		}
		return s
	}
	f(at(2026, 1, 1), target.Unknown, 0, 0, 3.2)
	f(at(2026, 4, 1), target.Yellow, 59.0/186, 0, 3.2) // no figure of the first quarter, whose time is over
	f(at(2026, 4, 1), target.Green, 59.0/186, 0.6/1.7, 3.2, 2.6)
	f(at(2026, 4, 1), target.Yellow, 59.0/186, 0.2/1.7, 3.2, 3.0)
	f(at(2026, 4, 1), target.Red, 59.0/186, 0, 3.2, 3.2)
	s := f(at(2026, 7, 1), target.Yellow, 120.0/186, 0.8/1.7, 3.2, 2.6, 2.4)
	if s.Left != 1 || math.Abs(*s.PaceNeeded/workday+0.9) > 1e-9 || math.Abs(*s.Pace/workday+0.4) > 1e-9 {
		t.Errorf("pace %v needed %v, %d left", *s.Pace/workday, *s.PaceNeeded/workday, s.Left)
	}
	if s := f(at(2026, 10, 1), target.Green, 1, 1.8/1.7, 3.2, 2.6, 1.5, 1.4); !s.Reached || s.Overdue || s.PaceNeeded != nil {
		t.Errorf("%+v", s)
	}
	if s := f(at(2026, 10, 1), target.Red, 1, 1.6/1.7, 3.2, 2.6, 1.7, 1.6); !s.Overdue {
		t.Errorf("%+v", s)
	}
	if s := f(at(2027, 2, 1), target.Green, 1, 1, 3.2, 2.6, 1.7, 1.5, 9); s.Actual.Quarter != q(2026, 3) {
		t.Errorf("what comes after the due quarter counts: %+v", s.Actual)
	}
	running := history(q(2025, 4), 3.2, 2.6, 1.5)
	running.Quarters[2].Running, running.Quarters[2].N = true, 9
	if s := made(t, approval()).Stand(running, at(2026, 4, 10), cal, fiscal); s.Actual.Quarter != q(2026, 1) {
		t.Errorf("a running quarter of nine cases counts")
	}
	path := made(t, approval()).Stand(history(q(2025, 4), 3.2), at(2026, 1, 1), cal, fiscal).Path
	if len(path) != 4 || path[3].Value != 1.5*workday || math.Abs(path[1].Value/workday-(3.2-1.7*59/186)) > 1e-9 {
		t.Errorf("path %+v", path)
	}
}

// A goal that is far on the good side of what the history leads to is all but
// impossible, one on the other side all but sure, one on the line even.
func TestForecast(t *testing.T) {
	cal := workdays(t)
	draft := approval()
	h := &target.History{First: q(2025, 2), PerQuarter: 3}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 12 { // up to March 2026, 0.1 working days less a month
		h.Points = append(h.Points, target.Point{At: i, Period: "m", Value: (3.3 - 0.1*float64(i) + 0.15*random.NormFloat64()) * workday})
	}
	expected := 3.3 - 0.1*16 // of the third quarter of 2026
	for _, c := range []struct{ goal, low, high float64 }{{expected - 1.2, 0, 0.02}, {expected, 0.25, 0.75}, {expected + 1.2, 0.98, 1}} {
		draft.Goal = c.goal * workday
		f := made(t, draft).Stand(h, at(2026, 4, 1), cal, fiscal).Forecast
		if f.Probability == nil || *f.Probability < c.low || *f.Probability > c.high || f.Points != 12 || f.Method != target.Method || len(f.Band) != 2 {
			t.Errorf("goal %.1f: %+v", c.goal, f)
			continue
		}
		last := f.Band[1]
		if last.Quarter != q(2026, 3) || last.Low > last.Median || last.Median > last.High || math.Abs(last.Median/workday-expected) > 0.4 {
			t.Errorf("goal %.1f: band %+v, want about %.2f", c.goal, last, expected)
		}
	}
	h.Points = h.Points[:3]
	if f := made(t, draft).Stand(h, at(2026, 4, 1), cal, fiscal).Forecast; f.Why != target.TooFewPoints || f.Probability != nil {
		t.Errorf("three points: %+v", f)
	}
	if f := made(t, draft).Stand(h, at(2026, 10, 1), cal, fiscal).Forecast; f.Why != target.DueIsOver {
		t.Errorf("after the due quarter: %+v", f)
	}
}

// Of random histories with a line and noise that lingers, the due quarter reaches
// the goal about as often as the forecasts say.
func TestForecastIsHonest(t *testing.T) {
	cal := workdays(t)
	random := rand.New(rand.NewPCG(7, 11))
	var said, came, off, worlds float64
	for range 300 {
		slope := (random.Float64() - 0.7) * 0.1
		noise, all := 0.0, make([]float64, 18)
		for i := range all {
			noise = 0.3*noise + 0.2*random.NormFloat64()
			all[i] = (3 + slope*float64(i) + noise) * workday
		}
		h := &target.History{First: q(2025, 2), PerQuarter: 3}
		for i := range 12 {
			h.Points = append(h.Points, target.Point{At: i, Value: all[i]})
		}
		draft := approval()
		draft.Goal = (3 + slope*16 + 1.6*(random.Float64()-0.5)) * workday
		if draft.Goal >= draft.Baseline.Value {
			continue
		}
		f := made(t, draft).Stand(h, at(2026, 4, 1), cal, fiscal).Forecast
		reached := 0.0
		if (all[15]+all[16]+all[17])/3 <= draft.Goal {
			reached = 1
		}
		worlds++
		said, came = said+*f.Probability, came+reached
		off += (*f.Probability - reached) * (*f.Probability - reached)
	}
	if math.Abs(said-came)/worlds > 0.06 || off/worlds > 0.15 {
		t.Errorf("said %.0f, came %.0f of %.0f; Brier score %.3f", said, came, worlds, off/worlds)
	}
}

// asked answers with the same points for every bucket.
type asked struct {
	points map[analytics.Bucket][]analytics.Point
	seen   []analytics.Query
}

func (a *asked) Query(_ context.Context, _ string, query analytics.Query) (*analytics.Result, error) {
	a.seen = append(a.seen, query)
	return &analytics.Result{Series: []analytics.Series{{Key: "all", Points: a.points[query.Bucket]}}}, nil
}

func TestRead(t *testing.T) {
	mean := func(start time.Time, months int, days float64, n uint64) analytics.Point {
		return analytics.Point{Start: start, End: start.AddDate(0, months, 0), N: n, Mean: new(days * workday)}
	}
	a := &asked{points: map[analytics.Bucket][]analytics.Point{
		analytics.BucketQuarter: {mean(at(2025, 10, 1), 3, 3.2, 900), mean(at(2026, 1, 1), 3, 2.6, 900), mean(at(2026, 4, 1), 3, 1.5, 40)},
		analytics.BucketMonth:   {mean(at(2025, 10, 1), 1, 3.2, 300), mean(at(2026, 1, 1), 1, 3.0, 9), mean(at(2026, 3, 1), 1, 2.0, 300), mean(at(2026, 4, 1), 1, 1.5, 40)},
	}}
	h, err := made(t, approval()).Read(t.Context(), a, fiscal, at(2026, 4, 12), at(2026, 4, 12))
	if err != nil {
		t.Fatal(err)
	}
	if a.seen[0].From != at(2024, 7, 1) || a.seen[0].To != at(2026, 7, 1) || a.seen[0].Process[0] != "doc_approval" || a.seen[0].Clock != analytics.ClockWorking {
		t.Errorf("asked %+v", a.seen[0])
	}
	if len(h.Quarters) != 3 || h.Quarters[1].Running || !h.Quarters[2].Running {
		t.Errorf("quarters %+v", h.Quarters)
	}
	// January rests on nine cases, April runs.
	if len(h.Points) != 2 || h.Points[0].At != 15 || h.Points[1].At != 20 {
		t.Errorf("points %+v", h.Points)
	}
}
