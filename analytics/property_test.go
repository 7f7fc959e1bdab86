package analytics_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"pgregory.net/rapid"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// rapid's defaults are for checks that take microseconds; those with the
// database take a third of a second. -rapid.checks and -rapid.shrinktime, or
// RAPID_CHECKS and RAPID_SHRINKTIME, go before these.
var databaseDefaults = map[string]string{"checks": "20", "shrinktime": "90s"}

func withDatabaseDefaults(t *testing.T) {
	t.Helper()
	asked := make(map[string]bool)
	flag.Visit(func(f *flag.Flag) { asked[f.Name] = true })
	for name, value := range databaseDefaults {
		if _, ok := os.LookupEnv("RAPID_" + strings.ToUpper(name)); ok || asked["rapid."+name] {
			continue
		}
		setting := flag.Lookup("rapid." + name).Value // not flag.Set: a second run would take it for asked
		before := setting.String()
		t.Cleanup(func() { _ = setting.Set(before) })
		if err := setting.Set(value); err != nil {
			t.Fatalf("set rapid's %s: %v", name, err)
		}
	}
}

// TestAnyEventsInAnyBatches holds the promise of delivery: any events, each
// delivered once or more, in any order and split into any batches, of which
// some are stored again, give the figures of the slow computation.
func TestAnyEventsInAnyBatches(t *testing.T) {
	withDatabaseDefaults(t)
	conn, hb, cal := store(t), office(), workdays(t, "Asia/Shanghai")
	rapid.Check(t, func(t *rapid.T) {
		delivered := deliveries().Draw(t, "delivered")
		questions := anyQuestions().Draw(t, "asked")
		empty(t, conn)
		facts := analytics.NewFacts(conn, hb, slog.New(slog.DiscardHandler))
		deliver(t, conn, delivered, func() {
			if _, err := facts.Refresh(t.Context()); err != nil {
				t.Fatalf("refresh the facts: %v", err)
			}
		})
		o := oracle.New(hb, cal, delivered.records())
		for _, m := range []*analytics.Metrics{analytics.New(conn, hb, cal).Publishing(0, nil), analytics.New(conn, hb, cal).Publishing(0, nil).Over(facts)} {
			for _, q := range questions {
				if differences := o.CheckOne(t.Context(), m, q.Question); differences != nil {
					t.Log(strings.Join(differences, "\n"))
					t.FailNow() // without a text of its own, so that rapid takes a smaller case for the same failure
				}
			}
		}
	})
}

// anyQuestions draws a question to half of the metrics; a failing case keeps the one
// that it needs.
func anyQuestions() *rapid.Generator[[]asked] {
	return rapid.Custom(func(t *rapid.T) []asked {
		var questions []asked
		for _, metric := range analytics.Names() {
			if d := (drawn{t}); d.IntN(2) == 1 {
				questions = append(questions, asked{question(d, metric)})
			}
		}
		return questions
	})
}

// drawn throws dice for a property: a failing case shrinks towards the plainest.
type drawn struct{ t *rapid.T }

func (d drawn) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "") }

// asked shows itself in words.
type asked struct{ oracle.Question }

func (a asked) GoString() string { return a.String() }

// delivery is the batches in which records reach the warehouse, each of one
// type. It shows itself in words.
type delivery []batch

type batch struct {
	records []event.Record
	again   bool // it is stored a second time, as after an unknown outcome
}

func (d delivery) records() []event.Record {
	var all []event.Record
	for _, b := range d {
		all = append(all, b.records...)
	}
	return all
}

// GoString shows each batch with its records, one a line.
func (d delivery) GoString() string {
	var b strings.Builder
	for i, batch := range d {
		fmt.Fprintf(&b, "\n  batch %d", i+1)
		if batch.again {
			b.WriteString(", stored twice")
		}
		for _, r := range batch.records {
			fmt.Fprintf(&b, "\n    %s", inWords(r))
		}
	}
	return b.String()
}

func inWords(r event.Record) string {
	text, err := r.Encode()
	if err != nil {
		text = []byte(err.Error())
	}
	return fmt.Sprintf("taken at %s: %s", r.ProducedAt.Format("05.000"), text)
}

