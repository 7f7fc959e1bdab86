package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

var errEnough = errors.New("enough")

// stream sends the demo story, batch after batch, until it is told to stop.
type stream struct {
	client *client
	stop   context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	acked map[string]bool // ids that the gateway has answered 202 for
	sent  []event.Event   // all that may have been taken
}

func startStream(t *testing.T, s *service) *stream {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &stream{client: s.client(), stop: stop, ended: make(chan error, 1), acked: make(map[string]bool)}
	go func() {
		var batch []event.Event
		_, err := demo.Generate(demo.Options{Preset: demo.L, Seed: demo.DefaultSeed}, handbook.Default(), func(e event.Event) error {
			if batch = append(batch, e); len(batch) < 100 {
				return nil
			}
			if ctx.Err() != nil {
				return errEnough
			}
			defer func() { batch = batch[:0] }()
			return l.send(t.Context(), batch)
		})
		l.ended <- err
	}()
	return l
}

func (s *service) client() *client {
	s.tb.Helper()
	return &client{server: s.url, token: s.token(), http: httpClient()}
}

func (l *stream) send(ctx context.Context, batch []event.Event) error {
	l.mu.Lock()
	l.sent = append(l.sent, batch...)
	l.mu.Unlock()
	if err := l.client.send(ctx, batch); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range batch {
		l.acked[batch[i].ID] = true
	}
	return nil
}

// acknowledged is a copy of what has been by now.
func (l *stream) acknowledged() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.acked)
}

// A backup that is made while events pour in holds every event acknowledged
// before it, and none by half: what is in the log that was saved is, after the
// restore, stored, and once. Sending everything again then gives the very
// figures of the service that went on.
func TestBackupUnderLoad(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	l := startStream(t, s)
	before := make(map[string]map[string]bool)
	targets := []string{filepath.Join(t.TempDir(), "folder"), filepath.Join(t.TempDir(), "file.tar.gz")}
	for _, target := range targets {
		start := len(l.acknowledged())
		s.waitFor("a stretch of the load", func() bool { return len(l.acknowledged()) > start+5000 })
		before[target] = l.acknowledged()
		s.must("backup", target)
		during := len(l.acknowledged()) - len(before[target])
		t.Logf("%s: %d events acknowledged before the backup, %d during it", filepath.Base(target), len(before[target]), during)
		if during == 0 {
			t.Error("no event was acknowledged during the backup")
		}
	}
	l.stop()
	if err := <-l.ended; !errors.Is(err, errEnough) {
		t.Fatalf("the load ended before the backups did: %v", err)
	}
	want := s.allFigures()
	for _, target := range targets {
		t.Run(filepath.Base(target), func(t *testing.T) {
			r := restored(t, target)
			if err := r.client().waitStored(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, body := r.get("/metrics"); strings.Contains(string(body), "officepulse_sink_offset_out_of_range_total{") {
				t.Error("a committed offset lies outside of the log")
			}
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			checkRestored(t, r.data, before[target], l.sent)

			r = startService(t, r.data)
			for batch := range slices.Chunk(l.sent, batchEvents) {
				if err := r.client().send(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(r.allFigures(), want); diff != "" {
				t.Errorf("figures after everything was sent again: -got +want\n%s", diff)
			}
		})
	}
}

// checkRestored opens the engines on a data directory that no service uses and
// compares the tables with the log, with what had been acknowledged before the
// backup, and with what was ever sent.
func checkRestored(t *testing.T, dir string, before map[string]bool, sent []event.Event) {
	t.Helper()
	broker, err := embedded.StartKafka(filepath.Join(dir, "kafka"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	engine, err := embedded.StartClickHouse(t.Context(), filepath.Join(dir, "clickhouse"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	conn, err := warehouse.Open(t.Context(), engine.DSN(databaseName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()

	stored := make(map[string]bool)
	for _, table := range []string{"task_events", "fault_events", "answer_events"} {
		ids, err := column(t.Context(), conn, "SELECT event_id FROM "+table+" FINAL")
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if stored[id] {
				t.Errorf("the event %s counts twice", id)
			}
			stored[id] = true
		}
	}
	known := make(map[string]bool)
	for i := range sent {
		known[sent[i].ID] = true
	}
	logged := loggedIDs(t, broker.Addr())
	t.Logf("%d events stored, %d in the log", len(stored), len(logged))
	for what, missing := range map[string]string{
		"acknowledged before the backup and not stored": without(before, stored),
		"in the log and not stored":                     without(logged, stored),
		"stored and not in the log":                     without(stored, logged),
		"stored and never sent":                         without(stored, known),
	} {
		if missing != "" {
			t.Errorf("%s: %s", what, missing)
		}
	}
	audit, err := ingest.NewAuditor([]string{broker.Addr()}, warehouse.NewWriter(conn)).Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range audit.Partitions {
		if p.Missing > 0 || p.DuplicatedVisibly > 0 || p.Lag > 0 || p.DeadLettered > 0 {
			t.Errorf("the auditor says %+v", p)
		}
	}
}

// without names what is in a and not in b; "" when there is nothing.
func without(a, b map[string]bool) string {
	var ids []string
	for id := range a {
		if !b[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	slices.Sort(ids)
	return fmt.Sprintf("%d events, %v …", len(ids), ids[:min(3, len(ids))])
}

// loggedIDs reads the ids of all events in a log.
func loggedIDs(t *testing.T, broker string) map[string]bool {
	t.Helper()
	partitions, err := ingest.Lag(t.Context(), []string{broker}, ingest.DefaultSinkConfig().Group)
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	for _, p := range partitions {
		if p.Topic == ingest.DeadLetterTopic {
			continue
		}
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{broker}, Topic: p.Topic, Partition: p.Partition, MaxWait: 100 * time.Millisecond})
		if err := reader.SetOffset(p.First); err != nil {
			t.Fatal(err)
		}
		for offset := p.First; offset < p.End; {
			m, err := reader.ReadMessage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			e, err := event.Decode(m.Value)
			if err != nil {
				t.Fatal(err)
			}
			ids[e.ID] = true
			offset = m.Offset + 1
		}
		_ = reader.Close()
	}
	return ids
}
