package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
)

// Headers of a dead letter. The message's own headers follow them unchanged.
const (
	headerReason    = "officepulse-reason"
	headerTopic     = "officepulse-topic"
	headerPartition = "officepulse-partition"
	headerOffset    = "officepulse-offset"
	headerTime      = "officepulse-time" // RFC 3339, when it was put aside
	headerKind      = "officepulse-kind" // see delivery.Kind
	headerLog       = "officepulse-log"  // the cluster's id
	headerLast      = "officepulse-last-offset"
	headerSize      = "officepulse-size" // bytes the message had; the letter has fewer when it had to be cut
	letterHeaders   = 9                  // the ones above
)

// maxCutLetter is how much is kept of a message that no topic would take again.
const maxCutLetter = 512 << 10

// deadLetters puts aside what is no event: its bytes as they came, with the
// reason and the place.
type deadLetters struct {
	writer *kafka.Writer
	log    string // the cluster's id, from which the letters come
}

func newDeadLetters(brokers []string, transport *kafka.Transport, log *slog.Logger) *deadLetters {
	return &deadLetters{writer: &kafka.Writer{
		Addr:         kafka.TCP(brokers...),
		Transport:    transport,
		Topic:        DeadLetterTopic,
		RequiredAcks: kafka.RequireAll,
		Compression:  kafka.Lz4,
		BatchBytes:   math.MaxInt32, // the topic has the limit, on what is compressed; see cut
		BatchTimeout: publishLinger,
		ErrorLogger:  logger(log),
	}}
}

// maxReason bounds a reason, which may quote what was sent.
const maxReason = 1 << 10

// letter is a message that is no event, and why.
type letter struct {
	message kafka.Message
	last    int64 // offset of the last message it stands for, when there are more than one
	kind    delivery.Kind
	reason  error
}

// put returns nil once the broker has acknowledged every letter.
func (d *deadLetters) put(ctx context.Context, letters []letter, now time.Time) error {
	if len(letters) == 0 {
		return nil
	}
	out := make([]kafka.Message, len(letters))
	for i, l := range letters {
		out[i] = kafka.Message{
			Key: l.message.Key, Value: l.message.Value,
			Headers: append([]kafka.Header{
				{Key: headerReason, Value: []byte(shorten(l.reason.Error(), maxReason))},
				{Key: headerTopic, Value: []byte(l.message.Topic)},
				{Key: headerPartition, Value: []byte(strconv.Itoa(l.message.Partition))},
				{Key: headerOffset, Value: []byte(strconv.FormatInt(l.message.Offset, 10))},
				{Key: headerTime, Value: []byte(now.UTC().Format(time.RFC3339Nano))},
				{Key: headerKind, Value: []byte(l.kind)},
				{Key: headerLog, Value: []byte(d.log)},
				{Key: headerLast, Value: []byte(strconv.FormatInt(max(l.last, l.message.Offset), 10))},
				{Key: headerSize, Value: []byte(strconv.Itoa(len(l.message.Value)))},
			}, l.message.Headers...),
		}
	}
	err := d.writer.WriteMessages(ctx, out...)
	if tooLarge(err) {
		err = d.writeOneByOne(ctx, out)
	}
	if err != nil {
		return fmt.Errorf("put %d dead letters aside: %w", len(letters), err)
	}
	return nil
}

// writeOneByOne puts letters aside of which one is too large for the topic:
// that one is cut, which its size tells. A letter must never block its partition.
func (d *deadLetters) writeOneByOne(ctx context.Context, letters []kafka.Message) error {
	for _, m := range letters {
		err := d.writer.WriteMessages(ctx, m)
		if tooLarge(err) {
			m.Headers = m.Headers[:letterHeaders]
			m.Value, m.Key = m.Value[:min(len(m.Value), maxCutLetter)], m.Key[:min(len(m.Key), maxReason)]
			err = d.writer.WriteMessages(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tooLarge reports whether the broker found a message too large.
func tooLarge(err error) bool {
	if each, ok := errors.AsType[kafka.WriteErrors](err); ok {
		return slices.ContainsFunc(each, func(err error) bool { return errors.Is(err, kafka.MessageSizeTooLarge) })
	}
	return errors.Is(err, kafka.MessageSizeTooLarge)
}

// shorten cuts s to at most n bytes, at the end of a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + " …"
}

func (d *deadLetters) close() error { return d.writer.Close() }
