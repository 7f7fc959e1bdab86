// Package embedded runs both engines OfficePulse stands on, ClickHouse and
// Kafka, on this machine and for this process only, so that one binary is a
// complete installation. They are reached over loopback by the same clients
// that reach a cluster.
package embedded

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The sleeping query keeps the engine's command line busy for ever while the
// network interface it has opened does the work.
const keepListening = "SYSTEM START LISTEN TCP; SELECT sleepEachRow(3) FROM system.numbers FORMAT Null " +
	"SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0"

const (
	user           = "officepulse"
	startTimeout   = 60 * time.Second // a first start creates the system tables
	shortestPause  = 200 * time.Millisecond
	longestPause   = 10 * time.Second
	settledAfter   = time.Minute // a child that lived this long starts with a short pause again
	stopTimeout    = 5 * time.Second
	memoryShare    = 0.5 // of the machine's memory, for the engine
	pingEvery      = 20 * time.Millisecond
	logFileMaxSize = "50M"
	tailSize       = 16 << 10 // bytes
)

//go:embed clickhouse.xml users.xml
var configFiles embed.FS

var configTemplates = template.Must(template.ParseFS(configFiles, "*.xml"))

// ClickHouse is the embedded database engine: a child process that is started
// again when it dies and that dies with this one.
type ClickHouse struct {
	dir      string
	library  string
	password string
	port     int
	logger   *slog.Logger

	cancel context.CancelFunc
	done   chan struct{}

	mended time.Time // when the engine was last started again for a damaged table

	mu      sync.Mutex
	process *os.Process // the child that runs now; nil between two
}

