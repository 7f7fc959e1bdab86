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
)

// earlier and later are two periods of a story.
var (
	earlier = [2]time.Time{day(2025, time.January, 1), day(2026, time.January, 1)}
	later   = analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.January, 1), Zone: time.UTC}
)

// Points and differences are those of the metric, every split adds up to the
// change of the mean or rate, and every interval holds its difference.
func TestCompareAddsUp(t *testing.T) {
	d := dice(55)
	conn := store(t)
	insert(t, conn, story(d).Copies(oracle.Log(story(d).Tell(2*storyCases))))
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, d := range analytics.Catalogue() {
		if !slices.Contains([]string{"lead_time", "stage_time", "error_rate", "faults", "satisfaction", "on_time_rate"}, d.Metric) {
			continue // the others are of the same kinds
		}
		c, err := m.Compare(t.Context(), d.Metric, later, earlier[0], earlier[1])
		if err != nil {
			t.Fatalf("%s: %v", d.Metric, err)
		}
		if c.Before == nil || c.After == nil {
			continue // processes that the story does not have
		}
		compareDifference(t, d, c)
		for _, s := range c.Splits {
			if !slices.Contains(d.By, s.By) && (d.Metric != "lead_time" || s.By != analytics.ByStage) {
				t.Errorf("%s is split by %s", d.Metric, s.By)
			}
			before, after := valueOf(s.Of, c.Before), valueOf(s.Of, c.After)
			sum := 0.0
			for _, g := range s.Groups {
				sum += g.Effect
			}
			tolerance := 0.0011 * math.Max(1, math.Abs(after-before)) // means are rounded to the millisecond
			if math.Abs(s.Change-(after-before)) > tolerance*float64(len(s.Groups)+1) || math.Abs(sum-s.Change) > 1e-6*math.Max(1, math.Abs(s.Change)) {
				t.Errorf("%s by %s: %v in groups, %v said, %v in truth", d.Metric, s.By, sum, s.Change, after-before)
			}
		}
	}
}

func valueOf(v analytics.Value, p *analytics.Point) float64 {
	switch v {
	case analytics.ValueRate:
		return *p.Rate
	case analytics.ValueMedian:
		return *p.Median
	case analytics.ValueN:
		return float64(p.N)
	default:
		return *p.Mean
	}
}

func compareDifference(t *testing.T, d analytics.Description, c *analytics.Comparison) {
	t.Helper()
	want := valueOf(c.Difference.Of, c.After) - valueOf(c.Difference.Of, c.Before)
	if d.Metric == "faults" {
		want = c.Difference.Value // of all kinds together
	}
	if math.Abs(c.Difference.Value-want) > 1e-9 {
		t.Errorf("%s changed by %v, not %v", d.Metric, want, c.Difference.Value)
	}
	i := c.Difference
	if (i.Low == nil) == (i.Why == "") || (i.Low == nil) != (i.Method == "") {
		t.Errorf("%s: %+v", d.Metric, i)
	}
	if i.Low != nil && (*i.Low > i.Value || i.Value > *i.High) {
		t.Errorf("%s: %v is not within [%v, %v]", d.Metric, i.Value, *i.Low, *i.High)
	}
	if d.Unit == "rate" {
		n := stats.Newcombe(*c.After.Count, c.After.N, *c.Before.Count, c.Before.N)
		if *i.Low != n.Low || *i.High != n.High || i.Method != analytics.MethodNewcombe {
			t.Errorf("%s: %+v, want %v", d.Metric, i, n)
		}
	}
	if d.Metric == "lead_time" && i.Method != analytics.MethodBootstrap || d.Metric == "satisfaction" && i.Method != analytics.MethodWelch {
		t.Errorf("%s has no interval: %s", d.Metric, i.Why)
	}
}

func TestCompareErrQuery(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "UTC")).Publishing(0, nil)
	ok := func(metric string, q analytics.Query, from, to time.Time) error {
		_, err := m.Compare(t.Context(), metric, q, from, to)
		return err
	}
	staged := later
	staged.Stage = []string{"draft"}
	for name, err := range map[string]error{
		"unknown":  ok("luck", later, earlier[0], earlier[1]),
		"a table":  ok("variants", later, earlier[0], earlier[1]),
		"reversed": ok("lead_time", later, earlier[1], earlier[0]),
		"a filter": ok("lead_time", staged, earlier[0], earlier[1]),
	} {
		if !errors.Is(err, analytics.ErrQuery) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := m.Compare(t.Context(), "lead_time", later, earlier[0], earlier[1]); err != nil || c.Difference != nil || c.Before != nil {
		t.Errorf("without data: %+v, %v", c, err)
	}
}

// The moves of one grouping add up to the change of their metric, and the
// largest in proportion comes first.
func TestMovesAddUp(t *testing.T) {
	d := dice(56)
	conn := store(t)
	insert(t, conn, oracle.Log(story(d).Tell(2*storyCases)))
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	q := later
	q.Limit = analytics.MaxLimit
	got, err := m.Moves(t.Context(), q, earlier[0], earlier[1])
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Totals) < 3 {
		t.Fatalf("only %d metrics moved", len(got.Totals))
	}
	for _, total := range got.Totals {
		asked, err := m.Query(t.Context(), total.Metric, analytics.Query{From: q.From, To: q.To})
		if err != nil {
			t.Fatal(err)
		}
		point := asked.Series[0].Points[0]
		value := point.Mean
		if total.Of == analytics.ValueRate {
			value = point.Rate
		}
		if math.Abs(*value-total.After) > 0.001 || point.N != total.AfterN {
			t.Errorf("%s is %v of %d, by itself %v of %d", total.Metric, total.After, total.AfterN, *value, point.N)
		}
		for _, by := range []analytics.By{analytics.ByProcess, analytics.ByDepartment} {
			sum, n := 0.0, 0
			for _, move := range got.Moves {
				if move.Metric == total.Metric && move.By == by {
					sum, n = sum+move.Effect, n+1
				}
			}
			if n > 0 && math.Abs(sum-(total.After-total.Before)) > 0.01 {
				t.Errorf("%s by %s: %v in %d moves, changed by %v", total.Metric, by, sum, n, total.After-total.Before)
			}
		}
	}
	if !slices.IsSortedFunc(got.Moves, func(a, b analytics.Move) int {
		if math.Abs(a.Relative) > math.Abs(b.Relative) {
			return -1
		}
		return 1
	}) {
		t.Error("a smaller move comes before a larger one")
	}
	q.Limit = 2
	if few, err := m.Moves(t.Context(), q, earlier[0], earlier[1]); err != nil || len(few.Moves) != 2 || few.Moves[0].Key != got.Moves[0].Key {
		t.Errorf("two of them: %+v, %v", few.Moves, err)
	}
	q.Process = []string{"approval"}
	narrow, err := m.Moves(t.Context(), q, earlier[0], earlier[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, total := range narrow.Totals {
		if total.Metric == "satisfaction" {
			t.Error("the satisfaction is narrowed down to a process")
		}
	}
}
