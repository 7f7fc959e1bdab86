package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// oneBar is a category of a chart of single bars.
type oneBar struct {
	name  string
	value float64
	text  string // behind the bar
	href  string
	few   bool // rests on too little: hatched
}

// singleBars draws one horizontal bar a category, the first on top.
func singleBars(id, name string, rows []oneBar) *charts.Bar {
	c := lyingBars(id, "72px")
	categories, data := make([]string, len(rows)), make([]mark, len(rows))
	for i, r := range rows {
		categories[i] = plain(r.name)
		data[i] = mark{Value: rounded(r.value, decimalCap), Href: r.href, Label: written(r.text, "right", colourInk, "bold")}
		if r.few {
			data[i].Look = &look{Color: colourPale, BorderColor: colourSecond, BorderWidth: 1, Decal: hatching()}
		}
	}
	c.SetXAxis(categories)
	c.AddSeries(plain(name), nil, charts.WithBarChartOpts(opts.BarChart{BarCategoryGap: "36%"}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}))
	c.MultiSeries[0].Data = data
	c.XYReversal()
	return c
}

// lyingBars is a chart of horizontal bars without its bars; right is the room
// for the labels behind them.
func lyingBars(id, right string) *charts.Bar {
	c := charts.NewBar()
	c.SetGlobalOptions(common(id, "4px", right)...)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Show: opts.Bool(false)}),
		charts.WithYAxisOpts(categoryAxis()),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
	)
	return c
}
