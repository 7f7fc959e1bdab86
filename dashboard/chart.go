package dashboard

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Colours are the stylesheet's variables, not values: the same options are then
// right in light, in dark and on paper. ECharts passes them on to SVG as they are.
const (
	colourAccent  = "var(--op-accent)"
	colourSecond  = "var(--op-second)"
	colourPale    = "var(--op-pale)"
	colourInk     = "var(--op-ink)"
	colourQuiet   = "var(--op-quiet)"
	colourGrid    = "var(--op-grid)"
	colourSurface = "var(--op-surface)"
	colourBand    = "var(--op-band)"
	colourGood    = "var(--op-good)"
	colourBad     = "var(--op-bad)"
)

const (
	labelSize  = 12
	pointSize  = 8
	decimalCap = 4 // decimals that a chart's figures carry

	trendDecimals = 1 // of the labels of days, per cent and points
)

// chartJSON is what app.js needs to draw one chart.
type chartJSON struct {
	Option   map[string]any `json:"option"`          // for ECharts
	Unit     string         `json:"unit"`            // behind figures in the tooltip, with the space between the two
	Decimals int            `json:"decimals"`        // of figures in the tooltip
	Links    []string       `json:"links,omitempty"` // of the cases behind each category; "" for none
}

// chart is any of go-echarts' charts.
type chart interface {
	Validate()
	JSON() map[string]any
}

// encode turns a chart into the JSON that stands in the page.
func encode(c chart, unit string, decimals int) (json.RawMessage, error) {
	return encodeLinked(c, unit, decimals, nil)
}

// encodeLinked is encode for a chart whose categories lead somewhere: there is
// one link for each of them, in order.
func encodeLinked(c chart, unit string, decimals int, links []string) (json.RawMessage, error) {
	c.Validate()
	text, err := json.Marshal(chartJSON{Option: c.JSON(), Unit: following(unit), Decimals: decimals, Links: links})
	if err != nil {
		return nil, fmt.Errorf("encode chart: %w", err)
	}
	return text, nil
}

// stroke is how a line is drawn; strokes differ in more than colour, so that
// they can be told apart in black and white.
type stroke int

const (
	strokeMain    stroke = iota // strong, with points and labels at both ends
	strokeSecond                // thin, labelled above its end
	strokeDotted                // dotted, labelled below its end
	strokeBetween               // dotted, labelled above its end
	strokeQuiet                 // dotted, without a label: a bound of the main line
)

// line is one line of a trend.
type line struct {
	name   string
	values []*float64
	stroke stroke
}

// datum is a point with a label of its own, which go-echarts' LineData lacks.
type datum struct {
	Value      any         `json:"value"`
	Symbol     string      `json:"symbol,omitempty"`
	SymbolSize int         `json:"symbolSize"`
	Label      *opts.Label `json:"label,omitempty"`
}

// trendChart draws lines over quarters from zero upwards, or from floor when
// that is above zero. A nil value leaves a gap.
func trendChart(id string, quarters []string, floor float64, lines ...line) *charts.Line {
	c := charts.NewLine()
	c.SetGlobalOptions(common(id, "24px", "8px")...)
	axis := valueAxis()
	axis.Min = floor
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "category", AxisLabel: axisLabel(), AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(axis),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
	)
	c.SetXAxis(quarters)
	for i, l := range lines {
		c.AddSeries(plain(l.name), nil,
			charts.WithLineStyleOpts(lineStyle(l.stroke)),
			charts.WithItemStyleOpts(itemStyle(l.stroke)))
		c.MultiSeries[i].Data = l.data()
		c.MultiSeries[i].ShowSymbol = opts.Bool(true)
	}
	return c
}

func lineStyle(s stroke) opts.LineStyle {
	switch s {
	case strokeSecond:
		return opts.LineStyle{Color: colourSecond, Width: 1.5}
	case strokeDotted, strokeBetween, strokeQuiet:
		return opts.LineStyle{Color: colourSecond, Width: 1.5, Type: "dotted"}
	default:
		return opts.LineStyle{Color: colourAccent, Width: 2.5}
	}
}

func itemStyle(s stroke) opts.ItemStyle {
	if s == strokeMain {
		return opts.ItemStyle{Color: colourSurface, BorderColor: colourAccent, BorderWidth: 2}
	}
	return opts.ItemStyle{Color: colourSecond}
}

