package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

//go:embed span.sql
var spanSQL string

// Span is the first and last instant at which a case was completed, a fault
// that counts found or an answer given; both zero when there is nothing.
func (m *Metrics) Span(ctx context.Context) (first, last time.Time, err error) {
	span, err := remember(ctx, m, "span", m.span)
	return span[0], span[1], err
}

func (m *Metrics) span(ctx context.Context) (span [2]time.Time, err error) {
	statement := compose(m.source(ctx), []string{placeSQL, casesSQL, countedFaultsSQL, scoresSQL}, spanSQL)
	parameters := append(append(Query{}.parameters(nil), clickhouse.Named("threshold", m.threshold), clickhouse.Named("published", clickhouse.ArraySet{}), clickhouse.Named("actors", false), clickhouse.Named("first_quarter", uint16(0)), clickhouse.Named("last_quarter", uint16(math.MaxUint16))), m.given()...)
	var (
		from, to int64
		n        uint64
	)
	if err := m.conn.QueryRow(ctx, statement, parameters...).Scan(&from, &to, &n); err != nil {
		return span, fmt.Errorf("read the span of what is stored: %w", err)
	}
	if n == 0 {
		return span, nil
	}
	return [2]time.Time{time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC()}, nil
}
