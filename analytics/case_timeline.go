package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrNoCase is matched by errors that say that no event is known of a case.
var ErrNoCase = errors.New("there is no such case")

// CaseState is what has become of a case.
type CaseState string

// The states.
const (
	CaseOpen      CaseState = "open"
	CaseCompleted CaseState = "completed"
	CaseWithdrawn CaseState = "withdrawn" // and not completed since
)

// CaseTimeline is everything known of one case.
type CaseTimeline struct {
	Header // From its first event to its completion, its withdrawal or the newest event stored

	Process    string          `json:"process"`
	CaseID     string          `json:"case_id"`
	Department string          `json:"department"`
	Class      string          `json:"class"`
	State      CaseState       `json:"state"`
	Elapsed    float64         `json:"elapsed"` // seconds from From to To: its lead time or, while it is open, its age
	Working    float64         `json:"working"` // the same in office hours
	Events     []TimelineEvent `json:"events"`  // in order
	Stages     []TimelineStage `json:"stages"`  // its visits, in order, up to its completion
	Faults     []CaseFault     `json:"faults"`  // that count, in the order in which they were found
	Limits     []CaseLimit     `json:"limits"`  // in the order of their keys; none of a withdrawn case
}

// TimelineEvent is an event of a case.
type TimelineEvent struct {
	Time            time.Time  `json:"time"`
	Stage           string     `json:"stage"`
	Action          string     `json:"action"`
	Actor           string     `json:"actor,omitempty"`
	ActorDepartment string     `json:"actor_department,omitempty"`
	DueAt           *time.Time `json:"due_at,omitempty"`
	SinceElapsed    float64    `json:"since_elapsed"` // seconds since the event before; 0 for the first
	SinceWorking    float64    `json:"since_working"` // the same in office hours

	office int64  // what the office's clock shows, milliseconds
	place  string // see place.sql
}

// TimelineStage is a visit to a stage, as of the stage time.
type TimelineStage struct {
	Stage   string    `json:"stage"`
	Entered time.Time `json:"entered"`
	Left    time.Time `json:"left"`
	Elapsed float64   `json:"elapsed"` // seconds
	Working float64   `json:"working"` // seconds of office hours
	Visit   int       `json:"visit"`   // how many times it has been there by then, from 1
}

// CaseFault is a fault that counts.
type CaseFault struct {
	Kind       string    `json:"kind"`
	Stage      string    `json:"stage"`
	Department string    `json:"department"` // responsible for it
	Found      time.Time `json:"found"`
}

// LimitState is whether a limit was kept.
type LimitState string

// The states of a limit.
const (
	LimitOpen LimitState = "open" // not done yet and still in time
	LimitKept LimitState = "kept"
	LimitLate LimitState = "late" // done too late, or not done and overdue
)

// CaseLimit is a limit of the handbook that holds for a case.
type CaseLimit struct {
	Key   string     `json:"key"` // without its process
	Begun time.Time  `json:"begun"`
	Due   time.Time  `json:"due"`
	Done  *time.Time `json:"done,omitempty"`
	State LimitState `json:"state"`
}

const caseDefinitionOfTimeline = "A case with its events, the visits to its stages as the stage time has them, the faults that count and the handbook's limits that hold for it."

var (
	//go:embed case_state.sql
	caseStateSQL string
	//go:embed case_events.sql
	caseEventsSQL string
	//go:embed case_faults.sql
	caseFaultsSQL string
	//go:embed case_limits.sql
	caseLimitsSQL string
)

// Case is the timeline of one case, in the office's zone. The error matches
// [ErrNoCase] when there is no event of it.
func (m *Metrics) Case(ctx context.Context, process, caseID string) (*CaseTimeline, error) {
	if isBroken(process) || isBroken(caseID) {
		return nil, fmt.Errorf("%w: its name contains a control character", ErrNoCase)
	}
	return remember(ctx, m, fmt.Sprintf("case|%q|%q", process, caseID), func(ctx context.Context) (*CaseTimeline, error) {
		c, err := m.timeline(ctx, process, caseID)
		if err != nil {
			return nil, fmt.Errorf("tell of case %q of %s: %w", caseID, process, err)
		}
		return c, nil
	})
}

func (m *Metrics) timeline(ctx context.Context, process, caseID string) (*CaseTimeline, error) {
	q := Query{Process: []string{process}}.withDefaults(m.office)
	asOf, err := m.AsOf(ctx)
	if err != nil {
		return nil, err
	}
	c := &CaseTimeline{Process: process, CaseID: caseID, Events: []TimelineEvent{}, Stages: []TimelineStage{}, Faults: []CaseFault{}, Limits: []CaseLimit{}}
	id := clickhouse.Named("case_id", caseID)
	end, err := m.readState(ctx, c, q, asOf, id)
	if err != nil {
		return nil, err
	}
	if err := m.readEvents(ctx, c, q, id); err != nil {
		return nil, err
	}
	c.Stages = visitsOf(c.Events, end)
	if err := m.readFaults(ctx, c, q, id); err != nil {
		return nil, err
	}
	return c, m.readLimits(ctx, c, q, asOf, id)
}

