package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// step is one bar of a waterfall: a whole at either end, a change in between.
type step struct {
	name, href string
	value      float64
	whole      bool
}

// waterfall draws how a figure went from what it was to what it is, change by
// change, from the top down. Less is better: green falls, red rises, and the
// sign stands behind every bar.
func waterfall(id, name string, steps []step, decimals int) *charts.Bar {
	c := lyingBars(id, "56px")
	categories, hidden, shown := make([]string, len(steps)), make([]mark, len(steps)), make([]mark, len(steps))
	level := 0.0
	for i, s := range steps {
		categories[i] = plain(s.name)
		shown[i].Href = s.href
		if s.whole {
			level = s.value
			hidden[i], shown[i].Value = mark{Value: 0}, rounded(s.value, decimalCap)
			shown[i].Label = written(number(s.value, decimals), "right", colourInk, "bold")
			continue
		}
		hidden[i] = mark{Value: rounded(min(level, level+s.value), decimalCap)}
		shown[i].Value = rounded(max(s.value, -s.value), decimalCap)
		shown[i].Label = written(signed(s.value, decimals), "right", colourInk, "normal")
		shown[i].Look = &look{Color: colourGood}
		if s.value > 0 {
			shown[i].Look = &look{Color: colourBad}
		}
		level += s.value
	}
	c.SetXAxis(categories)
	shape := charts.WithBarChartOpts(opts.BarChart{BarCategoryGap: "36%", Stack: "steps"})
	c.AddSeries(scaffold, nil, shape, charts.WithItemStyleOpts(opts.ItemStyle{Color: "transparent"}))
	c.AddSeries(plain(name), nil, shape, charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}))
	c.MultiSeries[0].Data = hidden
	c.MultiSeries[1].Data = shown
	c.XYReversal()
	return c
}
