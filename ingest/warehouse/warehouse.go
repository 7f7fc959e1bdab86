// Package warehouse owns the tables: it makes them and is the only one that
// writes events into them. It is handed events and never messages.
package warehouse

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	dialTimeout = 5 * time.Second
	readTimeout = 2 * time.Minute
	connections = 16
)

// databaseName is what a database may be called; the name stands in a
// statement that takes no parameters.
var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// Open connects to the database that dsn names and makes it if need be. The
// connection is a pool, safe for concurrent use; close it at the end.
func Open(ctx context.Context, dsn string) (driver.Conn, error) {
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the address of ClickHouse: %w", err)
	}
	if !databaseName.MatchString(options.Auth.Database) {
		return nil, fmt.Errorf("the address of ClickHouse names the database %q; use letters, digits and _ only", options.Auth.Database)
	}
	options.DialTimeout, options.ReadTimeout = dialTimeout, readTimeout
	options.MaxOpenConns, options.MaxIdleConns = connections, connections
	if options.Settings == nil {
		options.Settings = clickhouse.Settings{}
	}
	// The partition stands in the sort key of every table that has partitions, so copies never lie in two.
	options.Settings["do_not_merge_across_partitions_select_final"] = 1
	options.DialContext = dialer(dialTimeout, options.TLS)
	if options.Compression == nil { // the address may say "compress=none"
		options.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	if err := createDatabase(ctx, options); err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return conn, nil
}

func createDatabase(ctx context.Context, options *clickhouse.Options) error {
	admin := *options
	admin.Auth.Database = "system"
	conn, err := clickhouse.Open(&admin)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+options.Auth.Database); err != nil {
		return fmt.Errorf("make the database %s: %w", options.Auth.Database, err)
	}
	return nil
}

// Migrate brings the tables to the newest version. It is safe to run again and
// beside another instance: every step does nothing where it has been done. A
// step that was edited after it ran, or that this program does not know, is an
// error, because the tables would then not be what the files say.
func Migrate(ctx context.Context, conn driver.Conn) error {
	const table = `CREATE TABLE IF NOT EXISTS schema_migrations (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
		ENGINE = ReplacingMergeTree ORDER BY name`
	if err := conn.Exec(ctx, table); err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	for name := range done {
		if !slices.Contains(files, "migrations/"+name+".sql") {
			return fmt.Errorf("the tables are those of a newer version, which made the step %s; this program does not know it and would read them wrongly", name)
		}
	}
	for _, file := range files {
		if err := migrate(ctx, conn, file, done); err != nil {
			return err
		}
	}
	return nil
}

func migrate(ctx context.Context, conn driver.Conn, file string, done map[string]string) error {
	statement, err := migrations.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read migration %s: %w", file, err)
	}
	name := strings.TrimSuffix(path.Base(file), ".sql")
	sum := sha256.Sum256(statement)
	checksum := hex.EncodeToString(sum[:])
	if before, ok := done[name]; ok {
		if before != checksum {
			return fmt.Errorf("migration %s was changed after it had been applied; undo the change and add a new file", name)
		}
		return nil
	}
	if err := conn.Exec(ctx, string(statement)); err != nil {
		return fmt.Errorf("apply migration %s: %w", name, err)
	}
	if err := conn.Exec(ctx, "INSERT INTO schema_migrations (name, checksum) VALUES (?, ?)", name, checksum); err != nil {
		return fmt.Errorf("note migration %s: %w", name, err)
	}
	return nil
}

// applied returns the checksums of the migrations that have run, by name.
func applied(ctx context.Context, conn driver.Conn) (done map[string]string, err error) {
	rows, err := conn.Query(ctx, "SELECT name, checksum FROM schema_migrations FINAL")
	if err != nil {
		return nil, fmt.Errorf("read the table of migrations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	done = make(map[string]string)
	for rows.Next() {
		var name, checksum string
		if err := rows.Scan(&name, &checksum); err != nil {
			return nil, fmt.Errorf("read the table of migrations: %w", err)
		}
		done[name] = checksum
	}
	return done, rows.Err()
}
