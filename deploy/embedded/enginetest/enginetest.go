// Package enginetest gives tests the real engines: one ClickHouse child a test
// package, an empty database and an empty broker a test.
package enginetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/deploy/embedded"
)

// dsn is the engine of this test package, set by Main. OFFICEPULSE_CLICKHOUSE_DSN
// names a server to use instead of the embedded one.
var dsn func(database string) string

// Main runs a package's tests with an engine; call it from TestMain. Without
// an engine the run fails: there is no stand-in for it.
func Main(m *testing.M) {
	embedded.RunIfChild()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if server := os.Getenv("OFFICEPULSE_CLICKHOUSE_DSN"); server != "" {
		options, err := clickhouse.ParseDSN(server)
		if err != nil {
			fmt.Fprintln(os.Stderr, "OFFICEPULSE_CLICKHOUSE_DSN:", err)
			return 1
		}
		dsn = func(database string) string {
			return strings.Replace(server, "/"+options.Auth.Database, "/"+database, 1)
		}
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "officepulse-engine-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make the engine's folder:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// An engine that dies under a test says so between its results.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	engine, err := embedded.StartClickHouse(context.Background(), dir, logger)
	if err != nil {
		fmt.Fprintln(os.Stderr, "start the engine for the tests:", err)
		return 1
	}
	defer engine.Close()
	dsn = engine.DSN
	return m.Run()
}

// Database makes an empty database, dropped at the test's end, and returns its DSN.
func Database(tb testing.TB) string {
	tb.Helper()
	if dsn == nil {
		tb.Fatal("enginetest: TestMain has to call enginetest.Main")
	}
	name := "test_" + strings.ToLower(rand.Text()[:12])
	options, err := clickhouse.ParseDSN(dsn("system"))
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		tb.Fatal(err)
	}
	if err := conn.Exec(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatalf("make database %s: %v", name, err)
	}
	tb.Cleanup(func() {
		if err := conn.Exec(context.Background(), "DROP DATABASE "+name+" SYNC"); err != nil {
			tb.Errorf("drop database %s: %v", name, err)
		}
		_ = conn.Close()
	})
	return dsn(name)
}
