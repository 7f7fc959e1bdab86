package analytics_test

import (
	"testing"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// TestFactsAreUsed guards the tests beside it, which would all pass on figures
// read from the events.
func TestFactsAreUsed(t *testing.T) {
	conn, hb, cal := store(t), office(), workdays(t, "Asia/Shanghai")
	d := dice(3)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	insert(t, conn, records)
	m := overFacts(conn, hb, cal)
	q := analytics.Query{From: day(2024, 12, 1), To: day(2027, 8, 1), By: analytics.ByProcess}
	want := ask(t, m, "lead_time", q)
	if err := conn.Exec(t.Context(), "TRUNCATE TABLE task_events"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, overFacts(conn, hb, cal), "lead_time", q); len(want.Series) == 0 || len(got.Series) != len(want.Series) {
		t.Errorf("without events the facts tell of %d series, want %d", len(got.Series), len(want.Series))
	}
}
