package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"
)

//go:embed as_of.sql
var asOfSQL string

// AsOf is Kafka's time of the newest event stored, over all partitions; zero
// when nothing is. It does not say that everything older is stored too: a
// partition whose consumer lags may still hold earlier events. How far each
// partition's log reaches is known to Kafka only.
func (m *Metrics) AsOf(ctx context.Context) (time.Time, error) {
	ctx, now, err := m.now(ctx)
	if err != nil || now.known {
		return now.upTo(), err
	}
	var (
		millis int64
		n      uint64
	)
	if err := m.conn.QueryRow(ctx, asOfSQL).Scan(&millis, &n); err != nil {
		return time.Time{}, fmt.Errorf("read how far the warehouse has come: %w", blame(ctx, err))
	}
	if n == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(millis).UTC(), nil
}

// Stored is Kafka's time of the newest event stored; zero when nothing is. AsOf is
// earlier than that as long as figures are behind the events.
func (m *Metrics) Stored(ctx context.Context) (time.Time, error) {
	if m.facts == nil {
		return m.AsOf(ctx)
	}
	now, err := m.facts.state(ctx)
	if err != nil || now.Stored.UnixMilli() == 0 {
		return time.Time{}, err
	}
	return now.Stored, nil
}

// upTo is the moment's as-of; zero when there is no moment.
func (n *moment) upTo() time.Time {
	if n == nil {
		return time.Time{}
	}
	return n.asOf
}
