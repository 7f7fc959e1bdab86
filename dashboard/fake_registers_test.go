package dashboard

import (
	"context"
	"fmt"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/analytics/stats"
)

// The registers of the story: one of each light, one without cases.

func rateFigure(key string, hits, n uint64, light register.Light) register.Figure {
	f := register.Figure{Figure: key, Unit: "rate", N: n, Light: light}
	if n > 0 {
		share, interval := float64(hits)/float64(n), stats.Wilson(hits, n)
		f.Count, f.Rate, f.Low, f.High = &hits, &share, &interval.Low, &interval.High
	}
	return f
}

func countFigure(key string, n uint64) register.Figure {
	return register.Figure{Figure: key, Unit: "cases", N: n, Count: &n}
}

func timeFigure(key string, n uint64, clock string, median, p90 float64) register.Figure {
	return register.Figure{Figure: key, Unit: "seconds", N: n, Clock: clock, Median: &median, P90: &p90}
}

func storyRegisters(from time.Time) []register.Register {
	due := from.Add(30 * 24 * time.Hour)
	later := due.Add(5 * 24 * time.Hour)
	item := func(n int, light register.Light, outcomes ...register.Outcome) register.Item {
		return register.Item{
			Process: "supervision", CaseID: fmt.Sprintf("supervision-2026-%06d", n), Department: "sales", Class: "(missing)", Started: from.Add(time.Duration(n) * time.Hour),
			Due: &later, Original: &due, Light: light, Outcomes: outcomes,
		}
	}
	open := func(state register.State, figure string) []register.Outcome {
		return []register.Outcome{{Figure: register.Open, State: register.Counted}, {Figure: figure, State: register.Counted}, {Figure: register.HoldingKept, State: state}}
	}
	closed := item(60, register.Unlit, register.Outcome{Figure: register.HoldingKept, State: register.Late}, register.Outcome{Figure: register.Closed, State: register.Counted})
	closed.Closed, closed.Subject = &later, "erp-upgrade"
	items := []register.Item{item(1, register.Red, open(register.Overdue, register.LightRed)...), item(2, register.Yellow, open(register.Pending, register.LightYellow)...), item(3, register.Blue, open(register.Pending, register.LightBlue)...), closed}
	for n := 4; n < 60; n++ {
		items = append(items, item(n, register.Green, register.Outcome{Figure: register.Open, State: register.Counted}))
	}
	return []register.Register{
		{Key: register.Liaison, N: 130, Light: register.Yellow, Figures: []register.Figure{
			countFigure(register.Raised, 130), rateFigure(register.Routed, 121, 130, register.Green), countFigure(register.Closed, 118), rateFigure(register.ClosedKept, 96, 120, register.Yellow),
			rateFigure(register.OnTheSpot, 22, 118, ""), timeFigure(register.TimeTo, 118, "working", 55000, 160000), countFigure(register.Open, 12),
		}},
		{Key: register.Emergencies, N: 3, Figures: []register.Figure{
			countFigure(register.Reported, 3), rateFigure(register.ResponseKept, 2, 3, ""), timeFigure(register.ResponseTime, 3, "elapsed", 1100, 1900),
			timeFigure(register.ResolutionTime, 3, "elapsed", 61000, 90000), rateFigure(register.ReviewDone, 3, 3, ""),
		}},
		{Key: register.Suppliers, N: 20, Light: register.Green, Figures: []register.Figure{
			countFigure(register.Rated, 18), countFigure(register.HighRisk, 3), rateFigure(register.ReviewedKept, 18, 18, register.Green), rateFigure(register.Foreseen, 0, 0, ""),
		}},
		{Key: register.Supervision, N: uint64(len(items)), Light: register.Red, Items: items, Figures: []register.Figure{
			countFigure(register.Open, 59), countFigure(register.LightRed, 1), countFigure(register.LightYellow, 1), countFigure(register.LightBlue, 1),
			countFigure(register.Closed, 1), rateFigure(register.HoldingKept, 10, 20, register.Red), timeFigure(register.OverdueTime, 2, "working", 40000, 80000),
		}},
		{Key: register.Decisions, N: 80, Light: register.Green, Figures: []register.Figure{countFigure(register.Decided, 78), rateFigure(register.DecidedKept, 75, 78, register.Green), rateFigure(register.Returned, 4, 78, "")}},
	}
}

func (f fake) Registers(_ context.Context, q analytics.Query) (*analytics.Registers, error) {
	all := &analytics.Registers{Header: f.header("registers", "registers", q), Missing: []string{register.Blockers}}
	for _, r := range storyRegisters(q.From) {
		r.Items = nil
		all.Registers = append(all.Registers, r)
	}
	return all, f.fail
}

func (f fake) Register(_ context.Context, key string, q analytics.Query) (*analytics.RegisterAnswer, error) {
	for _, r := range storyRegisters(q.From) {
		if r.Key == key {
			return &analytics.RegisterAnswer{Header: f.header("register_"+key, "registers", q), Register: r}, f.fail
		}
	}
	return nil, fmt.Errorf("%w: the handbook keeps no register %s", analytics.ErrQuery, key)
}

func (f fake) Team(_ context.Context, q analytics.Query) (*analytics.Team, error) {
	t := &analytics.Team{Header: f.header("team", "steps", q), Persons: 2, Steps: 3, Share: 0.1}
	for i, light := range []register.Light{register.Green, register.Yellow, register.Red, register.Unlit} {
		process := []string{"doc_approval", "meeting", "supplies", "seal"}[i]
		t.Processes = append(t.Processes, analytics.TeamProcess{Process: process, Steps: uint64(100 - 30*i), Persons: 3 - i, Most: 0.4 + 0.2*float64(i), Light: light})
		t.Workload = append(t.Workload, analytics.TeamPerson{Person: fmt.Sprintf("office-%02d", i+1), Steps: uint64(70 - 10*i), Cases: 40, Processes: 3, Share: 0.3, PerWeek: 5.5})
		t.Cells = append(t.Cells, analytics.TeamPersonWork{Process: process, Person: "office-01", Steps: 20, Cases: 12, Share: 0.5})
	}
	return t, f.fail
}
