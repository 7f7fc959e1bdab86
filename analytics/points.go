package analytics

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

var (
	//go:embed points.sql
	pointsSQL string
	//go:embed points_nodes.sql
	pointsNodesSQL string
	//go:embed points_undecided.sql
	pointsUndecidedSQL string
	//go:embed faults_cube.sql
	faultsNodesSQL string
)

// The dimensions of a node of metric_points, as its number says them.
const (
	nodeProcess    = 1
	nodeDepartment = 2
	nodeClass      = 4
)

// nodes are those that points_nodes.sql makes.
var nodes = map[int]bool{
	0: true, nodeProcess: true, nodeDepartment: true, nodeProcess | nodeDepartment: true, nodeClass: true, nodeProcess | nodeClass: true,
}

// span is a part of time that points are built of: a quarter or a month of the
// office, in milliseconds since 1970.
type span struct{ since, until int64 }

// built is a build of the points of a span.
type built struct {
	Since     int64  `ch:"since"`
	Until     int64  `ch:"until"`
	Build     string `ch:"build"`
	Rules     string `ch:"rules"`
	Mark      uint64 `ch:"mark"`
	AsOf      int64  `ch:"as_of"`
	Undecided bool   `ch:"undecided"`
}

// pointsRules is the fingerprint of what points depend on besides events: the
// promises, and the statements themselves.
func (m *Metrics) pointsRules() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %s\n", m.current.HandbookFingerprint, m.current.CalendarVersion, m.office)
	statements := pointsStatements()
	for _, name := range Names() {
		fmt.Fprintln(sum, statements[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// pointsStatements are the texts by which points are computed, by metric.
var pointsStatements = sync.OnceValue(func() map[string]string {
	texts := make(map[string]string)
	for name, of := range metrics {
		for _, a := range asks(name, of) {
			texts[name] += a.of.statement(a.from, a.clock)
		}
	}
	return texts
})

// holds reports whether a build is what would be computed now.
func (b *built) holds(now *moment, of metric) bool {
	asOf := now.asOf.UnixMilli()
	switch {
	case b.Mark != now.marks.until(time.UnixMilli(b.Until)):
		return false
	case b.AsOf == asOf:
		return true
	case of.promised && b.Undecided:
		return false // time passes
	default:
		return b.Until <= b.AsOf && b.Until <= asOf
	}
}

// points are the series of a metric as they were built, where they were and still
// hold; ok is false where they have to be computed.
func (m *Metrics) points(ctx context.Context, name string, of metric, q Query, parts []part) (series []Series, ok bool, err error) {
	now := m.moment(ctx)
	if now == nil || now.from != fromFacts || len(asks(name, of)) == 0 || q.Zone.String() != m.office.String() {
		return nil, false, nil
	}
	node, item, ok := place(name, q)
	if !ok {
		return nil, false, nil
	}
	rules, builds := m.rules, make([]string, 0, len(parts))
	for _, p := range parts {
		b, found := now.built[span{p.start.UnixMilli(), p.end.UnixMilli()}]
		if !found || b.Rules != rules || !b.holds(now, of) {
			return nil, false, nil
		}
		builds = append(builds, b.Build)
	}
	clock := ""
	if of.clocked {
		clock = string(q.Clock)
	}
	by := q.By
	if name == "faults" && by == ByNone {
		by = ByKind
	}
	rows, err := m.conn.Query(ctx, pointsSQL,
		clickhouse.Named("builds", builds), clickhouse.Named("metric", name), clickhouse.Named("clock", clock), clickhouse.Named("node", node),
		clickhouse.Named("by", string(by)), clickhouse.Named("item", item),
		clickhouse.Named("process", q.Process), clickhouse.Named("department", q.Department), clickhouse.Named("class", q.Class))
	if err != nil {
		return nil, false, fmt.Errorf("read the points of %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	complete := 0
	point := func(r row) Point { return of.point(r) }
	series, err = readSeries(rows, parts, point, func(row) { complete++ })
	// A build may have been dropped since the moment was read.
	return series, complete == len(builds), err
}

// place says where the points of a question lie; ok is false where they lie nowhere.
func place(name string, q Query) (node int, item string, ok bool) {
	for values, dimension := range map[*[]string]int{&q.Process: nodeProcess, &q.Department: nodeDepartment, &q.Class: nodeClass} {
		switch len(*values) {
		case 0:
		case 1:
			node |= dimension
		default:
			return 0, "", false
		}
	}
	for by := range strings.SplitSeq(string(q.By), ",") {
		switch By(by) {
		case ByProcess:
			node |= nodeProcess
		case ByDepartment:
			node |= nodeDepartment
		case ByClass:
			node |= nodeClass
		case ByStage, ByKind, ByLimit:
			item = by + ":"
		default:
		}
	}
	if name == "faults" && q.By == ByNone {
		item = string(ByKind) + ":"
	}
	if len(q.Stage) > 0 || len(q.Limits) > 0 {
		if item != "" || len(q.Stage)+len(q.Limits) > 1 || name == "error_rate" {
			return 0, "", false
		}
		item = string(ByStage) + ":" + strings.Join(q.Stage, "")
		if len(q.Limits) > 0 {
			item = string(ByLimit) + ":" + q.Limits[0]
		}
	}
	return node, item, nodes[node]
}

// ask is one statement that computes points of a metric.
type ask struct {
	of    metric
	from  source
	by    By
	clock Clock
}

// asks are the statements that compute all points of a metric.
func asks(name string, of metric) []ask {
	if of.point == nil {
		return nil
	}
	const byNodes = By("nodes")
	groupings := []By{byNodes}
	switch name {
	case "stage_time":
		groupings = append(groupings, byNodes+","+ByStage)
	case "on_time_rate":
		groupings = append(groupings, byNodes+","+ByLimit)
	case "faults":
		of.sql = faultsNodesSQL
	case "satisfaction":
		return nil // asked of the answers, which are few
	default:
	}
	var all []ask
	for _, by := range groupings {
		if !of.clocked {
			all = append(all, ask{of, forNodes, by, ""})
			continue
		}
		all = append(all, ask{of, forNodes, by, ClockElapsed}, ask{of, forNodes, by, ClockWorking})
	}
	return all
}

// pointsDimensions are the columns of a node in what a statement gives.
const pointsDimensions = "(dims[1] != '\\x1E') + 2 * (dims[2] != '\\x1E') + 4 * (dims[3] != '\\x1E') AS node, " +
	"if(dims[1] = '\\x1E', '', dims[1]) AS process, if(dims[2] = '\\x1E', '', dims[2]) AS department, if(dims[3] = '\\x1E', '', dims[3]) AS class"

// The columns of points that metrics have.
const (
	timedColumns  = "n, mean, median, p75, p90, p95, total"
	partedColumns = timedColumns + ", parted, waiting_mean, waiting_median, waiting_p90, waiting_total, processing_mean, processing_median, processing_p90, processing_total"
)

// columns are those of metric_points that a metric's statement gives.
func (m metric) columns(name string) string {
	switch {
	case name == "stage_time":
		return partedColumns
	case name == "emergency_response":
		return "hits, " + timedColumns
	case m.clocked:
		return timedColumns
	case m.promised:
		return "n, hits, overdue"
	case m.unit == "rate":
		return "n, hits"
	default:
		return "n"
	}
}

// KeepPoints builds the points of quarters whose figures have changed, until ctx
// ends: not while they go on changing, and those of one quarter not so often that
// it would take more than a small part of the machine. When there is none to build
// it does what can be done besides, a piece at a time: besides returns false when
// there is nothing.
func KeepPoints(ctx context.Context, inUse func() *Metrics, besides func(context.Context) bool, logger *slog.Logger) error {
	tick := time.NewTicker(pointsPoll)
	defer tick.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = inUse().BuildPoints(ctx); err != nil && ctx.Err() == nil {
				logger.WarnContext(ctx, "points of metrics not built; figures are computed from the cases", "error", err)
			}
			more = more || (ctx.Err() == nil && besides(ctx))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

const (
	pointsPoll = time.Second
	// pointsRest is how many times as long as a build took its quarter is left alone then.
	pointsRest = 20
)

// BuildPoints builds the points of one quarter and its months that do not hold
// any more, the newest first; false when there is none, or none that may be built
// again yet.
func (m *Metrics) BuildPoints(ctx context.Context) (bool, error) {
	ctx, now, err := m.now(WithMoment(ctx))
	if err != nil || now.from != fromFacts || now.asOf.IsZero() {
		return false, err
	}
	for _, group := range m.spans(ctx, now) {
		quarter := group[0][0].start
		if !now.marks.quiet(group[0][0].end) || m.resting[quarter].After(time.Now()) || !m.toBuild(now, group) {
			continue
		}
		began := time.Now()
		err := m.build(ctx, now, group)
		m.resting[quarter] = time.Now().Add(pointsRest * time.Since(began))
		return err == nil, err
	}
	return false, nil
}

// pointsBack is how many quarters points reach back.
const pointsBack = 16

// spans are the quarters that have data and have begun, the newest first, each
// beside its months.
func (m *Metrics) spans(ctx context.Context, now *moment) [][][]part {
	first, last, err := m.Span(ctx)
	if err != nil || last.IsZero() {
		return nil
	}
	if now.asOf.Before(last) {
		last = now.asOf
	}
	if last.Before(first) {
		return nil
	}
	to := last.AddDate(0, 3, 0)
	quarters, err := split(later(first, last.AddDate(0, -3*pointsBack, 0)).AddDate(0, -3, 0), to, m.office, BucketQuarter, m.fiscalStart)
	if err != nil {
		return nil
	}
	var groups [][][]part
	for i := len(quarters) - 2; i > 0; i-- { // the first and the last are cut
		q := quarters[i]
		if q.start.After(last) {
			continue
		}
		if months, err := split(q.start, q.end, m.office, BucketMonth, m.fiscalStart); err == nil {
			groups = append(groups, [][]part{{q}, months})
		}
	}
	return groups
}

// toBuild reports whether some part of the group has no points that hold.
func (m *Metrics) toBuild(now *moment, group [][]part) bool {
	for _, parts := range group {
		for _, p := range parts {
			b, ok := now.built[span{p.start.UnixMilli(), p.end.UnixMilli()}]
			if p.start.After(now.asOf) {
				continue
			}
			if !ok || b.Rules != m.rules || b.Mark != now.marks.until(p.end) ||
				(b.AsOf != now.asOf.UnixMilli() && (b.Undecided || b.Until > b.AsOf)) {
				return true
			}
		}
	}
	return false
}

// build computes the points of the parts of a quarter: of itself, and of its months.
func (m *Metrics) build(ctx context.Context, now *moment, group [][]part) error {
	for _, parts := range group {
		if err := m.buildParts(ctx, now, parts); err != nil {
			return fmt.Errorf("build the points from %s to %s: %w", parts[0].start.Format(time.DateOnly), parts[len(parts)-1].end.Format(time.DateOnly), err)
		}
	}
	return nil
}

// buildParts computes the points of parts that follow each other.
func (m *Metrics) buildParts(ctx context.Context, now *moment, parts []part) error {
	q := Query{From: parts[0].start, To: parts[len(parts)-1].end, Zone: m.office}.withDefaults(m.office)
	stamp := strconv.FormatUint(mark(), 10)
	build := func(p part) string { return fmt.Sprintf("%d-%d-%s", p.start.UnixMilli(), p.end.UnixMilli(), stamp) }
	for _, name := range Names() {
		for _, a := range asks(name, metrics[name]) {
			q := q
			q.By, q.Clock = a.by, a.clock
			statement := a.of.statement(a.from, a.clock)
			columns := a.of.columns(name)
			insert := "INSERT INTO metric_points (build, metric, clock, node, process, department, class, item, bucket, " + columns + ")\n" +
				"SELECT transform(bucket, {starts:Array(Int64)}, {names:Array(String)}, ''), {metric:String}, {clock:String}, node, process, department, class, item, bucket, " + columns + "\n" +
				"FROM (SELECT *, splitByChar('\\x1D', key) AS texts, splitByChar('\\x1F', texts[1]) AS dims, " + pointsDimensions + ", texts[2] AS item FROM (\n" + statement + "\n))"
			names := make([]string, len(parts))
			for i, p := range parts {
				names[i] = build(p)
			}
			parameters := append(a.of.parameters(q, parts, now.asOf), m.given()...)
			parameters = append(parameters, clickhouse.Named("names", names), clickhouse.Named("metric", name), clickhouse.Named("clock", string(a.clock)))
			if err := m.conn.Exec(background(ctx), insert, named(insert, parameters)...); err != nil {
				return fmt.Errorf("of %s: %w", name, err)
			}
		}
	}
	for _, p := range parts {
		if err := m.finish(ctx, now, p, build(p)); err != nil {
			return err
		}
	}
	return nil
}

// Settled tells by a text, which changes with them, what the figures until an
// instant rest on; ok is false while they go on changing, or are read from the
// events, or no more answers can be kept.
func (m *Metrics) Settled(ctx context.Context, until time.Time) (state string, ok bool, err error) {
	_, now, err := m.now(ctx)
	if err != nil || now.from != fromFacts || now.asOf.IsZero() || m.cache.full() || !now.marks.quiet(until) {
		return "", false, err
	}
	state = fmt.Sprint(now.marks.until(until), now.closed)
	if until.After(now.asOf) {
		state += now.asOf.String()
	}
	return state, true, nil
}

// Background has the questions of a context give way to those that somebody waits
// for.
func Background(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"os_thread_priority": behind}))
}

// behind is how far behind others a statement stands, as nice has it.
const behind = 10

// background lets a statement run as long as it takes, behind those that somebody waits for.
func background(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_execution_time": 0, "max_partitions_per_insert_block": 0, "os_thread_priority": behind,
	}))
}