// data labels the first and last figure of the main line, where it breaks, and
// the last of the others. A figure between two gaps gets a point, since no line leads to it.
func (l line) data() []datum {
	first, last := ends(l.values)
	bend := breaks(l.values)
	data := make([]datum, len(l.values))
	for i, v := range l.values {
		if v == nil {
			data[i] = datum{Value: "-"}
			continue
		}
		data[i] = datum{Value: rounded(*v, decimalCap), Symbol: "none"}
		if l.stroke == strokeMain {
			data[i].Symbol, data[i].SymbolSize = "circle", pointSize
		} else if alone(l.values, i) {
			data[i].Symbol, data[i].SymbolSize = "circle", pointSize/2
		}
		if (i == last && l.stroke != strokeQuiet) || (l.stroke == strokeMain && (i == first || i == bend)) {
			data[i].Label = l.label(number(*v, trendDecimals))
			if i == bend {
				data[i].Label.Align = "left"
				if *l.values[i+1] > *v { // the line goes up from here, and often comes from below
					data[i].Label.Align = "right"
				}
			}
			if data[i].Symbol == "none" { // ECharts draws no label without a symbol
				data[i].Symbol, data[i].SymbolSize = "circle", 1
			}
		}
	}
	return data
}

func (l line) label(text string) *opts.Label {
	label := &opts.Label{
		Show: opts.Bool(true), Position: "top", Formatter: text, Color: colourQuiet, FontSize: labelSize,
	}
	switch l.stroke {
	case strokeMain:
		label.Color, label.FontWeight = colourInk, "bold"
	case strokeDotted:
		label.Position = "bottom"
	default:
	}
	return label
}

func ends(values []*float64) (first, last int) {
	first, last = -1, -1
	for i, v := range values {
		if v != nil {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// breaks is the point from which the longest step starts, where that is a good
// part of all that happened and has room for a label; -1 otherwise.
func breaks(values []*float64) int {
	at, step, low, high := -1, 0.0, math.Inf(1), math.Inf(-1)
	for i, v := range values {
		if v == nil {
			continue
		}
		low, high = min(low, *v), max(high, *v)
		if i+1 < len(values) && values[i+1] != nil && math.Abs(*values[i+1]-*v) > step {
			at, step = i, math.Abs(*values[i+1]-*v)
		}
	}
	first, last := ends(values)
	if at < first+2 || at > last-2 || step < (high-low)/3 {
		return -1
	}
	return at
}

func alone(values []*float64, i int) bool {
	return (i == 0 || values[i-1] == nil) && (i == len(values)-1 || values[i+1] == nil)
}

// bars is one category of paired bars; nil where there is no figure.
type bars struct {
	name        string
	before, now *float64
}

// pairedBars draws two horizontal bars a category, the earlier figure pale
// above the present one, the first category on top.
func pairedBars(id string, rows []bars, before, now string, decimals int) *charts.Bar {
	c := charts.NewBar()
	c.SetGlobalOptions(common(id, "4px", "44px")...)
	axis := opts.XAxis{Type: "value", Show: opts.Bool(false)}
	c.SetGlobalOptions(
		charts.WithXAxisOpts(axis),
		charts.WithYAxisOpts(categoryAxis()),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
	)
	categories := make([]string, len(rows))
	earlier, present := make([]opts.BarData, len(rows)), make([]opts.BarData, len(rows))
	for i, r := range rows {
		categories[i] = plain(r.name)
		earlier[i] = bar(r.before, decimals, colourQuiet, "normal")
		present[i] = bar(r.now, decimals, colourInk, "bold")
	}
	c.SetXAxis(categories)
	shape := charts.WithBarChartOpts(opts.BarChart{BarGap: "12%", BarCategoryGap: "36%"})
	c.AddSeries(plain(before), earlier, shape,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourPale, BorderColor: colourSecond, BorderWidth: 1}))
	c.AddSeries(plain(now), present, shape, charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}))
	c.XYReversal()
	return c
}

func bar(v *float64, decimals int, colour, weight string) opts.BarData {
	if v == nil {
		return opts.BarData{Value: "-"}
	}
	return opts.BarData{
		Value: rounded(*v, decimalCap),
		Label: &opts.Label{
			Show: opts.Bool(true), Position: "right", Formatter: number(*v, decimals), Color: colour,
			FontSize: labelSize, FontWeight: weight,
		},
	}
}

