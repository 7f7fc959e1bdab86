package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
)

// PartitionLag is how far the sink has come in one partition.
type PartitionLag struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	First     int64  `json:"first"`     // offset of the oldest message kept
	End       int64  `json:"end"`       // offset that the next message will get
	Committed int64  `json:"committed"` // offset before which all is stored or put aside
	Lag       int64  `json:"lag"`       // messages neither stored nor put aside
}

// Lag asks the broker how far the sink's consumer group has come, partition by
// partition, whoever runs the sink. What a broker answers while it starts or
// chooses leaders is asked again for a moment.
func Lag(ctx context.Context, brokers []string, group string) ([]PartitionLag, error) {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	client := &kafka.Client{Addr: kafka.TCP(brokers...), Timeout: clusterTimeout, Transport: lagTransport}
	for wait := firstRetry; ; wait *= 2 {
		lags, err := lag(ctx, client, group)
		passing, ok := errors.AsType[kafka.Error](err)
		if err == nil || !ok || !passing.Temporary() || wait > lagPatience {
			return lags, err
		}
		pause(ctx, wait)
	}
}

const lagPatience = time.Second // the longest pause between two attempts

// lagTransport keeps its connections for the next question.
var lagTransport = &kafka.Transport{MetadataTTL: metadataTTL}

func lag(ctx context.Context, client *kafka.Client, group string) ([]PartitionLag, error) {
	partitions, err := partitionsOf(ctx, client, consumed()...)
	if err != nil {
		return nil, err
	}
	committed, err := client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: partitions})
	if err != nil {
		return nil, fmt.Errorf("ask for committed offsets: %w", err)
	}
	// A group that has not committed yet need not exist.
	if committed.Error != nil && !errors.Is(committed.Error, kafka.GroupIdNotFound) {
		return nil, fmt.Errorf("ask for committed offsets: %w", committed.Error)
	}
	logs, err := logEnds(ctx, client, partitions)
	if err != nil {
		return nil, err
	}
	var all []PartitionLag
	for _, topic := range slices.Sorted(maps.Keys(partitions)) {
		for _, log := range logs[topic] {
			l := PartitionLag{Topic: topic, Partition: log.Partition, First: log.FirstOffset, End: log.LastOffset}
			for _, c := range committed.Topics[topic] {
				if c.Partition != l.Partition {
					continue
				}
				if c.Error != nil {
					return nil, fmt.Errorf("ask for committed offsets: topic %s partition %d: %w", topic, c.Partition, c.Error)
				}
				l.Committed = max(0, c.CommittedOffset) // -1: none yet
			}
			l.Lag = l.End - max(l.Committed, l.First)
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b PartitionLag) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	return all, nil
}

// logEnds asks where the logs of partitions begin and end.
func logEnds(ctx context.Context, client *kafka.Client, partitions map[string][]int) (map[string][]kafka.PartitionOffsets, error) {
	ends := make(map[string][]kafka.OffsetRequest)
	for topic, ids := range partitions {
		for _, id := range ids {
			ends[topic] = append(ends[topic], kafka.FirstOffsetOf(id), kafka.LastOffsetOf(id))
		}
	}
	logs, err := client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: ends})
	if err != nil {
		return nil, fmt.Errorf("ask for the log's ends: %w", err)
	}
	for topic, offsets := range logs.Topics {
		for _, log := range offsets {
			if log.Error != nil {
				return nil, fmt.Errorf("ask for the log's ends: topic %s partition %d: %w", topic, log.Partition, log.Error)
			}
		}
	}
	return logs.Topics, nil
}

// logRange returns the first offset kept and the one that comes next.
func (s *Sink) logRange(ctx context.Context, topic string, id int) (first, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	logs, err := logEnds(ctx, s.client, map[string][]int{topic: {id}})
	if err != nil {
		return 0, 0, err
	}
	for _, p := range logs[topic] {
		if p.Partition == id {
			return p.FirstOffset, p.LastOffset, nil
		}
	}
	return 0, 0, fmt.Errorf("ask for the log's ends: topic %s partition %d: %w", topic, id, kafka.UnknownTopicOrPartition)
}

// Behind counts the messages that the log had at start and that are, by now,
// neither stored nor put aside.
func Behind(now, start []PartitionLag) int64 {
	var n int64
	for _, s := range start {
		for _, l := range now {
			if l.Topic == s.Topic && l.Partition == s.Partition {
				n += max(0, s.End-max(l.Committed, l.First))
			}
		}
	}
	return n
}
