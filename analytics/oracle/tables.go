package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// variants are the ways that cases took, and how many cases there are in all.
func (o *Oracle) variants(q analytics.Query) (table []analytics.Variant, n uint64) {
	cases := o.of(q)
	ways := make(map[string]*analytics.Variant)
	for _, c := range cases {
		way := fmt.Sprintf("%q", c.stages())
		if ways[way] == nil {
			ways[way] = &analytics.Variant{Stages: c.stages()}
		}
		ways[way].Count++
		if allowed, hasRoute := o.allowed(c); hasRoute {
			allowed = allowed && (ways[way].Allowed == nil || *ways[way].Allowed)
			ways[way].Allowed = &allowed
		}
	}
	table = []analytics.Variant{}
	for _, v := range ways {
		v.Share = float64(v.Count) / float64(len(cases))
		table = append(table, *v)
	}
	slices.SortFunc(table, func(a, b analytics.Variant) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), slices.Compare(a.Stages, b.Stages))
	})
	covered := uint64(0)
	for i := range table {
		covered += table[i].Count
		table[i].Coverage = float64(covered) / float64(len(cases))
	}
	return table[:min(len(table), q.Limit)], uint64(len(cases))
}

// transitions are the pairs of steps that follow each other, and how many such
// pairs there are in all.
func (o *Oracle) transitions(q analytics.Query) (table []analytics.Transition, n uint64) {
	waits := make(map[[2]string][]float64)
	for _, c := range o.of(q) {
		steps := c.steps()
		for i := 1; i < len(steps); i++ {
			pair := [2]string{steps[i-1].Task.Stage, steps[i].Task.Stage}
			waits[pair] = append(waits[pair], o.between(q, steps[i-1].Time, steps[i].Time))
			n++
		}
	}
	table = []analytics.Transition{}
	for pair, w := range waits {
		table = append(table, analytics.Transition{
			From: pair[0], To: pair[1], Count: uint64(len(w)),
			Mean: mean(w), Median: quantile(w, 0.5), P90: quantile(w, 0.9), Total: sum(w),
		})
	}
	slices.SortFunc(table, func(a, b analytics.Transition) int {
		most := -cmp.Compare(a.Count, b.Count)
		if q.Sort == analytics.SortTotal {
			most = -cmp.Compare(math.Round(a.Total*1000), math.Round(b.Total*1000)) // floats that add up otherwise are still a tie
		}
		return cmp.Or(most, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return table[:min(len(table), q.Limit)], n
}

// handovers are the pairs of departments that did events one after the other,
// and how many such pairs there are in all.
func (o *Oracle) handovers(q analytics.Query) (table []analytics.Handover, n uint64) {
	waits := make(map[[2]string][]float64)
	cases := make(map[[2]string]map[[2]string]bool)
	for _, c := range o.of(q) {
		for i := 1; i < len(c.events); i++ {
			pair := [2]string{actorOf(c.events[i-1]), actorOf(c.events[i])}
			if pair[0] == pair[1] {
				continue
			}
			waits[pair] = append(waits[pair], o.between(q, c.events[i-1].Time, c.events[i].Time))
			if cases[pair] == nil {
				cases[pair] = make(map[[2]string]bool)
			}
			cases[pair][[2]string{c.process, c.caseID}] = true
			n++
		}
	}
	table = []analytics.Handover{}
	for pair, w := range waits {
		table = append(table, analytics.Handover{
			From: pair[0], To: pair[1], Count: uint64(len(w)), Cases: uint64(len(cases[pair])),
			Mean: mean(w), Median: quantile(w, 0.5), P90: quantile(w, 0.9), Total: sum(w),
		})
	}
	slices.SortFunc(table, func(a, b analytics.Handover) int {
		most := -cmp.Compare(a.Count, b.Count)
		if q.Sort == analytics.SortTotal {
			most = -cmp.Compare(math.Round(a.Total*1000), math.Round(b.Total*1000))
		}
		return cmp.Or(most, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return table[:min(len(table), q.Limit)], n
}

// actorOf is the department that did an event.
func actorOf(e event.Event) string {
	for _, d := range []string{e.Task.ActorDepartment, e.Task.Department} {
		if d != "" && d != missing {
			return d
		}
	}
	return missing
}

// bottlenecks are the stages with the time spent in them, and how many visits
// there are in all.
func (o *Oracle) bottlenecks(q analytics.Query) (table []analytics.Bottleneck, n uint64) {
	type place struct{ process, stage string }
	spent, cases := make(map[place][]float64), make(map[place]map[string]bool)
	byStage, all := q, 0.0
	byStage.By = analytics.ByStage
	for _, c := range o.of(q) {
		for _, v := range o.visits(byStage, c) {
			p := place{c.process, v.key}
			spent[p] = append(spent[p], v.value)
			if cases[p] == nil {
				cases[p] = make(map[string]bool)
			}
			cases[p][c.caseID] = true
			all += v.value
			n++
		}
	}
	table = []analytics.Bottleneck{}
	for p, w := range spent {
		b := analytics.Bottleneck{
			Process: p.process, Stage: p.stage, Count: uint64(len(w)), Cases: uint64(len(cases[p])),
			Mean: mean(w), Median: quantile(w, 0.5), P90: quantile(w, 0.9), Total: sum(w),
		}
		if all > 0 {
			b.Share = b.Total / all
		}
		table = append(table, b)
	}
	slices.SortFunc(table, func(a, b analytics.Bottleneck) int {
		return cmp.Or(-cmp.Compare(math.Round(a.Total*1000), math.Round(b.Total*1000)), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Stage, b.Stage))
	})
	return table[:min(len(table), q.Limit)], n
}
