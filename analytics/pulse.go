package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/calendar"
)

// Pulse is what early warning looks at: small counts by day, from which every
// rule can be told at any moment of the stretch. It is read once, whether for
// one moment or to go through two years of them.
type Pulse struct {
	From, To time.Time
	Last     time.Time // of the newest event in it; zero when there is none

	Done    map[string][]DoneDay                   // by process, in order of days
	Faults  map[[2]string]map[calendar.Date]uint64 // by process and stage: found that day, of those that count
	Waits   map[string][]WaitDay                   // by process, in order of days
	NearDue map[string]map[int64]NearDue           // by process and moment (milliseconds since 1970)
	Seen    map[string][]time.Time                 // by source: quarters of an hour with an event, in order
}

// DoneDay are the cases of a process that were completed on a day.
type DoneDay struct {
	Day   calendar.Date
	Leads []float64 // seconds of office hours
}

// WaitDay is what one person's steps of a day had waited for.
type WaitDay struct {
	Day     calendar.Date
	Person  string
	Steps   uint64
	Seconds float64 // of office hours since the event before
}

// NearDue are cases that are open at a moment and due before the end of the next
// working day.
type NearDue struct {
	N    uint64
	Late uint64    // of these, those that missed their date in the end, as far as is known
	Miss time.Time // the first date that was missed; zero when none was
}

// PulseMoment is when near-due cases are counted, and up to which due date.
type PulseMoment struct{ At, Until time.Time }

// ErrNoFacts is matched by errors that say that the facts are being made.
var ErrNoFacts = errors.New("the facts of cases are being made anew; try again in a while")

var (
	//go:embed pulse_done.sql
	pulseDoneSQL string
	//go:embed pulse_faults.sql
	pulseFaultsSQL string
	//go:embed pulse_waits.sql
	pulseWaitsSQL string
	//go:embed pulse_due.sql
	pulseDueSQL string
	//go:embed pulse_seen.sql
	pulseSeenSQL string
)

// Pulse reads what happened between two instants, with the near-due cases at some
// moments. It stands on the facts: the error matches [ErrNoFacts] while there are
// none.
func (m *Metrics) Pulse(ctx context.Context, from, to time.Time, moments []PulseMoment) (*Pulse, error) {
	ctx, now, err := m.now(ctx)
	if err != nil {
		return nil, err
	}
	if now.from != fromFacts {
		return nil, ErrNoFacts
	}
	p := &Pulse{
		From: from, To: to, Done: map[string][]DoneDay{}, Faults: map[[2]string]map[calendar.Date]uint64{}, Waits: map[string][]WaitDay{},
		NearDue: map[string]map[int64]NearDue{}, Seen: map[string][]time.Time{},
	}
	q := Query{From: from, To: to, Zone: m.office, Clock: ClockWorking}.withDefaults(m.office)
	for _, read := range []func(context.Context, *Pulse, Query) error{m.pulseDone, m.pulseFaults, m.pulseWaits, m.pulseSeen} {
		if err := read(ctx, p, q); err != nil {
			return nil, fmt.Errorf("take the pulse: %w", err)
		}
	}
	if err := m.pulseDue(ctx, p, q, moments); err != nil {
		return nil, fmt.Errorf("take the pulse: %w", err)
	}
	return p, nil
}

// pulseRows runs a statement of the pulse.
func pulseRows[T any](ctx context.Context, m *Metrics, q Query, sql string, own ...any) ([]T, error) {
	var rows []T
	statement, parameters := m.run(ctx, metric{sql: sql}, q, q.To, append(own, clickhouse.Named("zone", m.office.String()))...)
	return rows, m.conn.Select(ctx, &rows, statement, parameters...)
}

