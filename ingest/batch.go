package ingest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// Steps of the sink, as its troubles and metrics name them.
const (
	stepFetch      = "fetch"
	stepInsert     = "insert"
	stepDeadLetter = "deadletter"
	stepGap        = "gap"
	stepCommit     = "commit"
)

// batch is what one insert will store: the messages of a stretch of offsets,
// parted into records, letters, and, of the dead-letter topic, letters to file.
type batch struct {
	records     []event.Record
	letters     []letter
	filed       []delivery.Letter
	marks       []delivery.Gap // what is no message but takes up an offset
	first, last int64
	bytes       int
	held        int64 // bytes of Sink.inHand
}

func (b *batch) size() int { return len(b.records) + len(b.letters) + len(b.filed) + len(b.marks) }

// reset empties the batch and keeps its memory.
func (b *batch) reset() {
	clear(b.records)
	clear(b.letters)
	clear(b.filed)
	*b = batch{records: b.records[:0], letters: b.letters[:0], filed: b.filed[:0], marks: b.marks[:0]}
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
	if err := p.file(ctx, b); err != nil {
		return err
	}
	stored := len(b.records) + len(b.filed) - (len(b.letters) - unfit) // records that could not be stored are letters now
	if err := p.noteGaps(ctx, b.marks...); err != nil {
		return err
	}
	if err := p.putAside(ctx, b.letters); err != nil {
		return err
	}
	if err := p.commit(b.last + 1); err != nil {
		return err
	}
	p.sink.metrics.stored.WithLabelValues(p.topic).Add(float64(stored))
	return nil
}

// commit tells Kafka that all before offset is dealt with.
func (p *partition) commit(offset int64) error {
	if err := p.generation.CommitOffsets(map[string]map[int]int64{p.topic: {p.id: offset}}); err != nil {
		p.sink.metrics.retries.WithLabelValues(stepCommit).Inc() // by whoever has the partition now
		return fmt.Errorf("commit offset %d: %w", offset, err)
	}
	return nil
}

// putAside puts letters into the dead-letter topic.
func (p *partition) putAside(ctx context.Context, letters []letter) error {
	if len(letters) == 0 {
		return nil
	}
	if err := p.retry(ctx, stepDeadLetter, func() error { return p.sink.letters.put(ctx, letters, p.sink.now()) }); err != nil {
		return err
	}
	for _, l := range letters {
		p.sink.logger.WarnContext(ctx, "message put into the dead-letter topic", "topic", p.topic, "partition", p.id, "offset", l.message.Offset, "kind", l.kind) // the reason quotes what was sent
	}
	p.sink.metrics.deadLettered.WithLabelValues(p.topic).Add(float64(len(letters)))
	return nil
}

// file stores the letters of the dead-letter topic. They hold bytes, which any
// table takes: an error is never the letters' fault.
func (p *partition) file(ctx context.Context, b *batch) error {
	if len(b.filed) == 0 {
		return nil
	}
	token := fmt.Sprintf("%s/%s/%d/%d-%d", p.sink.cluster, p.topic, p.id, b.first, b.last)
	return p.retry(ctx, stepInsert, func() error {
		return p.attempt(ctx, len(b.filed), func(ctx context.Context) error { return p.sink.store.InsertLetters(ctx, token, b.filed) })
	})
}

// attempt runs one insert within its time and counts it.
func (p *partition) attempt(ctx context.Context, rows int, insert func(context.Context) error) error {
	if err := p.sink.inserts.Acquire(ctx, 1); err != nil {
		return err
	}
	defer p.sink.inserts.Release(1)
	ctx, cancel := context.WithTimeout(ctx, p.sink.config.InsertTime)
	defer cancel()
	began := time.Now()
	err := insert(ctx)
	p.sink.metrics.batchRows.Observe(float64(rows))
	p.sink.metrics.batchSeconds.Observe(time.Since(began).Seconds())
	return err
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
	err := p.retry(ctx, stepInsert, func() error {
		return p.attempt(ctx, len(records), func(ctx context.Context) error {
			return p.sink.store.Insert(ctx, event.Type(p.topic), token, records)
		})
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
		b.letters = append(b.letters, letter{message: m, kind: delivery.Unstorable, reason: err})
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
		err = fmt.Errorf("go back to offset %d: %w: the log now begins at %d", offset, errOutside, m.Offset)
	}
	return m, err
}
