package warehouse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func open(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := warehouse.Open(t.Context(), enginetest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

func text(t *testing.T, conn driver.Conn, query string) string {
	t.Helper()
	var s string
	if err := conn.QueryRow(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

var noon = time.Date(2026, 9, 30, 12, 0, 0, 123_000_000, time.UTC)

func task(n int) event.Record {
	return event.Record{
		Event: event.Event{
			ID: fmt.Sprintf("e%d", n), Source: "/test", Type: event.TypeTask, Time: noon.Add(time.Duration(n) * time.Second), Sequence: "7",
			Task: &event.Task{
				Process: "doc_approval", CaseID: "c1", Stage: "review", Action: event.Approve, Department: "财务", Actor: "a",
				ActorDepartment: "office", DueAt: noon, Attributes: map[string]string{"class": "core", "assume_complete": "true", "x": "y"},
			},
		},
		Partition: 2, Offset: int64(n), ProducedAt: noon,
	}
}

func TestMigrateTwice(t *testing.T) {
	conn := open(t)
	if err := warehouse.Migrate(t.Context(), conn); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	if err := conn.Exec(t.Context(), "INSERT INTO schema_migrations (name, checksum) VALUES ('0001_task_events', 'edited')"); err != nil {
		t.Fatal(err)
	}
	if err := warehouse.Migrate(t.Context(), conn); err == nil || !strings.Contains(err.Error(), "0001_task_events was changed") {
		t.Errorf("an edited migration: got %v", err)
	}
	if err := conn.Exec(t.Context(), "INSERT INTO schema_migrations (name, checksum) VALUES ('9999_tomorrow', 'x')"); err != nil {
		t.Fatal(err)
	}
	if err := warehouse.Migrate(t.Context(), conn); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("tables of a newer version: got %v", err)
	}
}

func TestOpenRefusesDatabaseName(t *testing.T) {
	_, err := warehouse.Open(t.Context(), "clickhouse://127.0.0.1:1/a;b")
	if err == nil || !strings.Contains(err.Error(), "letters, digits and _ only") {
		t.Errorf("got %v", err)
	}
}

func TestInsertKeepsEveryField(t *testing.T) {
	conn := open(t)
	w := warehouse.NewWriter(conn)
	fault := event.Record{Event: event.Event{ID: "f", Source: "/test", Type: event.TypeFault, Time: noon, Fault: &event.Fault{
		FaultID: "f1", Process: "seal", CaseID: "c9", Stage: "s", Kind: "late", Severity: event.Major, Status: event.Confirmed,
		Department: "sales", ReportedBy: "b", FoundAt: noon.Add(-time.Hour),
	}}, Log: "L", ProducedAt: noon}
	answer := event.Record{Event: event.Event{ID: "a", Source: "/test", Type: event.TypeAnswer, Time: noon, Answer: &event.Answer{
		AnswerID: "a1", Wave: "2026Q3", Questionnaire: "q.v1", Department: "sales",
		Answers: map[string]event.Value{"n": event.Number(4), "t": event.Text("gut"), "c": event.Choices("x", "y")},
	}}, Log: "L", ProducedAt: noon}
	for _, r := range []event.Record{task(1), fault, answer} {
		if err := w.Insert(t.Context(), r.Type, "token", []event.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"SELECT toString(tuple(* EXCEPT stored_at)) FROM task_events":   "('e1','/test','2026-09-30 12:00:01.123','7','doc_approval','c1','review','approve','财务','a','office','2026-09-30 12:00:00.123','core',true,",
		"SELECT toString(attributes['x']) FROM task_events":             "y",
		"SELECT toString(tuple(* EXCEPT stored_at)) FROM fault_events":  "('f','/test','2026-09-30 12:00:00.123','','seal','f1','c9','s','late','major','confirmed','sales','b','2026-09-30 11:00:00.123',0,0,'2026-09-30 12:00:00.123','L')",
		"SELECT toString(tuple(* EXCEPT stored_at)) FROM answer_events": "('a','/test','2026-09-30 12:00:00.123','','2026Q3','q.v1','a1','sales',{'n':4},{'t':'gut'},{'c':['x','y']},0,'2026-09-30 00:00:00.000','L')",
		"SELECT toString(groupArray((topic, topic_partition, bitmapToArray(offsets), produced_at))) FROM (SELECT * FROM log_coverage FINAL WHERE topic LIKE '%task%')": "[('officepulse.task.v1',2,[1],'2026-09-30 12:00:00.123')]",
	} {
		if got := text(t, conn, query); !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestInsertTwiceCountsOnce(t *testing.T) {
	conn := open(t)
	w := warehouse.NewWriter(conn)
	records := []event.Record{task(1), task(2), task(3)}
	insert := func(token string, records []event.Record) {
		t.Helper()
		if err := w.Insert(t.Context(), event.TypeTask, token, records); err != nil {
			t.Fatal(err)
		}
	}
	insert("a/0-2", records)
	insert("a/0-2", records)
	if got := text(t, conn, "SELECT toString(count()) FROM task_events"); got != "3" {
		t.Errorf("the same token twice left %s rows, want 3", got)
	}
	insert("a/1-3", append(records[1:3:3], task(4))) // after a restart the batches fall differently
	late := task(2)
	late.Time, late.ProducedAt = late.Time.Add(time.Hour), late.ProducedAt.Add(time.Minute)
	insert("a/9-9", []event.Record{late}) // the same id with another time: the later one of Kafka wins
	if got := text(t, conn, "SELECT toString((count(), max(time))) FROM task_events FINAL"); got != "(4,'2026-09-30 13:00:02.123')" {
		t.Errorf("after all copies: %s", got)
	}
}

func TestInsertErrors(t *testing.T) {
	conn := open(t)
	w := warehouse.NewWriter(conn)
	bad := task(1)
	bad.Task.Action = "explode"
	if err := w.Insert(t.Context(), event.TypeTask, "x", []event.Record{bad}); !errors.Is(err, event.ErrInvalid) {
		t.Errorf("an action the table does not know: got %v, want ErrInvalid", err)
	}
	if err := w.Insert(t.Context(), event.TypeTask, "x", []event.Record{task(1)}); err != nil {
		t.Errorf("a good record after a bad one: %v", err)
	}
	if err := conn.Exec(t.Context(), "DROP TABLE task_events"); err != nil {
		t.Fatal(err)
	}
	if err := w.Insert(t.Context(), event.TypeTask, "y", []event.Record{task(2)}); !errors.Is(err, delivery.ErrBlocked) || errors.Is(err, event.ErrInvalid) {
		t.Errorf("a missing table: got %v, want ErrBlocked, and no blame on the record", err)
	}
}
