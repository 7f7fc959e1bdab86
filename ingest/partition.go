package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

const (
	fetchWait     = 250 * time.Millisecond // the broker's long poll
	fetchMaxBytes = 4 << 20
	readAhead     = 1000 // messages between the reader and the batch
)

// partition is the sink's work on one partition in one generation: a single
// loop, so that batches are stored and committed in order.
type partition struct {
	sink *Sink
	partitionID

	generation *kafka.Generation
	next       int64 // offset of the first message not yet in a batch
	troubled   bool  // the last fetch failed
	fetched    prometheus.Counter
	decoder    event.Decoder
	batch      batch // used again and again
}

func (s *Sink) partition(g *kafka.Generation, topic string, a kafka.PartitionAssignment) *partition {
	return &partition{
		sink: s, generation: g, partitionID: partitionID{topic, a.ID}, next: a.Offset,
		fetched: s.metrics.fetched.WithLabelValues(topic),
	}
}

// run fetches, decodes, batches, stores and commits until the generation
// (gctx) or the sink (ctx) ends. What has been fetched by then is still stored
// and committed: Kafka takes a commit of a generation that is ending, and
// refuses one of a generation that is over.
func (p *partition) run(ctx, gctx context.Context) error {
	ctx, cancel := merge(ctx, gctx)
	defer cancel()
	if err := p.checkRange(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		err := p.read(ctx)
		if !errors.Is(err, errUnreadable) {
			return err
		}
		if err := p.putBatchAside(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// read takes messages from where the partition stands, with one reader. Its
// error matches errUnreadable when the reader does not get past p.next.
func (p *partition) read(ctx context.Context) error {
	reader := p.newReader()
	defer func() { _ = reader.Close() }()
	if err := reader.SetOffset(p.next); err != nil {
		return fmt.Errorf("go to offset %d: %w", p.next, err)
	}
	for ctx.Err() == nil {
		b, err := p.collect(ctx, reader)
		if b.size() > 0 {
			err = errors.Join(p.finish(ctx, b), err)
		}
		p.release(b)
		if err != nil {
			return err
		}
	}
	return nil
}

// merge returns a context that ends with either.
func merge(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(a)
	stop := context.AfterFunc(b, cancel)
	return ctx, func() { stop(); cancel() }
}

// collect waits for a first message, then for more until the batch is full or
// old enough. An empty batch means that ctx has ended or that nothing came. The
// batch is good also where there is an error.
func (p *partition) collect(ctx context.Context, reader *kafka.Reader) (*batch, error) {
	b := &p.batch
	b.reset()
	idle, cancel := context.WithTimeout(ctx, p.sink.config.StallTime)
	defer cancel()
	m, err := p.fetch(idle, reader)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return b, nil
	case idle.Err() != nil:
		return b, p.checkStalled(ctx)
	default:
		return b, err
	}
	b.first = m.Offset
	wait, cancel := context.WithTimeout(ctx, p.sink.config.MaxWait)
	defer cancel()
	for {
		if err := p.checkGap(ctx, m); err != nil {
			return b, err
		}
		if room := p.add(b, m); !room {
			return b, nil
		}
		if m, err = p.fetch(wait, reader); err != nil {
			return b, nil // old enough, or told to stop; what is wrong otherwise shows again at the next fetch
		}
	}
}

// fetch returns the next message. The reader connects again by itself, so its
// errors are waited out until ctx ends; only its end is final.
func (p *partition) fetch(ctx context.Context, reader *kafka.Reader) (kafka.Message, error) {
	for {
		m, err := reader.FetchMessage(ctx)
		if err == nil && p.troubled {
			p.troubled = false
			p.sink.trouble.clear(p.partitionID, stepFetch)
		}
		switch {
		case err == nil || ctx.Err() != nil:
			return m, err
		case errors.Is(err, io.EOF):
			return m, fmt.Errorf("fetch: %w", err)
		case unknownCodec(err):
			return m, fmt.Errorf("%w: %w", errUnreadable, err)
		}
		p.troubled = true
		p.sink.trouble.note(p.partitionID, stepFetch, err)
		p.sink.metrics.retries.WithLabelValues(stepFetch).Inc()
		p.sink.logger.WarnContext(ctx, "sink tries again", "step", stepFetch, "topic", p.topic, "partition", p.id, "error", err)
		pause(ctx, firstRetry)
	}
}

// add takes a message into the batch and reports whether there is room for
// another. When all batches together hold what they may, this one is stored as
// it is: nothing is fetched that would have to wait in memory.
func (p *partition) add(b *batch, m kafka.Message) (room bool) {
	b.last = m.Offset
	p.next = m.Offset + 1
	p.fetched.Inc()
	size := int64(messageSize(m))
	b.bytes += int(size)
	if p.sink.inHand.TryAcquire(size) {
		b.held += size
		room = b.size()+1 < p.sink.config.MaxRows && b.bytes < p.sink.config.MaxBytes
	}
	if p.topic == DeadLetterTopic {
		b.filed = append(b.filed, p.readLetter(m))
		return room
	}
	if isMark(m) {
		b.marks = append(b.marks, p.gap(m.Offset, m.Offset, false))
		return room
	}
	e, kind, err := p.check(m)
	if err != nil {
		b.letters = append(b.letters, letter{message: m, kind: kind, reason: err})
		return room
	}
	b.records = append(b.records, event.Record{Event: e, Log: p.sink.cluster, Partition: m.Partition, Offset: m.Offset, ProducedAt: p.producedAt(m)})
	return room
}

// release gives back what a batch held.
func (p *partition) release(b *batch) {
	p.sink.inHand.Release(b.held)
	b.held = 0
}

func messageSize(m kafka.Message) int {
	n := len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// check makes an event of a message, or says what kind of dead letter it is.
func (p *partition) check(m kafka.Message) (event.Event, delivery.Kind, error) {
	e, err := p.decode(m)
	switch {
	case err != nil && len(m.Value) > event.MaxBytes:
		return e, delivery.Oversize, err
	case err != nil:
		return e, delivery.Malformed, err
	}
	if err := e.Validate(p.sink.now()); err != nil {
		return e, delivery.Invalid, err
	}
	if string(e.Type) != p.topic {
		return e, delivery.Misplaced, fmt.Errorf("%w: an event of type %s has no place in the topic %s", event.ErrInvalid, e.Type, p.topic)
	}
	return e, "", nil
}

// producedAt is when Kafka took a message, as far as it is known: kafka-go hands
// out the producer's time also where the topic keeps the broker's. What lies
// ahead, or further back than the log reaches, is not believed.
func (p *partition) producedAt(m kafka.Message) time.Time {
	now := p.sink.now().UTC()
	if m.Time.After(now) || m.Time.Before(now.Add(-2*retention)) {
		return now
	}
	return m.Time.UTC()
}

// decode reads an event in structured mode, or in binary mode when the headers
// of a CloudEvent are there.
func (p *partition) decode(m kafka.Message) (event.Event, error) {
	header := func(name string) string { return headerOf(m, name) }
	if len(m.Headers) > 0 && header("ce_specversion") != "" {
		return event.DecodeBinary(header, m.Value)
	}
	return p.decoder.Decode(m.Value)
}

// headerOf is the value of a message's first header of that name, "" without.
func headerOf(m kafka.Message, name string) string {
	for _, h := range m.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

func (p *partition) newReader() *kafka.Reader {
	return kafka.NewReader(kafka.ReaderConfig{
		Brokers: p.sink.config.Brokers, Topic: p.topic, Partition: p.id, Dialer: p.sink.dialer,
		MinBytes: 1, MaxBytes: fetchMaxBytes, MaxWait: fetchWait, QueueCapacity: readAhead,
		Logger: logger(p.sink.logger), ErrorLogger: logger(p.sink.logger),
	})
}