// told is an event with what is delivered of it beside the first time.
type told struct {
	event.Event

	copies []again
}

// again is one more delivery of an event.
type again struct {
	sent  bool          // by its producer, so that Kafka took it once more; else Kafka delivers the same record again
	moved time.Duration // how far its time has moved since it was sent first
}

// deliveries draws what happened and what of it is delivered more than once,
// then the order, then where batches end: each can become plainer by itself.
func deliveries() *rapid.Generator[delivery] {
	return rapid.Custom(func(t *rapid.T) delivery {
		var events []told
		for _, about := range rapid.SliceOfN(happenings(), 1, 12).Draw(t, "events") {
			events = append(events, about...)
		}
		records := rapid.Permutation(logged(events)).Draw(t, "order")
		var batches delivery
		for _, of := range event.Types() {
			batches = append(batches, split(drawn{t}, of, records)...)
		}
		return batches
	})
}

// happenings draws what happens to one case, fault or answer.
func happenings() *rapid.Generator[[]told] {
	return rapid.Custom(func(t *rapid.T) []told {
		subject := story(drawn{t}).Subject()
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) told {
			d := drawn{t}
			return told{
				Event: story(d).Happens(subject),
				copies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) again {
					d := drawn{t}
					return again{sent: d.IntN(2) == 1, moved: one(d, 0, time.Hour, 200*24*time.Hour, -200*24*time.Hour)}
				}), 0, 2).Draw(t, "copies"),
			}
		}), 1, 8).Draw(t, "happenings")
	})
}

// logged gives events their places in the log, and their copies places behind all of them.
func logged(events []told) []event.Record {
	var first []event.Event
	for _, e := range events {
		first = append(first, e.Event)
	}
	records := oracle.Log(oracle.Numbered(first))
	for i, e := range events {
		for _, c := range e.copies {
			r := records[i]
			if c.sent {
				r.Offset = int64(len(records))
				r.ProducedAt = records[0].ProducedAt.Add(time.Duration(len(records)) * time.Millisecond)
				if r.Type != event.TypeAnswer { // of which only the day is known on which Kafka took it
					r.Time = r.Time.Add(c.moved)
				}
			}
			records = append(records, r)
		}
	}
	return records
}

// split puts the records of one type into batches.
func split(d drawn, of event.Type, records []event.Record) (batches []batch) {
	var open batch
	for _, r := range records {
		if r.Type != of {
			continue
		}
		open.records = append(open.records, r)
		if d.IntN(8) == 7 {
			open.again = d.IntN(4) == 3
			batches, open = append(batches, open), batch{}
		}
	}
	if len(open.records) > 0 {
		batches = append(batches, open)
	}
	return batches
}

// tokens are never used twice: the warehouse remembers those of the check before.
var tokens atomic.Int64

// deliver stores batches; now and then, between them, somebody looks at the figures.
func deliver(t *rapid.T, conn driver.Conn, d delivery, look func()) {
	w := warehouse.NewWriter(conn)
	for _, b := range d {
		of, token := b.records[0].Type, fmt.Sprintf("check/%d", tokens.Add(1))
		for range 1 + map[bool]int{true: 1}[b.again] {
			if err := w.Insert(t.Context(), of, token, b.records); err != nil {
				t.Fatalf("store a batch: %v", err)
			}
		}
		if rapid.Bool().Draw(t, "looked at") {
			look()
		}
	}
}

// empty leaves the tables as the migrations made them. It is a tenth of a new database.
func empty(t *rapid.T, conn driver.Conn) {
	var tables []string
	const list = `SELECT groupArray(name) FROM system.tables
		WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'schema_migrations' AND total_rows > 0`
	err := conn.QueryRow(t.Context(), list).Scan(&tables)
	for _, table := range tables {
		err = errors.Join(err, conn.Exec(t.Context(), "TRUNCATE TABLE "+table))
	}
	if err != nil {
		t.Fatalf("empty the tables: %v", err)
	}
}
