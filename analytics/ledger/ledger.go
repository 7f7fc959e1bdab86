// Package ledger keeps records in ClickHouse: revisions go in, each of them once
// and for ever, the newest ones and the whole history come out. It is asked anew
// each time, so that every process sees the same.
package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/record"
)

const askTimeout = 20 * time.Second

// Ledger keeps the records of one kind. R is *T.
type Ledger[T any, R interface {
	*T
	record.Record
}] struct {
	conn driver.Conn
	kind string
}

// New returns the ledger of a kind, such as "target". conn has the tables of
// ingest/warehouse.
func New[T any, R interface {
	*T
	record.Record
}](conn driver.Conn, kind string) *Ledger[T, R] {
	return &Ledger[T, R]{conn, kind}
}

// Newest are the newest revisions of all records, by key.
func (l *Ledger[T, R]) Newest(ctx context.Context) ([]*T, error) {
	return l.read(ctx, "SELECT document FROM ledger WHERE kind = {kind:String} ORDER BY key, revision DESC, at, id LIMIT 1 BY key")
}

// Find returns the newest revision of a record. The error matches
// [record.ErrUnknown] when there is none.
func (l *Ledger[T, R]) Find(ctx context.Context, key string) (*T, error) {
	list, err := l.read(ctx, "SELECT document FROM ledger WHERE kind = {kind:String} AND key = {key:String} ORDER BY revision DESC, at, id LIMIT 1", clickhouse.Named("key", key))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s %.80q: %w", l.kind, key, record.ErrUnknown)
	}
	return list[0], nil
}

// History are all revisions of a record, the newest first; none when there is no
// such record.
func (l *Ledger[T, R]) History(ctx context.Context, key string) ([]*T, error) {
	return l.read(ctx, "SELECT document FROM ledger WHERE kind = {kind:String} AND key = {key:String} ORDER BY revision DESC, at, id LIMIT 1 BY revision", clickhouse.Named("key", key))
}

// Save keeps a revision, the next after the newest. The error matches
// [record.ErrOvertaken] when there is another one of this number, and
// [record.ErrAway] when nobody knows. Saving the same value again after that is
// safe: it is kept once or overtaken.
func (l *Ledger[T, R]) Save(ctx context.Context, of *T) error {
	s := R(of).Stamped()
	newest, err := l.Find(ctx, s.Key)
	switch {
	case errors.Is(err, record.ErrUnknown):
		if s.Revision != 1 {
			return fmt.Errorf("save revision %d of %s %s, which has none: %w", s.Revision, l.kind, s.Key, record.ErrOvertaken)
		}
	case err != nil:
		return err
	case s.Revision == 1:
		return record.Refuse(record.BadKey, "key", "there is a %s %s already; choose another key, or change that one", l.kind, s.Key)
	case s.Revision != R(newest).Stamped().Revision+1:
		return fmt.Errorf("save revision %d of %s %s, which has %d: %w", s.Revision, l.kind, s.Key, R(newest).Stamped().Revision, record.ErrOvertaken)
	}
	document, err := json.Marshal(of)
	if err != nil {
		return fmt.Errorf("write %s %s: %w", l.kind, s.Key, err)
	}
	id := rand.Text()
	if err := l.put(ctx, s, id, string(document)); err != nil {
		return fmt.Errorf("save %s %s: %w", l.kind, s.Key, err)
	}
	return l.own(ctx, s, id)
}

// put inserts one row. Of rows with the same token the server keeps the first.
func (l *Ledger[T, R]) put(ctx context.Context, s *record.Stamp, id, document string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 1, "insert_deduplication_token": fmt.Sprintf("%s %s %d", l.kind, s.Key, s.Revision), "async_insert": 0,
	}))
	batch, err := l.conn.PrepareBatch(ctx, "INSERT INTO ledger (kind, key, revision, id, document, deed, author, at, reason)")
	if err != nil {
		return fmt.Errorf("%w: %w", record.ErrAway, err)
	}
	defer func() { _ = batch.Close() }()
	if err := batch.Append(l.kind, s.Key, s.Revision, id, document, s.Change.Deed, s.Change.By, s.Change.At.UTC(), s.Change.Reason); err != nil {
		return err
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("%w: %w", record.ErrAway, err)
	}
	return nil
}

// own reports whether the row that counts is the one that was put under an id.
func (l *Ledger[T, R]) own(ctx context.Context, s *record.Stamp, id string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var first string
	const ask = "SELECT argMin(id, (at, id)) FROM ledger WHERE kind = {kind:String} AND key = {key:String} AND revision = {revision:UInt64}"
	row := l.conn.QueryRow(ctx, ask, clickhouse.Named("kind", l.kind), clickhouse.Named("key", s.Key), clickhouse.Named("revision", s.Revision))
	if err := row.Scan(&first); err != nil {
		return fmt.Errorf("save %s %s: %w: %w", l.kind, s.Key, record.ErrAway, err)
	}
	if first != id {
		return fmt.Errorf("save revision %d of %s %s: %w", s.Revision, l.kind, s.Key, record.ErrOvertaken)
	}
	return nil
}

// read reads a column of documents.
func (l *Ledger[T, R]) read(ctx context.Context, statement string, parameters ...any) (list []*T, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	rows, err := l.conn.Query(ctx, statement, append(parameters, clickhouse.Named("kind", l.kind))...)
	if err != nil {
		return nil, fmt.Errorf("read every %s: %w: %w", l.kind, record.ErrAway, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read a %s: %w", l.kind, err)
		}
		one := new(T)
		if err := json.Unmarshal([]byte(text), one); err != nil {
			return nil, fmt.Errorf("read a %s: %w", l.kind, err)
		}
		list = append(list, one)
	}
	return list, rows.Err()
}
