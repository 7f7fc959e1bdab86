package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// paretoRow is a category with its share of all, in per cent.
type paretoRow struct {
	name, text, href string
	share, sum       float64 // sum: of this share and those above
}

// pareto draws shares as bars, the largest on top, and their running sum as a
// line. Both are per cent of the same whole, so one axis serves them.
func pareto(id, shareName, sumName string, rows []paretoRow) *charts.Bar {
	c := lyingBars(id, "44px")
	c.XAxisList[0].Min, c.XAxisList[0].Max = 0, 100
	categories := make([]string, len(rows))
	shares, sums := make([]mark, len(rows)), make([]mark, len(rows))
	for i, r := range rows {
		categories[i] = plain(r.name)
		shares[i] = mark{Value: rounded(r.share, decimalCap), Href: r.href, Label: written(r.text, "right", colourInk, "bold")}
		sums[i] = mark{Value: []any{rounded(r.sum, decimalCap), i}, Symbol: "none"} // the first is the end of its bar
		if i > 0 {
			sums[i].Symbol, sums[i].SymbolSize = "circle", pointSize-2
			sums[i].Label = written(number(r.sum, 0)+"%", "right", colourQuiet, "normal")
		}
	}
	c.SetXAxis(categories)
	c.AddSeries(plain(shareName), nil, charts.WithBarChartOpts(opts.BarChart{BarCategoryGap: "36%"}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}))
	c.MultiSeries[0].Data = shares
	running := charts.NewLine()
	running.AddSeries(plain(sumName), nil,
		charts.WithLineStyleOpts(opts.LineStyle{Color: colourSecond, Width: 1.5}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSurface, BorderColor: colourSecond, BorderWidth: 2}))
	running.MultiSeries[0].Data, running.MultiSeries[0].ShowSymbol = sums, opts.Bool(true)
	c.Overlap(running)
	c.XYReversal()
	return c
}
