package pagebench

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/handbook"
)

var (
	//go:embed cases.sql
	casesSQL string
	//go:embed tasks.sql
	tasksSQL string
	//go:embed faults.sql
	faultsSQL string
	//go:embed answers.sql
	answersSQL string
	//go:embed redelivered.sql
	redeliveredSQL string
)

// The statements' columns, in the order in which the selections have them.
const (
	taskColumns = "event_id, source, time, sequence, process, case_id, stage, action, department, actor, actor_department, " +
		"due_at, class, assume_complete, attributes, " + placeColumns
	faultColumns = "event_id, source, time, sequence, process, fault_id, case_id, stage, kind, severity, " +
		"status, department, reported_by, found_at, " + placeColumns
	answerColumns = "event_id, source, time, sequence, wave, questionnaire, answer_id, department, " +
		"numbers, texts, choices, log_id, topic_partition, produced_at"
	placeColumns = "log_id, topic_partition, topic_offset, produced_at"
)

const (
	source      = "pagebench"
	partitions  = 4
	answersMade = 30_000    // over all waves
	blockEvents = 5_000_000 // stored before the tale goes on in time
	slotCount   = 8192      // parts of a flow's cases by their day
	sampled     = 2000      // cases of a flow, to know how many events it has a case

	withdrawnShare = 0.04
	confirmedShare = 0.94               // of the faults reported
	scatter        = 0x9E3779B97F4A7C15 // makes neighbouring seeds far apart
)

// Departments is how many departments an office with so many events has.
func Departments(events uint64) int { return int(max(13, min(500, events/200_000))) }

// tale is what a fill goes by.
type tale struct {
	conn        driver.Conn
	seed        uint64
	from, end   time.Time // the first day, and midnight after the last
	zone        *time.Location
	days        []time.Time // working days since from, some years more than the tale has
	told        int         // how many of them it has
	departments []string
	flows       []*planned
	questions   *handbook.Questionnaire
}

// planned is a flow with its share of the events.
type planned struct {
	flow
	slots []uint16 // a case's day by its number
	share float64  // cases, of all flows' together before they are scaled
	cases uint64
	base  uint64 // number of its first case among those of all flows
	seed  uint64
}

// Fill stores about so many task events, with the faults of their cases and
// some answers: two years of an office in the shapes of DOMAIN.md §5. The same
// seed brings the same events. They are stored in order of time, in blocks, as
// they would have come. say is told how far it is.
func Fill(ctx context.Context, conn driver.Conn, hb *handbook.Handbook, events, seed uint64, say func(string, ...any)) error {
	t, err := newTale(conn, hb, events, seed)
	if err != nil {
		return err
	}
	if err := t.plan(ctx, events); err != nil {
		return err
	}
	blocks := max(1, (events+blockEvents-1)/blockEvents)
	began := time.Now()
	for block := range blocks {
		for _, f := range t.flows {
			first, next := f.cases*block/blocks, f.cases*(block+1)/blocks
			if first == next {
				continue
			}
			if err := t.store(ctx, f, first, next-first); err != nil {
				return fmt.Errorf("fill with %s: %w", f.process, err)
			}
		}
		say("filled %d of %d blocks after %.0f s", block+1, blocks, time.Since(began).Seconds())
	}
	if err := t.insert(ctx, "INSERT INTO task_events ("+taskColumns+")\n"+redeliveredSQL, nil); err != nil {
		return fmt.Errorf("fill with redelivered events: %w", err)
	}
	return t.storeAnswers(ctx)
}

