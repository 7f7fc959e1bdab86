package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Ageing is how old the open cases are (在办件账龄).
type Ageing struct {
	Header

	At      time.Time  `json:"at"` // the moment that their ages are taken at: To, or the newest event stored if that is earlier
	N       uint64     `json:"n"`  // open cases
	Classes []AgeClass `json:"classes"`
	Groups  []AgeGroup `json:"groups"` // by Query.By, in order of their keys; "all" for ByNone
	Oldest  []CaseRow  `json:"oldest"` // Query.Limit of them, the oldest first
}

// AgeClass is a range of ages. A day on the working clock is one of office hours.
type AgeClass struct {
	FromDays  int     `json:"from_days"`      // included
	BelowDays int     `json:"below_days"`     // excluded; 0: no end
	From      float64 `json:"from"`           // seconds
	Below     float64 `json:"below,omitzero"` // seconds; 0: no end
	N         uint64  `json:"n"`
}

// AgeGroup is the same of one process, department or class.
type AgeGroup struct {
	Key     string   `json:"key"`
	N       uint64   `json:"n"`
	Classes []uint64 `json:"classes"` // as many as Ageing.Classes
}

// ageDays are where the classes of ages begin, in days.
var ageDays = []int{0, 1, 2, 5, 10, 20}

//go:embed ageing.sql
var ageingSQL string

// Ageing tells the cases that are open at q.To, or at the newest event stored
// if that is earlier, apart by their age: below 1, 2, 5, 10, 20 days and above,
// on q.Clock, and names the oldest. The error matches [ErrQuery] when the
// question makes no sense.
func (m *Metrics) Ageing(ctx context.Context, q Query) (*Ageing, error) {
	const name = "work_in_progress"
	q = q.withDefaults(m.office)
	q.Bucket = BucketNone
	if err := q.check(name, metrics[name]); err != nil {
		return nil, err
	}
	if _, err := split(q.From, q.To, q.Zone, q.Bucket, m.fiscalStart); err != nil {
		return nil, err
	}
	return rememberOf(ctx, m, "ageing"+q.key(), []period{periodOf(name, q)}, func(ctx context.Context) (*Ageing, error) {
		a, err := m.ageing(ctx, name, q)
		if err != nil {
			return nil, fmt.Errorf("tell open cases apart by age: %w", err)
		}
		return a, nil
	})
}

func (m *Metrics) ageing(ctx context.Context, name string, q Query) (*Ageing, error) {
	header, err := m.header(ctx, name, metrics[name], q)
	if err != nil {
		return nil, err
	}
	a := &Ageing{Header: header, At: header.To, Classes: m.ageClasses(q.Clock), Groups: []AgeGroup{}}
	if header.AsOf.Before(a.At) {
		a.At = header.AsOf.In(q.Zone)
	}
	begins := make([]int64, len(a.Classes))
	for i, c := range a.Classes {
		begins[i] = int64(c.From * 1000)
	}
	var groups []struct {
		Key     string   `ch:"key"`
		Classes []uint64 `ch:"classes"`
	}
	of := metric{with: []string{openCasesSQL}, sql: ageingSQL}
	statement, parameters := m.run(ctx, of, q, header.AsOf, clickhouse.Named("age_classes", begins))
	if err := m.conn.Select(ctx, &groups, statement, parameters...); err != nil {
		return nil, err
	}
	for _, g := range groups {
		group := AgeGroup{Key: g.Key, Classes: g.Classes}
		for i, n := range g.Classes {
			a.Classes[i].N += n
			group.N += n
		}
		a.N += group.N
		a.Groups = append(a.Groups, group)
	}
	oldest, err := m.Cases(ctx, CaseQuery{Query: q, About: name})
	if err != nil {
		return nil, err
	}
	a.Oldest = oldest.Cases
	return a, nil
}

func (m *Metrics) ageClasses(clock Clock) []AgeClass {
	day := m.day(clock).Seconds()
	classes := make([]AgeClass, len(ageDays))
	for i, days := range ageDays {
		classes[i] = AgeClass{FromDays: days, From: float64(days) * day}
		if i+1 < len(ageDays) {
			classes[i].BelowDays, classes[i].Below = ageDays[i+1], float64(ageDays[i+1])*day
		}
	}
	return classes
}
