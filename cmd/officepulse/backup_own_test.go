package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/deploy/embedded/enginetest"
)

// A server of one's own makes its BACKUP where the settings say, and only that
// is saved; the broker is the operator's.
func TestBackupOfOwnServers(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("OFFICEPULSE_KAFKA_BROKERS", enginetest.Kafka(t))
	engine := ownEngine(t)
	t.Setenv("OFFICEPULSE_CLICKHOUSE_DSN", engine.DSN("office"))
	target := filepath.Join(dir, "backup")

	s := startService(t, filepath.Join(dir, "plain"))
	if _, err := s.command("backup", target); err == nil || !strings.Contains(err.Error(), "backup_destination") {
		t.Errorf("without a destination: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	t.Setenv("OFFICEPULSE_BACKUP_DESTINATION", "File('nightly')")
	s = startService(t, filepath.Join(dir, "data"))
	if got := s.send(strings.Replace(firstEvent, `"seal"`, `"unheard_of"`, 1)); got != http.StatusAccepted {
		t.Fatalf("first event: %d", got)
	}
	if s.stored() != 1 {
		t.Fatal("the event is not stored")
	}
	out := s.must("backup", target)
	for _, want := range []string{"server of your own", "File('nightly/officepulse-", "NOT saved", "officepulse-sink", "task_events", "1 rows or more"} {
		if !strings.Contains(out, want) {
			t.Errorf("backup does not say %q:\n%s", want, out)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	r := &service{tb: t, data: filepath.Join(dir, "again")}
	if _, err := r.command("restore", target); err == nil || !strings.Contains(err.Error(), "holds tables already") {
		t.Errorf("into a database with tables: %v", err)
	}
	if exists(dir, "again") {
		t.Error("a restore that was refused left its directory")
	}
	t.Setenv("OFFICEPULSE_CLICKHOUSE_DSN", engine.DSN("office_again"))
	if out := r.must("restore", target); !strings.Contains(out, "cluster of your own") || !strings.Contains(out, "officepulse.task.v1/") {
		t.Errorf("restore says\n%s", out)
	}
	if got := startService(t, r.data).stored(); got != 1 {
		t.Errorf("%d cases after the restore, want 1", got)
	}
}

// What the place of backups answers is told, and the secrets are not. (That a
// bucket is filled cannot be tried here: the embedded engine does not do it.)
func TestBackupRefusedByItsPlace(t *testing.T) {
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer bucket.Close()
	t.Setenv("OFFICEPULSE_KAFKA_BROKERS", enginetest.Kafka(t))
	t.Setenv("OFFICEPULSE_CLICKHOUSE_DSN", ownEngine(t).DSN("office"))
	t.Setenv("OFFICEPULSE_BACKUP_DESTINATION", "S3('"+bucket.URL+"/bucket','KEY','SECRET')")
	s := startService(t, t.TempDir())
	_, err := s.command("backup", filepath.Join(t.TempDir(), "b"))
	if err == nil || !strings.Contains(err.Error(), "/bucket/officepulse-") || !strings.Contains(err.Error(), "403") {
		t.Errorf("got %v", err)
	}
	for _, secret := range []string{"KEY", "SECRET"} {
		if strings.Contains(fmt.Sprint(err, s.out), secret) {
			t.Errorf("a secret is told: %v\n%s", err, s.out)
		}
	}
}

// ownEngine is a ClickHouse that the service does not start itself.
func ownEngine(t *testing.T) *embedded.ClickHouse {
	t.Helper()
	engine, err := embedded.StartClickHouse(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}
