package ledger_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/ledger"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// note is the smallest record.
type note struct {
	record.Stamp

	Text string `json:"text"`
	Size int    `json:"size,omitempty"`
}

func database(t *testing.T) driver.Conn {
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

func made(t *testing.T, key, text string, before *note) *note {
	t.Helper()
	n := &note{Stamp: record.Stamp{Key: key}, Text: text}
	var of record.Record
	if before != nil {
		of = before
	}
	if err := record.Next(n, of, "edit", record.By{Author: "director", Reason: "why", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLedger(t *testing.T) {
	conn := database(t)
	l, other := ledger.New[note](conn, "note"), ledger.New[note](conn, "other")
	first := made(t, "a", "one", nil)
	second := made(t, "a", "two", first)
	for _, n := range []*note{first, second, made(t, "b", "x", nil)} {
		if err := l.Save(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Save(t.Context(), made(t, "a", "of another kind", nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"text"}, second.Change.What); diff != "" {
		t.Error(diff)
	}
	newest, err := l.Newest(t.Context())
	if err != nil || len(newest) != 2 || cmp.Diff(second, newest[0]) != "" {
		t.Fatalf("%v, %+v", err, newest)
	}
	history, err := l.History(t.Context(), "a")
	if diff := cmp.Diff([]*note{second, first}, history); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	if _, err := l.Find(t.Context(), "c"); !errors.Is(err, record.ErrUnknown) {
		t.Error(err)
	}
	if err := l.Save(t.Context(), made(t, "a", "late", first)); !errors.Is(err, record.ErrOvertaken) {
		t.Errorf("an overtaken revision: %v", err)
	}
	if err := l.Save(t.Context(), made(t, "a", "again", nil)); len(record.Refusals(err)) != 1 {
		t.Errorf("a key that is taken: %v", err)
	}
}

// Of many who make the same revision at once, one is told that it counts, and
// that one is read.
func TestOneRevisionCounts(t *testing.T) {
	l := ledger.New[note](database(t), "note")
	first := made(t, "a", "one", nil)
	if err := l.Save(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var winner atomic.Pointer[note]
	var won atomic.Int32
	for i := range 8 {
		n := made(t, "a", "by many", first)
		n.Size = i + 1
		all.Go(func() {
			switch err := l.Save(t.Context(), n); {
			case err == nil:
				won.Add(1)
				winner.Store(n)
			case !errors.Is(err, record.ErrOvertaken):
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := l.Find(t.Context(), "a")
	if err != nil || won.Load() != 1 || got.Size != winner.Load().Size {
		t.Errorf("%v: %d won, %+v is read", err, won.Load(), got)
	}
}
