package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/deploy/embedded"
)

func start(t *testing.T, dir string) *embedded.ClickHouse {
	t.Helper()
	c, err := embedded.StartClickHouse(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func open(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// waitFor polls until ok; a minute without it fails the test.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
		time.Sleep(10 * time.Millisecond) // between two looks; the condition decides
	}
}

func TestClickHouseComesBackWithItsData(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir)
	conn := open(t, c.DSN("system"))
	ctx := t.Context()
	for _, q := range []string{
		"CREATE DATABASE office",
		"CREATE TABLE office.t (n UInt64) ENGINE = MergeTree ORDER BY n",
		"INSERT INTO office.t SELECT number FROM numbers(1000)",
	} {
		if err := conn.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}

	// Killed alone, it is started again on the same address.
	before := c.Pid()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	count := func() (n uint64, err error) {
		err = conn.QueryRow(ctx, "SELECT count() FROM office.t").Scan(&n)
		return n, err
	}
	waitFor(t, "the engine's return", func() bool {
		n, err := count()
		return err == nil && n == 1000 && c.Pid() != before
	})

	// Stopped and started anew in the same folder, it has its data and a new password.
	old := c.DSN("office")
	c.Close()
	again := start(t, dir)
	conn = open(t, again.DSN("office"))
	if n, err := count(); err != nil || n != 1000 {
		t.Fatalf("after a restart: %d rows, error %v", n, err)
	}
	if old == again.DSN("office") {
		t.Error("the password did not change")
	}
}

// A merge that a full disk spoilt is gone back from: no row is lost, and nobody
// has to do anything.
// Every query's every step in a log costs more than many a query.
func TestClickHouseLogsWhatMatters(t *testing.T) {
	dir := t.TempDir()
	conn := open(t, start(t, dir).DSN("system"))
	if err := conn.Exec(t.Context(), "SELECT throwIf(1, 'a fault to log')"); err == nil {
		t.Fatal("no fault")
	}
	var text string
	waitFor(t, "the fault in the log", func() bool {
		b, err := os.ReadFile(filepath.Join(dir, "engine.log"))
		text = string(b)
		return err == nil && strings.Contains(text, "a fault to log")
	})
	for _, level := range []string{"<Trace>", "<Debug>"} {
		if n := strings.Count(text, level); n > 0 {
			t.Errorf("%d lines of %s", n, level)
		}
	}
}

func TestClickHouseMendsAMergeThatWasSpoilt(t *testing.T) {
	c := start(t, t.TempDir())
	conn := open(t, c.DSN("system"))
	ctx := t.Context()
	statements := []string{"CREATE DATABASE office", "CREATE TABLE office.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n"}
	for i := range 6 {
		statements = append(statements, fmt.Sprintf("INSERT INTO office.t SELECT number + %d, 'x' FROM numbers(1000)", 1000*i))
	}
	for _, q := range append(statements, "OPTIMIZE TABLE office.t FINAL") {
		if err := conn.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	var part string
	if err := conn.QueryRow(ctx, "SELECT path FROM system.parts WHERE database = 'office' AND active").Scan(&part); err != nil {
		t.Fatal(err)
	}
	marks, err := filepath.Glob(filepath.Join(part, "*.cmrk*"))
	if err != nil || len(marks) != 1 {
		t.Fatalf("the part has marks %v, %v", marks, err)
	}
	if err := os.Truncate(marks[0], 0); err != nil { // as a full disk leaves it
		t.Fatal(err)
	}
	count := func() (n uint64, err error) {
		err = conn.QueryRow(ctx, "SELECT count() FROM office.t WHERE NOT ignore(s)").Scan(&n)
		return n, err
	}
	if _, err := count(); err == nil {
		t.Fatal("the part can be read: it was not spoilt")
	}
	waitFor(t, "all rows to be there again", func() bool {
		n, err := count()
		return err == nil && n == 6000
	})
}

// The child's own user has no password, so over the network it must see nothing.
func TestClickHouseDefaultUserReadsNothing(t *testing.T) {
	c := start(t, t.TempDir())
	conn := open(t, c.DSN("system"))
	for _, q := range []string{"CREATE DATABASE office", "CREATE TABLE office.secret (n UInt8) ENGINE = MergeTree ORDER BY n"} {
		if err := conn.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	stranger := open(t, fmt.Sprintf("clickhouse://default@%s/system", c.Addr()))
	for _, q := range []string{
		"SELECT toString(n) FROM office.secret", "SELECT name FROM system.tables WHERE database = 'office'", "CREATE DATABASE x",
		"SELECT * FROM file('/etc/hostname', 'LineAsString')", "SELECT toString(count()) FROM system.processes",
	} {
		var got string
		if err := stranger.QueryRow(t.Context(), q).Scan(&got); err == nil {
			t.Errorf("the user without a password may run %q and got %q", q, got)
		}
	}

	// This build of the engine aborts some time after a login that failed. It
	// may cost a restart; it must not let anybody in and not lose anything.
	intruder := open(t, fmt.Sprintf("clickhouse://officepulse:wrong@%s/system", c.Addr()))
	if err := intruder.Ping(t.Context()); err == nil {
		t.Error("a wrong password was accepted")
	}
	waitFor(t, "the engine with its table", func() bool {
		var n uint64
		return conn.QueryRow(t.Context(), "SELECT count() FROM office.secret").Scan(&n) == nil
	})
}

func TestLibraryMissing(t *testing.T) {
	t.Setenv("OFFICEPULSE_LIBCHDB", "nowhere/libchdb.so")
	_, err := embedded.StartClickHouse(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if !errors.Is(err, embedded.ErrNoEngine) || !strings.Contains(err.Error(), "OFFICEPULSE_LIBCHDB") {
		t.Errorf("got %v, want ErrNoEngine that names the variable", err)
	}
}

func TestLockNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	lock, err := embedded.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = embedded.LockDir(dir)
	if !errors.Is(err, embedded.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
		t.Errorf("second lock: got %v, want ErrLocked with this process's pid", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := embedded.LockDir(dir)
	if err != nil {
		t.Fatalf("after Unlock: %v", err)
	}
	if err := again.Unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedded.StartClickHouse(ctx, t.TempDir(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a cancelled start succeeded")
	}
}
