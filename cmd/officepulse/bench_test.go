package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

const benchEvents = 1_000_000

// BenchmarkPath measures the whole path on this machine: the program as a
// process of its own, with its embedded broker, into an engine that the
// benchmark can also use by other ways, so that the ratios are of one run.
//
//	gateway_events/s    accepted over HTTP in batches of 500, from 2 connections
//	sink_events/s       from 1 M events waiting in the topic to all of them queryable
//	file_events/s       the same events inserted by the engine from a JSONEachRow file
//	engine_events/s     the same topic read by ClickHouse's own Kafka engine and a materialized view, tuned for this machine
//	plain_events/s      the same with the engine's default settings
//	x_file, x_engine, x_plain    sink_events/s over these three
//	fresh_p50_ms, …     from sending one event to finding it in a query
//	peak_MB             resident memory of the program (broker, gateway, sink, dashboard) at its highest
func BenchmarkPath(b *testing.B) {
	for b.Loop() {
		p := newPathBench(b)
		p.loadGateway(b)
		sink := p.measureSink(b)
		p.measureFreshness(b)
		p.stop()
		b.ReportMetric(float64(p.peak)/(1<<20), "peak_MB")
		file := p.measureFile(b)
		engine := p.measureKafkaEngine(b, "engine", ", kafka_num_consumers = 2, kafka_thread_per_consumer = 1, "+
			"kafka_max_block_size = 100000, kafka_poll_max_batch_size = 50000, kafka_flush_interval_ms = 1000")
		plain := p.measureKafkaEngine(b, "plain", "")
		b.ReportMetric(sink/file, "x_file")
		b.ReportMetric(sink/engine, "x_engine")
		b.ReportMetric(sink/plain, "x_plain")
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

type pathBench struct {
	dir    string
	dsn    string
	engine *embedded.ClickHouse
	conn   driver.Conn
	lines  string // the events, one JSON a line, where the engine may read files
	events int64
	bodies [][]byte // batches of 500 as they go over HTTP

	program *exec.Cmd
	service *service
	peak    int64 // bytes
}

func newPathBench(b *testing.B) *pathBench {
	b.Helper()
	p := &pathBench{dir: b.TempDir()}
	engineDir := filepath.Join(p.dir, "engine")
	var err error
	if p.engine, err = embedded.StartClickHouse(b.Context(), engineDir, slog.New(slog.DiscardHandler)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.engine.Close)
	p.dsn = p.engine.DSN("bench")
	if p.conn, err = warehouse.Open(b.Context(), p.dsn); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.conn.Close() })
	p.lines = filepath.Join(engineDir, "user_files", "events.json")
	p.generate(b)
	return p
}

// generate writes the task events of the load preset into a file and into request bodies.
func (p *pathBench) generate(b *testing.B) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(p.lines), 0o700); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(p.lines)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var body bytes.Buffer
	inBody, seen := 0, make(map[string]bool)
	_, err = demo.Generate(demo.Options{Preset: demo.M, Events: benchEvents * 11 / 10}, handbook.Default(), func(e event.Event) error {
		if e.Type != event.TypeTask || p.events == benchEvents || seen[e.ID] {
			return nil // the story's duplicates would blur what is counted
		}
		seen[e.ID] = true
		line, err := e.Encode()
		if err != nil {
			return err
		}
		p.events++
		body.WriteByte("[,"[min(inBody, 1)])
		body.Write(line)
		if inBody++; inBody == batchEvents {
			body.WriteByte(']')
			p.bodies = append(p.bodies, bytes.Clone(body.Bytes()))
			body.Reset()
			inBody = 0
		}
		_, err = w.Write(append(line, '\n'))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if p.events != benchEvents {
		b.Fatalf("the story has only %d task events", p.events)
	}
}

// start runs the program over the benchmark's engine and waits until it serves.
func (p *pathBench) start(b *testing.B, roles string) {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	data := filepath.Join(p.dir, "data")
	p.program = exec.CommandContext(b.Context(), exe, "serve", "--data", data, "--listen", "127.0.0.1:0", "--ready-quarters", "0", "--roles", roles, "--log-level", "error")
	p.program.Env = append(os.Environ(), asProgram+"=1", "OFFICEPULSE_CLICKHOUSE_DSN="+p.dsn)
	if err := p.program.Start(); err != nil {
		b.Fatal(err)
	}
	p.service = &service{tb: b, data: data, out: &lockedBuffer{}}
	p.service.waitFor("the program", func() bool {
		text, err := os.ReadFile(filepath.Join(data, addressFile))
		p.service.url = strings.TrimSpace(string(text))
		return err == nil && p.service.url != ""
	})
}

// stop ends the program and notes the highest memory it had.
func (p *pathBench) stop() {
	tb := p.service.tb
	tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.program.Process.Pid))
	if err == nil { // Linux only
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kB, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				p.peak = max(p.peak, kB<<10)
			}
		}
	}
	if err := p.program.Process.Signal(os.Interrupt); err != nil {
		tb.Fatal(err)
	}
	if err := p.program.Wait(); err != nil {
		tb.Fatalf("the program ended with %v", err)
	}
}

