package torture

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// sinkOrder is what a sink process is told.
type sinkOrder struct {
	Brokers []string
	DSN     string
	Via     map[string]string // address of a broker -> of the link that leads there

	InHand                                             int64
	MaxWait, InsertTime, StallTime, SessionTime, Grace time.Duration

	Crash    string // where to die, one of the points below; "" nowhere
	CrashAt  int64  // at which insert or commit, counted from 1
	Hold     bool   // SIGUSR1: the next insert that is done is held back until SIGUSR2
	ClockOff time.Duration
}

// The points at which a sink can be told to die.
const (
	beforeInsert = "before the insert"
	afterInsert  = "after the insert and before the commit"
	duringCommit = "during the commit"
)

// What a sink process says of its inserts; each line begins so.
const (
	sinkReady = "ready"
	inserting = "inserting"
	inserted  = "inserted"
	failed    = "failed"
	holding   = "holding"
)

// gcPercent is what serve sets: memory is measured as it is in the product.
const gcPercent = 40

// defaultOrder has shorter times than the product: sessions as short as a
// broker allows, so that a fault is over when the test goes on.
func (o *office) defaultOrder() sinkOrder {
	c := ingest.DefaultSinkConfig()
	return sinkOrder{
		Brokers: []string{o.broker.addr()}, DSN: o.dsn, InHand: c.InHand, MaxWait: 50 * time.Millisecond,
		InsertTime: 5 * time.Second, StallTime: 3 * time.Second, SessionTime: sessionTime, Grace: c.Grace,
	}
}

const sessionTime = 6 * time.Second

// playSink is the sink's process.
func playSink(text []byte) error {
	var order sinkOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	conn, err := warehouse.Open(ctx, order.DSN)
	for ; err != nil && ctx.Err() == nil; conn, err = warehouse.Open(ctx, order.DSN) {
		time.Sleep(watchEvery) // what supervises the product starts it again
	}
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	config := ingest.DefaultSinkConfig()
	config.Brokers, config.InHand = order.Brokers, order.InHand
	config.MaxWait, config.InsertTime, config.StallTime = order.MaxWait, order.InsertTime, order.StallTime
	config.SessionTime, config.Grace = order.SessionTime, order.Grace
	config.Dial = (&road{order: order}).dial
	config.Now = func() time.Time { return time.Now().Add(order.ClockOff) }
	registry := prometheus.NewRegistry()
	store := &store{Store: warehouse.NewWriter(conn), order: order, resume: make(chan os.Signal, 1)}
	if order.Hold {
		store.listen()
	}
	sink := ingest.NewSink(config, store, registry, slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	address, err := announce(ctx, registry, sink)
	if err != nil {
		return err
	}
	fmt.Println(sinkReady, address)
	return sink.Run(ctx)
}

// announce serves the sink's metrics and troubles, as the product does.
func announce(ctx context.Context, registry *prometheus.Registry, sink *ingest.Sink) (string, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/troubles", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(sink.Troubles()) })
	go func() { _ = http.Serve(listener, mux) }()
	return listener.Addr().String(), nil
}

// store passes everything on to the warehouse, says so, and dies or waits where
// it was told to.
type store struct {
	ingest.Store
	order  sinkOrder
	n      atomic.Int64
	held   atomic.Bool
	resume chan os.Signal
}

func (s *store) Insert(ctx context.Context, t event.Type, token string, records []event.Record) error {
	n := s.n.Add(1)
	if s.order.Crash == beforeInsert && n == s.order.CrashAt {
		die()
	}
	fmt.Println(inserting, n, len(records))
	if err := s.Store.Insert(ctx, t, token, records); err != nil {
		fmt.Println(failed, n, err)
		return err
	}
	if s.order.Crash == afterInsert && n == s.order.CrashAt {
		die()
	}
	if s.held.CompareAndSwap(true, false) {
		fmt.Println(holding, n, len(records))
		<-s.resume
	}
	fmt.Println(inserted, n, len(records))
	return nil
}

func (s *store) listen() {
	hold := make(chan os.Signal, 1)
	signal.Notify(hold, syscall.SIGUSR1)
	signal.Notify(s.resume, syscall.SIGUSR2)
	go func() {
		for range hold {
			s.held.Store(true)
		}
	}()
}

// die is kill -9 of oneself: nothing is flushed, closed or said goodbye to.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // for the instant that the signal takes
}

// road leads to the brokers, by way of links where there are some, and to an
// end in the middle of a commit where that was ordered.
type road struct {
	order   sinkOrder
	commits atomic.Int64
}

func (r *road) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, cmp.Or(r.order.Via[address], address))
	if err != nil || r.order.Crash != duringCommit {
		return conn, err
	}
	return &dyingConn{Conn: conn, road: r}, nil
}

// offsetCommit is the number of Kafka's request.
const offsetCommit = 8

// dyingConn dies with a commit half written, or all written and not answered.
type dyingConn struct {
	net.Conn
	road *road
}

func (c *dyingConn) Write(b []byte) (int, error) {
	isCommit := len(b) > 8 && b[4] == 0 && b[5] == offsetCommit
	if !isCommit || c.road.commits.Add(1) != c.road.order.CrashAt {
		return c.Conn.Write(b)
	}
	if c.road.order.CrashAt%2 == 0 {
		b = b[:len(b)/2]
	}
	_, _ = c.Conn.Write(b)
	die()
	return 0, nil
}

// sink is a sink's process, seen by the test.
type sink struct {
	*process
	address string // of its metrics
}

// startSink starts a sink that is told the default, as changed by change.
func (o *office) startSink(change func(*sinkOrder)) *sink {
	o.t.Helper()
	order := o.defaultOrder()
	if change != nil {
		change(&order)
	}
	s := &sink{process: start(o.t, "sink", order)}
	s.address = s.await(sinkReady)
	o.watch.add(s)
	return s
}

// counter is the sum of a metric of the sink over its labels; labels, where
// given, have to be in the line.
func (s *sink) counter(name string, labels ...string) float64 {
	s.t.Helper()
	body := s.get("/metrics")
	sum := 0.0
	lines := bufio.NewScanner(strings.NewReader(body))
	for lines.Scan() {
		line := lines.Text()
		matches := strings.HasPrefix(line, name)
		for _, l := range labels {
			matches = matches && strings.Contains(line, l)
		}
		if i := strings.LastIndexByte(line, ' '); matches && i > 0 {
			var v float64
			if _, err := fmt.Sscan(line[i+1:], &v); err == nil {
				sum += v
			}
		}
	}
	return sum
}

// troubles is what the sink says that fails at the moment.
func (s *sink) troubles() []delivery.Trouble {
	s.t.Helper()
	var all []delivery.Trouble
	if err := json.Unmarshal([]byte(s.get("/troubles")), &all); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *sink) get(path string) string {
	s.t.Helper()
	answer, err := http.Get("http://" + s.address + path)
	if err != nil {
		s.t.Fatalf("ask the sink: %v", err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		s.t.Fatalf("ask the sink: %v", err)
	}
	return string(body)
}

// rowsInserted counts the events that the sink knows to be stored.
func (s *sink) rowsInserted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := 0
	for _, line := range s.said {
		var n, rows int
		if _, err := fmt.Sscanf(line, inserted+" %d %d", &n, &rows); err == nil {
			sum += rows
		}
	}
	return sum
}