// dumbbell draws two points a category on a common scale, hollow before and
// filled now, with a thin line between them; the first category on top. Bold
// names the category that stands out, -1 for none.
func dumbbell(id string, rows []bars, before, now string, floor, ceiling float64, decimals, bold int) *charts.Scatter {
	c := charts.NewScatter()
	c.SetGlobalOptions(common(id, "4px", "40px")...)
	axis := opts.XAxis{
		Type: "value", Min: floor, Max: ceiling, AxisLabel: axisLabel(),
		SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
	}
	c.SetGlobalOptions(
		charts.WithXAxisOpts(axis),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
	)
	categories := make([]any, len(rows))
	earlier, present := make([]datum, len(rows)), make([]datum, len(rows))
	var links []opts.MarkLineNameCoordItem
	for i, r := range rows {
		categories[i] = plain(r.name)
		earlier[i], present[i] = spot(r.before, i, nil), spot(r.now, i, nil)
		if r.now != nil {
			present[i] = spot(r.now, i, &opts.Label{
				Show: opts.Bool(true), Position: outside(r), Formatter: number(*r.now, decimals), Color: colourInk,
				FontSize: labelSize, FontWeight: weight(i == bold),
			})
		}
		if r.before != nil && r.now != nil {
			links = append(links, opts.MarkLineNameCoordItem{
				Coordinate0: []any{rounded(*r.before, decimalCap), i},
				Coordinate1: []any{rounded(*r.now, decimalCap), i},
			})
		}
	}
	category := categoryAxis()
	category.Data = categories
	category.AxisPointer = &opts.AxisPointer{Show: opts.Bool(true), Type: "none"}
	c.SetGlobalOptions(charts.WithYAxisOpts(category))
	valueOnly := opts.Encode{X: 0, Y: 1, Tooltip: 0}
	c.AddSeries(plain(before), nil,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSurface, BorderColor: colourSecond, BorderWidth: 2, Opacity: opts.Float(1)}),
		charts.WithEncodeOpts(valueOnly),
		charts.WithMarkLineNameCoordItemOpts(links...),
		charts.WithMarkLineStyleOpts(opts.MarkLineStyle{
			Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)},
			LineStyle: &opts.LineStyle{Color: colourSecond, Width: 2, Type: "solid"},
		}))
	c.AddSeries(plain(now), nil,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent, Opacity: opts.Float(1)}), charts.WithEncodeOpts(valueOnly))
	c.MultiSeries[0].Data, c.MultiSeries[1].Data = earlier, present
	return c
}

// outside is the side of the present point on which no other point lies.
func outside(r bars) string {
	if r.before != nil && *r.now < *r.before {
		return "left"
	}
	return "right"
}

func spot(v *float64, row int, label *opts.Label) datum {
	if v == nil {
		return datum{Value: []any{"-", row}, SymbolSize: pointSize}
	}
	return datum{Value: []any{rounded(*v, decimalCap), row}, Symbol: "circle", SymbolSize: pointSize + 2, Label: label}
}

func weight(bold bool) string {
	if bold {
		return "bold"
	}
	return "normal"
}

// common is what all charts share: a fixed id, no animation (the figures are
// there at once), no title and legend, which stand in the page's own HTML.
func common(id, top, right string) []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithInitializationOpts(opts.Initialization{ChartID: id}),
		charts.WithAnimation(false),
		charts.WithTitleOpts(opts.Title{Show: opts.Bool(false)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4px", Top: top, Right: right, Bottom: "4px", ContainLabel: opts.Bool(true)}),
	}
}

func axisLabel() *opts.AxisLabel {
	return &opts.AxisLabel{Show: opts.Bool(true), Color: colourQuiet, FontSize: labelSize, HideOverlap: opts.Bool(true)}
}

func valueAxis() opts.YAxis {
	return opts.YAxis{
		Type: "value", AxisLabel: axisLabel(), SplitNumber: 4,
		SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
	}
}

func categoryAxis() opts.YAxis {
	label := axisLabel()
	label.Color, label.Interval = colourInk, "0"
	label.Width, label.Overflow = 120, "break"
	return opts.YAxis{
		Type: "category", Inverse: opts.Bool(true), AxisLabel: label,
		AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
	}
}

// scoreRange is a stretch of the scale from 0 to 100, in steps of five, that
// holds all values with room to spare.
func scoreRange(values ...*float64) (floor, ceiling float64) {
	low, high := 100.0, 0.0
	for _, v := range values {
		if v != nil {
			low, high = min(low, *v), max(high, *v)
		}
	}
	if low > high {
		return 0, 100
	}
	return max(0, math.Floor((low-2)/5)*5), min(100, math.Ceil((high+2)/5)*5)
}
