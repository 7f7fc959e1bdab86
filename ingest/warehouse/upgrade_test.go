package warehouse_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/warehouse"
)

// A database of the first release, with events in it, is brought up to date:
// nothing of it is missing afterwards.
func TestUpgradeKeepsWhatIsStored(t *testing.T) {
	conn, err := warehouse.Open(t.Context(), enginetest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	exec := func(statement string, args ...any) {
		t.Helper()
		if err := conn.Exec(t.Context(), statement, args...); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
	}
	exec("CREATE TABLE schema_migrations (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = ReplacingMergeTree ORDER BY name")
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		if name > "0007_answer_watermark" {
			break
		}
		statement, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		exec(string(statement))
		sum := sha256.Sum256(statement)
		exec("INSERT INTO schema_migrations (name, checksum) VALUES (?, ?)", name, hex.EncodeToString(sum[:]))
	}
	exec("INSERT INTO task_events (event_id, time, process, case_id, stage, action, department, topic_partition, topic_offset, produced_at) " +
		"SELECT toString(number), '2026-09-30 12:00:00', 'seal', 'c', 's', 'submit', 'sales', 1, number, '2026-09-30 12:00:01' FROM numbers(500)")
	exec("INSERT INTO answer_events (event_id, time, wave, answer_id, department, topic_partition, topic_offset, produced_at) " +
		"SELECT toString(number), '2026-09-30 00:00:00', 'w', toString(number), 'sales', 1, number, '2026-09-30 12:00:01' FROM numbers(30)")
	for range 2 { // a second time, as after a crash between two steps
		if err := warehouse.Migrate(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	var instants uint64
	got, _, err := warehouse.NewWriter(conn).Coverage(t.Context(), "any log", []delivery.Place{{Topic: "officepulse.task.v1", Partition: 1, Offset: 500}, {Topic: "officepulse.answer.v1", Partition: 1, Offset: 30}})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b delivery.Coverage) int { return cmp.Compare(b.Stored, a.Stored) })
	if len(got) != 2 || got[1].Stored != 30 || got[1].Covered != 30 || got[1].Visible != 30 {
		t.Fatalf("coverage of answers %+v, want all 30", got)
	}
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM answer_events WHERE stored_at != toStartOfDay(stored_at)").Scan(&instants); err != nil || instants != 0 {
		t.Errorf("%d answers tell when they were stored: %v", instants, err)
	}
	if got[0].Stored != 500 || got[0].Covered != 500 || got[0].Visible != 500 {
		t.Errorf("coverage %+v, want all 500", got)
	}
}
