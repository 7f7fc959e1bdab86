package warehouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/ingest/event"
)

// Writer is the only writer of events.
type Writer struct {
	conn driver.Conn
}

// NewWriter returns a Writer into the database behind conn, whose tables
// [Migrate] has made.
func NewWriter(conn driver.Conn) *Writer { return &Writer{conn: conn} }

// Insert stores records, all of type t, in one block: all of them or none. The
// token names the block: the same token with the same records a second time
// changes nothing, which is how a retry after an unknown outcome is absorbed.
//
// The error matches [event.ErrInvalid] when a record itself cannot be stored
// (the caller may split the block), and [delivery.ErrBlocked] when no retry
// helps before somebody acts; any other error is about the way to the database,
// and the outcome is unknown.
func (w *Writer) Insert(ctx context.Context, t event.Type, token string, records []event.Record) error {
	table, ok := tables[t]
	if !ok {
		return fmt.Errorf("insert %d events: %q has no table", len(records), t)
	}
	if err := w.insert(ctx, token, table.insert, table.columns(records)); err != nil {
		return fmt.Errorf("insert %d events: %w", len(records), err)
	}
	if t != event.TypeAnswer {
		return nil
	}
	// After the answers: what is covered is stored. When this fails both are
	// tried again, and neither the same answers nor the same places count twice.
	if err := w.insert(ctx, token, answerPlaces, answerPlaceColumns(records)); err != nil {
		return fmt.Errorf("note where %d answers lay: %w", len(records), err)
	}
	return nil
}

// insert stores columns in one block under a token.
func (w *Writer) insert(ctx context.Context, token, statement string, columns []any) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		"optimize_on_insert":                                 0, // FINAL finds the copies anyway; merging each block costs a tenth of its insert
	}))
	batch, err := w.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = batch.Close() }()
	for i, values := range columns {
		if err := batch.Column(i).Append(values); err != nil {
			return fmt.Errorf("column %d: %w: %w", i, event.ErrInvalid, err)
		}
	}
	if err := batch.Send(); err != nil {
		return classify(err)
	}
	return nil
}