func (m *Metrics) pulseDone(ctx context.Context, p *Pulse, q Query) error {
	type row struct {
		Process string    `ch:"process"`
		Day     int32     `ch:"day"`
		Leads   []float64 `ch:"leads"`
	}
	rows, err := pulseRows[row](ctx, m, q, pulseDoneSQL)
	for _, r := range rows {
		p.Done[r.Process] = append(p.Done[r.Process], DoneDay{calendar.Date(r.Day), r.Leads})
	}
	return err
}

func (m *Metrics) pulseFaults(ctx context.Context, p *Pulse, q Query) error {
	type row struct {
		Process string `ch:"process"`
		Stage   string `ch:"stage"`
		Day     int32  `ch:"day"`
		N       uint64 `ch:"n"`
	}
	rows, err := pulseRows[row](ctx, m, q, pulseFaultsSQL)
	for _, r := range rows {
		key := [2]string{r.Process, r.Stage}
		if p.Faults[key] == nil {
			p.Faults[key] = map[calendar.Date]uint64{}
		}
		p.Faults[key][calendar.Date(r.Day)] = r.N
	}
	return err
}

func (m *Metrics) pulseWaits(ctx context.Context, p *Pulse, q Query) error {
	type row struct {
		Process string  `ch:"process"`
		Person  string  `ch:"actor"`
		Day     int32   `ch:"day"`
		Steps   uint64  `ch:"steps"`
		Seconds float64 `ch:"seconds"`
	}
	rows, err := pulseRows[row](ctx, m, q, pulseWaitsSQL)
	for _, r := range rows {
		p.Waits[r.Process] = append(p.Waits[r.Process], WaitDay{calendar.Date(r.Day), r.Person, r.Steps, r.Seconds})
	}
	return err
}

func (m *Metrics) pulseSeen(ctx context.Context, p *Pulse, q Query) error {
	type row struct {
		Source string  `ch:"source"`
		Slots  []int64 `ch:"slots"`
		Last   int64   `ch:"last"`
	}
	rows, err := pulseRows[row](ctx, m, q, pulseSeenSQL)
	for _, r := range rows {
		slots := make([]time.Time, len(r.Slots))
		for i, s := range r.Slots {
			slots[i] = time.Unix(s, 0).In(m.office)
		}
		p.Seen[r.Source] = slots
		if last := time.UnixMilli(r.Last).In(m.office); last.After(p.Last) {
			p.Last = last
		}
	}
	return err
}

func (m *Metrics) pulseDue(ctx context.Context, p *Pulse, q Query, moments []PulseMoment) error {
	type row struct {
		Process string `ch:"process"`
		At      int64  `ch:"at"`
		N       uint64 `ch:"n"`
		Late    uint64 `ch:"late"`
		Miss    int64  `ch:"miss"`
	}
	for some := range slices.Chunk(moments, 100) { // a statement's parameters have a limit
		at, until := make([]int64, len(some)), make([]int64, len(some))
		for i, moment := range some {
			at[i], until[i] = moment.At.UnixMilli(), moment.Until.UnixMilli()
		}
		rows, err := pulseRows[row](ctx, m, q, pulseDueSQL, clickhouse.Named("moments", at), clickhouse.Named("horizons", until))
		if err != nil {
			return err
		}
		for _, r := range rows {
			if p.NearDue[r.Process] == nil {
				p.NearDue[r.Process] = map[int64]NearDue{}
			}
			due := NearDue{N: r.N, Late: r.Late}
			if r.Late > 0 {
				due.Miss = time.UnixMilli(r.Miss).In(m.office)
			}
			p.NearDue[r.Process][r.At] = due
		}
	}
	return nil
}

// Newest is when the newest event happened that is stored; zero when there is
// none.
func (m *Metrics) Newest(ctx context.Context) (time.Time, error) {
	var newest time.Time
	if err := m.conn.QueryRow(ctx, "SELECT max(newest_event) FROM log_coverage").Scan(&newest); err != nil {
		return newest, fmt.Errorf("read when the newest event happened: %w", err)
	}
	if newest.Unix() <= 0 {
		return time.Time{}, nil
	}
	return newest.In(m.office), nil
}
