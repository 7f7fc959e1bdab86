package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/semaphore"

	"example.com/officepulse/ingest/event"
)

// Store is where the sink puts records; the warehouse's Writer is one. See its
// Insert for what the token and the errors mean.
type Store interface {
	Insert(ctx context.Context, t event.Type, token string, records []event.Record) error
}

// SinkConfig says how the sink reads and batches.
type SinkConfig struct {
	Brokers   []string
	Group     string        // consumer group
	MaxRows   int           // events in one insert at most
	MaxBytes  int           // of their messages at most; bounds the memory of a partition
	MaxWait   time.Duration // from a batch's first event to its insert at most
	Grace     time.Duration // for the last batch after the signal to stop
	StallTime time.Duration // without a message while there are some: the reader is rebuilt
	Inserts   int           // at the same time at most
}

// DefaultSinkConfig returns the settings that suit a small server.
func DefaultSinkConfig() SinkConfig {
	return SinkConfig{
		Group: "officepulse-sink", MaxRows: 20_000, MaxBytes: 32 << 20, MaxWait: 200 * time.Millisecond,
		Grace: 10 * time.Second, StallTime: 15 * time.Second, Inserts: 2,
	}
}

const (
	rejoinPause    = time.Second
	firstRetry     = 100 * time.Millisecond
	lastRetry      = 10 * time.Second
	sessionTimeout = 30 * time.Second
	rebalanceTime  = 30 * time.Second
	heartbeatEvery = 3 * time.Second
	clusterTimeout = 10 * time.Second
)

// Sink takes events out of Kafka and stores them: at least once in delivery,
// exactly once in effect, because the offset is committed after the batch is
// stored and a batch that comes again changes nothing.
type Sink struct {
	config  SinkConfig
	store   Store
	letters *deadLetters
	client  *kafka.Client
	inserts *semaphore.Weighted
	metrics *sinkMetrics
	logger  *slog.Logger
	now     func() time.Time
	cluster string // Kafka's id of itself, part of the insert token
}

// NewSink returns a Sink that stores into store; [Sink.Run] does the work.
func NewSink(config SinkConfig, store Store, r prometheus.Registerer, log *slog.Logger) *Sink {
	return &Sink{
		config: config, store: store, letters: newDeadLetters(config.Brokers, log),
		client:  &kafka.Client{Addr: kafka.TCP(config.Brokers...), Timeout: clusterTimeout},
		inserts: semaphore.NewWeighted(int64(config.Inserts)),
		metrics: newSinkMetrics(r), logger: log, now: time.Now,
	}
}

// Run consumes until ctx ends. Then the batches at hand are stored and
// committed, for at most the grace time. Trouble with Kafka or the store is
// logged and tried again; Run returns only when ctx has ended.
func (s *Sink) Run(ctx context.Context) error {
	defer func() { _ = s.letters.close() }()
	for ctx.Err() == nil {
		err := s.consumeGroup(ctx)
		if ctx.Err() != nil {
			break
		}
		s.logger.WarnContext(ctx, "sink left its consumer group, joining again", "error", err)
		s.metrics.retries.WithLabelValues("join").Inc()
		pause(ctx, rejoinPause)
	}
	return nil
}

func (s *Sink) consumeGroup(ctx context.Context) error {
	meta, err := s.client.Metadata(ctx, &kafka.MetadataRequest{Topics: Topics()})
	if err != nil {
		return fmt.Errorf("ask for the cluster: %w", err)
	}
	s.cluster = meta.ClusterID
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: s.config.Group, Brokers: s.config.Brokers, Topics: Topics(),
		StartOffset: kafka.FirstOffset, WatchPartitionChanges: true,
		HeartbeatInterval: heartbeatEvery, SessionTimeout: sessionTimeout, RebalanceTimeout: rebalanceTime,
		Logger: logger(s.logger), ErrorLogger: logger(s.logger),
	})
	if err != nil {
		return fmt.Errorf("join the consumer group %s: %w", s.config.Group, err)
	}
	// Closing ends the generation and waits for its partitions, which store
	// and commit what they hold before they leave.
	defer func() { _ = group.Close() }()
	for {
		generation, err := group.Next(ctx)
		if err != nil {
			return fmt.Errorf("wait for partitions: %w", err)
		}
		s.logger.InfoContext(ctx, "sink has its partitions", "generation", generation.ID, "member", generation.MemberID)
		for topic, assigned := range generation.Assignments {
			for _, a := range assigned {
				p := s.partition(generation, topic, a)
				generation.Start(func(gctx context.Context) {
					if err := p.run(ctx, gctx); err != nil && gctx.Err() == nil && ctx.Err() == nil {
						s.logger.WarnContext(ctx, "partition gives up its generation", "topic", p.topic, "partition", p.id, "error", err)
					}
				})
			}
		}
	}
}

// retry calls try until it succeeds, fails for good (see [event.ErrInvalid]),
// or ctx ends, with a growing pause between attempts.
func (s *Sink) retry(ctx context.Context, step string, try func() error) error {
	wait := firstRetry
	for {
		err := try()
		if err == nil || errors.Is(err, event.ErrInvalid) {
			return err
		}
		if ctx.Err() != nil {
			return err
		}
		s.metrics.retries.WithLabelValues(step).Inc()
		s.logger.WarnContext(ctx, "sink tries again", "step", step, "pause", wait, "error", err)
		pause(ctx, wait)
		wait = min(2*wait, lastRetry)
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
