package ingest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/event"
)

const (
	fetchWait     = 250 * time.Millisecond // the broker's long poll
	fetchMaxBytes = 4 << 20
	readAhead     = 1000 // messages between the reader and the batch
)

var (
	errStalled = errors.New("no message arrives although there are some")
	errGap     = errors.New("committed offset lies outside the log")
)

// partition is the sink's work on one partition in one generation: a single
// loop, so that batches are stored and committed in order.
type partition struct {
	sink       *Sink
	generation *kafka.Generation
	topic      string
	id         int
	next       int64 // offset of the first message not yet in a batch
	label      string
	fetched    prometheus.Counter
	decoder    event.Decoder
	batch      batch // used again and again
}

func (s *Sink) partition(g *kafka.Generation, topic string, a kafka.PartitionAssignment) *partition {
	return &partition{sink: s, generation: g, topic: topic, id: a.ID, next: a.Offset, label: strconv.Itoa(a.ID), fetched: s.metrics.fetched.WithLabelValues(topic)}
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
	reader := p.newReader()
	defer func() { _ = reader.Close() }()
	if err := reader.SetOffset(p.next); err != nil {
		return fmt.Errorf("go to offset %d: %w", p.next, err)
	}
	for ctx.Err() == nil {
		b, err := p.collect(ctx, reader)
		if err != nil {
			return err
		}
		if b.size() == 0 {
			continue
		}
		if err := p.finish(ctx, b); err != nil {
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

// batch is what one insert will store: the messages of a stretch of offsets,
// parted into records and letters.
type batch struct {
	records     []event.Record
	letters     []letter
	first, last int64
	bytes       int
}

func (b *batch) size() int { return len(b.records) + len(b.letters) }

// reset empties the batch and keeps its memory.
func (b *batch) reset() {
	clear(b.records)
	clear(b.letters)
	*b = batch{records: b.records[:0], letters: b.letters[:0]}
}

// collect waits for a first message, then for more until the batch is full or
// old enough. An empty batch means that ctx has ended or that nothing came.
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
	p.add(b, m)
	wait, cancel := context.WithTimeout(ctx, p.sink.config.MaxWait)
	defer cancel()
	for b.size() < p.sink.config.MaxRows && b.bytes < p.sink.config.MaxBytes {
		if m, err = p.fetch(wait, reader); err != nil {
			break // old enough, or told to stop; what is wrong otherwise shows again at the next fetch
		}
		p.add(b, m)
	}
	return b, nil
}

// fetch returns the next message. The reader connects again by itself, so its
// errors are waited out until ctx ends; only its end is final.
func (p *partition) fetch(ctx context.Context, reader *kafka.Reader) (kafka.Message, error) {
	for {
		m, err := reader.FetchMessage(ctx)
		if err == nil || ctx.Err() != nil {
			return m, err
		}
		if errors.Is(err, io.EOF) {
			return m, fmt.Errorf("fetch: %w", err)
		}
		p.sink.metrics.retries.WithLabelValues("fetch").Inc()
		p.sink.logger.WarnContext(ctx, "sink tries again", "step", "fetch", "topic", p.topic, "partition", p.id, "error", err)
		pause(ctx, firstRetry)
	}
}

// add decodes a message into the batch.
func (p *partition) add(b *batch, m kafka.Message) {
	b.last = m.Offset
	b.bytes += len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		b.bytes += len(h.Key) + len(h.Value)
	}
	p.next = m.Offset + 1
	p.fetched.Inc()
	e, err := p.decode(m)
	if err == nil {
		err = e.Validate(p.sink.now())
	}
	if err == nil && string(e.Type) != p.topic {
		err = fmt.Errorf("%w: an event of type %s has no place in the topic %s", event.ErrInvalid, e.Type, p.topic)
	}
	if err != nil {
		b.letters = append(b.letters, letter{message: m, reason: err})
		return
	}
	b.records = append(b.records, event.Record{Event: e, Partition: m.Partition, Offset: m.Offset, ProducedAt: p.producedAt(m)})
}

// producedAt is Kafka's time of a message. A topic may keep the producer's
// instead, which can be anything: what lies ahead, or further back than the log
// reaches, is not believed.
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
	header := func(name string) string {
		for _, h := range m.Headers {
			if h.Key == name {
				return string(h.Value)
			}
		}
		return ""
	}
	if len(m.Headers) > 0 && header("ce_specversion") != "" {
		return event.DecodeBinary(header, m.Value)
	}
	return p.decoder.Decode(m.Value)
}

