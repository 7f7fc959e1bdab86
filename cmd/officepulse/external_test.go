package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/deploy/embedded/enginetest"
)

// With brokers and a server named, neither part is started, and the same code
// uses those; roles may then run apart, each in a process of its own.
func TestExternalEnginesAndRolesApart(t *testing.T) {
	dir := t.TempDir()
	broker := enginetest.Kafka(t)
	engine, err := embedded.StartClickHouse(t.Context(), filepath.Join(dir, "clickhouse"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	t.Setenv("OFFICEPULSE_KAFKA_BROKERS", broker)
	t.Setenv("OFFICEPULSE_CLICKHOUSE_DSN", engine.DSN("office"))
	t.Setenv("OFFICEPULSE_TOKEN", "one token for all of them")

	gateway := startService(t, filepath.Join(dir, "gateway"), "--roles", "gateway")
	startService(t, filepath.Join(dir, "sink"), "--roles", "sink")
	dashboard := startService(t, filepath.Join(dir, "dashboard"), "--roles", "dashboard")
	if got := gateway.send(strings.Replace(firstEvent, `"seal"`, `"unheard_of"`, 1)); got != http.StatusAccepted {
		t.Fatalf("first event: %d", got)
	}
	if got := dashboard.send(firstEvent); got != http.StatusNotFound {
		t.Errorf("an event sent to a process without the gateway: %d, want 404", got)
	}
	if got := dashboard.stored(); got != 1 {
		t.Errorf("%d cases completed, want 1", got)
	}
	var st Status
	if err := json.Unmarshal([]byte(gateway.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.Kafka.Embedded || st.ClickHouse.Embedded || st.Kafka.Brokers[0] != broker || st.ClickHouse.Address != engine.Addr() {
		t.Errorf("status says %+v and %+v", st.Kafka, st.ClickHouse)
	}
	if exists(filepath.Join(dir, "gateway"), "kafka") || exists(filepath.Join(dir, "sink"), "clickhouse") {
		t.Error("an engine was started although one was named")
	}
}
