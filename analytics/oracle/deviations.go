package oracle

import (
	"cmp"
	"math"
	"slices"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
)

// route is the way that a case has to take, if there is one.
func (o *Oracle) route(c completed) (handbook.Route, handbook.Process, bool) {
	p, _ := o.hb.History().At(c.started().Time).Process(c.process)
	r, ok := p.Route(c.class)
	return r, p, ok
}

// deviation is one stage at which a walk left its route.
type deviation struct {
	kind  analytics.DeviationKind
	stage string
	visit int // its index in the walk; -1 of what is missing
}

// deviationsOf compares the stages visited one after the other with a route.
func deviationsOf(walk []string, r handbook.Route, p handbook.Process) []deviation {
	var found []deviation
	for i, stage := range walk {
		place := slices.Index(r.Stages, stage)
		s, _ := p.Stage(stage)
		switch {
		case place < 0:
			found = append(found, deviation{analytics.DeviationForeign, stage, i})
		case slices.Contains(walk[:i], stage):
			if !s.Repeats && !slices.Contains(r.MayRepeat, stage) {
				found = append(found, deviation{analytics.DeviationRepeated, stage, i})
			}
		case slices.ContainsFunc(walk[:i], func(before string) bool { return slices.Index(r.Stages, before) > place }):
			found = append(found, deviation{analytics.DeviationOutOfOrder, stage, i})
		}
	}
	for _, stage := range r.Stages {
		if !slices.Contains(walk, stage) && !slices.Contains(r.MaySkip, stage) {
			found = append(found, deviation{analytics.DeviationMissing, stage, -1})
		}
	}
	return found
}

// allowed reports whether a case's route allows the stages of its steps, several
// of which in a stage are one visit; hasRoute is false when it has none.
func (o *Oracle) allowed(c completed) (allowed, hasRoute bool) {
	r, p, ok := o.route(c)
	return ok && len(deviationsOf(slices.Compact(c.stages()), r, p)) == 0, ok
}

// deviations are where cases left their routes, and how many have one.
func (o *Oracle) deviations(q analytics.Query) (table []analytics.Deviation, n uint64) {
	type place struct {
		kind           analytics.DeviationKind
		process, stage string
	}
	costs, cases := make(map[place][]float64), make(map[place]map[string]bool)
	every := q
	every.By, every.Stage = analytics.ByStage, nil
	for _, c := range o.of(q) {
		r, p, ok := o.route(c)
		if !ok {
			continue
		}
		n++
		visits := o.visits(every, c)
		walk := make([]string, len(visits))
		for i, v := range visits {
			walk[i] = v.key
		}
		for _, d := range deviationsOf(walk, r, p) {
			if !chosen(q.Stage, d.stage) {
				continue
			}
			at, cost := place{d.kind, c.process, d.stage}, 0.0
			if d.visit >= 0 {
				cost = visits[d.visit].value
			}
			costs[at] = append(costs[at], cost)
			if cases[at] == nil {
				cases[at] = make(map[string]bool)
			}
			cases[at][c.caseID] = true
		}
	}
	table = []analytics.Deviation{}
	for at, c := range costs {
		table = append(table, analytics.Deviation{
			Kind: at.kind, Process: at.process, Stage: at.stage,
			Cases: uint64(len(cases[at])), Count: uint64(len(c)), Mean: mean(c), Total: sum(c),
		})
	}
	slices.SortFunc(table, func(a, b analytics.Deviation) int {
		most := -cmp.Compare(a.Count, b.Count)
		if q.Sort == analytics.SortTotal {
			most = -cmp.Compare(math.Round(a.Total*1000), math.Round(b.Total*1000))
		}
		return cmp.Or(most, cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Stage, b.Stage))
	})
	return table[:min(len(table), q.Limit)], n
}
