package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// goalLine is a dashed line of what is aimed at, labelled on itself.
type goalLine struct {
	name   string
	values []*float64
	label  string
	first  bool // the label stands at the line's beginning and not at its end
}

// addGoals draws goal lines into a chart of lines.
func addGoals(c *charts.Line, goals ...goalLine) {
	for _, g := range goals {
		c.AddSeries(plain(g.name), nil,
			charts.WithLineStyleOpts(opts.LineStyle{Color: colourInk, Width: 1.5, Type: "dashed"}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: colourInk}))
		s := &c.MultiSeries[len(c.MultiSeries)-1]
		s.Data, s.ShowSymbol = g.data(), opts.Bool(true)
	}
}

func (g goalLine) data() []datum {
	from, to := ends(g.values)
	data := make([]datum, len(g.values))
	for i, v := range g.values {
		if v == nil {
			data[i] = datum{Value: "-"}
			continue
		}
		data[i] = datum{Value: rounded(*v, decimalCap), Symbol: "none"}
		if (g.first && i == from) || (!g.first && i == to) {
			data[i].Symbol, data[i].SymbolSize = "circle", 1
			data[i].Label = written(g.label, "bottom", colourInk, "normal")
			data[i].Label.Align = "right"
			if g.first {
				data[i].Label.Align = "left"
			}
		}
	}
	return data
}

// addBand draws a pale band between two courses.
func addBand(c *charts.Line, low, high []*float64) {
	under, width := make([]mark, len(low)), make([]mark, len(low))
	for i := range low {
		under[i], width[i] = mark{Value: "-"}, mark{Value: "-"}
		if low[i] != nil && high[i] != nil {
			under[i], width[i] = mark{Value: rounded(*low[i], decimalCap)}, mark{Value: rounded(*high[i]-*low[i], decimalCap)}
		}
	}
	for i, data := range [][]mark{under, width} {
		c.AddSeries(scaffold, nil, charts.WithLineStyleOpts(opts.LineStyle{Opacity: opts.Float(0)}),
			charts.WithAreaStyleOpts(opts.AreaStyle{Color: colourBand, Opacity: opts.Float(float32(i))}),
			charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSecond}))
		s := &c.MultiSeries[len(c.MultiSeries)-1]
		s.Data, s.Stack, s.Symbol = data, "band", "none"
	}
}

// axisMark is a thin labelled vertical at a category of a time axis.
type axisMark struct{ category, label string }

// markItem is one of them as ECharts takes it.
type markItem struct {
	Name      string          `json:"name"`
	XAxis     string          `json:"xAxis"`
	Label     *opts.Label     `json:"label"`
	LineStyle *opts.LineStyle `json:"lineStyle"`
}

// addMarks draws verticals. Labels of neighbours take turns in height, so that
// they can be read.
func addMarks(c *charts.Line, marks []axisMark) {
	if len(marks) == 0 || len(c.MultiSeries) == 0 {
		return
	}
	s := &c.MultiSeries[len(c.MultiSeries)-1]
	if s.MarkLines == nil {
		s.MarkLines = &opts.MarkLines{MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}}}
	}
	for i, m := range marks {
		label := written(m.label, "insideEndTop", colourQuiet, "normal")
		label.FontSize = labelSize - 1 // within the plot a label runs along its line
		if i%2 == 1 {
			label.Position = "insideMiddleTop"
		}
		s.MarkLines.Data = append(s.MarkLines.Data, markItem{
			Name: plain(m.label), XAxis: m.category, Label: label, LineStyle: &opts.LineStyle{Color: colourSecond, Width: 1, Type: "dotted"},
		})
	}
}
