package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
)

// Coverer tells what is stored of a log; the warehouse's Writer is one.
type Coverer interface {
	Coverage(ctx context.Context, log string, upto []delivery.Place) (coverage []delivery.Coverage, reused uint64, err error)
}

// Auditor compares the log with what is stored.
type Auditor struct {
	brokers []string
	group   string
	stored  Coverer
	client  *kafka.Client
}

// NewAuditor returns the auditor of the group of [DefaultSinkConfig].
func NewAuditor(brokers []string, stored Coverer) *Auditor {
	return &Auditor{
		brokers: brokers, group: DefaultSinkConfig().Group, stored: stored,
		client: &kafka.Client{Addr: kafka.TCP(brokers...), Timeout: clusterTimeout},
	}
}

// Audit accounts for every offset that was committed: it is stored, put aside,
// or missing. The committed offsets are read before the store is asked, so that
// what is stored meanwhile cannot pass for missing.
func (a *Auditor) Audit(ctx context.Context) (*delivery.Audit, error) {
	meta, err := a.client.Metadata(ctx, &kafka.MetadataRequest{Topics: consumed()})
	if err != nil {
		return nil, fmt.Errorf("audit: ask for the cluster: %w", err)
	}
	lags, err := Lag(ctx, a.brokers, a.group)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	out := &delivery.Audit{At: time.Now().UTC(), Log: meta.ClusterID}
	var upto []delivery.Place
	for _, l := range lags {
		if l.Topic == DeadLetterTopic {
			out.Letters += l.Lag
			continue
		}
		upto = append(upto, delivery.Place{Topic: l.Topic, Partition: l.Partition, Offset: max(l.Committed, 0)})
	}
	coverage, reused, err := a.stored.Coverage(ctx, meta.ClusterID, upto)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	out.ReusedIDs = reused
	for _, l := range lags {
		for _, c := range coverage {
			if c.Topic == l.Topic && c.Partition == l.Partition {
				out.Partitions = append(out.Partitions, account(l, c))
			}
		}
	}
	return out, nil
}

// account draws the balance of one partition. It begins where the log began
// for us: at the first offset stored or, before that, at the log's start.
func account(l PartitionLag, c delivery.Coverage) delivery.Partition {
	p := delivery.Partition{
		Topic: l.Topic, Partition: l.Partition, First: l.First, End: l.End, Committed: max(l.Committed, 0), Lag: l.Lag,
		Stored: c.Stored, DeadLettered: c.DeadLettered,
		DuplicatedPhysically: c.Rows - c.Offsets, DuplicatedVisibly: c.Visible - c.VisibleKeys,
		NewestEvent: c.NewestEvent, Watermark: c.AsOf,
	}
	if c.Offsets > c.Keys {
		p.Resent = c.Offsets - c.Keys
	}
	if c.Visible > 0 {
		p.LateShare = float64(c.Late) / float64(c.Visible)
	}
	begin := l.First
	if c.Covered > 0 {
		begin = min(begin, c.First)
	}
	if missing := p.Committed - begin - int64(c.Covered); missing > 0 { //nolint:gosec // as many as there are offsets
		p.Missing = uint64(missing)
	}
	return p
}
