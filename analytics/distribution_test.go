package analytics_test

import (
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// The bins hold every case once, each those that its bounds pick, and the
// percentile curve is that of the metric.
func TestDistribution(t *testing.T) {
	d := dice(9)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, records)
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, metric := range analytics.DistributionMetrics() {
		for _, clock := range []analytics.Clock{analytics.ClockElapsed, analytics.ClockWorking} {
			q := analytics.Query{From: day(2024, time.December, 1), To: day(2027, time.August, 1), Zone: time.UTC, Clock: clock}
			got, err := m.Distribution(t.Context(), metric, q)
			if err != nil {
				t.Fatal(err)
			}
			point := ask(t, m, metric, q).Series[0].Points[0]
			equal(t, metric+" n", got.N, point.N)
			for at, want := range map[int]*float64{50: point.Median, 75: point.P75, 90: point.P90, 95: point.P95} {
				near(t, metric+" percentile", got.Percentiles[at], *want)
			}
			if len(got.Percentiles) != 101 || !slices.IsSorted(got.Percentiles) {
				t.Errorf("%s: percentiles %v", metric, got.Percentiles)
			}
			if len(got.Bins) < 10 || len(got.Bins) > 33 {
				t.Errorf("%s on the %s clock: %d bins", metric, clock, len(got.Bins))
			}
			compareBins(t, m, metric, q, got)
		}
	}
}

func compareBins(t *testing.T, m *analytics.Metrics, metric string, q analytics.Query, got *analytics.Distribution) {
	t.Helper()
	var all uint64
	for i, b := range got.Bins {
		all += b.N
		asked := analytics.CaseQuery{Query: q, About: metric, AtLeast: time.Duration(b.From * float64(time.Second))}
		if b.To != nil {
			asked.Below = time.Duration(*b.To * float64(time.Second))
		}
		if i%5 > 0 && b.To != nil {
			continue // one in five will do, and the last
		}
		cases, err := m.Cases(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		if cases.N != b.N {
			t.Errorf("%s: bin %d from %v has %d, behind it are %d", metric, i, b.From, b.N, cases.N)
		}
	}
	equal(t, metric+" in all bins", all, got.N)
}

func TestDistributionOfLittle(t *testing.T) {
	conn := store(t)
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	q := analytics.Query{From: day(2026, time.January, 1), To: day(2026, time.July, 1), Zone: time.UTC}
	if got, err := m.Distribution(t.Context(), "lead_time", q); err != nil || got.N != 0 || len(got.Bins) != 0 || len(got.Percentiles) != 0 {
		t.Errorf("nothing is distributed as %+v, %v", got, err)
	}
	insert(t, conn, oracle.Log(lone("one", day(2026, time.March, 2), 90*time.Minute)))
	got, err := m.Distribution(t.Context(), "lead_time", q)
	if err != nil || got.N != 1 || got.Percentiles[0] != 5400 || got.Percentiles[100] != 5400 || got.Bins[len(got.Bins)-1].N != 1 {
		t.Errorf("a lone case is distributed as %+v, %v", got, err)
	}
}
