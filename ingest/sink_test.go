package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

func TestSinkStoresEachEventOnce(t *testing.T) {
	o := newOffice(t)
	stop := o.sink(warehouse.NewWriter(o.conn))
	const n = 2000
	var all []ingest.Message
	for i := range n {
		all = append(all, task(t, i))
	}
	o.publish(all...)
	o.waitStored()
	stop()
	o.sink(warehouse.NewWriter(o.conn)) // goes on where the first stopped
	o.publish(all[:500]...)             // sent again
	o.publish(task(t, n))
	o.waitStored()
	got := o.text("SELECT toString((count(), uniqExact(event_id))) FROM task_events FINAL")
	if want := fmt.Sprintf("(%d,%d)", n+1, n+1); got != want {
		t.Errorf("rows and ids: got %s, want %s", got, want)
	}
	if got := o.text("SELECT toString(count() = uniqExact(topic_partition, topic_offset)) FROM task_events"); got != "1" {
		t.Error("some message was stored twice although no sink died")
	}
}

func TestSinkPutsAsideWhatIsNoEvent(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	good := task(t, 1)
	wrongTopic := good
	wrongTopic.Type = event.TypeFault
	o.publish(
		ingest.Message{Type: event.TypeTask, Key: "a", Value: []byte("no json")},
		good,
		ingest.Message{Type: event.TypeTask, Key: "b", Value: []byte(strings.Replace(string(good.Value), `"approve"`, `"explode"`, 1))},
		wrongTopic,
	)
	o.waitStored()
	if got := o.text("SELECT toString(count()) FROM task_events"); got != "1" {
		t.Errorf("%s events stored, want the good one", got)
	}
	reasons := make(map[string]string)
	for _, m := range o.letters() {
		for _, h := range m.Headers {
			if h.Key == "officepulse-reason" {
				reasons[string(m.Key)] = string(h.Value)
			}
		}
		if string(m.Key) == "a" && string(m.Value) != "no json" {
			t.Errorf("the letter's bytes are %q", m.Value)
		}
	}
	for key, want := range map[string]string{"a": "no valid JSON", "b": `"explode" is not allowed`, "c0": "has no place in the topic"} {
		if !strings.Contains(reasons[key], want) {
			t.Errorf("letter %s: reason %q, want %q in it", key, reasons[key], want)
		}
	}
}