func newTale(conn driver.Conn, hb *handbook.Handbook, events, seed uint64) (*tale, error) {
	cal, err := hb.Calendar()
	if err != nil {
		return nil, err
	}
	t := &tale{conn: conn, seed: seed, zone: cal.Zone()}
	on := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, t.zone)
	}
	t.from, t.end = on(2024, time.October, 1), on(2026, time.October, 1)
	for day := t.from; day.Year() < 2030; day = day.AddDate(0, 0, 1) {
		if !cal.Workday(day) {
			continue
		}
		if day.Before(t.end) {
			t.told++
		}
		t.days = append(t.days, day)
	}
	for _, d := range hb.Departments {
		if d.Key != leadership {
			t.departments = append(t.departments, d.Key)
		}
	}
	for n := len(t.departments); n < Departments(events); n++ {
		t.departments = append(t.departments, fmt.Sprintf("department_%03d", n+1))
	}
	t.questions = &hb.Questionnaires[0]
	for i, f := range flowsOf(on) {
		p := &planned{flow: f, seed: (seed<<8 + uint64(i)) * scatter}
		p.slots, p.share = t.slotsOf(&f)
		t.flows = append(t.flows, p)
	}
	return t, nil
}

// slotsOf parts a flow's cases among the days: a day has as many slots as it is
// busy. The second result is how many cases it has, in the volume's unit.
func (t *tale) slotsOf(f *flow) (slots []uint16, share float64) {
	weights := make([]float64, t.told)
	total := 0.0
	for i := range weights {
		day := t.days[i]
		if day.Before(f.since) {
			continue
		}
		weight := f.weight
		if weight == nil {
			weight = usual
		}
		weights[i] = weight(day)
		total += weights[i]
	}
	sum := 0.0
	for i, w := range weights {
		sum += w
		for float64(len(slots)) < sum/total*slotCount-1e-9 {
			slots = append(slots, uint16(i))
		}
	}
	return slots, f.volume * total
}

// plan decides how many cases each flow has, so that all have about the wanted
// number of events.
func (t *tale) plan(ctx context.Context, events uint64) error {
	expected := 0.0
	for _, f := range t.flows {
		f.cases = sampled
		var n uint64
		statement := "WITH " + casesSQL + "SELECT count() FROM (" + tasksSQL + ")"
		if err := t.conn.QueryRow(simply(ctx), statement, t.parameters(f, 0, sampled, false)...).Scan(&n); err != nil {
			return fmt.Errorf("sample %s: %w", f.process, err)
		}
		expected += f.share * float64(n) / sampled
	}
	base := uint64(0)
	for _, f := range t.flows {
		f.cases = max(1, uint64(f.share*float64(events)/expected))
		f.base = base
		base += f.cases
	}
	return nil
}

// store inserts the events of some cases of a flow.
func (t *tale) store(ctx context.Context, f *planned, first, count uint64) error {
	if err := t.insert(ctx, "INSERT INTO task_events ("+taskColumns+")\nWITH "+casesSQL+tasksSQL, t.parameters(f, first, count, false)); err != nil {
		return fmt.Errorf("task events: %w", err)
	}
	if err := t.insert(ctx, "INSERT INTO fault_events ("+faultColumns+")\nWITH "+casesSQL+faultsSQL, t.parameters(f, first, count, true)); err != nil {
		return fmt.Errorf("fault events: %w", err)
	}
	return nil
}

func (t *tale) insert(ctx context.Context, statement string, parameters []any) error {
	return t.conn.Exec(simply(ctx), statement, parameters...)
}

// simply has the engine run our statements as they are written: to push their
// conditions down through all the expressions takes longer than to fill a block.
func simply(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_insert_threads": 2, "min_insert_block_size_rows": 1 << 20, "query_plan_enable_optimizations": 0,
	}))
}

