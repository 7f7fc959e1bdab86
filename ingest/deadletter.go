package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// Headers of a dead letter. The message's own headers follow them unchanged.
const (
	headerReason    = "officepulse-reason"
	headerTopic     = "officepulse-topic"
	headerPartition = "officepulse-partition"
	headerOffset    = "officepulse-offset"
	headerTime      = "officepulse-time" // RFC 3339, when it was put aside
)

// deadLetters puts aside what is no event: its bytes as they came, with the
// reason and the place.
type deadLetters struct {
	writer *kafka.Writer
}

func newDeadLetters(brokers []string, log *slog.Logger) *deadLetters {
	return &deadLetters{writer: &kafka.Writer{
		Addr:         kafka.TCP(brokers...),
		Topic:        DeadLetterTopic,
		RequiredAcks: kafka.RequireAll,
		Compression:  kafka.Lz4,
		BatchBytes:   maxDeadLetterBytes,
		BatchTimeout: publishLinger,
		ErrorLogger:  logger(log),
	}}
}

// letter is a message that is no event, and why.
type letter struct {
	message kafka.Message
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
				{Key: headerReason, Value: []byte(l.reason.Error())},
				{Key: headerTopic, Value: []byte(l.message.Topic)},
				{Key: headerPartition, Value: []byte(strconv.Itoa(l.message.Partition))},
				{Key: headerOffset, Value: []byte(strconv.FormatInt(l.message.Offset, 10))},
				{Key: headerTime, Value: []byte(now.UTC().Format(time.RFC3339Nano))},
			}, l.message.Headers...),
		}
	}
	if err := d.writer.WriteMessages(ctx, out...); err != nil {
		return fmt.Errorf("put %d dead letters aside: %w", len(letters), err)
	}
	return nil
}

func (d *deadLetters) close() error { return d.writer.Close() }
