package ingest_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// office is a broker and a database with nothing in them.
type office struct {
	t       *testing.T
	brokers []string
	conn    driver.Conn

	registry *prometheus.Registry // of the newest sink
	newest   *ingest.Sink
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return newOfficeWith(t, 3)
}

func newOfficeWith(t *testing.T, partitions int) *office {
	t.Helper()
	o := &office{t: t, brokers: []string{enginetest.Kafka(t)}}
	var err error
	if o.conn, err = warehouse.Open(t.Context(), enginetest.Database(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.conn.Close() })
	if err := warehouse.Migrate(t.Context(), o.conn); err != nil {
		t.Fatal(err)
	}
	if err := ingest.EnsureTopics(t.Context(), o.brokers, partitions); err != nil {
		t.Fatal(err)
	}
	return o
}

// sink starts a sink into store; the returned function stops it and waits.
func (o *office) sink(store ingest.Store) (stop func()) {
	o.t.Helper()
	config := ingest.DefaultSinkConfig()
	config.MaxWait = 50 * time.Millisecond
	return o.sinkWith(config, store)
}

func (o *office) sinkWith(config ingest.SinkConfig, store ingest.Store) (stop func()) {
	o.t.Helper()
	config.Brokers = o.brokers
	o.registry = prometheus.NewRegistry()
	s := ingest.NewSink(config, store, o.registry, slog.New(slog.DiscardHandler))
	o.newest = s
	ctx, cancel := context.WithCancel(o.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	o.t.Cleanup(stop)
	return stop
}

// counter is the sum of a metric of the newest sink.
func (o *office) counter(name string) (sum float64) {
	o.t.Helper()
	families, err := o.registry.Gather()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// waitFetched returns once the newest sink has taken n messages out of Kafka.
func (o *office) waitFetched(n float64) {
	o.t.Helper()
	o.until(fmt.Sprintf("%v messages are fetched", n), func() bool { return o.counter("officepulse_sink_fetched_total") >= n })
}

// until returns once a condition holds.
func (o *office) until(what string, holds func() bool) {
	o.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			o.t.Fatalf("waited a minute until %s", what)
		}
		time.Sleep(5 * time.Millisecond) // between two looks; the condition decides
	}
}

func (o *office) publish(messages ...ingest.Message) {
	o.t.Helper()
	p := ingest.NewPublisher(o.brokers, slog.New(slog.DiscardHandler))
	defer func() { _ = p.Close() }()
	if err := p.Publish(o.t.Context(), messages); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) waitStored() {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	if err := waitStored(ctx, o.brokers, ingest.DefaultSinkConfig().Group); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) text(query string) string {
	o.t.Helper()
	var s string
	if err := o.conn.QueryRow(o.t.Context(), query).Scan(&s); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return s
}

// letters reads the whole dead-letter topic.
func (o *office) letters() []kafka.Message {
	o.t.Helper()
	conn, err := kafka.DialLeader(o.t.Context(), "tcp", o.brokers[0], ingest.DeadLetterTopic, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	end, err := conn.ReadLastOffset()
	if err != nil {
		o.t.Fatal(err)
	}
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: o.brokers, Topic: ingest.DeadLetterTopic, MaxWait: 100 * time.Millisecond})
	defer func() { _ = r.Close() }()
	var all []kafka.Message
	for range end {
		m, err := r.ReadMessage(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// waitStored polls until everything that was in the topics when it was called
// has been stored or put aside, or ctx ends. A broker that has just started, or
// has just made the topics, refuses to say how far a group is for a moment.
func waitStored(ctx context.Context, brokers []string, group string) error {
	var start []ingest.PartitionLag
	for {
		now, err := ingest.Lag(ctx, brokers, group)
		if err == nil {
			if start == nil {
				start = now
			}
			waiting := ingest.Behind(now, start)
			if waiting == 0 {
				return nil
			}
			err = fmt.Errorf("%d messages are not stored yet", waiting)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the sink: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func task(tb testing.TB, n int) ingest.Message {
	tb.Helper()
	e := event.Event{
		ID: fmt.Sprintf("e%d", n), Source: "/test", Type: event.TypeTask, Time: time.Date(2026, 9, 1, 8, 0, n, 0, time.UTC), Sequence: "0001",
		Task: &event.Task{
			Process: "doc_approval", CaseID: fmt.Sprintf("c%d", n/5), Stage: "review", Action: event.Approve, Department: "sales",
			Actor: fmt.Sprintf("office-%d", n%40), ActorDepartment: "office", Attributes: map[string]string{"class": "core"},
		},
	}
	value, err := e.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	return ingest.Message{Type: e.Type, Key: e.Key(), Value: value}
}
