package dashboard

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// controlPoint is one month of a control chart, in the unit shown.
type controlPoint struct {
	period              string
	value               float64
	centre, low, high   float64
	href                string
	signal, good, label bool // a signal; on the good side of the centre; with its figure
	base                bool // one of the baseline
}

// controlNames are the names of a control chart's series.
type controlNames struct{ value, centre, baseline string }

// control draws values with their centre and a pale band from the lower to the
// upper limit. Points at which a rule fires are diamonds, green on the good side
// and red on the other. A thin line ends the baseline.
func control(id string, names controlNames, points []controlPoint, decimals int) *charts.Line {
	c := charts.NewLine()
	c.SetGlobalOptions(common(id, "24px", "12px")...)
	axis := valueAxis()
	axis.Min = controlFloor(points)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "category", AxisLabel: axisLabel(), AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(axis),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
	)
	periods := make([]string, len(points))
	low, band, centre, values := make([]mark, len(points)), make([]mark, len(points)), make([]mark, len(points)), make([]mark, len(points))
	for i, p := range points {
		periods[i] = p.period
		low[i] = mark{Value: rounded(p.low, decimalCap)}
		band[i] = mark{Value: rounded(p.high-p.low, decimalCap)}
		centre[i] = mark{Value: rounded(p.centre, decimalCap)}
		values[i] = p.mark(decimals)
	}
	c.SetXAxis(periods)
	limit := func(data []mark, area float32) {
		c.AddSeries(scaffold, nil, charts.WithLineStyleOpts(opts.LineStyle{Opacity: opts.Float(0)}),
			charts.WithAreaStyleOpts(opts.AreaStyle{Color: colourBand, Opacity: opts.Float(area)}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSecond}))
		s := &c.MultiSeries[len(c.MultiSeries)-1]
		s.Data, s.Stack, s.Symbol = data, "band", "none"
	}
	limit(low, 0)
	limit(band, 1)
	c.AddSeries(plain(names.centre), nil, charts.WithLineStyleOpts(opts.LineStyle{Color: colourSecond, Width: 1.5, Type: "dashed"}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSecond}))
	c.MultiSeries[2].Data, c.MultiSeries[2].Symbol = centre, "none"
	c.AddSeries(plain(names.value), nil, charts.WithLineStyleOpts(lineStyle(strokeMain)), charts.WithItemStyleOpts(itemStyle(strokeMain)),
		baselineEnd(points, names.baseline))
	c.MultiSeries[3].Data, c.MultiSeries[3].ShowSymbol = values, opts.Bool(true)
	return c
}

func (p controlPoint) mark(decimals int) mark {
	m := mark{Value: rounded(p.value, decimalCap), Symbol: "circle", SymbolSize: pointSize - 2, Href: p.href}
	if p.signal {
		m.Symbol, m.SymbolSize = "diamond", pointSize+4
		m.Look = &look{Color: colourBad, BorderColor: colourBad, BorderWidth: 1}
		if p.good {
			m.Look = &look{Color: colourGood, BorderColor: colourGood, BorderWidth: 1}
		}
	}
	if p.label {
		m.Label = written(number(p.value, decimals), "top", colourInk, "bold")
	}
	return m
}

// baselineEnd is the line behind the last point of the baseline, where others follow.
func baselineEnd(points []controlPoint, name string) charts.SeriesOpts {
	last := -1
	for i, p := range points {
		if p.base {
			last = i
		}
	}
	if last < 0 || last == len(points)-1 {
		return func(*charts.SingleSeries) {}
	}
	return func(s *charts.SingleSeries) {
		charts.WithMarkLineNameXAxisItemOpts(opts.MarkLineNameXAxisItem{Name: plain(name), XAxis: points[last].period})(s)
		charts.WithMarkLineStyleOpts(opts.MarkLineStyle{
			Symbol:    []string{"none", "none"},
			Label:     &opts.Label{Show: opts.Bool(true), Position: "end", Formatter: plain(name), Color: colourQuiet, FontSize: labelSize},
			LineStyle: &opts.LineStyle{Color: colourSecond, Width: 1, Type: "dotted"},
		})(s)
	}
}

// controlFloor is where the axis begins: at zero, unless all lies far above.
func controlFloor(points []controlPoint) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.value, p.low), max(high, p.value, p.high)
	}
	if len(points) == 0 || low < (high-low)*2 {
		return 0
	}
	return rounded(low-(high-low)/4, 0)
}
