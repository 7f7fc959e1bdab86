package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/gateway"
	"example.com/officepulse/ingest/warehouse"
)

// databaseName is what the embedded engine's database is called.
const databaseName = "officepulse"

const (
	gcPercent         = 40
	shutdownWait      = 10 * time.Second
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 120 * time.Second
	idleTimeout       = 120 * time.Second
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service: gateway, sink and dashboard, with the embedded engines",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := LoadConfig(cmd.Flags(), os.Getenv)
			if err != nil {
				return fmt.Errorf("settings:\n%w", err)
			}
			return serve(cmd.Context(), config, cmd.ErrOrStderr())
		},
	}
	addFlags(cmd.Flags())
	return cmd
}

// office is one running process: its engines, its connections and what it
// tells about itself.
type office struct {
	config   Config
	logger   *slog.Logger
	registry *prometheus.Registry
	started  time.Time
	url      string // of HTTP, once it listens

	durations *prometheus.HistogramVec // of requests, by route, method and status

	promises  atomic.Pointer[promises]
	promising sync.Mutex // held while promises are replaced

	brokers []string
	kafka   *embedded.Kafka      // nil when a real cluster is used
	engine  *embedded.ClickHouse // nil when a real server is used
	conn    driver.Conn          // nil without ClickHouse

	lock      *embedded.Lock
	publisher *ingest.Publisher // nil without a door
	door      *gateway.Gateway  // where events come in and dead letters are replayed; nil where neither happens
	sink      *ingest.Sink      // nil without the sink's role
	auditor   *ingest.Auditor   // nil without ClickHouse
	surveys   *surveys          // nil without the dashboard's role
	saving    sync.Mutex        // held while a backup is made
}

// serve runs until ctx ends, then lets requests and the last batch finish.
func serve(ctx context.Context, config Config, messages io.Writer) (err error) {
	if missing := dashboard.Missing(); config.has(roleDashboard) && len(missing) > 0 {
		return fmt.Errorf("this program was built without its front-end files (%s): run \"make build\", which gets them from npm", strings.Join(missing, ", "))
	}
	if os.Getenv("GOGC") == "" {
		// Batches come and go: collecting earlier keeps the program under 200 MB
		// while it drains a full topic, for a few percent of its time.
		debug.SetGCPercent(gcPercent)
	}
	o := &office{config: config, logger: newLogger(config, messages), registry: prometheus.NewRegistry(), durations: newDurations(), started: time.Now()}
	o.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() { err = errors.Join(err, o.close()) }()
	hb, err := loadHandbook(config.Handbook)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := o.open(ctx); err != nil {
		return err
	}
	o.assemble()
	if err := o.openSurveys(ctx); err != nil {
		return err
	}
	promised, err := o.promise(hb)
	if err != nil {
		return err
	}
	o.promises.Store(promised)
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w; choose another address with --listen", err)
	}
	o.url = "http://" + listener.Addr().String()
	if err := o.announce(messages); err != nil {
		return errors.Join(err, listener.Close())
	}
	return o.run(ctx, listener, messages)
}

// run plays the roles until ctx ends or one of them fails, and returns when
// all have come to their end.
func (o *office) run(ctx context.Context, listener net.Listener, messages io.Writer) error {
	g, ctx := errgroup.WithContext(ctx)
	if o.sink != nil {
		g.Go(func() error { return o.sink.Run(ctx) })
	}
	g.Go(func() error { return o.keepPromises(ctx) })
	if o.surveys != nil {
		g.Go(func() error { return o.surveys.Run(ctx) })
		g.Go(func() error { return o.surveys.results.Run(ctx, o.logger) })
		g.Go(func() error { return o.sendMessages(ctx) })
	}
	if o.conn != nil {
		g.Go(func() error {
			return analytics.KeepFacts(ctx, func() *analytics.Facts { return o.promises.Load().facts })
		})
		g.Go(func() error { return o.keepFigures(ctx) })
		if o.config.has(roleDashboard) {
			g.Go(func() error { return o.warn(ctx) })
		}
	}
	server := &http.Server{
		Handler: http.HandlerFunc(o.answer), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(o.logger.Handler(), slog.LevelWarn),
	}
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
		defer cancel()
		if err := server.Shutdown(stopping); err != nil {
			o.logger.WarnContext(ctx, "requests broken off at the stop", "waited", shutdownWait, "error", err)
			return server.Close()
		}
		return nil
	})
	if o.config.Demo != "" {
		g.Go(func() error { return o.tellStory(ctx, messages) })
	}
	return g.Wait()
}

// keepFigures has figures be ready before somebody asks for them, until ctx ends.
func (o *office) keepFigures(ctx context.Context) error {
	inUse := func() *analytics.Metrics { return o.promises.Load().metrics }
	pages := func(ctx context.Context) bool {
		ahead := o.promises.Load().ahead
		return ahead != nil && ahead.Next(ctx)
	}
	return analytics.KeepPoints(ctx, inUse, pages, o.logger)
}

