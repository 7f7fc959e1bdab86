package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/cmd/officepulse/archive"
)

const (
	firstLook = 10 * time.Millisecond // at a BACKUP or RESTORE under way
	lastLook  = time.Second
	stopWait  = 10 * time.Second // until one that is not wanted any more has ended
)

// inBackground runs a BACKUP or RESTORE and returns when it is done. It may take
// longer than a connection waits for an answer, so it is started and then
// looked at. When ctx ends, so does it.
func inBackground(ctx context.Context, conn driver.Conn, statement string) error {
	var id, state string
	if err := conn.QueryRow(ctx, statement+" ASYNC").Scan(&id, &state); err != nil {
		return err
	}
	for wait := firstLook; ; wait = min(2*wait, lastLook) {
		done, err := finished(ctx, conn, id)
		if done || err != nil {
			if ctx.Err() != nil {
				return errors.Join(ctx.Err(), stopBackground(ctx, conn, id))
			}
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), stopBackground(ctx, conn, id))
		case <-time.After(wait):
		}
	}
}

// finished asks how a BACKUP or RESTORE has come along.
func finished(ctx context.Context, conn driver.Conn, id string) (bool, error) {
	var state, fault string
	err := conn.QueryRow(ctx, "SELECT toString(status), error FROM system.backups WHERE id = {id:String}", clickhouse.Named("id", id)).Scan(&state, &fault)
	switch {
	case err != nil:
		return false, fmt.Errorf("ask how it has come along: %w; was the server started again, or are there several behind one address?", err)
	case state == "BACKUP_CREATED" || state == "RESTORED":
		return true, nil
	case strings.HasSuffix(state, "_FAILED") || strings.HasSuffix(state, "_CANCELLED"):
		fault, _, _ = strings.Cut(fault, ", Stack trace")
		return true, errors.New(fault)
	}
	return false, nil
}

// stopBackground ends a BACKUP or RESTORE, so that nothing is written any more.
func stopBackground(ctx context.Context, conn driver.Conn, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	err := conn.Exec(ctx, "KILL QUERY WHERE query_id = (SELECT query_id FROM system.backups WHERE id = {id:String}) SYNC", clickhouse.Named("id", id))
	if err != nil {
		return fmt.Errorf("stop it: %w", err)
	}
	return nil
}

// countRows returns the tables of a database that hold rows, and how many once
// copies of the same row are counted as one: merges do not change that.
func countRows(ctx context.Context, conn driver.Conn, database string) ([]archive.Table, error) {
	names, err := storedTables(ctx, conn, database)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	tables := make([]archive.Table, 0, len(names))
	for _, name := range names {
		t := archive.Table{Name: name}
		err := conn.QueryRow(ctx, "SELECT count() FROM "+quoteName(database)+"."+quoteName(name)+" SETTINGS final = 1").Scan(&t.Rows)
		if err != nil {
			return nil, fmt.Errorf("count the rows of %s: %w", name, err)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// storedTables lists the tables of a database that hold rows themselves; a view
// does not.
func storedTables(ctx context.Context, conn driver.Conn, database string) (names []string, err error) {
	return column(ctx, conn, "SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree' ORDER BY name",
		clickhouse.Named("database", database))
}

// column reads the only column of a query.
func column(ctx context.Context, conn driver.Conn, query string, args ...any) (texts []string, err error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}