func (p *pathBench) loadGateway(b *testing.B) {
	b.Helper()
	p.start(b, "gateway")
	token := p.service.token()
	var next atomic.Int64
	g, ctx := errgroup.WithContext(b.Context())
	began := time.Now()
	for range 2 {
		c := &client{server: p.service.url, token: token, http: &http.Client{Timeout: requestTimeout}}
		g.Go(func() error {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(p.bodies)) {
					return nil
				}
				if _, err := c.post(ctx, p.bodies[i]); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(p.events)/time.Since(began).Seconds(), "gateway_events/s")
	p.bodies = nil
	p.stop()
}

// count is the number of different events that a query finds in a table.
func (p *pathBench) count(b *testing.B, table string) uint64 {
	b.Helper()
	var n uint64
	if err := p.conn.QueryRow(b.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
		return 0 // not made yet
	}
	return n
}

func (p *pathBench) waitCount(b *testing.B, table string, began time.Time) (eventsPerSecond float64) {
	b.Helper()
	p.service.waitFor("all events in "+table, func() bool { return p.count(b, table) >= benchEvents })
	return benchEvents / time.Since(began).Seconds()
}

func (p *pathBench) measureSink(b *testing.B) float64 {
	b.Helper()
	p.start(b, "gateway,sink,dashboard")
	rate := p.waitCount(b, "task_events", time.Now())
	b.ReportMetric(rate, "sink_events/s")
	return rate
}

// measureFreshness sends single events and looks for each until a query finds it.
func (p *pathBench) measureFreshness(b *testing.B) {
	b.Helper()
	const n = 200
	waits := make([]time.Duration, 0, n)
	for i := range n {
		id := "fresh-" + strconv.Itoa(i)
		began := time.Now()
		if got := p.service.send(strings.NewReplacer(`"first"`, `"`+id+`"`, "seal-1", id).Replace(firstEvent)); got != http.StatusAccepted {
			b.Fatalf("event %s: %d", id, got)
		}
		for {
			var found uint64
			if err := p.conn.QueryRow(b.Context(), "SELECT count() FROM task_events WHERE process = 'seal' AND case_id = ?", id).Scan(&found); err != nil {
				b.Fatal(err)
			}
			if found > 0 {
				break
			}
		}
		waits = append(waits, time.Since(began))
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[n/2].Milliseconds()), "fresh_p50_ms")
	b.ReportMetric(float64(waits[n*95/100].Milliseconds()), "fresh_p95_ms")
}

// wireColumns is how ClickHouse reads an event by itself, and wireSelect how it
// fills the columns of task_events from it.
const (
	wireColumns = "id String, source String, time DateTime64(3, 'UTC'), sequence String, data Tuple(process String, case_id String, stage String, action String, " +
		"department String, actor String, actor_department String, due_at Nullable(DateTime64(3, 'UTC')), attributes Map(String, String))"
	wireSelect = "SELECT id AS event_id, source, time, sequence, data.process AS process, data.case_id AS case_id, data.stage AS stage, data.action AS action, " +
		"data.department AS department, data.actor AS actor, data.actor_department AS actor_department, data.due_at AS due_at, " +
		"data.attributes['class'] AS class, data.attributes['assume_complete'] = 'true' AS assume_complete, data.attributes AS attributes, "
)

func (p *pathBench) exec(b *testing.B, statements ...string) {
	b.Helper()
	for _, s := range statements {
		if err := p.conn.Exec(b.Context(), s); err != nil {
			b.Fatalf("%s: %v", s, err)
		}
	}
}

func (p *pathBench) measureFile(b *testing.B) float64 {
	b.Helper()
	p.exec(b, "CREATE TABLE file_events AS task_events")
	began := time.Now()
	p.exec(b, "INSERT INTO file_events (* EXCEPT stored_at) "+wireSelect+"0 AS topic_partition, 0 AS topic_offset, now64(3) AS produced_at "+
		"FROM file('"+p.lines+"', 'JSONEachRow', '"+strings.ReplaceAll(wireColumns, "'", "\\'")+"') "+
		"SETTINGS date_time_input_format = 'best_effort', max_insert_threads = 2, input_format_skip_unknown_fields = 1")
	rate := p.waitCount(b, "file_events", began)
	b.ReportMetric(rate, "file_events/s")
	return rate
}

// measureKafkaEngine has ClickHouse read the topic itself. Tuned, it has a
// consumer a core, each with a thread of its own, and large blocks.
func (p *pathBench) measureKafkaEngine(b *testing.B, name, settings string) float64 {
	b.Helper()
	p.start(b, "gateway")
	defer p.stop()
	c := &client{server: p.service.url, token: p.service.token(), http: httpClient()}
	s, err := c.status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	events, queue, view := name+"_events", name+"_queue", name+"_view"
	p.exec(b, "CREATE TABLE "+events+" AS task_events",
		"CREATE TABLE "+queue+" ("+wireColumns+") ENGINE = Kafka SETTINGS kafka_broker_list = '"+strings.Join(s.Kafka.Brokers, ",")+"', "+
			"kafka_topic_list = '"+string(event.TypeTask)+"', kafka_group_name = 'bench-"+name+"', kafka_format = 'JSONEachRow', "+
			"date_time_input_format = 'best_effort', input_format_skip_unknown_fields = 1"+settings)
	began := time.Now()
	p.exec(b, "CREATE MATERIALIZED VIEW "+view+" TO "+events+" AS "+wireSelect+
		"_partition AS topic_partition, _offset AS topic_offset, _timestamp_ms AS produced_at FROM "+queue)
	rate := p.waitCount(b, events, began)
	p.exec(b, "DROP TABLE "+view, "DROP TABLE "+queue)
	b.ReportMetric(rate, name+"_events/s")
	return rate
}
