package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// bin is one bar of a histogram.
type bin struct {
	label string // where it begins
	n     uint64
	open  bool // the last one, without an end
	href  string
}

// histogram draws how many cases took how long. The last bar, which holds all
// that took longer, is hatched, since it is wider than it looks.
func histogram(id, name string, bins []bin) *charts.Bar {
	c := charts.NewBar()
	c.SetGlobalOptions(common(id, "24px", "8px")...)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "category", AxisLabel: axisLabel(), AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(valueAxis()),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
	)
	labels, data := make([]string, len(bins)), make([]mark, len(bins))
	for i, b := range bins {
		labels[i] = b.label
		data[i] = mark{Value: b.n, Href: b.href}
		if b.open {
			data[i].Look = &look{Color: colourPale, BorderColor: colourSecond, BorderWidth: 1, Decal: hatching()}
			data[i].Label = written(count(b.n), "top", colourQuiet, "normal")
		}
	}
	c.SetXAxis(labels)
	c.AddSeries(plain(name), nil, charts.WithBarChartOpts(opts.BarChart{BarCategoryGap: "8%"}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}))
	c.MultiSeries[0].Data = data
	return c
}

// percentileCurve draws, for each whole per cent, the time within which that
// part was done. The percentiles in labelled carry their figures.
func percentileCurve(id, name string, values []float64, labelled []int, decimals int) *charts.Line {
	c := charts.NewLine()
	c.SetGlobalOptions(common(id, "24px", "24px")...)
	axis := valueAxis()
	axis.Min = 0
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "category", AxisLabel: axisLabel(), AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(axis),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
	)
	across, data := make([]string, len(values)), make([]mark, len(values))
	for i, v := range values {
		across[i] = "P" + number(float64(i), 0)
		data[i] = mark{Value: rounded(v, decimalCap), Symbol: "none"}
	}
	for _, at := range labelled {
		if at < len(data) {
			data[at].Symbol, data[at].SymbolSize = "circle", pointSize
			data[at].Label = written(across[at]+" "+number(values[at], decimals), "top", colourInk, "bold")
			data[at].Label.Align = "right" // the line rises behind it
		}
	}
	c.SetXAxis(across)
	c.AddSeries(plain(name), nil, charts.WithLineStyleOpts(lineStyle(strokeMain)), charts.WithItemStyleOpts(itemStyle(strokeMain)))
	c.MultiSeries[0].Data, c.MultiSeries[0].ShowSymbol = data, opts.Bool(true)
	return c
}
