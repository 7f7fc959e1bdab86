package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/semaphore"

	"example.com/officepulse/ingest/event"
)

// ErrUnavailable is matched by errors that say that the broker did not
// acknowledge in time. The outcome is unknown: send the same events again,
// their ids make that harmless.
var ErrUnavailable = errors.New("the broker did not acknowledge in time")

// Bounds of the publisher.
const (
	publishWait     = 10 * time.Second     // for an acknowledgement, queueing included
	publishLinger   = 2 * time.Millisecond // for company in a produce request
	maxBytesInAir   = 64 << 20             // of messages that wait for an acknowledgement
	writerBatchRows = 5000
	publishAttempts = 12          // with the pauses between them about as long as publishWait: a broker's restart is waited out
	metadataTTL     = time.Second // after which the writer asks where the partitions are; kafka-go's 6 s are as long as an outage afterwards
)

// Message is an event as it travels: its bytes, and where they go.
type Message struct {
	Type  event.Type // names the topic
	Key   string     // see event.Event.Key
	Value []byte     // a CloudEvent in structured JSON mode
}

// Publisher puts events into Kafka and knows when they are safe there.
type Publisher struct {
	writer *kafka.Writer
	inAir  *semaphore.Weighted
	wait   time.Duration
}

// NewPublisher returns a Publisher to the given brokers. It connects when it
// first publishes.
func NewPublisher(brokers []string, log *slog.Logger) *Publisher {
	return &Publisher{
		writer: &kafka.Writer{
			Addr:                   kafka.TCP(brokers...),
			Balancer:               kafka.Murmur2Balancer{}, // as the Java client does: one case, one partition, whoever produces
			RequiredAcks:           kafka.RequireAll,
			Compression:            kafka.Lz4,
			BatchSize:              writerBatchRows,
			BatchBytes:             maxMessageBytes,
			BatchTimeout:           publishLinger,
			WriteTimeout:           publishWait,
			MaxAttempts:            publishAttempts,
			Transport:              &kafka.Transport{MetadataTTL: metadataTTL},
			AllowAutoTopicCreation: false,
			ErrorLogger:            logger(log),
		},
		inAir: semaphore.NewWeighted(maxBytesInAir),
		wait:  publishWait,
	}
}

// Publish returns nil once every message has been acknowledged by all in-sync
// replicas (acks=all). After a bounded wait it gives up with [ErrUnavailable].
func (p *Publisher) Publish(ctx context.Context, messages []Message) error {
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	var size int64
	out := make([]kafka.Message, len(messages))
	for i, m := range messages {
		out[i] = kafka.Message{Topic: string(m.Type), Key: []byte(m.Key), Value: m.Value, Time: timeOf(m.Type)}
		size += int64(len(m.Value) + len(m.Key))
	}
	size = min(size, maxBytesInAir)
	if err := p.inAir.Acquire(ctx, size); err != nil {
		return fmt.Errorf("publish %d events: %w: too much is waiting for it", len(messages), ErrUnavailable)
	}
	written := make(chan error, 1)
	// The writer keeps trying what it was given after nobody waits any more
	// (kafka-go issue 1427); so its room is given back when it is done with it,
	// and not when the caller is.
	go func() {
		defer p.inAir.Release(size)
		written <- p.writer.WriteMessages(context.WithoutCancel(ctx), out...)
	}()
	var err error
	select {
	case err = <-written:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("publish %d events: %w: %w", len(messages), ErrUnavailable, err)
	}
	return nil
}

// timeOf is the time that the log keeps of a message, zero for the moment's. Of an
// answer it is the day: whoever reads the log shall not learn when somebody answered.
func timeOf(t event.Type) time.Time {
	if t == event.TypeAnswer {
		return time.Now().UTC().Truncate(24 * time.Hour)
	}
	return time.Time{}
}

// Close waits for what is under way and ends the connections.
func (p *Publisher) Close() error {
	if err := p.writer.Close(); err != nil {
		return fmt.Errorf("close the publisher: %w", err)
	}
	return nil
}
