package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"
)

//go:embed span.sql
var spanSQL string

// Span is the first and last instant at which a case was completed, a fault
// that counts found or an answer given; both zero when there is nothing.
func (m *Metrics) Span(ctx context.Context) (first, last time.Time, err error) {
	statement := compose([]string{placeSQL, casesSQL, countedFaultsSQL, scoresSQL}, spanSQL)
	parameters := append(Query{}.parameters(nil), m.promises...)
	var (
		from, to int64
		n        uint64
	)
	if err := m.conn.QueryRow(ctx, statement, parameters...).Scan(&from, &to, &n); err != nil {
		return first, last, fmt.Errorf("read the span of what is stored: %w", err)
	}
	if n == 0 {
		return first, last, nil
	}
	return time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC(), nil
}