// finish stores the batch, puts its letters aside and commits, in this order
// and each until it succeeds. The last batch outlives the signal to stop by
// the grace time.
func (p *partition) finish(ctx context.Context, b *batch) error {
	ctx, cancel := graceful(ctx, p.sink.config.Grace)
	defer cancel()
	unfit := len(b.letters)
	if err := p.insert(ctx, b, 0, len(b.records)); err != nil {
		return err
	}
	stored := len(b.records) - (len(b.letters) - unfit) // records that could not be stored are letters now
	if err := p.sink.retry(ctx, "deadletter", func() error { return p.sink.letters.put(ctx, b.letters, p.sink.now()) }); err != nil {
		return err
	}
	for _, l := range b.letters {
		p.sink.logger.WarnContext(ctx, "message put into the dead-letter topic", "topic", p.topic, "partition", p.id, "offset", l.message.Offset) // the reason quotes what was sent
	}
	p.sink.metrics.deadLettered.WithLabelValues(p.topic).Add(float64(len(b.letters)))
	offsets := map[string]map[int]int64{p.topic: {p.id: b.last + 1}}
	if err := p.generation.CommitOffsets(offsets); err != nil {
		return fmt.Errorf("commit offset %d: %w", b.last+1, err)
	}
	p.sink.metrics.stored.WithLabelValues(p.topic).Add(float64(stored))
	return nil
}

// graceful returns a context that outlives ctx by the grace time.
func graceful(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return out, func() { stop(); cancel() }
}

// insert stores the records from i to before j. A record that cannot be stored
// is found by halving the batch and becomes a dead letter; the others are
// stored. The token names exactly these offsets, so that a retry is absorbed.
func (p *partition) insert(ctx context.Context, b *batch, i, j int) error {
	if i == j {
		return nil
	}
	records := b.records[i:j]
	token := p.token(records)
	err := p.sink.retry(ctx, "insert", func() error {
		if err := p.sink.inserts.Acquire(ctx, 1); err != nil {
			return err
		}
		defer p.sink.inserts.Release(1)
		began := time.Now()
		err := p.sink.store.Insert(ctx, event.Type(p.topic), token, records)
		p.sink.metrics.batchRows.Observe(float64(len(records)))
		p.sink.metrics.batchSeconds.Observe(time.Since(began).Seconds())
		return err
	})
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, event.ErrInvalid):
		return err
	case len(records) == 1:
		m, fetchErr := p.fetchAgain(ctx, records[0].Offset)
		if fetchErr != nil {
			return fetchErr
		}
		b.letters = append(b.letters, letter{message: m, reason: err})
		return nil
	}
	middle := i + len(records)/2
	if err := p.insert(ctx, b, i, middle); err != nil {
		return err
	}
	return p.insert(ctx, b, middle, j)
}

// token names a block: the place of its records in the log, and what they are.
// The place alone would do, were a topic never made anew with offsets from 0
// again; its events would then pass for a repeated insert and be dropped.
func (p *partition) token(records []event.Record) string {
	ids := fnv.New64a()
	for i := range records {
		_, _ = ids.Write([]byte(records[i].ID)) // cannot fail
		_, _ = ids.Write([]byte{0})
	}
	return fmt.Sprintf("%s/%s/%d/%d-%d/%x", p.sink.cluster, p.topic, p.id, records[0].Offset, records[len(records)-1].Offset, ids.Sum64())
}

// fetchAgain reads one message a second time. Batches keep the decoded events
// and not the messages, which would double their memory for the sake of this
// rare case.
func (p *partition) fetchAgain(ctx context.Context, offset int64) (kafka.Message, error) {
	reader := p.newReader()
	defer func() { _ = reader.Close() }()
	if err := reader.SetOffset(offset); err != nil {
		return kafka.Message{}, fmt.Errorf("go back to offset %d: %w", offset, err)
	}
	m, err := p.fetch(ctx, reader)
	if err == nil && m.Offset != offset {
		err = fmt.Errorf("go back to offset %d: %w: the log now begins at %d", offset, errGap, m.Offset)
	}
	return m, err
}

func (p *partition) newReader() *kafka.Reader {
	return kafka.NewReader(kafka.ReaderConfig{
		Brokers: p.sink.config.Brokers, Topic: p.topic, Partition: p.id,
		MinBytes: 1, MaxBytes: fetchMaxBytes, MaxWait: fetchWait, QueueCapacity: readAhead,
		Logger: logger(p.sink.logger), ErrorLogger: logger(p.sink.logger),
	})
}

// checkRange compares the committed offset with the log. Outside of it the
// reader would skip in silence or wait for ever; so it is said aloud, and the
// whole log is read again, which costs time and changes no figure.
func (p *partition) checkRange(ctx context.Context) error {
	first, end, err := p.sink.logRange(ctx, p.topic, p.id)
	if err != nil {
		return err
	}
	if p.next < 0 { // nothing committed yet
		p.next = first
		return nil
	}
	if p.next < first || p.next > end {
		p.sink.metrics.outOfRange.WithLabelValues(p.topic, p.label).Inc()
		p.sink.logger.ErrorContext(ctx, "events may be lost: reading the whole log again", "error", errGap,
			"topic", p.topic, "partition", p.id, "committed", p.next, "first", first, "end", end)
		p.next = first
	}
	return nil
}

// checkStalled returns errStalled when the log holds a message that the reader
// should have given; the partition then starts over with a new reader.
func (p *partition) checkStalled(ctx context.Context) error {
	_, end, err := p.sink.logRange(ctx, p.topic, p.id)
	if err != nil {
		return err
	}
	if p.next < end {
		return fmt.Errorf("%w: at offset %d of %d", errStalled, p.next, end)
	}
	return nil
}
