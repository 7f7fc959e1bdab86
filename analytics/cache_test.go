package analytics_test

import (
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// An answer is remembered until something is stored, and not a moment longer.
func TestAnswersAreNeverStale(t *testing.T) {
	conn := store(t)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai"))
	q := analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.January, 1)}
	closed := func(id string) event.Event {
		return event.Event{ID: id, Source: "/test", Type: event.TypeTask, Time: day(2026, time.May, 4), Task: &event.Task{
			Process: "unheard_of", CaseID: id, Stage: "s", Action: event.Close, Department: "sales",
		}}
	}
	for n := range 5 {
		insert(t, conn, log([]event.Event{closed(string(rune('a' + n)))}))
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
