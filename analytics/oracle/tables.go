package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"example.com/officepulse/analytics"
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
	}
	table = []analytics.Variant{}
	for _, v := range ways {
		v.Share = float64(v.Count) / float64(len(cases))
		table = append(table, *v)
	}
	slices.SortFunc(table, func(a, b analytics.Variant) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), slices.Compare(a.Stages, b.Stages))
	})
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
