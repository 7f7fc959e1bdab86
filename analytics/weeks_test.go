package analytics_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/analytics/stats"
)

// Followed from their start, all cases together are those of the metrics, from the
// events and from the facts alike; and a case is in the week in which it began.
func TestStartWeeks(t *testing.T) {
	conn, hb, cal := store(t), office(), workdays(t, "Asia/Shanghai")
	d := dice(19)
	insert(t, conn, story(d).Copies(oracle.Log(story(d).Tell(storyCases))))
	from, to := day(2020, 1, 1), day(2028, 1, 1)
	q := analytics.Query{From: from, To: to, Clock: analytics.ClockWorking}
	for name, m := range map[string]*analytics.Metrics{"events": analytics.New(conn, hb, cal).Publishing(0, nil), "facts": overFacts(conn, hb, cal)} {
		lead, faulty := ask(t, m, "lead_time", q).Series[0].Points[0], ask(t, m, "error_rate", q).Series[0].Points[0]
		all, err := m.StartWeeks(t.Context(), "lead_time", q, []time.Time{from}, to)
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		var n, hits uint64
		for _, w := range all {
			n, values = n+w.N, append(values, w.Values...)
		}
		slices.Sort(values)
		if n != lead.N || uint64(len(values)) != n || abs(stats.Quantile(values, 0.5)-*lead.Median) > 0.002 {
			t.Errorf("%s: %d cases with a median of %v, want %d with %v", name, n, stats.Quantile(values, 0.5), lead.N, *lead.Median)
		}
		weeks := []time.Time{}
		for at := day(2024, 12, 2); at.Before(day(2027, 12, 6)); at = at.AddDate(0, 0, 7) {
			weeks = append(weeks, at)
		}
		parts, err := m.StartWeeks(t.Context(), "error_rate", q, weeks, day(2027, 12, 6))
		if err != nil {
			t.Fatal(err)
		}
		n = 0
		for _, w := range parts {
			n, hits = n+w.N, hits+w.Hits
			if w.Week < 0 || w.Week >= len(weeks) {
				t.Fatalf("week %d", w.Week)
			}
		}
		first, err := m.StartWeeks(t.Context(), "error_rate", q, []time.Time{from, weeks[0]}, weeks[len(weeks)-1].AddDate(0, 0, 7))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range first {
			if w.Week == 0 {
				n, hits = n+w.N, hits+w.Hits
			}
		}
		if n != faulty.N || hits != *faulty.Count {
			t.Errorf("%s: %d of %d faulty, want %d of %d", name, hits, n, *faulty.Count, faulty.N)
		}
		for _, wrong := range [][]time.Time{nil, {weeks[1], weeks[0]}, {to}} {
			if _, err := m.StartWeeks(t.Context(), "lead_time", q, wrong, to); !errors.Is(err, analytics.ErrQuery) {
				t.Errorf("weeks %v: %v", wrong, err)
			}
		}
		if _, err := m.StartWeeks(t.Context(), "faults", q, weeks, to); !errors.Is(err, analytics.ErrQuery) {
			t.Error(err)
		}
	}
}

func abs(v float64) float64 { return max(v, -v) }
