package dashboard

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// ranged is a category with its figure, its interval and what it was before;
// nil where there is none.
type ranged struct {
	name                   string
	now, low, high, before *float64
	href                   string
	few                    bool // rests on too little: the point is hollow
}

// intervals draws a filled point with its interval for each category and a
// hollow one for before, on a common scale from zero, the first on top. An
// interval that rests on too little runs to the edge where it is wider than all
// that there is to see.
func intervals(id string, rows []ranged, before, now string) *charts.Scatter {
	c := charts.NewScatter()
	c.SetGlobalOptions(common(id, "18px", "48px")...)
	edge := rangeEdge(rows)
	category := categoryAxis()
	category.AxisPointer = &opts.AxisPointer{Show: opts.Bool(true), Type: "none"}
	names := make([]string, len(rows))
	earlier, present := make([]mark, len(rows)), make([]mark, len(rows))
	var spans []opts.MarkLineNameCoordItem
	for i, r := range rows {
		names[i] = plain(r.name)
		earlier[i], present[i] = rowMark(r.before, i), rowMark(r.now, i)
		if r.now != nil {
			present[i].Href = r.href
			present[i].SymbolSize = pointSize + 2
			present[i].Label = rangeLabel(r, edge)
			if r.few {
				present[i].Look = &look{Color: colourSurface, BorderColor: colourAccent, BorderWidth: 1.5}
			}
		}
		if r.low != nil && r.high != nil {
			spans = append(spans, opts.MarkLineNameCoordItem{
				Coordinate0: []any{rounded(*r.low, decimalCap), i}, Coordinate1: []any{rounded(min(*r.high, edge), decimalCap), i},
			})
		}
	}
	category.Data = named(names)
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{
			Type: "value", Min: 0, Max: edge, AxisLabel: axisLabel(),
			SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}},
		}),
		charts.WithYAxisOpts(category),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
	)
	valueOnly := charts.WithEncodeOpts(opts.Encode{X: 0, Y: 1, Tooltip: 0})
	c.AddSeries(plain(before), nil, valueOnly,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourSurface, BorderColor: colourSecond, BorderWidth: 1.5, Opacity: opts.Float(1)}))
	c.AddSeries(plain(now), nil, valueOnly,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent, Opacity: opts.Float(1)}),
		charts.WithMarkLineNameCoordItemOpts(spans...),
		charts.WithMarkLineStyleOpts(opts.MarkLineStyle{
			Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)},
			LineStyle: &opts.LineStyle{Color: colourAccent, Width: 2, Type: "solid"},
		}))
	c.MultiSeries[0].Data, c.MultiSeries[1].Data = earlier, present
	return c
}

func rowMark(v *float64, row int) mark {
	if v == nil {
		return mark{Value: []any{"-", row}, SymbolSize: pointSize}
	}
	return mark{Value: []any{rounded(*v, decimalCap), row}, Symbol: "circle", SymbolSize: pointSize}
}

// rangeLabel stands above the point, where no interval runs; at the left edge it
// keeps out of the names.
func rangeLabel(r ranged, edge float64) *opts.Label {
	label := written(number(*r.now, trendDecimals), "top", colourInk, "normal")
	switch {
	case *r.now < edge/25:
		label.Align = "left"
	case *r.now > edge*24/25:
		label.Align = "right"
	}
	return label
}

// rangeEdge is where the scale ends: behind all points and all intervals that
// rest on enough.
func rangeEdge(rows []ranged) float64 {
	edge := 0.0
	for _, r := range rows {
		for _, v := range []*float64{r.now, r.before} {
			if v != nil {
				edge = max(edge, *v)
			}
		}
		if r.high != nil && !r.few {
			edge = max(edge, *r.high)
		}
	}
	switch {
	case edge == 0:
		return 1
	case edge > 60 && edge <= 100: // a share
		return 100
	case edge > 10:
		return 5 * math.Ceil(edge/5)
	default:
		return math.Ceil(edge)
	}
}