// finish puts a build in the place of the one before.
func (m *Metrics) finish(ctx context.Context, now *moment, p part, build string) error {
	q := Query{From: p.start, To: p.end, Zone: m.office}
	undecided := metric{with: promisesJudged, sql: pointsUndecidedSQL, promised: true}
	statement, parameters := m.run(ctx, undecided, q.withDefaults(m.office), now.asOf)
	var open bool
	if err := m.conn.QueryRow(ctx, statement, parameters...).Scan(&open); err != nil {
		return fmt.Errorf("look for limits that time will break: %w", err)
	}
	if err := m.conn.Exec(ctx, "INSERT INTO metric_points (build, metric) VALUES (?, '')", build); err != nil {
		return fmt.Errorf("complete a build: %w", err)
	}
	const place = "INSERT INTO points_built (since, until, build, rules, mark, as_of, undecided, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	err := m.conn.Exec(ctx, place, p.start.UnixMilli(), p.end.UnixMilli(), build, m.rules, now.marks.until(p.end), now.asOf.UnixMilli(), open, mark())
	if err != nil {
		return fmt.Errorf("put a build in its place: %w", err)
	}
	return m.dropBuilds(ctx)
}

// dropBuilds drops builds in whose place others are, and what was left of builds
// that were broken off.
func (m *Metrics) dropBuilds(ctx context.Context) error {
	var old []struct {
		Partition string `ch:"partition"`
	}
	const list = `SELECT DISTINCT partition FROM system.parts WHERE active AND database = currentDatabase() AND table = 'metric_points'
		AND partition NOT IN (SELECT build FROM points_built FINAL) AND modification_time < now() - {age:UInt32}`
	if err := m.conn.Select(ctx, &old, list, clickhouse.Named("age", uint32(buildAge.Seconds()))); err != nil {
		return fmt.Errorf("list old builds: %w", err)
	}
	for _, o := range old {
		_ = m.conn.Exec(ctx, "ALTER TABLE metric_points DROP PARTITION '"+o.Partition+"'") // another process may have been faster
	}
	return nil
}

// buildAge is how long a build may be under way, and one out of place be read.
const buildAge = 2 * time.Minute