func TestSinkTakesBinaryMode(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	w := &kafka.Writer{Addr: kafka.TCP(o.brokers...), Topic: string(event.TypeTask), RequiredAcks: kafka.RequireAll}
	defer func() { _ = w.Close() }()
	err := w.WriteMessages(t.Context(), kafka.Message{
		Key:   []byte("c1"),
		Value: []byte(`{"process":"seal","case_id":"c1","stage":"apply","action":"submit","department":"sales"}`),
		Headers: []kafka.Header{
			{Key: "ce_specversion", Value: []byte("1.0")},
			{Key: "ce_id", Value: []byte("b1")},
			{Key: "ce_source", Value: []byte("/erp")},
			{Key: "ce_type", Value: []byte("officepulse.task.v1")},
			{Key: "ce_time", Value: []byte("2026-09-30T17:00:00.5+08:00")},
			{Key: "content-type", Value: []byte("application/json; charset=utf-8")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.waitStored()
	if got := o.text("SELECT toString((event_id, time, case_id)) FROM task_events"); got != "('b1','2026-09-30 09:00:00.500','c1')" {
		t.Errorf("stored %s", got)
	}
}

// troubled fails the first inserts, and for ever every batch that holds the poisoned event.
type troubled struct {
	ingest.Store
	failures atomic.Int32
}

var errAway = errors.New("the database is away")

func (s *troubled) Insert(ctx context.Context, t event.Type, token string, records []event.Record) error {
	if s.failures.Add(-1) >= 0 {
		return errAway
	}
	for _, r := range records {
		if r.ID == "e13" {
			return fmt.Errorf("insert: %w", event.ErrInvalid)
		}
	}
	return s.Store.Insert(ctx, t, token, records)
}

// One bad row never takes its batch with it, and trouble on the way is waited out.
func TestSinkSurvivesTroubleAndPoison(t *testing.T) {
	o := newOffice(t)
	store := &troubled{Store: warehouse.NewWriter(o.conn)}
	store.failures.Store(3)
	o.sink(store)
	var all []ingest.Message
	for i := range 100 {
		all = append(all, task(t, i))
	}
	o.publish(all...)
	o.waitStored()
	if got := o.text("SELECT toString((count(), countIf(event_id = 'e13'))) FROM task_events FINAL"); got != "(99,0)" {
		t.Errorf("stored %s, want 99 events without e13", got)
	}
	letters := o.letters()
	if len(letters) != 1 || !strings.Contains(string(letters[0].Value), `"e13"`) {
		t.Errorf("%d dead letters, want e13 alone", len(letters))
	}
}

// A stop while a batch waits for company stores and commits it within the
// grace time: nothing is left for the next sink.
func TestSinkStopsGracefully(t *testing.T) {
	o := newOffice(t)
	stop := o.sink(warehouse.NewWriter(o.conn))
	o.publish(task(t, 0))
	o.waitStored() // it has its partitions now
	stop()
	slow := ingest.DefaultSinkConfig()
	slow.MaxWait = time.Hour
	store := &counting{Store: warehouse.NewWriter(o.conn)}
	stop = o.sinkWith(slow, store)
	for i := range 50 {
		o.publish(task(t, i))
	}
	o.waitFetched(50)
	if n := store.inserts.Load(); n != 0 {
		t.Fatalf("%d inserts before the stop, want none: this test is about the batch at hand", n)
	}
	stop()
	if got := o.text("SELECT toString((count(), uniqExact(event_id))) FROM task_events FINAL"); got != "(50,50)" {
		t.Errorf("stored %s, want (50,50)", got)
	}
	lag, err := ingest.Lag(t.Context(), o.brokers, slow.Group)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range lag {
		if p.Lag != 0 {
			t.Errorf("%s/%d: committed %d of %d", p.Topic, p.Partition, p.Committed, p.End)
		}
	}
}

// counting counts inserts.
type counting struct {
	ingest.Store
	inserts atomic.Int32
}

func (s *counting) Insert(ctx context.Context, t event.Type, token string, records []event.Record) error {
	s.inserts.Add(1)
	return s.Store.Insert(ctx, t, token, records)
}

// Offsets begin anew in a new log. Its events must not pass for the old ones
// at the same offsets, which would drop them in silence.
func TestSinkTakesANewLogForANewLog(t *testing.T) {
	o := newOffice(t)
	stop := o.sink(warehouse.NewWriter(o.conn))
	o.publish(task(t, 1))
	o.waitStored()
	stop()
	again := &office{t: t, conn: o.conn, brokers: []string{enginetest.Kafka(t)}}
	if err := ingest.EnsureTopics(t.Context(), again.brokers, 3); err != nil {
		t.Fatal(err)
	}
	again.sink(warehouse.NewWriter(o.conn))
	again.publish(task(t, 2)) // the same case, so the same partition and offset
	again.waitStored()
	if got := o.text("SELECT toString(arraySort(groupArray(event_id))) FROM task_events FINAL"); got != "['e1','e2']" {
		t.Errorf("stored %s, want both events", got)
	}
}

// A message that no dead letter can hold as it is must not block its partition.
func TestSinkPutsAsideWhatIsHuge(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	w := &kafka.Writer{
		Addr: kafka.TCP(o.brokers...), Topic: string(event.TypeTask), RequiredAcks: kafka.RequireAll, Compression: kafka.Lz4, BatchBytes: 64 << 20,
	}
	defer func() { _ = w.Close() }()
	huge := bytes.Repeat([]byte("x"), 3<<20)
	err := w.WriteMessages(t.Context(),
		kafka.Message{Key: []byte("c0"), Value: huge},
		kafka.Message{Key: []byte("c0"), Value: []byte("{}"), Headers: []kafka.Header{{Key: "ce_specversion", Value: huge}}},
		kafka.Message{Key: []byte("c0"), Value: task(t, 1).Value})
	if err != nil {
		t.Fatal(err)
	}
	o.waitStored()
	if got := o.text("SELECT toString(count()) FROM task_events FINAL"); got != "1" {
		t.Errorf("%s events stored, want the good one", got)
	}
	if n := len(o.letters()); n != 2 {
		t.Errorf("%d dead letters, want 2", n)
	}
}

// How far the warehouse has come must not hang on a producer's clock.
func TestProducersClockDoesNotCount(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	w := &kafka.Writer{Addr: kafka.TCP(o.brokers...), Topic: string(event.TypeTask), RequiredAcks: kafka.RequireAll}
	defer func() { _ = w.Close() }()
	for i, year := range []int{2250, 1850, 1971} {
		if err := w.WriteMessages(t.Context(), kafka.Message{Value: task(t, i).Value, Time: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	o.waitStored()
	if got := o.text("SELECT toString((count(), countIf(abs(dateDiff('minute', produced_at, now64(3))) < 5))) FROM task_events"); got != "(3,3)" {
		t.Errorf("events, and those with the time of now: %s, want (3,3)", got)
	}
}
