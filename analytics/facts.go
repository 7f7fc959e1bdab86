package analytics

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/handbook"
)

var (
	//go:embed facts_stage.sql
	factsStageSQL string
	//go:embed facts_store.sql
	factsStoreSQL string
	//go:embed facts_mark.sql
	factsMarkSQL string
	//go:embed facts_mark_faults.sql
	factsMarkFaultsSQL string
	//go:embed fault_facts.sql
	faultFactsSQL string
	//go:embed facts_queue.sql
	factsQueueSQL string
	//go:embed facts_look.sql
	factsLookSQL string
	//go:embed facts_state.sql
	factsStateSQL string
)

const (
	// factsPoll is how long a change waits at most until the facts know it, when nobody asks sooner.
	factsPoll = 250 * time.Millisecond
	// factsBatch is how many changed cases and faults are worked on at once, about.
	factsBatch = 200_000
	// factsPatience is how long a refresh may take that a question asked for.
	factsPatience = 10 * time.Minute
	// factsCleanup is how often the places that cases have left are cleared.
	factsCleanup = 10 * time.Minute
)

// Facts keeps case_facts up to date with the events: one row a case, from which
// most figures are read many times faster than from the events themselves.
//
// What was stored is queued by the warehouse itself (task_changes,
// fault_changes). A refresh computes the queued cases anew from all their events
// and then drops their part of the queue, so that a crash at any moment, or
// another process that does the same, changes nothing: the row that rests on
// more events wins. The queue is never counted up or down; it says which, not
// what.
//
// It is safe for concurrent use.
type Facts struct {
	conn   driver.Conn
	rules  string // fingerprint of what the facts depend on in the handbook
	given  []any  // those rules as parameters
	logger *slog.Logger

	working sync.Mutex // held by the refresh that is going on
	cleaned time.Time

	nudged  atomic.Bool // a refresh has been asked for that has not begun
	mu      sync.Mutex
	covered time.Time     // what was stored then is known
	making  time.Time     // since when the facts are made anew; zero: they are not
	next    chan struct{} // closed when either changes
	look    string        // what the warehouse looked like when it said
	known   factsNow      // this about its facts
}

// NewFacts returns the keeper of case_facts behind conn, by the rules of hb: what
// ends a case.
func NewFacts(conn driver.Conn, hb *handbook.Handbook, logger *slog.Logger) *Facts {
	return &Facts{conn: conn, rules: factsRules(hb), given: handbookParameters(hb), logger: logger, next: make(chan struct{})}
}

