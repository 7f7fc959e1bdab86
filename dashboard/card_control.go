package dashboard

import (
	"slices"
	"strings"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
)

// controlCard draws a control chart; m says how its figures are shown, by takes
// them to the measure's unit, and about is what the cases behind a point are.
func (r report) controlCard(c card, data *analytics.Control, m measure, by float64, of figure.Figure, good direction) (card, error) {
	about := of.Metric
	if data == nil || len(data.Points) == 0 {
		return c, nil
	}
	c.Subject = r.T("chart.kind." + string(data.Chart))
	c.Legend = []legendEntry{
		{"line-main", r.T("chart.control.value." + string(data.Value))},
		{"line-dashed", r.T("chart.control.centre")},
		{"band", r.T("chart.control.limits")},
		{"signal", r.T("chart.control.signal")},
	}
	c.Table.Head = []string{
		r.T("table.month"), r.T("chart.control.value." + string(data.Value)), r.T("chart.control.centre"), r.T("chart.control.lower"),
		r.T("chart.control.upper"), "n", r.T("chart.control.signal"),
	}
	points, links := make([]controlPoint, len(data.Points)), make([]string, len(data.Points))
	for i := range data.Points {
		points[i] = r.controlPoint(data, i, by, about, good)
		links[i] = points[i].href
	}
	for i, p := range slices.Backward(data.Points) {
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: p.Period},
			{Text: number(p.Value*by, m.decimals), Href: links[i]},
			{Text: number(p.Centre*by, m.decimals)},
			{Text: number(p.Lower*by, m.decimals)},
			{Text: number(p.Upper*by, m.decimals)},
			{Text: count(p.N)},
			{Text: r.signalsAt(data, p.Period)},
		})
	}
	c.Caption = r.controlCaption(data)
	c.N = r.T("page.months", "n", len(data.Points))
	names := controlNames{value: r.T("chart.control.value." + string(data.Value)), centre: r.T("chart.control.centre"), baseline: r.T("chart.control.baseline_end")}
	var err error
	drawn := control("control_"+about, names, points, m.decimals)
	r.addTargets(&c, drawn, of, len(points))
	r.addChanges(drawn, of, controlSpans(data.Points))
	c.Chart, err = encodeLinked(drawn, c.Unit, m.decimals, links)
	return c, err
}

func (r report) controlPoint(data *analytics.Control, i int, by float64, about string, good direction) controlPoint {
	p := data.Points[i]
	point := controlPoint{
		period: p.Period, value: p.Value * by, centre: p.Centre * by, low: p.Lower * by, high: p.Upper * by,
		base: p.Baseline, label: i == len(data.Points)-1 || i == 0,
	}
	if of, ok := r.fiscal.monthOf(p.Period); ok {
		t := r.trail(about, of)
		if about == "stage_time" {
			t.Stage = r.filters.Stage
		}
		point.href = t.href()
	}
	for _, s := range data.Signals {
		if s.From <= p.Period && p.Period <= s.To {
			point.signal, point.good = true, s.Above == (good == higherBetter)
		}
	}
	return point
}

// signalsAt are the rules that fire at a period, in words.
func (r report) signalsAt(data *analytics.Control, period string) string {
	var rules []string
	for _, s := range data.Signals {
		if s.From <= period && period <= s.To {
			rules = append(rules, r.T("chart.rule."+string(s.Rule)))
		}
	}
	return strings.Join(rules, r.T("list.sentence"))
}

// mostSignals is how many signals a caption explains; the table names all.
const mostSignals = 3

// controlCaption explains the newest signals and the baseline.
func (r report) controlCaption(data *analytics.Control) string {
	base := r.T("page.control.base", "from", monthName(r.words, data.Baseline.From), "to", monthName(r.words, data.Baseline.To), "n", data.Baseline.Points)
	if len(data.Signals) == 0 {
		return r.T("chart.signal.none") + r.T("list.sentence") + base + r.T("caption.end")
	}
	signals := joined(data)
	slices.SortStableFunc(signals, func(a, b analytics.ControlSignal) int {
		if a.To != b.To {
			if a.To > b.To {
				return -1
			}
			return 1
		}
		return signalWeight[b.Rule] - signalWeight[a.Rule]
	})
	said := make([]string, min(mostSignals, len(signals)))
	for i := range said {
		said[i] = r.signalWords(signals[i])
	}
	return strings.Join(said, r.T("list.sentence")) + r.T("caption.end") + " " + base + r.T("caption.end")
}
