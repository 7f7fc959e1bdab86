package warehouse

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/ingest/delivery"
)

//go:embed letters.sql
var lettersSQL string

//go:embed letter_counts.sql
var letterCountsSQL string

//go:embed letter_acts.sql
var letterActsSQL string

const insertLetters = "INSERT INTO dead_letters (log_id, topic, topic_partition, topic_offset, last_offset, kind, reason, message_key, value, " +
	"header_names, header_values, size, produced_at, put_at, letter_partition, letter_offset)"

// InsertLetters files dead letters in one block; a letter filed before stays
// one letter. Token and errors are as for [Writer.Insert].
func (w *Writer) InsertLetters(ctx context.Context, token string, letters []delivery.Letter) error {
	if err := w.insert(ctx, token, insertLetters, letterColumns(letters)); err != nil {
		return fmt.Errorf("file %d dead letters: %w", len(letters), err)
	}
	return nil
}

func letterColumns(letters []delivery.Letter) []any {
	return []any{
		column(letters, func(l *delivery.Letter) string { return l.Place.Log }),
		column(letters, func(l *delivery.Letter) string { return l.Place.Topic }),
		column(letters, func(l *delivery.Letter) uint32 { return uint32(l.Place.Partition) }), //nolint:gosec // partitions count from 0
		column(letters, func(l *delivery.Letter) uint64 { return uint64(l.Place.Offset) }),    //nolint:gosec // offsets count from 0
		column(letters, func(l *delivery.Letter) uint64 { return uint64(l.Last) }),            //nolint:gosec // offsets count from 0
		column(letters, func(l *delivery.Letter) string { return string(l.Kind) }),
		column(letters, func(l *delivery.Letter) string { return l.Reason }),
		column(letters, func(l *delivery.Letter) string { return l.Key }),
		column(letters, func(l *delivery.Letter) string { return l.Value }),
		column(letters, func(l *delivery.Letter) []string {
			return column(l.Headers, func(h *delivery.Header) string { return h.Name })
		}),
		column(letters, func(l *delivery.Letter) []string {
			return column(l.Headers, func(h *delivery.Header) string { return h.Value })
		}),
		column(letters, func(l *delivery.Letter) uint64 { return uint64(l.Size) }), //nolint:gosec // sizes are not negative
		column(letters, func(l *delivery.Letter) time.Time { return l.ProducedAt }),
		column(letters, func(l *delivery.Letter) time.Time { return l.PutAt }),
		column(letters, func(l *delivery.Letter) uint32 { return uint32(l.Filed.Partition) }), //nolint:gosec // partitions count from 0
		column(letters, func(l *delivery.Letter) uint64 { return uint64(l.Filed.Offset) }),    //nolint:gosec // offsets count from 0
	}
}

// Letters lists the letters that f chooses, the newest first, without their
// acts. A value longer than some hundred bytes is cut in a list; Letter has it whole.
func (w *Writer) Letters(ctx context.Context, f delivery.Filter) ([]delivery.Filed, error) {
	if f.Limit == 0 {
		f.Limit = delivery.DefaultLimit
	}
	return w.letters(ctx, f, "", previewBytes)
}

const previewBytes = 400

// Letter returns one letter, whole, with its history. The error matches
// [delivery.ErrNoLetter] when there is none.
func (w *Writer) Letter(ctx context.Context, id string) (*delivery.Filed, error) {
	found, err := w.letters(ctx, delivery.Filter{Limit: 1}, id, 1<<30)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %q", delivery.ErrNoLetter, id)
	}
	l := &found[0]
	l.Acts, err = w.acts(ctx, id)
	return l, err
}

func (w *Writer) letters(ctx context.Context, f delivery.Filter, id string, valueBytes int) (letters []delivery.Filed, err error) {
	rows, err := w.conn.Query(ctx, lettersSQL,
		clickhouse.Named("id", id), clickhouse.Named("kind", string(f.Kind)), clickhouse.Named("state", string(f.State)), clickhouse.Named("topic", f.Topic), clickhouse.Named("text", f.Text),
		clickhouse.Named("limit", uint64(f.Limit)), clickhouse.Named("skip", uint64(f.Offset)), clickhouse.Named("value_bytes", uint64(valueBytes))) //nolint:gosec // bounded by the caller
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			l                    delivery.Filed
			kind, state          string
			partition            uint32
			offset, last, size   uint64
			names, values        []string
			produced, put        time.Time
			log, topic, key, val string
		)
		if err := rows.Scan(&l.ID, &log, &topic, &partition, &offset, &last, &kind, &l.Reason, &key, &val, &names, &values, &size, &produced, &put, &state); err != nil {
			return nil, fmt.Errorf("list dead letters: %w", err)
		}
		l.Place = delivery.Place{Log: log, Topic: topic, Partition: int(partition), Offset: int64(offset)}
		l.Last, l.Size = int64(last), int64(size)
		l.Kind, l.State, l.Key, l.Value = delivery.Kind(kind), delivery.State(state), key, val
		l.ProducedAt, l.PutAt = produced.UTC(), put.UTC()
		for i, name := range names {
			l.Headers = append(l.Headers, delivery.Header{Name: name, Value: values[i]})
		}
		letters = append(letters, l)
	}
	return letters, rows.Err()
}

// LetterCounts counts letters by kind, topic and state.
func (w *Writer) LetterCounts(ctx context.Context) (counts []delivery.Count, err error) {
	rows, err := w.conn.Query(ctx, letterCountsSQL)
	if err != nil {
		return nil, fmt.Errorf("count dead letters: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			c           delivery.Count
			kind, state string
		)
		if err := rows.Scan(&kind, &c.Topic, &state, &c.N); err != nil {
			return nil, fmt.Errorf("count dead letters: %w", err)
		}
		c.Kind, c.State = delivery.Kind(kind), delivery.State(state)
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

func (w *Writer) acts(ctx context.Context, id string) (acts []delivery.Act, err error) {
	rows, err := w.conn.Query(ctx, letterActsSQL, clickhouse.Named("id", id))
	if err != nil {
		return nil, fmt.Errorf("read a dead letter's history: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			a    delivery.Act
			deed string
		)
		if err := rows.Scan(&a.LetterID, &a.At, &deed, &a.Actor, &a.Reason, &a.Text, &a.OK, &a.Outcome); err != nil {
			return nil, fmt.Errorf("read a dead letter's history: %w", err)
		}
		a.Deed, a.At = delivery.Deed(deed), a.At.UTC()
		acts = append(acts, a)
	}
	return acts, rows.Err()
}

// Note adds an act to a letter's history.
func (w *Writer) Note(ctx context.Context, a delivery.Act) error {
	const statement = "INSERT INTO dead_letter_acts (letter_id, at, deed, actor, reason, text, ok, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	batch, err := w.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return fmt.Errorf("note an act on a dead letter: %w", classify(err))
	}
	defer func() { _ = batch.Close() }()
	if err := batch.Append(a.LetterID, a.At, string(a.Deed), a.Actor, a.Reason, a.Text, a.OK, a.Outcome); err != nil {
		return fmt.Errorf("note an act on a dead letter: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("note an act on a dead letter: %w", classify(err))
	}
	return nil
}
