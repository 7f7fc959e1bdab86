package warehouse

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

//go:embed coverage.sql
var coverageSQL string

//go:embed copies.sql
var copiesSQL string

// copies holds the statement of copies.sql for each table.
var copies = map[event.Type]string{
	event.TypeTask:  copiesOf("task_events", "sipHash64(process, case_id, event_id)", "topic_offset"),
	event.TypeFault: copiesOf("fault_events", "sipHash64(process, fault_id, event_id)", "topic_offset"),
	// Answers have no offset (see the table answer_places), so one that was sent
	// twice looks like one that was stored twice.
	event.TypeAnswer: copiesOf("answer_events", "sipHash64(wave, answer_id, event_id)", "sipHash64(event_id)"),
}

func copiesOf(table, key, place string) string {
	return strings.NewReplacer("KEY", key, "EVENTS", table, "PLACE", place).Replace(copiesSQL)
}

// Coverage tells what the tables hold of the partitions of a log, of the
// offsets below each place's; together with the number of events whose id
// another case's event has too, which their producer got wrong. Every event is
// looked at: it takes a second or so for every few million.
func (w *Writer) Coverage(ctx context.Context, log string, upto []delivery.Place) (coverage []delivery.Coverage, reused uint64, err error) {
	coverage, err = w.covered(ctx, log, upto)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range event.Types() {
		n, err := w.countCopies(ctx, log, t, coverage)
		if err != nil {
			return nil, 0, err
		}
		reused += n
	}
	return coverage, reused, nil
}

func (w *Writer) covered(ctx context.Context, log string, upto []delivery.Place) (coverage []delivery.Coverage, err error) {
	topics := column(upto, func(p *delivery.Place) string { return p.Topic })
	partitions := column(upto, func(p *delivery.Place) uint32 { return uint32(p.Partition) }) //nolint:gosec // partitions count from 0
	ends := column(upto, func(p *delivery.Place) uint64 { return uint64(max(0, p.Offset)) })
	rows, err := w.conn.Query(ctx, coverageSQL, clickhouse.Named("log", log), clickhouse.Named("topics", topics), clickhouse.Named("partitions", partitions), clickhouse.Named("ends", ends))
	if err != nil {
		return nil, fmt.Errorf("read what is stored of the log: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			c         delivery.Coverage
			partition uint32
			first     uint64
		)
		if err := rows.Scan(&c.Topic, &partition, &c.Stored, &c.DeadLettered, &c.Covered, &first, &c.NewestEvent, &c.AsOf); err != nil {
			return nil, fmt.Errorf("read what is stored of the log: %w", err)
		}
		c.Partition, c.First = int(partition), int64(first)
		coverage = append(coverage, c)
	}
	return coverage, rows.Err()
}

// countCopies fills in the counts of one type's partitions.
func (w *Writer) countCopies(ctx context.Context, log string, t event.Type, coverage []delivery.Coverage) (reused uint64, err error) {
	rows, err := w.conn.Query(ctx, copies[t], clickhouse.Named("log", log), clickhouse.Named("late_after", uint32(delivery.LateAfter/time.Second)))
	if err != nil {
		return 0, fmt.Errorf("count copies: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			partition                                                  int64
			all, offsets, keys, visible, visibleKeys, visibleIDs, late uint64
		)
		if err := rows.Scan(&partition, &all, &offsets, &keys, &visible, &visibleKeys, &visibleIDs, &late); err != nil {
			return 0, fmt.Errorf("count copies: %w", err)
		}
		if partition < 0 {
			reused = visibleKeys - visibleIDs
			continue
		}
		for i := range coverage {
			if c := &coverage[i]; c.Topic == string(t) && int64(c.Partition) == partition {
				c.Rows, c.Offsets, c.Keys, c.Visible, c.VisibleKeys, c.Late = all, offsets, keys, visible, visibleKeys, late
			}
		}
	}
	return reused, rows.Err()
}