// parameters are those of cases.sql and what stands on it. Cases that cannot be
// faulty may be left out.
func (t *tale) parameters(f *planned, first, count uint64, onlyFaulty bool) []any {
	values := map[string]any{
		"first": first, "count": count, "cases": f.cases, "base": f.base, "seed": f.seed, "only_faulty": onlyFaulty,
		"prefix": f.prefix, "process": f.process, "department": f.department, "order": f.order,
		"days": milliseconds(t.days), "slots": f.slots, "departments": t.departments,
		"change": f.changed(t.end).UnixMilli(), "last_month": t.end.AddDate(0, -1, 0).UnixMilli(), "end": t.end.UnixMilli(),
		"core_share": f.coreShare, "withdrawn": withdrawnShare,
		"returned_before": f.returned[0], "returned_after": f.returned[1], "faulty_before": f.faulty[0] / confirmedShare, "faulty_after": f.faulty[1] / confirmedShare, "confirmed": confirmedShare,
		"elapsed": f.elapsed, "due_leg": f.dueLeg, "due_days": f.dueDays, "meeting_leg": f.meetingLeg, "countersign": f.countersign(),
		"source": source, "log": source, "partitions": partitions,
	}
	if f.urgent {
		values["withdrawn"] = 0.0
	}
	maps.Copy(values, legParameters(f.legs))
	maps.Copy(values, faultParameters(f.faults))
	return named(values)
}

// changed is when the flow was improved; for one that never was, after the end.
func (f *flow) changed(end time.Time) time.Time {
	if f.change.IsZero() {
		return end
	}
	return f.change
}

// countersign is the first of the legs that are taken as often as departments
// countersign, counted from 1; 0 without any.
func (f *flow) countersign() int {
	return 1 + slices.IndexFunc(f.legs, func(l leg) bool { return l.only == countersigned })
}

func legParameters(legs []leg) map[string]any {
	var stages, actions, by, conditions []string
	var spreads [4][]float64
	for _, l := range legs {
		if l.after == (spread{}) {
			l.after = l.before
		}
		stages, actions, by, conditions = append(stages, l.stage), append(actions, l.action), append(by, l.by), append(conditions, l.only)
		for i, x := range []float64{l.before.median, l.before.sigma, l.after.median, l.after.sigma} {
			spreads[i] = append(spreads[i], x)
		}
	}
	return map[string]any{
		"stages": stages, "actions": actions, "by": by, "conditions": conditions,
		"medians_before": spreads[0], "sigmas_before": spreads[1], "medians_after": spreads[2], "sigmas_after": spreads[3],
	}
}

// faultParameters has the kinds' shares added up, the last of them 1.
func faultParameters(faults []fault) map[string]any {
	var kinds, stages, by []string
	var shares []float64
	total, sum := 0.0, 0.0
	for _, f := range faults {
		total += f.weight
	}
	for _, f := range faults {
		sum += f.weight
		kinds, stages, by, shares = append(kinds, f.kind), append(stages, f.stage), append(by, f.by), append(shares, sum/total)
	}
	shares[len(shares)-1] = 2 // whatever rounding has made of it
	return map[string]any{"kinds": kinds, "kind_stages": stages, "kind_by": by, "kind_shares": shares}
}

func (t *tale) storeAnswers(ctx context.Context) error {
	var names, items []string
	var ends []time.Time
	for from := t.from; from.Before(t.end); from = from.AddDate(0, 3, 0) {
		names = append(names, fmt.Sprintf("%dQ%d", from.Year(), (int(from.Month())+2)/3))
		ends = append(ends, from.AddDate(0, 3, 0))
	}
	for _, item := range t.questions.Items {
		items = append(items, item.Key)
	}
	err := t.insert(ctx, "INSERT INTO answer_events ("+answerColumns+")\n"+answersSQL, named(map[string]any{
		"people": max(8, answersMade/(len(names)*len(t.departments))), "departments": t.departments, "seed": t.seed,
		"waves": names, "waves_end": milliseconds(ends), "items": items, "questionnaire": t.questions.Key,
		"source": source, "log": source, "partitions": partitions,
	}))
	if err != nil {
		return fmt.Errorf("fill with answers: %w", err)
	}
	return nil
}

func milliseconds(times []time.Time) []int64 {
	all := make([]int64, len(times))
	for i, t := range times {
		all[i] = t.UnixMilli()
	}
	return all
}

func named(values map[string]any) []any {
	var parameters []any
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parameters = append(parameters, clickhouse.Named(name, values[name]))
	}
	return parameters
}
