package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
// (the caller may split the block); any other error is about the way to the
// database, and the outcome is unknown.
func (w *Writer) Insert(ctx context.Context, t event.Type, token string, records []event.Record) error {
	table, ok := tables[t]
	if !ok {
		return fmt.Errorf("insert %d events: %q has no table", len(records), t)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		"optimize_on_insert":                                 0, // FINAL finds the copies anyway; merging each block costs a tenth of its insert
	}))
	batch, err := w.conn.PrepareBatch(ctx, table.insert)
	if err != nil {
		return fmt.Errorf("insert %d events: %w", len(records), err)
	}
	defer func() { _ = batch.Close() }()
	for i, values := range table.columns(records) {
		if err := batch.Column(i).Append(values); err != nil {
			return fmt.Errorf("insert %d events: column %d: %w: %w", len(records), i, event.ErrInvalid, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert %d events: %w", len(records), classify(err))
	}
	return nil
}

// poison are ClickHouse's error codes that blame the rows.
var poison = []int32{
	6,   // CANNOT_PARSE_TEXT
	27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
	38,  // CANNOT_PARSE_DATE
	41,  // CANNOT_PARSE_DATETIME
	53,  // TYPE_MISMATCH
	69,  // ARGUMENT_OUT_OF_BOUND
	70,  // CANNOT_CONVERT_TYPE
	117, // INCORRECT_DATA
	131, // TOO_LARGE_STRING_SIZE
	321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
	349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
	469, // VIOLATED_CONSTRAINT
	691, // UNKNOWN_ELEMENT_OF_ENUM
}

func classify(err error) error {
	if e, ok := errors.AsType[*clickhouse.Exception](err); ok && slices.Contains(poison, e.Code) {
		return fmt.Errorf("%w: %w", event.ErrInvalid, err)
	}
	return err
}
