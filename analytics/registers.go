package analytics

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/register"
)

// Registers are how the office coordinated in a period.
type Registers struct {
	Header

	Registers []register.Register `json:"registers"` // those that the handbook keeps, in the order of [register.Keys], without their items
	Missing   []string            `json:"missing"`   // keys of those that it does not keep
}

// RegisterAnswer is one register with the cases behind it.
type RegisterAnswer struct {
	Header

	register.Register
}

const registersDefinition = "Coordination registers: what the handbook's section registers names, told from task events. " +
	"A count is of cases that began, ended or stood open in the period; a share kept counts a case in the period in which the last of its limits was settled, and in every one at whose end one is overdue; " +
	"a case is judged by the limits of the handbook's version in force when it started; withdrawn cases count in no limit. " +
	"Lights of shares are those of registers.lights; a share of fewer cases than min_n has none."

var (
	//go:embed registers.sql
	registersSQL string
	//go:embed team.sql
	teamSQL string
)

// Registers writes every register of the handbook over q's period, of q's
// departments (of the cases) only, if any are named. The error matches
// [ErrQuery] when the question makes no sense.
func (m *Metrics) Registers(ctx context.Context, q Query) (*Registers, error) {
	q, err := m.registerQuery(q)
	if err != nil {
		return nil, err
	}
	return rememberOf(ctx, m, "registers"+q.key(), []period{{until: q.To, now: true}}, func(ctx context.Context) (*Registers, error) {
		header, err := m.header(ctx, "registers", metric{unit: "registers", definition: registersDefinition, promised: true}, q)
		if err != nil {
			return nil, err
		}
		all := &Registers{Header: header, Registers: []register.Register{}, Missing: []string{}}
		made, err := m.registers(ctx, q, header.AsOf)
		if err != nil {
			return nil, err
		}
		for _, key := range register.Keys() {
			r, ok := made[key]
			if !ok {
				all.Missing = append(all.Missing, key)
				continue
			}
			r.Items = nil
			all.Registers = append(all.Registers, r)
		}
		return all, nil
	})
}

// Register is one register with its cases. The error matches [ErrQuery] when
// there is none of the key, too.
func (m *Metrics) Register(ctx context.Context, key string, q Query) (*RegisterAnswer, error) {
	q, err := m.registerQuery(q)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(register.Keys(), key) {
		return nil, fmt.Errorf("%w: there is no register %q; there are %s", ErrQuery, key, strings.Join(register.Keys(), ", "))
	}
	return rememberOf(ctx, m, "register|"+key+q.key(), []period{{until: q.To, now: true}}, func(ctx context.Context) (*RegisterAnswer, error) {
		header, err := m.header(ctx, "register_"+key, metric{unit: "registers", definition: registersDefinition, promised: true}, q)
		if err != nil {
			return nil, err
		}
		made, err := m.registers(ctx, q, header.AsOf)
		if err != nil {
			return nil, err
		}
		r, ok := made[key]
		if !ok {
			return nil, fmt.Errorf("%w: the handbook keeps no register %s; add registers: %s to it", ErrQuery, key, key)
		}
		return &RegisterAnswer{Header: header, Register: r}, nil
	})
}

func (m *Metrics) registerQuery(q Query) (Query, error) {
	q = q.withDefaults(m.office)
	q.Bucket, q.By = BucketNone, ByNone
	for f, values := range q.filters() {
		if len(values) > 0 && f != filterDepartment {
			return q, fmt.Errorf("%w: registers cannot be filtered by %s; they can be by department", ErrQuery, f)
		}
	}
	if slices.ContainsFunc(q.Department, isBroken) {
		return q, fmt.Errorf("%w: a value to filter department by contains a control character", ErrQuery)
	}
	_, err := split(q.From, q.To, q.Zone, q.Bucket, m.fiscalStart)
	return q, err
}

// registers makes all registers of the handbook from one reading of their cases.
func (m *Metrics) registers(ctx context.Context, q Query, asOf time.Time) (map[string]register.Register, error) {
	made := make(map[string]register.Register)
	rules := &m.handbook.Registers
	processes := rules.Processes()
	if len(processes) == 0 {
		return made, nil
	}
	cases, err := m.registerCases(ctx, q, asOf, processes)
	if err != nil {
		return nil, fmt.Errorf("read the cases of the registers: %w", err)
	}
	office := register.Office{Handbook: m.handbook, Calendar: m.calendar, From: q.From, To: q.To, Now: asOf}
	for _, key := range register.Keys() {
		if r, ok := office.Make(key, cases); ok {
			made[key] = r
		}
	}
	return made, nil
}

