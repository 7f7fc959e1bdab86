package torture

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
	"example.com/officepulse/ingest/warehouse"
)

const (
	token      = "torture"
	partitions = 3
)

// office is all that one run needs, and nobody else's: a broker, a database
// engine, a gateway, the systems that send, and somebody who watches. Sinks are
// started by the run.
type office struct {
	t      *testing.T
	result *result
	broker *broker
	engine *embedded.ClickHouse
	dsn    string
	conn   driver.Conn
	sender *sender
	watch  *watch
}

// equipment says what an office has that is not as usual. The zero value is the
// usual.
type equipment struct {
	events    []event.Event // to be sent; nil: for as many seconds
	seconds   float64       // that the load has to last at the usual rate
	brokerDir string        // of the broker's files
	engineDir string        // of the engine's files
	gateway   gateway.Config
}

func newOffice(t *trial, e equipment) *office {
	t.Helper()
	o := &office{t: t.T, result: &t.result}
	if e.brokerDir == "" {
		e.brokerDir = folder(t.T, "broker")
	}
	o.broker = startBroker(t.T, e.brokerDir)
	if e.engineDir == "" {
		e.engineDir = folder(t.T, "clickhouse")
	}
	o.engine = startEngine(t.T, e.engineDir)
	o.openDatabase()
	if err := ingest.EnsureTopics(t.Context(), []string{o.broker.addr()}, partitions); err != nil {
		t.Fatal(err)
	}
	if e.events == nil {
		e.events = story(t.T, int(usualRate*(e.seconds+2)))
	}
	o.openGateway(e)
	o.watch = newWatch(o)
	return o
}

// folder makes a folder that is kept when the test fails.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, name+"-") //nolint:usetesting // what a failed run leaves has to be looked at
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (o *office) openDatabase() {
	o.t.Helper()
	o.dsn = o.engine.DSN("torture")
	var err error
	if o.conn, err = warehouse.Open(o.t.Context(), o.dsn); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = o.conn.Close() })
	if err := warehouse.Migrate(o.t.Context(), o.conn); err != nil {
		o.t.Fatal(err)
	}
	if err := o.keepCopies(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// keepCopies stops the merges, which remove copies, so that copies can be
// counted. An engine that was started again has forgotten it.
func (o *office) keepCopies(ctx context.Context) error {
	for _, table := range eventTables {
		if err := o.conn.Exec(ctx, "SYSTEM STOP MERGES "+table); err != nil {
			return fmt.Errorf("stop the merges: %w", err)
		}
	}
	return nil
}

var eventTables = []string{"task_events", "fault_events", "answer_events"}

// startEngine starts a database engine with its files in dir.
func startEngine(t *testing.T, dir string) *embedded.ClickHouse {
	t.Helper()
	log, err := os.CreateTemp(scratch, "engine-*.log")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := embedded.StartClickHouse(t.Context(), dir, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}

func (o *office) openGateway(e equipment) {
	o.t.Helper()
	log := slog.New(slog.DiscardHandler)
	publisher := ingest.NewPublisher([]string{o.broker.addr()}, log)
	config := e.gateway
	if config.Burst == 0 {
		config = gateway.DefaultConfig()
	}
	config.Token = token
	door := httptest.NewServer(gateway.New(config, publisher, prometheus.NewRegistry(), log))
	o.t.Cleanup(func() {
		door.CloseClientConnections()
		door.Close()
		_ = publisher.Close()
	})
	o.sender = newSender(o.t, door.URL, e.events)
}

// during does a fault while events are sent, and returns when what was in the
// log at the fault's end is dealt with, which is the recovery. Then the rest of
// the events follows: life goes on.
func (o *office) during(fault func()) {
	o.t.Helper()
	stop := o.sender.send(usualRate)
	defer stop()
	o.sender.waitTaken(usualRate / 2)
	fault()
	over := time.Now()
	stop()
	o.waitDealtWith()
	o.result.recovery = time.Since(over)
	o.sender.sendRest()
	o.waitDealtWith()
}

// waitDealtWith returns once all that is in the log is stored or put aside.
func (o *office) waitDealtWith() {
	o.t.Helper()
	var lag int64
	var err error
	waitForUpTo(o.t, func() string { return fmt.Sprintf("the lag to go: it is %d, error %v", lag, err) }, 2*patience, func() bool {
		lag, err = o.lag()
		return err == nil && lag == 0
	})
}

func (o *office) text(query string, args ...any) string {
	o.t.Helper()
	var s string
	if err := o.conn.QueryRow(o.t.Context(), query, args...).Scan(&s); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return s
}
