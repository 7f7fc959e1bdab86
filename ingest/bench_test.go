package ingest_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// nowhere takes records and forgets them: what is left is fetching and decoding.
type nowhere struct{}

func (nowhere) Insert(context.Context, event.Type, string, []event.Record) error { return nil }

func (nowhere) InsertLetters(context.Context, string, []delivery.Letter) error { return nil }

func (nowhere) NoteGaps(context.Context, []delivery.Gap) error { return nil }

func BenchmarkSink(b *testing.B) {
	const n = 500_000
	brokers := []string{enginetest.Kafka(b)}
	if err := ingest.EnsureTopics(b.Context(), brokers, 4); err != nil {
		b.Fatal(err)
	}
	publisher := ingest.NewPublisher(brokers, slog.New(slog.DiscardHandler))
	defer func() { _ = publisher.Close() }()
	messages := make([]ingest.Message, 0, 500)
	for i := range n {
		if messages = append(messages, task(b, i)); len(messages) == cap(messages) {
			if err := publisher.Publish(b.Context(), messages); err != nil {
				b.Fatal(err)
			}
			messages = messages[:0]
		}
	}
	run := func(b *testing.B, store func(*testing.B) ingest.Store) {
		b.Helper()
		for b.Loop() {
			b.StopTimer()
			config := ingest.DefaultSinkConfig()
			config.Brokers, config.Group = brokers, "bench-"+b.Name()
			config.Group += string(rune('a' + b.N%26))
			s := ingest.NewSink(config, store(b), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan struct{})
			b.StartTimer()
			go func() {
				defer close(done)
				_ = s.Run(ctx)
			}()
			if err := waitStored(ctx, brokers, config.Group); err != nil {
				b.Fatal(err)
			}
			cancel()
			<-done
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("decode", func(b *testing.B) { run(b, func(*testing.B) ingest.Store { return nowhere{} }) })
	b.Run("store", func(b *testing.B) {
		run(b, func(b *testing.B) ingest.Store {
			b.Helper()
			conn, err := warehouse.Open(b.Context(), enginetest.Database(b))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = conn.Close() })
			if err := warehouse.Migrate(b.Context(), conn); err != nil {
				b.Fatal(err)
			}
			return warehouse.NewWriter(conn)
		})
	})
}
