package pagebench_test

import (
	"log/slog"
	"os"
	"testing"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/pagebench"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) {
	embedded.RunIfChild()
	os.Exit(m.Run())
}

// The same seed brings the same events: each once but for those that are
// redelivered, none from after the end.
func TestFill(t *testing.T) {
	engine, err := embedded.StartClickHouse(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	const events = 3000
	var sums [2]uint64
	for i, database := range []string{"first", "again"} {
		conn, err := warehouse.Open(t.Context(), engine.DSN(database))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := warehouse.Migrate(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if err := pagebench.Fill(t.Context(), conn, handbook.Default(), events, 7, t.Logf); err != nil {
			t.Fatal(err)
		}
		var rows, ids, late, early, places uint64
		err = conn.QueryRow(t.Context(), `SELECT count(), uniqExact(event_id), countIf(time >= '2026-09-30 16:00:00'), countIf(produced_at < time),
			uniqExact(topic_partition, topic_offset) FROM task_events`).Scan(&rows, &ids, &late, &early, &places)
		if err != nil {
			t.Fatal(err)
		}
		if rows <= ids || rows > ids*102/100 || late+early > 0 || places != rows {
			t.Errorf("%s: %d rows of %d events, %d after the end, %d sent before they happened, %d places in the log", database, rows, ids, late, early, places)
		}
		if ids < events*95/100 || ids > events*105/100 {
			t.Errorf("%s: %d events, want about %d", database, ids, events)
		}
		err = conn.QueryRow(t.Context(), "SELECT (SELECT sum(cityHash64(* EXCEPT stored_at)) FROM task_events) + (SELECT sum(cityHash64(* EXCEPT stored_at)) FROM fault_events) + "+
			"(SELECT sum(cityHash64(answer_id, toString(numbers))) FROM answer_events)").Scan(&sums[i])
		if err != nil {
			t.Fatal(err)
		}
	}
	if sums[0] != sums[1] {
		t.Error("the same seed brought other events")
	}
}
