package dashboard

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// heatSteps is how many colours a heat map has.
const heatSteps = 5

// heatColours go from little to much. In both themes their order is that of
// their lightness, so that they can be told apart in black and white.
var heatColours = [heatSteps]string{
	"var(--op-heat-1)", "var(--op-heat-2)", "var(--op-heat-3)", "var(--op-heat-4)", "var(--op-heat-5)",
}

// heatInks are the colours of text that can be read on them.
var heatInks = [heatSteps]string{
	"var(--op-heat-ink-1)", "var(--op-heat-ink-2)", "var(--op-heat-ink-3)", "var(--op-heat-ink-4)", "var(--op-heat-ink-5)",
}

// heatCell is one field of a heat map.
type heatCell struct {
	column, row int
	value       float64
	label, text string // in the field and in its tooltip
	href        string
	few         bool // rests on too little: hatched and without a colour
}

// heat draws a value for each pair of a row and a column, the first row on top.
// A pair without data stays empty. The colours part the range from zero to the
// largest value that rests on enough into equal steps.
func heat(id, name string, rows, columns []string, cells []heatCell) *charts.HeatMap {
	c := charts.NewHeatMap()
	c.SetGlobalOptions(common(id, "4px", "8px")...)
	across := axisLabel()
	across.Interval, across.Rotate, across.HideOverlap = "0", 40, opts.Bool(false)
	across.Width, across.Overflow = 84, "truncate"
	vertical := categoryAxis()
	vertical.Data = named(rows)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "category", Data: named(columns), AxisLabel: across, AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(vertical),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
	)
	c.SetXAxis(named(columns))
	c.AddSeries(plain(name), nil)
	c.MultiSeries[0].Data = heatMarks(cells)
	return c
}

func heatMarks(cells []heatCell) []mark {
	highest := 0.0
	for _, cell := range cells {
		if !cell.few {
			highest = max(highest, cell.value)
		}
	}
	data := make([]mark, len(cells))
	for i, cell := range cells {
		data[i] = mark{Value: []any{cell.column, cell.row, rounded(cell.value, decimalCap)}, Text: plain(cell.text), Href: cell.href}
		if cell.few {
			data[i].Look = &look{Color: colourSurface, BorderColor: colourGrid, BorderWidth: 1, Decal: hatching()}
			data[i].Label = written(cell.label, "inside", colourInk, "normal")
			continue
		}
		step := heatStep(cell.value, highest)
		data[i].Look = &look{Color: heatColours[step], BorderColor: colourSurface, BorderWidth: 1}
		data[i].Label = written(cell.label, "inside", heatInks[step], "normal")
	}
	return data
}

func heatStep(value, highest float64) int {
	if highest <= 0 {
		return 0
	}
	return max(0, min(heatSteps-1, int(value/highest*heatSteps)))
}

func named(list []string) []string {
	names := make([]string, len(list))
	for i, name := range list {
		names[i] = plain(name)
	}
	return names
}
