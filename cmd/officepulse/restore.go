package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/spf13/cobra"

	"example.com/officepulse/analytics"
	"example.com/officepulse/cmd/officepulse/archive"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/warehouse"
)

// unfinishedRestore is a folder in the data directory for as long as that holds
// only a part of what is being restored; serve does not start with it.
const unfinishedRestore = "restore.unfinished"

func restoreCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "restore SOURCE",
		Short: "Put a backup into a new data directory",
		Long: `Put the backup in SOURCE, a folder or a .tar.gz file, into a data directory that
is new or empty. Every file is checked first; what fails leaves nothing behind.
"officepulse serve" with the same directory then goes on from there.

A ClickHouse server of your own takes its part back from where the setting
backup_destination says, into a database without tables.`,
		Example: "  officepulse restore /mnt/backups/2026-09-30.tar.gz --data /var/lib/officepulse",
		Args:    onePlace("officepulse restore /mnt/backups/2026-09-30.tar.gz --data /var/lib/officepulse"),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := LoadConfig(cmd.Flags(), os.Getenv)
			if err != nil {
				return fmt.Errorf("settings:\n%w", err)
			}
			messages := cmd.ErrOrStderr()
			r := &restoring{config: config, logger: newLogger(config, messages), say: func(step string) { _, _ = fmt.Fprintf(messages, "%s …\n", step) }}
			m, err := r.run(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			result := RestoreResult{
				Data: config.Data, Version: m.Version, BeganAt: m.BeganAt, Kafka: m.Kafka, ClickHouse: m.ClickHouse, Waiting: r.waiting,
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(result)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), result.text())
			return err
		},
	}
	addFlags(cmd.Flags(), "data", "clickhouse_dsn", "backup_destination", "log_level", "log_format")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// restoring is one restore under way.
type restoring struct {
	config  Config
	logger  *slog.Logger
	say     func(step string)
	waiting int64 // messages in the restored log that the tables do not hold yet, or hold already
}

// run restores source into the data directory. Whatever fails, the directory is
// afterwards as it was: empty, or not there.
func (r *restoring) run(ctx context.Context, source string) (m *archive.Manifest, err error) {
	if _, err := os.Stat(source); err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	leave, err := takeEmptyDir(r.config.Data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, leave(err == nil)) }()
	staged := r.file(unfinishedRestore)
	if err := os.Mkdir(staged, 0o700); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	r.say("checking the backup")
	if m, err = archive.Unpack(ctx, source, staged); err != nil {
		return nil, err
	}
	if err := r.fits(m); err != nil {
		return nil, err
	}
	r.say("restoring the tables")
	if err := r.tables(ctx, m); err != nil {
		return nil, fmt.Errorf("restore the tables: %w", err)
	}
	if m.Kafka.Embedded {
		r.say("restoring the log of Kafka")
		if err := r.log(ctx, m); err != nil {
			return nil, fmt.Errorf("restore the log of Kafka: %w", err)
		}
	}
	if m.Bytes(surveysDir) > 0 {
		if err := os.Rename(filepath.Join(staged, surveysDir), r.file(surveysDir)); err != nil {
			return nil, fmt.Errorf("restore the secret and the used links of surveys: %w", err)
		}
	}
	if err := os.RemoveAll(staged); err != nil {
		return nil, fmt.Errorf("remove what is left over: %w", err)
	}
	return m, nil
}

func (r *restoring) file(name string) string { return filepath.Join(r.config.Data, name) }

// takeEmptyDir locks a data directory that is new or empty. The function it
// returns gives it back, and empties it again unless it is to be kept.
func takeEmptyDir(dir string) (leave func(keep bool) error, err error) {
	entries, err := os.ReadDir(dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err != nil && !isNew {
		return nil, fmt.Errorf("look into the data directory: %w", err)
	}
	// Nothing is written into a directory that may be anything, but a lock
	// shows a data directory, and whoever holds it is the better reason.
	locked := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == "lock" })
	full := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !slices.Contains([]string{"lock", "pid"}, e.Name()) })
	occupied := fmt.Errorf("%s is not empty; a backup is restored into a new or empty directory only, name one with --data", dir)
	if full && !locked {
		return nil, occupied
	}
	lock, err := embedded.LockDir(dir)
	if err != nil {
		return nil, err
	}
	if full {
		return nil, errors.Join(occupied, lock.Unlock())
	}
	return func(keep bool) error {
		if keep {
			return lock.Unlock()
		}
		faults := []error{removeAllIn(dir), lock.Unlock()}
		if isNew {
			faults = append(faults, os.RemoveAll(dir))
		}
		return errors.Join(faults...)
	}, nil
}

