package analytics_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// An answer is remembered until something is stored, and not a moment longer.
func TestAnswersAreNeverStale(t *testing.T) {
	conn := store(t)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	q := analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.January, 1)}
	closed := func(id string) event.Event {
		return event.Event{ID: id, Source: "/test", Type: event.TypeTask, Time: day(2026, time.May, 4), Task: &event.Task{
			Process: "unheard_of", CaseID: id, Stage: "s", Action: event.Close, Department: "sales",
		}}
	}
	for n := range 5 {
		insert(t, conn, oracle.Log([]event.Event{closed(string(rune('a' + n)))}))
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				r := ask(t, m, "throughput", q)
				if len(r.Series) != 1 || r.Series[0].Points[0].N != uint64(n+1) {
					t.Errorf("after %d cases: %+v", n+1, r.Series)
				}
			})
		}
		wait.Wait()
	}
	first := ask(t, m, "throughput", q)
	if again := ask(t, m, "throughput", q); again != first {
		t.Error("the same question in the same state was computed twice")
	}
	q.Clock = analytics.ClockWorking
	if other := ask(t, m, "throughput", q); other == first {
		t.Error("another question got the same answer")
	}
}

// Parts that lie elsewhere leave no trace in this server's state, so nothing is
// remembered. Merge stands for every engine that only looks at other tables.
func TestTablesStoredElsewhereAreNotCached(t *testing.T) {
	conn := store(t)
	do := func(statement string) {
		t.Helper()
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	insert(t, conn, oracle.Log([]event.Event{{ID: "a", Source: "/test", Type: event.TypeTask, Time: day(2026, time.May, 4), Task: &event.Task{
		Process: "unheard_of", CaseID: "a", Stage: "s", Action: event.Close, Department: "sales",
	}}}))
	do("RENAME TABLE task_events TO task_shard")
	do("CREATE TABLE task_events AS task_shard ENGINE = Merge(currentDatabase(), '^task_shard$')")

	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	q := analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.January, 1)}
	first, again := ask(t, m, "throughput", q), ask(t, m, "throughput", q)
	if n := first.Series[0].Points[0].N; n != 1 {
		t.Fatalf("%d cases, want 1", n)
	}
	if again == first {
		t.Error("the answer was kept although the state is unknown")
	}
	do("INSERT INTO task_shard SELECT * REPLACE ('b' AS event_id, 'b' AS case_id) FROM task_shard")
	if n := ask(t, m, "throughput", q).Series[0].Points[0].N; n != 2 {
		t.Errorf("after another case: %d cases, want 2", n)
	}
}

// Whoever gives up is told so, whatever the driver calls it.
func TestQueryEndsWithItsContext(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	q := analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.January, 1)}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := m.Query(late, "throughput", q); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past the deadline: %v", err)
	}
	for wait := 200 * time.Microsecond; wait < 10*time.Millisecond; wait += 300 * time.Microsecond { // whatever it is doing just then
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		if _, err := m.Query(ctx, "lead_time", q); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", wait, err)
		}
		cancel()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := m.Query(gone, "throughput", q); !errors.Is(err, context.Canceled) {
		t.Errorf("after the client left: %v", err)
	}
}
