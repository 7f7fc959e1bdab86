// Package ingest carries events from their source through Kafka into the
// warehouse: the publisher puts them into topics, the sink takes them out again
// in batches, stores each batch, and only then commits. What is no event goes
// to the dead-letter topic, never away.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/event"
)

// DeadLetterTopic holds what the sink could not take for an event.
const DeadLetterTopic = "officepulse.deadletter.v1"

// Retention of the topics. The warehouse remembers for ever; the log has to
// outlast the longest time that the sink may be off. Dead letters stay until
// somebody decides on them.
const (
	retention           = 90 * 24 * time.Hour
	maxMessageBytes     = 1 << 20
	maxDeadLetterBytes  = 2 << 20 // a message of the largest size, and why it is here
	topicReadyTimeout   = 30 * time.Second
	topicReadyPollEvery = 50 * time.Millisecond
)

// Topics lists the topics that carry events, one a type.
func Topics() []string {
	var names []string
	for _, t := range event.Types() {
		names = append(names, string(t))
	}
	return names
}

// consumed lists what the sink reads: the events, and the letters that it files
// for people to look through.
func consumed() []string { return append(Topics(), DeadLetterTopic) }

// EnsureTopics makes the topics that are missing, with the given number of
// partitions for each that carries events, and waits until all have leaders.
// Topics that exist are left as they are.
func EnsureTopics(ctx context.Context, brokers []string, partitions int) error {
	client := &kafka.Client{Addr: kafka.TCP(brokers...), Timeout: 10 * time.Second}
	configs := func(retention time.Duration, maxBytes int) []kafka.ConfigEntry {
		return []kafka.ConfigEntry{
			{ConfigName: "cleanup.policy", ConfigValue: "delete"},
			{ConfigName: "message.timestamp.type", ConfigValue: "LogAppendTime"}, // for other readers: kafka-go hands out the producer's time all the same, see producedAt
			{ConfigName: "retention.ms", ConfigValue: strconv.FormatInt(retention.Milliseconds(), 10)},
			{ConfigName: "max.message.bytes", ConfigValue: strconv.Itoa(maxBytes)},
		}
	}
	var wanted []kafka.TopicConfig
	for _, name := range Topics() {
		wanted = append(wanted, kafka.TopicConfig{
			Topic: name, NumPartitions: partitions, ReplicationFactor: -1, ConfigEntries: configs(retention, maxMessageBytes),
		})
	}
	wanted = append(wanted, kafka.TopicConfig{
		Topic: DeadLetterTopic, NumPartitions: 1, ReplicationFactor: -1, ConfigEntries: configs(-time.Millisecond, maxDeadLetterBytes),
	})
	made, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: wanted})
	if err != nil {
		return fmt.Errorf("make the topics: %w", err)
	}
	for name, err := range made.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("make the topic %s: %w", name, err)
		}
	}
	return waitForTopics(ctx, client, consumed())
}

func waitForTopics(ctx context.Context, client *kafka.Client, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, topicReadyTimeout)
	defer cancel()
	for {
		partitions, err := partitionsOf(ctx, client, names...)
		if err == nil {
			// A leader that was just chosen may not know it yet.
			if _, err = logEnds(ctx, client, partitions); err == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the topics: %w", err)
		case <-time.After(topicReadyPollEvery):
		}
	}
}

// partitionsOf returns the partition numbers of each topic; an error when one
// is missing or has no leader.
func partitionsOf(ctx context.Context, client *kafka.Client, names ...string) (map[string][]int, error) {
	meta, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: names})
	if err != nil {
		return nil, fmt.Errorf("ask for topics: %w", err)
	}
	found := make(map[string][]int)
	for _, topic := range meta.Topics {
		if topic.Error != nil {
			return nil, fmt.Errorf("topic %s: %w", topic.Name, topic.Error)
		}
		for _, p := range topic.Partitions {
			if p.Error != nil {
				return nil, fmt.Errorf("topic %s partition %d: %w", topic.Name, p.ID, p.Error)
			}
			found[topic.Name] = append(found[topic.Name], p.ID)
		}
	}
	for _, name := range names {
		if len(found[name]) == 0 {
			return nil, fmt.Errorf("topic %s: %w", name, kafka.UnknownTopicOrPartition)
		}
	}
	return found, nil
}

// logger passes kafka-go's remarks on at debug level: what matters is returned
// as an error as well.
func logger(l *slog.Logger) kafka.Logger {
	return kafka.LoggerFunc(func(format string, args ...any) {
		if !l.Enabled(context.Background(), slog.LevelDebug) {
			return // a reader says much that nobody reads
		}
		l.Debug("kafka client", "message", fmt.Sprintf(format, args...))
	})
}