// removeAllIn removes what this restore has put into a directory that was empty
// but for its lock.
func removeAllIn(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != "lock" && e.Name() != "pid" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// fits compares where the backup's parts come from with where they are to go.
func (r *restoring) fits(m *archive.Manifest) error {
	switch own := r.config.ClickHouseDSN != ""; {
	case m.ClickHouse.Embedded && own:
		return errors.New("this backup holds the tables of the embedded engine; restore it without clickhouse_dsn")
	case !m.ClickHouse.Embedded && !own:
		return fmt.Errorf("the tables of this backup lie at %s; name the server that is to have them with clickhouse_dsn, and the place with backup_destination", m.ClickHouse.Place)
	case own && r.config.BackupPlace == "":
		return fmt.Errorf("the tables of this backup lie at %s; name the place, with its secrets, with backup_destination", m.ClickHouse.Place)
	}
	return nil
}

// tables has ClickHouse restore its part, compares it with the manifest, and
// brings it to this program's version.
func (r *restoring) tables(ctx context.Context, m *archive.Manifest) error {
	conn, place, leave, err := r.openClickHouse(ctx, m)
	if err != nil {
		return err
	}
	defer leave()
	var database string
	if err := conn.QueryRow(ctx, "SELECT currentDatabase()").Scan(&database); err != nil {
		return err
	}
	there, err := column(ctx, conn, "SELECT name FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	if len(there) > 0 {
		return fmt.Errorf("the database %s holds tables already (%s); name one that is new or empty with clickhouse_dsn", database, strings.Join(there, ", "))
	}
	statement := "RESTORE DATABASE " + quoteName(m.ClickHouse.Database) + " AS " + quoteName(database) + " FROM " + place.clause()
	if err := inBackground(ctx, conn, statement); err != nil {
		return fmt.Errorf("from %s: %s", place, place.hide(err.Error())) // not %w: what is wrapped may hold the secret
	}
	got, err := countRows(ctx, conn, database)
	if err != nil {
		return err
	}
	if err := compareTables(got, &m.ClickHouse); err != nil {
		return err
	}
	m.ClickHouse.Tables, m.ClickHouse.Exact = got, true // what is there now
	if err := warehouse.Migrate(ctx, conn); err != nil {
		return err
	}
	// The tables were saved one after the other, so the facts may know less than the events.
	return analytics.ForgetFacts(ctx, conn)
}

// openClickHouse connects to the database that is to have the tables and says
// where their backup lies: for the embedded engine, which is started for this,
// in a folder of its own.
func (r *restoring) openClickHouse(ctx context.Context, m *archive.Manifest) (conn driver.Conn, place destination, leave func(), err error) {
	if !m.ClickHouse.Embedded {
		whole, err := parseDestination(r.config.BackupPlace)
		if err != nil {
			return nil, place, nil, fmt.Errorf("backup_destination: %w", err)
		}
		conn, err = warehouse.Open(ctx, r.config.ClickHouseDSN)
		if err != nil {
			return nil, place, nil, fmt.Errorf("%w; is clickhouse_dsn right, and can its server be reached from here?", err)
		}
		return conn, whole.of(m.ClickHouse.Name), func() { _ = conn.Close() }, nil
	}
	engine, err := embedded.StartClickHouse(ctx, r.file("clickhouse"), r.logger)
	if err != nil {
		return nil, place, nil, err
	}
	name := stagePrefix + "restored"
	err = errors.Join(os.MkdirAll(engine.Backups(), 0o700),
		os.Rename(filepath.Join(r.file(unfinishedRestore), clickhousePart), filepath.Join(engine.Backups(), name)))
	if err == nil {
		conn, err = warehouse.Open(ctx, engine.DSN(databaseName))
	}
	if err != nil {
		engine.Close()
		return nil, place, nil, err
	}
	return conn, destination{engine: "File", args: []string{name}}, func() {
		_ = conn.Close()
		engine.Close()
		_ = os.RemoveAll(filepath.Join(engine.Backups(), name)) // the next backup removes what is left
	}, nil
}

// compareTables compares what was restored with what was saved.
func compareTables(got []archive.Table, saved *archive.ClickHouse) error {
	rows := make(map[string]uint64)
	for _, t := range got {
		rows[t.Name] = t.Rows
	}
	var faults []error
	for _, want := range saved.Tables {
		n, ok := rows[want.Name]
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("the table %s is missing", want.Name))
		case saved.Exact && n != want.Rows:
			faults = append(faults, fmt.Errorf("the table %s has %d rows, %d were saved", want.Name, n, want.Rows))
		case n < want.Rows:
			faults = append(faults, fmt.Errorf("the table %s has %d rows, it had %d before the backup", want.Name, n, want.Rows))
		}
	}
	return errors.Join(faults...)
}

// log puts the broker's folder in place and has the broker read it: every
// offset from which the sink goes on has to lie in the log.
func (r *restoring) log(ctx context.Context, m *archive.Manifest) error {
	dir := r.file("kafka")
	if err := os.Rename(filepath.Join(r.file(unfinishedRestore), kafkaPart), dir); err != nil {
		return err
	}
	broker, err := embedded.StartKafka(dir, 0)
	if err != nil {
		return err
	}
	defer broker.Close() // writes its state as at every stop
	partitions, err := ingest.Lag(ctx, []string{broker.Addr()}, ingest.DefaultSinkConfig().Group)
	if err != nil {
		return err
	}
	for _, p := range partitions {
		if p.Committed > p.End {
			return fmt.Errorf("the sink has come to offset %d of %s/%d, and the log ends at %d", p.Committed, p.Topic, p.Partition, p.End)
		}
		r.waiting += p.Lag
	}
	m.Kafka.Partitions = partitions
	return nil
}
