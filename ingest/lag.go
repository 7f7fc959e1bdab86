package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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
// partition, whoever runs the sink.
func Lag(ctx context.Context, brokers []string, group string) ([]PartitionLag, error) {
	client := &kafka.Client{Addr: kafka.TCP(brokers...), Timeout: clusterTimeout}
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
	var all []PartitionLag
	for _, topic := range slices.Sorted(maps.Keys(partitions)) {
		for _, log := range logs.Topics[topic] {
			if log.Error != nil {
				return nil, fmt.Errorf("ask for the log's ends: topic %s partition %d: %w", topic, log.Partition, log.Error)
			}
			l := PartitionLag{Topic: topic, Partition: log.Partition, First: log.FirstOffset, End: log.LastOffset}
			for _, c := range committed.Topics[topic] {
				if c.Partition == l.Partition {
					l.Committed = c.CommittedOffset
				}
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

// logRange returns the first offset kept and the one that comes next.
func (s *Sink) logRange(ctx context.Context, topic string, id int) (first, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	answer, err := s.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{topic: {kafka.FirstOffsetOf(id), kafka.LastOffsetOf(id)}},
	})
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the log's ends: %w", err)
	}
	for _, p := range answer.Topics[topic] {
		if p.Partition == id {
			if p.Error != nil {
				return 0, 0, fmt.Errorf("ask for the log's ends: %w", p.Error)
			}
			return p.FirstOffset, p.LastOffset, nil
		}
	}
	return 0, 0, fmt.Errorf("ask for the log's ends: %w", kafka.UnknownTopicOrPartition)
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