// registerCases reads the cases of the processes with all their events. What was
// rated or met before the period is told of as well: ratings hold until the next,
// and a project runs on between two blockers.
func (m *Metrics) registerCases(ctx context.Context, q Query, asOf time.Time, processes []string) ([]register.Case, error) {
	rules := &m.handbook.Registers
	ever, narrowed, classes := []string{}, []string{}, clickhouse.ArraySet{}
	if s := rules.Suppliers; s != nil {
		ever = append(ever, s.Process)
	}
	if b := rules.Blockers; b != nil {
		ever = append(ever, b.Process)
		if b.Sync != nil && b.Sync.Process != "" {
			ever = append(ever, b.Sync.Process)
		}
	}
	for process, of := range m.onlyClasses() {
		narrowed = append(narrowed, process)
		for _, class := range of {
			classes = append(classes, tuple(process, class))
		}
	}
	names := register.Attributes(m.handbook)
	of := metric{with: []string{openCasesSQL}, sql: registersSQL, ever: true}
	q.Process = processes
	statement, parameters := m.run(ctx, of, q, asOf, clickhouse.Named("ever", ever), clickhouse.Named("names", names),
		clickhouse.Named("narrowed", narrowed), clickhouse.Named("classes", classes))
	var rows []struct {
		Process    string  `ch:"process"`
		CaseID     string  `ch:"case_id"`
		Department string  `ch:"department"`
		Class      string  `ch:"class"`
		History    [][]any `ch:"history"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return nil, err
	}
	cases := make([]register.Case, len(rows))
	for i := range rows {
		r := &rows[i]
		c := register.Case{Process: r.Process, ID: r.CaseID, Department: r.Department, Class: r.Class, Events: make([]register.Event, len(r.History))}
		slices.SortFunc(r.History, func(a, b []any) int { return cmp.Compare(textOf(a[1]), textOf(b[1])) })
		for j, h := range r.History {
			c.Events[j] = eventOf(h, names)
		}
		cases[i] = c
	}
	return cases, nil
}

// onlyClasses are the classes of processes that only the register of decisions
// asks for, and of which it asks for some classes: of a large process the rest
// need not be read.
func (m *Metrics) onlyClasses() map[string][]string {
	only := make(map[string][]string)
	d := m.handbook.Registers.Decisions
	if d == nil {
		return only
	}
	others := m.handbook.Registers
	others.Decisions = nil
	for _, r := range d.Requests {
		only[r.Process] = append(only[r.Process], r.Class)
	}
	for process, classes := range only {
		if slices.Contains(others.Processes(), process) || slices.Contains(classes, "") {
			delete(only, process)
		}
	}
	return only
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// eventOf is an event as registers.sql gives it.
func eventOf(h []any, names []string) register.Event {
	at, _ := h[0].(int64)
	e := register.Event{Time: time.UnixMilli(at), Stage: textOf(h[2]), Action: textOf(h[3]), ActorDepartment: textOf(h[4])}
	if due, _ := h[5].(int64); due != 0 {
		e.Due = time.UnixMilli(due)
	}
	values, _ := h[6].([]string)
	for i, value := range values {
		if value == "" {
			continue
		}
		if e.Attributes == nil {
			e.Attributes = make(map[string]string)
		}
		e.Attributes[names[i]] = value
	}
	return e
}

// Team is what the office's own people have on their desks, and whether each
// process has a second one who knows it (A/B角). It names persons: it is for the
// director only.
type Team struct {
	Header

	Persons   int              `json:"persons"` // that a process needs
	Steps     int              `json:"steps"`   // of a process that a person does who knows it
	Share     float64          `json:"share"`   // of a process's steps that a person does who knows it, where those are fewer; and that all but the one who does most do together; 0 to 1
	Workload  []TeamPerson     `json:"workload"`
	Processes []TeamProcess    `json:"processes"`
	Cells     []TeamPersonWork `json:"cells"`
}

// TeamPerson is what one person did in all.
type TeamPerson struct {
	Person    string  `json:"person"`
	Steps     uint64  `json:"steps"`
	Cases     uint64  `json:"cases"` // of each process, added up
	Processes int     `json:"processes"`
	Share     float64 `json:"share"`    // of all steps of the team
	Waited    float64 `json:"waited"`   // seconds of office hours since the event before, over all steps
	PerWeek   float64 `json:"per_week"` // steps per five working days
}

// TeamProcess is whether a process is covered.
type TeamProcess struct {
	Process string         `json:"process"`
	Steps   uint64         `json:"steps"`
	Persons int            `json:"persons"` // who know it
	Most    float64        `json:"most"`    // share of the steps of the one who did most
	Light   register.Light `json:"light"`
}

// TeamPersonWork is what one person did in one process.
type TeamPersonWork struct {
	Process string  `json:"process"`
	Person  string  `json:"person"`
	Steps   uint64  `json:"steps"`
	Cases   uint64  `json:"cases"`
	Waited  float64 `json:"waited"` // as above
	Share   float64 `json:"share"`  // of the team's steps in the process
}

const teamDefinition = "Workload and cover of the team: steps (events other than remarks and reminders) that persons of the departments in registers.team did in the period, " +
	"and per process how many persons know it: did at least registers.team.steps of them, or registers.team.share. A process is covered (green) when as many persons as registers.team.persons know it and all but the one who does most do at least registers.team.share of its steps; " +
	"yellow when they do less, red when too few know it; one with fewer steps than registers.lights.min_n has no light."

// ErrNoTeam is matched by errors that say that the handbook names no team.
var ErrNoTeam = fmt.Errorf("%w: the handbook names no team; add registers: team: {departments: [office]} to it", ErrQuery)

// Team tells of the team's work in q's period. The error matches [ErrQuery] when
// the question makes no sense.
func (m *Metrics) Team(ctx context.Context, q Query) (*Team, error) {
	q, err := m.registerQuery(q)
	if err != nil {
		return nil, err
	}
	rules := m.handbook.Registers.Team
	if rules == nil {
		return nil, ErrNoTeam
	}
	if len(q.Department) > 0 {
		return nil, fmt.Errorf("%w: the team is that of the handbook; leave the department out", ErrQuery)
	}
	return rememberOf(ctx, m, "team"+q.key(), []period{{until: q.To, now: true}}, func(ctx context.Context) (*Team, error) {
		t, err := m.team(ctx, q, rules)
		if err != nil {
			return nil, fmt.Errorf("tell of the team: %w", err)
		}
		return t, nil
	})
}

func (m *Metrics) team(ctx context.Context, q Query, rules *handbook.TeamRegister) (*Team, error) {
	header, err := m.header(ctx, "team", metric{unit: "steps", definition: teamDefinition, promised: true}, q)
	if err != nil {
		return nil, err
	}
	q.Clock = ClockWorking
	t := &Team{
		Header: header, Persons: cmp.Or(rules.Persons, 2), Steps: cmp.Or(rules.Steps, 3), Share: cmp.Or(rules.Share, 10) / 100,
		Workload: []TeamPerson{}, Processes: []TeamProcess{}, Cells: []TeamPersonWork{},
	}
	var rows []struct {
		Process string  `ch:"process"`
		Actor   string  `ch:"actor"`
		Steps   uint64  `ch:"steps"`
		Cases   uint64  `ch:"cases"`
		Seconds float64 `ch:"seconds"`
	}
	statement, parameters := m.run(ctx, metric{with: []string{openCasesSQL}, sql: teamSQL}, q, header.AsOf, clickhouse.Named("team", rules.Departments))
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return nil, err
	}
	var all uint64
	persons := map[string]*TeamPerson{}
	for _, r := range rows {
		all += r.Steps
		t.Cells = append(t.Cells, TeamPersonWork{Process: r.Process, Person: r.Actor, Steps: r.Steps, Cases: r.Cases, Waited: r.Seconds})
		p := persons[r.Actor]
		if p == nil {
			p = &TeamPerson{Person: r.Actor}
			persons[r.Actor] = p
		}
		p.Steps, p.Cases, p.Processes, p.Waited = p.Steps+r.Steps, p.Cases+r.Cases, p.Processes+1, p.Waited+r.Seconds
	}
	until := q.To
	if header.AsOf.Before(until) {
		until = header.AsOf
	}
	weeks := m.calendar.Between(q.From, until).Seconds() / float64(5*m.calendar.SecondsPerDay())
	for _, p := range persons {
		p.Share = float64(p.Steps) / float64(all)
		if weeks > 0 {
			p.PerWeek = float64(p.Steps) / weeks
		}
		t.Workload = append(t.Workload, *p)
	}
	slices.SortFunc(t.Workload, func(a, b TeamPerson) int { return cmp.Compare(a.Person, b.Person) }) // no ranking
	t.cover(m.handbook.Registers.Lights.OrDefault().MinN)
	return t, nil
}

// cover says of every process who knows it. The cells come by process.
func (t *Team) cover(least int) {
	for i := 0; i < len(t.Cells); {
		p := TeamProcess{Process: t.Cells[i].Process}
		next := i
		for ; next < len(t.Cells) && t.Cells[next].Process == p.Process; next++ {
			p.Steps += t.Cells[next].Steps
		}
		for ; i < next; i++ {
			c := &t.Cells[i]
			c.Share = float64(c.Steps) / float64(p.Steps)
			p.Most = max(p.Most, c.Share)
			if c.Steps >= uint64(t.Steps) || c.Share >= t.Share { //nolint:gosec // checked not to be negative
				p.Persons++
			}
		}
		switch {
		case p.Steps < uint64(least): //nolint:gosec // checked not to be negative
		case p.Persons >= t.Persons && 1-p.Most >= t.Share:
			p.Light = register.Green
		case p.Persons >= t.Persons:
			p.Light = register.Yellow
		default:
			p.Light = register.Red
		}
		t.Processes = append(t.Processes, p)
	}
}
