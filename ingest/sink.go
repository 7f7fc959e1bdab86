package ingest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/semaphore"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// Store is where the sink puts what it has read; the warehouse's Writer is one.
// See its methods for what tokens and errors mean.
type Store interface {
	Insert(ctx context.Context, t event.Type, token string, records []event.Record) error
	InsertLetters(ctx context.Context, token string, letters []delivery.Letter) error
	NoteGaps(ctx context.Context, gaps []delivery.Gap) error
}

// SinkConfig says how the sink reads and batches.
type SinkConfig struct {
	Brokers  []string
	Group    string        // consumer group
	MaxRows  int           // events in one insert at most
	MaxBytes int           // of their messages at most
	InHand   int64         // bytes of messages in all batches at most; beyond, batches are closed early and no more is fetched
	MaxWait  time.Duration // from a batch's first event to its insert at most
	Grace    time.Duration // for the last batch after the signal to stop

	InsertTime  time.Duration // for one attempt: a connection that is open at one end only would hold it for ever
	StallTime   time.Duration // without a message while there are some: the reader is rebuilt
	SessionTime time.Duration // without a heartbeat: Kafka gives the partitions to others
	Inserts     int           // at the same time at most

	// Dial connects to a broker; nil: as usual. Tests put a bad network here.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the time; nil: the machine's. Tests put a wrong clock here.
	Now func() time.Time
}

// DefaultSinkConfig returns the settings that suit a small server.
func DefaultSinkConfig() SinkConfig {
	return SinkConfig{
		Group: "officepulse-sink", MaxRows: 20_000, MaxBytes: 32 << 20, InHand: 128 << 20, MaxWait: 200 * time.Millisecond,
		Grace: 10 * time.Second, InsertTime: 60 * time.Second, StallTime: 15 * time.Second, SessionTime: 10 * time.Second, Inserts: 2,
	}
}

const (
	rejoinPause    = time.Second
	rebalanceTime  = 30 * time.Second
	clusterTimeout = 10 * time.Second
	beatsASession  = 10
	joinTime       = 2 * rebalanceTime // without partitions: the group is joined anew
)

// Sink takes events out of Kafka and stores them: at least once in delivery,
// exactly once in effect, because the offset is committed after the batch is
// stored and a batch that comes again changes nothing.
type Sink struct {
	config  SinkConfig
	store   Store
	letters *deadLetters
	client  *kafka.Client
	dialer  *kafka.Dialer
	inserts *semaphore.Weighted
	inHand  *semaphore.Weighted
	trouble *troubles
	metrics *sinkMetrics
	logger  *slog.Logger
	now     func() time.Time
	cluster string // Kafka's id of itself, part of the insert token
}

// NewSink returns a Sink that stores into store; [Sink.Run] does the work.
func NewSink(config SinkConfig, store Store, r prometheus.Registerer, log *slog.Logger) *Sink {
	if config.Now == nil {
		config.Now = time.Now
	}
	transport := &kafka.Transport{Dial: config.Dial, MetadataTTL: metadataTTL}
	s := &Sink{
		config: config, store: store, letters: newDeadLetters(config.Brokers, transport, log),
		client:  &kafka.Client{Addr: kafka.TCP(config.Brokers...), Timeout: clusterTimeout, Transport: transport},
		dialer:  &kafka.Dialer{Timeout: clusterTimeout, DualStack: true, DialFunc: config.Dial},
		inserts: semaphore.NewWeighted(int64(config.Inserts)),
		inHand:  semaphore.NewWeighted(config.InHand),
		metrics: newSinkMetrics(r), logger: log, now: config.Now,
	}
	s.trouble = newTroubles(r, s.now)
	return s
}

// Troubles lists the steps that fail at the moment and are being tried again.
func (s *Sink) Troubles() []delivery.Trouble { return s.trouble.list() }

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
		s.trouble.note(allPartitions, "join", err)
		pause(ctx, rejoinPause)
	}
	return nil
}

// allPartitions stands for the whole group where a trouble names a partition.
var allPartitions = partitionID{id: -1}

func (s *Sink) consumeGroup(ctx context.Context) error {
	meta, err := s.client.Metadata(ctx, &kafka.MetadataRequest{Topics: consumed()})
	if err != nil {
		return fmt.Errorf("ask for the cluster: %w", err)
	}
	s.cluster, s.letters.log = meta.ClusterID, meta.ClusterID
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: s.config.Group, Brokers: s.config.Brokers, Topics: consumed(), Dialer: s.dialer,
		StartOffset: kafka.FirstOffset, WatchPartitionChanges: true, JoinGroupBackoff: rejoinPause,
		HeartbeatInterval: s.config.SessionTime / beatsASession, SessionTimeout: s.config.SessionTime, RebalanceTimeout: rebalanceTime,
		Logger: logger(s.logger), ErrorLogger: logger(s.logger),
	})
	if err != nil {
		return fmt.Errorf("join the consumer group %s: %w", s.config.Group, err)
	}
	// Closing ends the generation and waits for its partitions, which store
	// and commit what they hold before they leave.
	defer func() { _ = group.Close() }()
	watch := newJoinWatch(ctx, joinTime)
	defer watch.stop()
	for {
		generation, err := group.Next(watch.ctx)
		if err != nil {
			return fmt.Errorf("wait for partitions: %w", cmp.Or(context.Cause(watch.ctx), err))
		}
		s.trouble.clear(allPartitions, "join")
		generation.Start(watch.during)
		s.logger.InfoContext(ctx, "sink has its partitions", "generation", generation.ID, "member", generation.MemberID)
		for topic, assigned := range generation.Assignments {
			for _, a := range assigned {
				p := s.partition(generation, topic, a)
				generation.Start(func(gctx context.Context) {
					defer s.trouble.forget(p.partitionID)
					if err := p.run(ctx, gctx); err != nil && gctx.Err() == nil && ctx.Err() == nil {
						s.logger.WarnContext(ctx, "partition gives up its generation", "topic", p.topic, "partition", p.id, "error", err)
					}
				})
			}
		}
	}
}
