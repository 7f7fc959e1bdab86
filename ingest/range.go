package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
)

var errOutside = errors.New("committed offset lies outside the log")

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
	if p.next >= first && p.next <= end {
		return nil
	}
	p.alarm(ctx, first, end)
	if p.next < first {
		if err := p.noteGaps(ctx, p.gap(p.next, first-1, true)); err != nil {
			return err
		}
	}
	p.next = first
	return nil
}

// checkGap looks at a message that does not follow the one before. The broker
// may have put marks of its own between them (of transactions); or the log was
// cut, and what it held is lost, which the reader passes over in silence.
func (p *partition) checkGap(ctx context.Context, m kafka.Message) error {
	if m.Offset == p.next {
		return nil
	}
	first, end, err := p.sink.logRange(ctx, p.topic, p.id)
	if err != nil {
		return err
	}
	lost := first > p.next
	if lost {
		p.alarm(ctx, first, end)
	}
	if err := p.noteGaps(ctx, p.gap(p.next, m.Offset-1, lost)); err != nil {
		return err
	}
	p.next = m.Offset
	return nil
}

// alarm says aloud that messages were deleted before they were stored, or that
// the log is not the one that the offsets were committed for.
func (p *partition) alarm(ctx context.Context, first, end int64) {
	p.sink.metrics.outOfRange.WithLabelValues(p.topic, strconv.Itoa(p.id)).Inc()
	p.sink.logger.ErrorContext(ctx, "events may be lost: reading what the log holds", "error", errOutside,
		"topic", p.topic, "partition", p.id, "committed", p.next, "first", first, "end", end)
}

// gap is a stretch of offsets without a message to read.
func (p *partition) gap(first, last int64, lost bool) delivery.Gap {
	g := delivery.Gap{
		Place: delivery.Place{Log: p.sink.cluster, Topic: p.topic, Partition: p.id, Offset: first},
		Last:  last, Lost: lost, Described: "the broker's own marks",
	}
	if lost {
		g.Described = "deleted from the log before they were stored"
	}
	return g
}

// noteGaps keeps that there was nothing to read.
func (p *partition) noteGaps(ctx context.Context, gaps ...delivery.Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	return p.retry(ctx, stepGap, func() error {
		return p.attempt(ctx, len(gaps), func(ctx context.Context) error { return p.sink.store.NoteGaps(ctx, gaps) })
	})
}

// isMark reports whether a message is the broker's mark of a transaction's
// end, which kafka-go hands out like any other: a key of version and kind, a
// value of version and epoch, all of them numbers. No event looks like that.
func isMark(m kafka.Message) bool {
	return len(m.Key) == 4 && m.Key[0] == 0 && m.Key[1] == 0 && m.Key[2] == 0 && m.Key[3] <= 1 && len(m.Value) == 6 && m.Value[0] == 0 && len(m.Headers) == 0
}

// checkStalled returns errUnreadable when the log holds a message that the
// reader should have given.
func (p *partition) checkStalled(ctx context.Context) error {
	_, end, err := p.sink.logRange(ctx, p.topic, p.id)
	if err != nil {
		return err
	}
	if p.next < end {
		return fmt.Errorf("%w: no message arrives at offset %d of %d", errUnreadable, p.next, end)
	}
	return nil
}
