package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"
)

//go:embed as_of.sql
var asOfSQL string

// AsOf is Kafka's time of the last event stored; zero when nothing is.
func (m *Metrics) AsOf(ctx context.Context) (time.Time, error) {
	var (
		millis int64
		n      uint64
	)
	if err := m.conn.QueryRow(ctx, asOfSQL).Scan(&millis, &n); err != nil {
		return time.Time{}, fmt.Errorf("read how far the warehouse has come: %w", err)
	}
	if n == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(millis).UTC(), nil
}