// factsRules is the fingerprint of which steps end the cases of which processes.
func factsRules(hb *handbook.Handbook) string {
	sum := sha256.New()
	for _, p := range hb.History().Processes() {
		fmt.Fprintf(sum, "%q %q %q\n", p.Key, p.Ends.Stage, p.Ends.Action)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// By returns the keeper by the rules of another handbook, which is the same one
// where they end the same cases.
func (f *Facts) By(hb *handbook.Handbook) *Facts {
	if factsRules(hb) == f.rules {
		return f
	}
	return NewFacts(f.conn, hb, f.logger)
}

// KeepFacts refreshes the facts in use whenever something was stored, until ctx
// ends.
func KeepFacts(ctx context.Context, inUse func() *Facts) error {
	tick := time.NewTicker(factsPoll)
	defer tick.Stop()
	for {
		f := inUse()
		if _, err := f.Refresh(ctx); err != nil && ctx.Err() == nil {
			// The warehouse may be away for a while; what is queued stays queued.
			f.logger.WarnContext(ctx, "case facts are behind the events", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Refresh brings the facts up to what is stored when it begins. changed is
// whether anything was to do.
func (f *Facts) Refresh(ctx context.Context) (changed bool, err error) {
	f.working.Lock()
	defer f.working.Unlock()
	return f.refresh(ctx)
}

// refresh is Refresh for who holds working.
func (f *Facts) refresh(ctx context.Context) (changed bool, err error) {
	for {
		more, err := f.step(ctx)
		if err != nil || !more {
			return changed, err
		}
		changed = true
	}
}

// Rebuild makes the facts anew from all events.
func (f *Facts) Rebuild(ctx context.Context) error {
	f.working.Lock()
	defer f.working.Unlock()
	return f.rebuild(ctx)
}

// step works on a part of the queue; more is whether there was one.
func (f *Facts) step(ctx context.Context) (more bool, err error) {
	state, err := f.state(ctx)
	if err != nil {
		return false, err
	}
	if state.Rules != f.rules {
		return true, f.rebuild(ctx)
	}
	if err := f.finishBroken(ctx); err != nil {
		return false, err
	}
	listed := time.Now()
	queue, err := f.queue(ctx)
	if err != nil {
		return false, err
	}
	if queue.empty() {
		f.came(listed, time.Time{})
		return false, nil
	}
	began := time.Now()
	if err := f.work(ctx, queue, false); err != nil {
		return false, err
	}
	f.logger.DebugContext(ctx, "case facts refreshed", "parts", len(queue.held), "rows", queue.rows(), "took", time.Since(began))
	asOf := state.Stored // of everything stored when this step began
	if queue.rest {
		asOf = state.AsOf // there is more that the facts do not know
	}
	if err := f.note(ctx, asOf); err != nil {
		return false, err
	}
	if !queue.rest {
		f.came(listed, time.Time{})
	}
	f.clean(ctx)
	return true, nil
}

func (f *Facts) rebuild(ctx context.Context) error {
	listed := time.Now()
	f.came(time.Time{}, listed)
	state, err := f.state(ctx)
	if err != nil {
		return err
	}
	for _, table := range []string{"facts_state", "case_facts", "case_stage", "fault_facts"} {
		if err := f.conn.Exec(ctx, "TRUNCATE TABLE "+table); err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	queue, err := f.queue(ctx)
	if err != nil {
		return err
	}
	if err := f.work(ctx, queue, true); err != nil {
		return err
	}
	if err := f.note(ctx, state.Stored); err != nil {
		return err
	}
	f.came(listed, time.Time{})
	return nil
}

// work brings the facts up to date with a part of the queue or, for everything,
// with all events, and drops that part.
func (f *Facts) work(ctx context.Context, q queue, everything bool) error {
	run := rand.Text()
	asked := append([]any{
		clickhouse.Named("run", run),
		clickhouse.Named("everything", everything),
		clickhouse.Named("task_parts", q.parts("task_changes")),
		clickhouse.Named("fault_parts", q.parts("fault_changes")),
	}, f.given...)
	if err := f.conn.Exec(long(ctx, everything), factsStageSQL, asked...); err != nil {
		return fmt.Errorf("compute the facts of changed cases: %w", err)
	}
	if err := f.conn.Exec(ctx, factsMarkFaultsSQL, append(asked, clickhouse.Named("mark", mark()))...); err != nil {
		return fmt.Errorf("mark the months of changed faults: %w", err)
	}
	if err := f.conn.Exec(long(ctx, everything), faultFactsSQL, asked...); err != nil {
		return fmt.Errorf("store the facts of changed faults: %w", err)
	}
	if err := f.store(ctx, run, everything); err != nil {
		return err
	}
	if err := f.conn.Exec(ctx, factsMarkFaultsSQL, append(asked, clickhouse.Named("mark", mark()))...); err != nil {
		return fmt.Errorf("mark the months of changed faults: %w", err)
	}
	for _, p := range q.held {
		// Gone already: another process was faster, or the part was merged into a
		// larger one that is queued still.
		_ = f.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PART '%s'", p.Table, p.Name))
	}
	return nil
}

// store marks the months in which figures change, before and after, so that
// whoever remembers an answer from in between does not hold it for new; and puts
// the staged rows in their places.
func (f *Facts) store(ctx context.Context, run string, everything bool) error {
	of := clickhouse.Named("run", run)
	if err := f.conn.Exec(ctx, factsMarkSQL, of, clickhouse.Named("mark", mark())); err != nil {
		return fmt.Errorf("mark the months whose figures change: %w", err)
	}
	// The parts of one insert become visible one by one. A case that is completed just then may for a
	// moment be seen as it was and as it is; the second mark has whoever saw that look again.
	if err := f.conn.Exec(long(ctx, everything), factsStoreSQL, of); err != nil {
		return fmt.Errorf("store the facts of changed cases: %w", err)
	}
	if err := f.conn.Exec(ctx, factsMarkSQL, of, clickhouse.Named("mark", mark())); err != nil {
		return fmt.Errorf("mark the months whose figures have changed: %w", err)
	}
	if err := f.conn.Exec(ctx, "ALTER TABLE case_stage DROP PARTITION '"+run+"'"); err != nil {
		return fmt.Errorf("clear the stage: %w", err)
	}
	return nil
}

// finishBroken does the rest of what a refresh that was broken off had staged.
func (f *Facts) finishBroken(ctx context.Context) error {
	var runs []struct {
		Run string `ch:"run"`
	}
	if err := f.conn.Select(ctx, &runs, "SELECT DISTINCT run FROM case_stage"); err != nil {
		return fmt.Errorf("look for what was broken off: %w", err)
	}
	for _, r := range runs {
		if err := f.store(ctx, r.Run, false); err != nil {
			return err
		}
	}
	return nil
}

// note says how far the facts have come.
func (f *Facts) note(ctx context.Context, asOf time.Time) error {
	const statement = "INSERT INTO facts_state (one, generation, rules, as_of) VALUES (1, ?, ?, ?)"
	if err := f.conn.Exec(ctx, statement, mark(), f.rules, asOf.UTC()); err != nil {
		return fmt.Errorf("note how far the facts have come: %w", err)
	}
	return nil
}

// clean clears the places that cases have left, now and then: an open case's,
// above all, which would only ever become more.
func (f *Facts) clean(ctx context.Context) {
	if time.Since(f.cleaned) < factsCleanup {
		return
	}
	f.cleaned = time.Now()
	if err := f.conn.Exec(ctx, "OPTIMIZE TABLE case_facts PARTITION 65535 FINAL CLEANUP"); err != nil && ctx.Err() == nil {
		f.logger.WarnContext(ctx, "places that cases have left are not cleared", "error", err)
	}
}

// ForgetFacts has the facts be made anew from the events by whoever keeps them.
func ForgetFacts(ctx context.Context, conn driver.Conn) error {
	if err := conn.Exec(ctx, "TRUNCATE TABLE facts_state"); err != nil {
		return fmt.Errorf("forget the facts: %w", err)
	}
	return nil
}

// mark is larger than all marks before it.
func mark() uint64 { return uint64(time.Now().UnixNano()) }

// long lets a statement about all events take as long as it takes.
func long(ctx context.Context, everything bool) context.Context {
	settings := clickhouse.Settings{
		"optimize_aggregation_in_order":   1, // events lie in the order of cases
		"max_partitions_per_insert_block": 0,
	}
	if everything {
		settings["max_execution_time"] = 0
	}
	return clickhouse.Context(ctx, clickhouse.WithSettings(settings))
}

// queue is a part of what is queued.
type queue struct {
	held []queuedPart
	rest bool // there is more
}

type queuedPart struct {
	Table string `ch:"table"`
	Name  string `ch:"name"`
	Rows  uint64 `ch:"rows"`
}

func (q queue) empty() bool { return len(q.held) == 0 }

// parts are the names of the parts of a table.
func (q queue) parts(table string) []string {
	names := []string{}
	for _, p := range q.held {
		if p.Table == table {
			names = append(names, p.Name)
		}
	}
	return names
}

func (q queue) rows() (n uint64) {
	for _, p := range q.held {
		n += p.Rows
	}
	return n
}

// queue lists the parts that are queued, the oldest first, up to a batch.
func (f *Facts) queue(ctx context.Context) (q queue, err error) {
	var all []queuedPart
	if err := f.conn.Select(ctx, &all, factsQueueSQL); err != nil {
		return q, fmt.Errorf("read the queue of changed cases: %w", err)
	}
	var rows uint64
	for _, p := range all {
		if rows += p.Rows; rows > factsBatch && len(q.held) > 0 {
			q.rest = true
			return q, nil
		}
		q.held = append(q.held, p)
	}
	return q, nil
}

// factsNow is what the warehouse says about its facts.
type factsNow struct {
	Generation uint64            `ch:"generation"`
	Rules      string            `ch:"rules"` // "": there are no facts
	AsOf       time.Time         `ch:"as_of"` // of the newest event they know
	Stored     time.Time         `ch:"stored"`
	Queued     uint64            `ch:"queued"`  // rows of the queue
	Answers    string            `ch:"answers"` // the state of the tables of surveys, which have no facts
	Marks      map[uint32]uint64 `ch:"marks"`
	Builds     []built           // of metric_points
}

// state reads what the warehouse says about its facts, and all of it only where
// something has changed: it is asked before every answer.
func (f *Facts) state(ctx context.Context) (now factsNow, err error) {
	var look string
	if err := f.conn.QueryRow(ctx, factsLookSQL).Scan(&look); err != nil {
		return now, fmt.Errorf("look whether the facts have changed: %w", blame(ctx, err))
	}
	f.mu.Lock()
	known, same := f.known, f.look == look
	f.mu.Unlock()
	if same {
		return known, nil
	}
	if now, err = readFactsNow(ctx, f.conn); err != nil {
		return now, err
	}
	f.mu.Lock()
	f.look, f.known = look, now
	f.mu.Unlock()
	return now, nil
}

func readFactsNow(ctx context.Context, conn driver.Conn) (now factsNow, err error) {
	var rows []factsNow
	if err := conn.Select(ctx, &rows, factsStateSQL); err != nil {
		return now, fmt.Errorf("read how far the facts have come: %w", blame(ctx, err))
	}
	if len(rows) != 1 {
		return now, errors.New("read how far the facts have come: no row")
	}
	now = rows[0]
	if err := conn.Select(ctx, &now.Builds, "SELECT since, until, build, rules, mark, as_of, undecided FROM points_built FINAL"); err != nil {
		return now, fmt.Errorf("read which points are built: %w", blame(ctx, err))
	}
	return now, nil
}