// open locks the data directory and opens everything the roles need.
func (o *office) open(ctx context.Context) error {
	var err error
	if o.lock, err = embedded.LockDir(o.config.Data); err != nil {
		return err
	}
	if o.exists(unfinishedRestore) {
		return fmt.Errorf("a restore into %s was broken off, so it holds a part only: remove it and restore again", o.config.Data)
	}
	if err := o.ownToken(); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return o.openKafka(gctx) })
	if o.config.has(roleSink) || o.config.has(roleDashboard) {
		g.Go(func() error { return o.openClickHouse(gctx) })
	}
	return g.Wait()
}

func (o *office) openKafka(ctx context.Context) error {
	o.brokers = o.config.KafkaBrokers
	if len(o.brokers) == 0 {
		broker, err := embedded.StartKafka(o.file("kafka"), o.config.KafkaPort)
		if err != nil && o.config.KafkaPort != 0 {
			return fmt.Errorf("%w; is port %d taken? --kafka-port 0 finds a free one", err, o.config.KafkaPort)
		}
		if err != nil {
			return err
		}
		o.kafka, o.brokers = broker, []string{broker.Addr()}
	}
	if err := ingest.EnsureTopics(ctx, o.brokers, o.config.Partitions); err != nil {
		return fmt.Errorf("kafka at %s: %w; are these its brokers (kafka_brokers), and can they be reached from here?", strings.Join(o.brokers, ", "), err)
	}
	return nil
}

func (o *office) openClickHouse(ctx context.Context) error {
	dsn := o.config.ClickHouseDSN
	if dsn == "" {
		engine, err := embedded.StartClickHouse(ctx, o.file("clickhouse"), o.logger)
		if err != nil {
			return err
		}
		o.engine, dsn = engine, engine.DSN(databaseName)
	}
	conn, err := warehouse.Open(ctx, dsn)
	if err != nil && o.engine == nil {
		return fmt.Errorf("%w; is clickhouse_dsn right, and can its server be reached from here?", err)
	}
	if err != nil {
		return err
	}
	o.conn = conn
	return warehouse.Migrate(ctx, conn)
}

// close ends everything in the order in which events flow, and gives the data
// directory back last.
func (o *office) close() error {
	var faults []error
	if o.publisher != nil {
		faults = append(faults, o.publisher.Close())
	}
	if o.conn != nil {
		faults = append(faults, o.conn.Close())
	}
	if o.kafka != nil {
		o.kafka.Close()
	}
	if o.engine != nil {
		o.engine.Close()
	}
	if o.lock != nil {
		if err := os.Remove(o.file(addressFile)); !errors.Is(err, os.ErrNotExist) {
			faults = append(faults, err)
		}
		faults = append(faults, o.lock.Unlock())
	}
	return errors.Join(faults...)
}

func (o *office) file(name string) string { return filepath.Join(o.config.Data, name) }

// ownToken makes sure that there is a token: the one given, else the one kept
// in the data directory, else a new one that is kept there.
func (o *office) ownToken() error {
	if o.config.Token != "" {
		return nil
	}
	text, err := os.ReadFile(o.file(tokenFile))
	if err == nil && strings.TrimSpace(string(text)) != "" {
		o.config.Token = strings.TrimSpace(string(text))
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read the token: %w", err)
	}
	o.config.Token = rand.Text()
	if err := os.WriteFile(o.file(tokenFile), []byte(o.config.Token+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the token: %w", err)
	}
	return nil
}

// announce says where the service is, to a person and to the other commands.
func (o *office) announce(w io.Writer) error {
	if err := os.WriteFile(o.file(addressFile), []byte(o.url+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the address: %w", err)
	}
	_, err := fmt.Fprintf(w, `
OfficePulse %s is ready after %.1f s
  open       %s/
  sign-in    none yet: it listens on this machine only (loopback)
  send to    %s/api/v1/events with the token in %s
  Kafka      %s
  data       %s

`, version, time.Since(o.started).Seconds(), o.url, o.url, o.file(tokenFile), strings.Join(o.brokers, ", "), o.config.Data)
	return err
}

// assemble makes the parts that the roles of this process need. None of them
// does anything yet.
func (o *office) assemble() {
	o.registry.MustRegister(o.durations, ingest.NewLagCollector(o.brokers))
	if o.config.has(roleGateway) || o.config.has(roleDashboard) {
		o.publisher = ingest.NewPublisher(o.brokers, o.logger)
		config := gateway.DefaultConfig()
		config.Token = o.config.Token
		o.door = gateway.New(config, o.publisher, o.registry, o.logger)
	}
	if o.conn != nil {
		o.auditor = ingest.NewAuditor(o.brokers, warehouse.NewWriter(o.conn))
		o.registry.MustRegister(ingest.NewAuditCollector(o.auditor, o.logger))
	}
	if o.config.has(roleSink) {
		config := ingest.DefaultSinkConfig()
		config.Brokers = o.brokers
		o.sink = ingest.NewSink(config, warehouse.NewWriter(o.conn), o.registry, o.logger)
	}
}