// StartClickHouse starts the engine with its files in dir and returns once it
// answers. Stop it with [ClickHouse.Close].
func StartClickHouse(ctx context.Context, dir string, logger *slog.Logger) (*ClickHouse, error) {
	library, err := FindLibrary()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find the folder of the engine: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the engine: %w", err)
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	c := &ClickHouse{
		dir: dir, library: library, password: rand.Text(), port: port, logger: logger,
		done: make(chan struct{}),
	}
	if err := c.writeConfig(); err != nil {
		return nil, err
	}
	// The engine outlives the context of its start; Close ends it.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	first := make(chan error, 1)
	go c.supervise(life, first)
	select {
	case err = <-first:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// DSN is the address of a database of the engine, for clickhouse-go. It holds
// the password of this start.
func (c *ClickHouse) DSN(database string) string {
	u := url.URL{
		Scheme: "clickhouse", Host: c.Addr(), Path: "/" + database,
		User:     url.UserPassword(user, c.password),
		RawQuery: "compress=none", // nothing is gained on loopback
	}
	return u.String()
}

// Addr is where the engine listens, host:port on loopback. It stays the same
// when the engine is started again.
func (c *ClickHouse) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

// Pid is the process id of the engine, 0 while it is down.
func (c *ClickHouse) Pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid
}

// Backups is the folder that holds what BACKUP writes TO File('name'), and
// where RESTORE finds it.
func (c *ClickHouse) Backups() string { return c.file("backups") }

// Close stops the engine and waits until it is gone.
func (c *ClickHouse) Close() {
	c.cancel()
	<-c.done
}

// supervise keeps one child running until ctx ends. The result of the first
// start is sent to first; later ones are logged.
func (c *ClickHouse) supervise(ctx context.Context, first chan<- error) {
	defer close(c.done)
	// On Linux a child's parent is the thread that made it; keep that thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	pause := shortestPause
	for {
		began := time.Now()
		err := c.runChild(ctx, func() {
			if first != nil {
				first <- nil
				first = nil
			} else {
				c.logger.InfoContext(ctx, "clickhouse is back", "pid", c.Pid())
			}
		})
		if ctx.Err() != nil {
			return
		}
		if first != nil { // never came up: the caller decides
			first <- err
			return
		}
		if time.Since(began) > settledAfter {
			pause = shortestPause
		}
		c.logger.ErrorContext(ctx, "clickhouse ended, starting it again", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// runChild starts the engine, calls ready once it answers, and returns why it ended.
func (c *ClickHouse) runChild(ctx context.Context, ready func()) error {
	out, err := os.OpenFile(c.file("engine.out"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open the engine's output file: %w", err)
	}
	defer func() { _ = out.Close() }()
	childEnd, parentEnd, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make the engine's lifeline: %w", err)
	}
	defer func() { _ = parentEnd.Close() }()
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	// The level in the configuration is the server's; chDB is clickhouse-local, which only listens to the flag.
	cmd := exec.Command(exe, "clickhouse", "--config-file="+c.file("clickhouse.xml"), "--log-level=information", "--path="+c.file("data"), "--query="+keepListening) //nolint:gosec,noctx // this very program; it is killed below, after its last words are read
	cmd.Env = append(withoutSecrets(os.Environ()), childLibrary+"="+c.library)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{childEnd}
	dieWithParent(cmd)
	err = cmd.Start()
	_ = childEnd.Close()
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	c.setProcess(cmd.Process)
	defer c.setProcess(nil)

	exited, done := make(chan error, 1), make(chan struct{})
	go func() {
		exited <- cmd.Wait()
		close(done)
	}()
	answering, stop := context.WithTimeout(ctx, startTimeout)
	defer stop()
	up := make(chan error, 1)
	go func() { up <- c.waitUntilUp(answering) }()
	select {
	case err := <-exited:
		return fmt.Errorf("engine ended at start (%w); see %s and engine.log beside it", orEOF(err), out.Name())
	case err := <-up:
		if err != nil {
			_ = cmd.Process.Kill()
			return errors.Join(err, <-exited)
		}
	}
	ready()
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	damage := make(chan error, 1)
	go func() { damage <- c.damaged(watching) }()
	for {
		select {
		case err := <-exited:
			return fmt.Errorf("engine ended: %w; its last words: %s", orEOF(err), c.lastWords())
		case err := <-damage:
			if err != nil {
				if ctx.Err() == nil {
					c.logger.ErrorContext(ctx, "nobody looks for damaged tables", "error", err)
				}
				continue
			}
			c.mended = time.Now()
			_ = cmd.Process.Kill()
			return errors.Join(errDamaged, <-exited)
		case <-ctx.Done():
			return c.end(ctx, cmd.Process, done)
		}
	}
}

// errDamaged is why an engine is started again that has not ended by itself.
var errDamaged = errors.New("a part of a table cannot be read; at its start the engine goes back to what it was merged from")

// end kills the child and waits until it is gone.
func (c *ClickHouse) end(ctx context.Context, process *os.Process, done <-chan struct{}) error {
	_ = process.Kill()
	select {
	case <-done:
	case <-time.After(stopTimeout):
		c.logger.WarnContext(ctx, "clickhouse does not end", "pid", process.Pid)
	}
	return ctx.Err()
}

// lastWords is the end of what the engine printed and the fatal errors at the
// end of its log.
func (c *ClickHouse) lastWords() string {
	printed, log := tail(c.file("engine.out")), tail(c.file("engine.log"))
	words := []string{strings.TrimSpace(printed)}
	for line := range strings.Lines(log) {
		if _, fatal, ok := strings.Cut(line, "<Fatal> "); ok && fatalReason.MatchString(fatal) {
			words = append(words, strings.TrimSpace(fatal))
		}
	}
	return strings.Join(words, "; ")
}

// fatalReason tells the lines that say why from those of a stack without names.
var fatalReason = regexp.MustCompile(`Exception: |Terminate called|Signal description|Received signal`)

// tail is the end of a file; empty when it cannot be read.
func tail(path string) string {
	f, err := os.Open(path) //nolint:gosec // in the data directory
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-tailSize), io.SeekStart) // else from where it stands, which is shorter
	}
	text, _ := io.ReadAll(f) // as much as there is
	return string(text)
}

// withoutSecrets leaves out this program's own settings: the engine needs none.
func withoutSecrets(environment []string) []string {
	return slices.DeleteFunc(environment, func(v string) bool { return strings.HasPrefix(v, "OFFICEPULSE_") })
}

func (c *ClickHouse) setProcess(p *os.Process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = p
}

// open makes a connection to the engine, which need not answer yet.
func (c *ClickHouse) open() (driver.Conn, error) {
	options, err := clickhouse.ParseDSN(c.DSN("system"))
	if err != nil {
		return nil, fmt.Errorf("read the engine's address: %w", err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	return conn, nil
}

func (c *ClickHouse) waitUntilUp(ctx context.Context) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for {
		if err = conn.Ping(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("engine does not answer after %v: %w", startTimeout, err)
		case <-time.After(pingEvery):
		}
	}
}

// writeConfig writes the engine's configuration. It holds only a hash of the
// password, and only the owner may read it.
func (c *ClickHouse) writeConfig() error {
	sum := sha256.Sum256([]byte(c.password))
	values := map[string]any{
		"Port": c.port, "User": user, "PasswordSHA256": hex.EncodeToString(sum[:]),
		"Log": c.file("engine.log"), "LogSize": logFileMaxSize, "UsersPath": c.file("users.xml"),
		"Backups": c.Backups(), "UserFiles": c.file("user_files"), "MemoryShare": memoryShare,
	}
	for _, t := range configTemplates.Templates() {
		f, err := os.OpenFile(c.file(t.Name()), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("write the engine's configuration: %w", err)
		}
		if err := errors.Join(t.Execute(f, values), f.Close()); err != nil {
			return fmt.Errorf("write the engine's configuration: %w", err)
		}
	}
	return nil
}

func (c *ClickHouse) file(name string) string { return filepath.Join(c.dir, name) }

// freePort asks the kernel for a port nobody uses. Somebody else may take it
// before the engine does; the engine then fails to start and says so.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port: %v is no TCP address", l.Addr())
	}
	return addr.Port, nil
}

// orEOF names the error of a process that ended without one.
func orEOF(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}
