package analytics_test

import (
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// TestFactsWhileEventsCome stores from several hands while others refresh, as
// several processes would, and holds the facts against the events afterwards.
func TestFactsWhileEventsCome(t *testing.T) {
	conn, hb := store(t), office()
	d := dice(5)
	records := shuffled(d, story(d).Copies(oracle.Log(story(d).Tell(4*storyCases))))
	var hands, keepers sync.WaitGroup
	stored := make(chan struct{})
	for range 2 {
		keepers.Go(func() {
			facts := analytics.NewFacts(conn, hb, slog.New(slog.DiscardHandler))
			for open := true; open; {
				select {
				case <-stored:
					open = false
				default:
				}
				if _, err := facts.Refresh(t.Context()); err != nil {
					t.Errorf("refresh: %v", err)
					return
				}
			}
		})
	}
	const handsInAll = 3
	for hand := range handsInAll {
		hands.Go(func() {
			for batch := range slices.Chunk(records[hand*len(records)/handsInAll:(hand+1)*len(records)/handsInAll], 40) {
				insert(t, conn, batch)
			}
		})
	}
	hands.Wait()
	close(stored)
	keepers.Wait()
	const events = `SELECT groupArray(text) FROM (
		SELECT concat(process, '/', case_id, ' ', toString(arraySort(groupArray((toUnixTimestamp64Milli(time), stage, toString(action)))))) AS text
		FROM task_events FINAL GROUP BY process, case_id ORDER BY text)`
	const facts = `SELECT groupArray(text) FROM (
		SELECT concat(process, '/', case_id, ' ', toString(arraySort(arrayZip(instants, stages, arrayMap(a -> toString(a), actions))))) AS text
		FROM case_facts FINAL ORDER BY text)`
	var want, got []string
	for statement, into := range map[string]*[]string{events: &want, facts: &got} {
		if err := conn.QueryRow(t.Context(), statement).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); len(want) == 0 || diff != "" {
		t.Errorf("cases of %d events: -events +facts\n%s", len(records), diff)
	}
}