// readState reads what has become of the case, and the place of the event that
// ended it; "" as long as none has.
func (m *Metrics) readState(ctx context.Context, c *CaseTimeline, q Query, asOf time.Time, id any) (end string, err error) {
	of := metric{with: []string{casesSQL, openCasesSQL}, sql: caseStateSQL, promised: true, told: true}
	statement, parameters := m.run(ctx, of, q, asOf, id)
	var rows []struct {
		Started    int64  `ch:"started"`
		Ended      int64  `ch:"ended"`
		State      string `ch:"state"`
		EndPlace   string `ch:"end_place"`
		Department string `ch:"department"`
		Class      string `ch:"class"`
		Elapsed    int64  `ch:"elapsed"`
		Working    int64  `ch:"working"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return "", fmt.Errorf("read its state: %w", err)
	}
	if len(rows) == 0 {
		return "", ErrNoCase
	}
	r := rows[0]
	q.From, q.To = time.UnixMilli(r.Started), time.UnixMilli(r.Ended)
	c.Header = Header{
		Metric: "case", Unit: "seconds", Definition: caseDefinitionOfTimeline, Timezone: q.Zone.String(),
		From: q.From.In(q.Zone), To: q.To.In(q.Zone), AsOf: asOf, Versions: m.versions(leadTime, q),
	}
	c.State, c.Department, c.Class = CaseState(r.State), r.Department, r.Class
	c.Elapsed, c.Working = seconds(r.Elapsed), seconds(r.Working)
	return r.EndPlace, nil
}

func (m *Metrics) readEvents(ctx context.Context, c *CaseTimeline, q Query, id any) error {
	statement, parameters := m.run(ctx, metric{sql: caseEventsSQL, promised: true}, q, time.Time{}, id)
	var rows []struct {
		Instant         int64      `ch:"instant"`
		Office          int64      `ch:"office"`
		Place           string     `ch:"place"`
		Stage           string     `ch:"stage"`
		Action          string     `ch:"action"`
		Actor           string     `ch:"actor"`
		ActorDepartment string     `ch:"actor_department"`
		DueAt           *time.Time `ch:"due_at"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return fmt.Errorf("read its events: %w", err)
	}
	for i, r := range rows {
		e := TimelineEvent{
			Time: time.UnixMilli(r.Instant).In(q.Zone), Stage: r.Stage, Action: r.Action, Actor: r.Actor, ActorDepartment: r.ActorDepartment,
			office: r.Office, place: r.Place,
		}
		if r.DueAt != nil {
			e.DueAt = new(r.DueAt.In(q.Zone))
		}
		if i > 0 {
			e.SinceElapsed, e.SinceWorking = seconds(r.Instant-rows[i-1].Instant), seconds(r.Office-rows[i-1].Office)
		}
		c.Events = append(c.Events, e)
	}
	return nil
}

// visitsOf are the visits of visits.sql: runs of events in one stage, without
// remarks and reminders, up to the event that ended the case.
func visitsOf(events []TimelineEvent, end string) []TimelineStage {
	visits := []TimelineStage{}
	seen := make(map[string]int)
	for i, before := 0, events[0]; i < len(events) && (end == "" || events[i].place <= end); i++ {
		e := events[i]
		if e.place != end && (e.Action == "comment" || e.Action == "remind") {
			continue
		}
		if len(visits) == 0 || visits[len(visits)-1].Stage != e.Stage {
			seen[e.Stage]++
			visits = append(visits, TimelineStage{Stage: e.Stage, Entered: before.Time, Visit: seen[e.Stage]})
		}
		v := &visits[len(visits)-1]
		v.Left = e.Time
		v.Elapsed += seconds(e.Time.UnixMilli() - before.Time.UnixMilli())
		v.Working += seconds(e.office - before.office)
		before = e
	}
	return visits
}

func (m *Metrics) readFaults(ctx context.Context, c *CaseTimeline, q Query, id any) error {
	statement, parameters := m.run(ctx, metric{with: []string{countedFaultsSQL}, sql: caseFaultsSQL}, q, time.Time{}, id)
	var rows []struct {
		Kind       string `ch:"kind"`
		Stage      string `ch:"stage"`
		Department string `ch:"department"`
		Found      int64  `ch:"found"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return fmt.Errorf("read its faults: %w", err)
	}
	for _, r := range rows {
		c.Faults = append(c.Faults, CaseFault{Kind: r.Kind, Stage: r.Stage, Department: r.Department, Found: time.UnixMilli(r.Found).In(q.Zone)})
	}
	return nil
}

func (m *Metrics) readLimits(ctx context.Context, c *CaseTimeline, q Query, asOf time.Time, id any) error {
	of := metric{with: promisesJudged, sql: caseLimitsSQL, promised: true, told: true}
	statement, parameters := m.run(ctx, of, q, asOf, id)
	var rows []struct {
		Key      string `ch:"limit_key"`
		Begun    int64  `ch:"begun"`
		Done     int64  `ch:"done"`
		IsDone   bool   `ch:"is_done"`
		IsKept   bool   `ch:"is_kept"`
		Promised int64  `ch:"promised"`
	}
	if err := m.conn.Select(ctx, &rows, statement, parameters...); err != nil {
		return fmt.Errorf("read its limits: %w", err)
	}
	version := m.handbook.History().At(c.From)
	process, _ := version.Process(c.Process)
	for _, r := range rows {
		l, ok := process.Limit(r.Key)
		if !ok {
			return fmt.Errorf("the handbook's version %s has no limit %s/%s", version.Version, c.Process, r.Key)
		}
		limit := CaseLimit{Key: r.Key, Begun: time.UnixMilli(r.Begun).In(q.Zone), State: LimitLate}
		limit.Due = version.DueAt(&l, m.calendar, limit.Begun, time.UnixMilli(r.Promised)).In(q.Zone)
		if r.IsDone {
			limit.Done = new(time.UnixMilli(r.Done).In(q.Zone))
		}
		switch {
		case r.IsKept && r.IsDone:
			limit.State = LimitKept
		case r.IsKept:
			limit.State = LimitOpen
		}
		c.Limits = append(c.Limits, limit)
	}
	return nil
}

func seconds(milliseconds int64) float64 { return float64(milliseconds) / 1000 }
