package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"example.com/officepulse/ingest/delivery"
)

// errUnreadable says that the reader does not get past an offset.
var errUnreadable = errors.New("the log cannot be read here")

const (
	codecBits   = 0b111
	codecNone   = 0
	newestCodec = 4       // zstd
	controlBit  = 1 << 5  // of a batch's attributes
	batchHeader = 8 + 4   // bytes of a batch before those that its length counts
	batchBytes  = 8 << 20 // of one answer; a topic takes far smaller batches
)

// unknownCodec reports whether the client does not know how a batch is packed.
// Its error has no name that could be compared.
func unknownCodec(err error) bool {
	return strings.Contains(err.Error(), "compression code is invalid")
}

// putBatchAside gets the partition past what the reader cannot read: a batch
// whose packing is unknown or broken becomes one dead letter with the bytes as
// the broker has them; marks of the broker's own are noted. kafka-go gives such
// a batch neither back nor up (its issue 448), so it is asked for raw, through
// the client that the embedded broker brings along. What can be read after all
// is left to a new reader.
func (p *partition) putBatchAside(ctx context.Context, seen error) error {
	p.sink.trouble.note(p.partitionID, stepFetch, seen)
	p.troubled = true
	b, why, err := p.rawBatch(ctx)
	if err != nil {
		return err
	}
	last := b.FirstOffset + int64(b.LastOffsetDelta)
	switch {
	case last < p.next: // nothing here, or an answer about something else
		return nil
	case b.Attributes&controlBit != 0:
		if err := p.noteGaps(ctx, p.gap(p.next, last, false)); err != nil {
			return err
		}
	case why == nil:
		p.sink.logger.WarnContext(ctx, "no message arrived although there are some: reading anew", "topic", p.topic, "partition", p.id, "offset", p.next)
		p.sink.metrics.retries.WithLabelValues(stepFetch).Inc()
		return nil
	default:
		m := kafka.Message{Topic: p.topic, Partition: p.id, Offset: p.next, Value: b.Records, Time: time.UnixMilli(b.FirstTimestamp)}
		reason := fmt.Errorf("a batch of %d messages cannot be unpacked: %w", b.LastOffsetDelta+1, why)
		if err := p.putAside(ctx, []letter{{message: m, last: last, kind: delivery.Unreadable, reason: reason}}); err != nil {
			return err
		}
	}
	p.next = last + 1
	p.sink.trouble.clear(p.partitionID, stepFetch)
	return p.commit(p.next)
}

// rawBatch fetches the batch that holds the next offset. why says what is
// wrong with it, nil that it can be read.
func (p *partition) rawBatch(ctx context.Context) (b kmsg.RecordBatch, why, err error) {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	leader, err := p.leader(ctx)
	if err != nil {
		return b, nil, err
	}
	options := []kgo.Opt{kgo.SeedBrokers(p.sink.config.Brokers...), kgo.MaxVersions(kversion.V3_0_0())} // later fetches name topics by number
	if dial := p.sink.config.Dial; dial != nil {
		options = append(options, kgo.Dialer(dial))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return b, nil, fmt.Errorf("fetch raw: %w", err)
	}
	defer client.Close()
	partition := kmsg.NewFetchRequestTopicPartition()
	partition.Partition, partition.FetchOffset, partition.PartitionMaxBytes = int32(p.id), p.next, batchBytes //nolint:gosec // partitions are few
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.Partitions = p.topic, []kmsg.FetchRequestTopicPartition{partition}
	request := kmsg.NewPtrFetchRequest()
	request.MinBytes, request.MaxBytes, request.Topics = 1, batchBytes, []kmsg.FetchRequestTopic{topic}
	answer, err := client.Broker(leader).Request(ctx, request)
	if err != nil {
		return b, nil, fmt.Errorf("fetch raw: %w", err)
	}
	fetched, ok := answer.(*kmsg.FetchResponse)
	if !ok || len(fetched.Topics) != 1 || len(fetched.Topics[0].Partitions) != 1 {
		return b, nil, errors.New("fetch raw: an answer about something else")
	}
	return p.firstBatch(fetched.Topics[0].Partitions[0])
}

// firstBatch finds the batch with the next offset in an answer and says
// whether it can be read.
func (p *partition) firstBatch(in kmsg.FetchResponseTopicPartition) (b kmsg.RecordBatch, why, err error) {
	for rest := in.RecordBatches; len(rest) > batchHeader; {
		b = kmsg.NewRecordBatch()
		if err := b.ReadFrom(rest); err != nil {
			return b, nil, fmt.Errorf("read a raw batch: %w", err)
		}
		whole := min(batchHeader+int(b.Length), len(rest))
		if b.FirstOffset+int64(b.LastOffsetDelta) >= p.next {
			if codec := b.Attributes & codecBits; codec > newestCodec {
				return b, fmt.Errorf("its compression has the unknown number %d", codec), nil
			}
			in.RecordBatches = rest[:whole]
			read, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Topic: p.topic, Partition: in.Partition}, &in, kgo.DefaultDecompressor(), nil)
			if read.Err == nil && len(read.Records) < int(b.NumRecords) && b.Attributes&controlBit == 0 {
				read.Err = fmt.Errorf("%d of its %d messages can be read", len(read.Records), b.NumRecords)
			}
			return b, read.Err, nil
		}
		rest = rest[whole:]
	}
	return kmsg.RecordBatch{FirstOffset: -1}, nil, nil
}

// leader is the broker that has the partition.
func (p *partition) leader(ctx context.Context) (int, error) {
	meta, err := p.sink.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{p.topic}})
	if err != nil {
		return 0, fmt.Errorf("ask for the leader: %w", err)
	}
	for _, t := range meta.Topics {
		for _, one := range t.Partitions {
			if one.ID == p.id {
				return one.Leader.ID, nil
			}
		}
	}
	return 0, fmt.Errorf("ask for the leader: topic %s partition %d: %w", p.topic, p.id, kafka.UnknownTopicOrPartition)
}
