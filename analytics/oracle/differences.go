package oracle

import (
	"fmt"
	"math"
	"slices"

	"example.com/officepulse/analytics"
)

// Figures may differ by half a rounding: times are rounded to the millisecond,
// on either side of the comparison.
const (
	absolute = 0.00101
	relative = 1e-9 // of the smaller
)

// Differences says in words where got is not want; nil when they agree. Counts
// have to be equal, other figures to the millisecond. Rows have to be of the
// types that [analytics.Result] names. AsOf, the unit, the definition and the
// bounds of points are not looked at.
func Differences(got, want *analytics.Result) []string {
	var found []string
	header := func(what string, got, want any) {
		if got != want {
			found = append(found, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	header("metric", got.Metric, want.Metric)
	header("clock", got.Clock, want.Clock)
	header("timezone", got.Timezone, want.Timezone)
	header("from", got.From.UnixMilli(), want.From.UnixMilli())
	header("to", got.To.UnixMilli(), want.To.UnixMilli())
	header("type of rows", fmt.Sprintf("%T", got.Rows), fmt.Sprintf("%T", want.Rows))
	return append(found, compare(figures(got), figures(want))...)
}

// figure is one number of a result, with its place in words.
type figure struct {
	name  string
	value float64
	exact bool // a count
}

func figures(r *analytics.Result) []figure {
	var list []figure
	for _, s := range r.Series {
		for _, p := range s.Points {
			list = append(list, pointFigures(fmt.Sprintf("series %q %s: ", s.Key, p.Period), p)...)
		}
	}
	switch rows := r.Rows.(type) {
	case []analytics.Variant:
		list = append(list, figure{"n", float64(r.N), true})
		for _, v := range rows {
			list = append(list, variantFigures(fmt.Sprintf("variant %q: ", v.Stages), v)...)
		}
	case []analytics.Deviation:
		list = append(list, figure{"n", float64(r.N), true})
		for _, d := range rows {
			list = append(list, deviationFigures(fmt.Sprintf("%s %q in %q: ", d.Kind, d.Stage, d.Process), d)...)
		}
	case []analytics.Transition:
		list = append(list, figure{"n", float64(r.N), true})
		for _, t := range rows {
			list = append(list, waitFigures(fmt.Sprintf("transition %q to %q: ", t.From, t.To), t.Count, t.Mean, t.Median, t.P90, t.Total)...)
		}
	case []analytics.Handover:
		list = append(list, figure{"n", float64(r.N), true})
		for _, h := range rows {
			at := fmt.Sprintf("handover %q to %q: ", h.From, h.To)
			list = append(list, figure{at + "cases", float64(h.Cases), true})
			list = append(list, waitFigures(at, h.Count, h.Mean, h.Median, h.P90, h.Total)...)
		}
	case []analytics.Bottleneck:
		list = append(list, figure{"n", float64(r.N), true})
		for _, b := range rows {
			at := fmt.Sprintf("bottleneck %q in %q: ", b.Stage, b.Process)
			list = append(list, figure{at + "cases", float64(b.Cases), true}, figure{at + "share", b.Share, false})
			list = append(list, waitFigures(at, b.Count, b.Mean, b.Median, b.P90, b.Total)...)
		}
	}
	return list
}

func pointFigures(at string, p analytics.Point) []figure {
	list := []figure{{at + "n", float64(p.N), true}}
	if p.Count != nil {
		list = append(list, figure{at + "count", float64(*p.Count), true})
	}
	if p.Overdue != nil {
		list = append(list, figure{at + "overdue", float64(*p.Overdue), true})
	}
	for _, f := range []struct {
		name  string
		value *float64
	}{
		{"rate", p.Rate},
		{"mean", p.Mean},
		{"median", p.Median},
		{"p75", p.P75},
		{"p90", p.P90},
		{"p95", p.P95},
		{"total", p.Total},
	} {
		if f.value != nil {
			list = append(list, figure{at + f.name, *f.value, false})
		}
	}
	if w := p.Waiting; w != nil {
		list = append(list, waitFigures(at+"waiting ", w.N, w.Mean, w.Median, w.P90, w.Total)...)
	}
	if w := p.Processing; w != nil {
		list = append(list, waitFigures(at+"processing ", w.N, w.Mean, w.Median, w.P90, w.Total)...)
	}
	return list
}

func variantFigures(at string, v analytics.Variant) []figure {
	list := []figure{{at + "count", float64(v.Count), true}, {at + "share", v.Share, false}, {at + "coverage", v.Coverage, false}}
	if v.Allowed != nil {
		allowed := 0.0
		if *v.Allowed {
			allowed = 1
		}
		list = append(list, figure{at + "allowed", allowed, true})
	}
	return list
}

func deviationFigures(at string, d analytics.Deviation) []figure {
	return []figure{
		{at + "cases", float64(d.Cases), true},
		{at + "count", float64(d.Count), true},
		{at + "mean", d.Mean, false},
		{at + "total", d.Total, false},
	}
}

func waitFigures(at string, count uint64, mean, median, p90, total float64) []figure {
	return []figure{
		{at + "count", float64(count), true},
		{at + "mean", mean, false},
		{at + "median", median, false},
		{at + "p90", p90, false},
		{at + "total", total, false},
	}
}

func compare(got, want []figure) []string {
	var found []string
	known := make(map[string]figure, len(got))
	for _, f := range got {
		known[f.name] = f
	}
	for _, w := range want {
		g, ok := known[w.name]
		switch {
		case !ok:
			found = append(found, fmt.Sprintf("%s is missing, want %v", w.name, w.value))
		case !alike(g, w):
			found = append(found, fmt.Sprintf("%s is %v, want %v", w.name, g.value, w.value))
		}
		delete(known, w.name)
	}
	for _, f := range got {
		if _, left := known[f.name]; left {
			found = append(found, fmt.Sprintf("%s is %v, want nothing", f.name, f.value))
		}
	}
	names := func(a, b figure) bool { return a.name == b.name }
	if len(found) == 0 && !slices.EqualFunc(got, want, names) {
		found = append(found, "the figures are right, but come in another order or twice")
	}
	return found
}

func alike(a, b figure) bool {
	d := math.Abs(a.value - b.value)
	if a.exact {
		return d == 0
	}
	return d <= max(absolute, relative*min(math.Abs(a.value), math.Abs(b.value)))
}
