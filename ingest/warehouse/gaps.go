package warehouse

import (
	"context"
	"fmt"

	"example.com/officepulse/ingest/delivery"
)

// NoteGaps keeps that the log held no message at some offsets.
func (w *Writer) NoteGaps(ctx context.Context, gaps []delivery.Gap) error {
	const statement = "INSERT INTO log_gaps (log_id, topic, topic_partition, first_offset, last_offset, lost, described) VALUES (?, ?, ?, ?, ?, ?, ?)"
	batch, err := w.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return fmt.Errorf("note a gap in the log: %w", classify(err))
	}
	defer func() { _ = batch.Close() }()
	for _, g := range gaps {
		err := batch.Append(g.Log, g.Topic, uint32(g.Partition), uint64(g.Offset), uint64(g.Last), g.Lost, g.Described) //nolint:gosec // counted from 0
		if err != nil {
			return fmt.Errorf("note a gap in the log: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("note a gap in the log: %w", classify(err))
	}
	return nil
}
