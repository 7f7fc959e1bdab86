package dashboard

import (
	"net/url"
	"slices"
	"strings"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
)

func (r approvalReport) cards() ([][]card, error) {
	var err error
	draw := func(make func() (card, error)) card {
		if err != nil {
			return card{}
		}
		var c card
		c, err = make()
		return c
	}
	control := func() (card, error) {
		c := r.chart("approvals", "control", r.filters.timed(), r.unit(r.days))
		r.withClock(&c)
		c.Export = r.exports("/api/v1/control/"+r.filters.timed(), r.asked.monthly(r.filters.timed()), nil)
		return r.controlCard(c, r.found.Control, r.days, 1/r.dayLength(), r.timeFigure(), lowerBetter)
	}
	rows := [][]card{
		{draw(r.trendCard), draw(control)},
		{draw(r.waterfallCard), draw(r.bottleneckCard)},
		{draw(r.histogramCard), draw(r.curveCard)},
		{draw(r.routeCard), draw(r.deviationCard)},
		{draw(r.transitionCard), draw(r.handoverCard)},
		{draw(r.limitCard), draw(r.ageingCard)},
		{draw(r.compared)},
	}
	return rows, err
}

// timedChart begins a card about the times that the page is about.
func (r approvalReport) timedChart(id string) card {
	c := r.chart("approvals", id, r.filters.timed(), r.unit(r.days))
	c.Subject, c.N = r.subject(r.subjectName()), r.n(r.found.Time)
	r.withClock(&c)
	return c
}

// trendCard draws the median, the third quartile and the ninth decile.
func (r approvalReport) trendCard() (card, error) {
	c := r.timedChart("trend")
	points := r.found.Trend
	if len(points) == 0 {
		return c, nil
	}
	c.Export = r.metricExports(r.filters.timed(), r.asked.trend(r.filters.timed()))
	quartile := days(r.filters.Clock, r.daySeconds, func(p *analytics.Point) *float64 { return p.P75 })
	labels, links := make([]string, len(points)), make([]string, len(points))
	values := [3][]*float64{}
	c.Table.Head = []string{r.T("table.period"), r.T("statistic.median"), "P75", r.T("statistic.p90"), r.T("statistic.mean"), "n"}
	for i := range points {
		p := &points[i]
		labels[i] = strings.TrimPrefix(p.Period, "20")
		links[i] = r.timeTrail(bucketStretch(p)).href()
		for k, m := range []measure{r.daysMedian, quartile, r.daysP90} {
			values[k] = append(values[k], m.of(p))
		}
	}
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: p.Period},
			{Text: pointText(r.daysMedian, p), Href: links[i]},
			{Text: pointText(quartile, p)},
			{Text: pointText(r.daysP90, p)},
			{Text: pointText(r.days, p)},
			{Text: count(p.N)},
		})
	}
	c.Legend = []legendEntry{{"line-second", r.T("statistic.p90")}, {"line-dotted", "P75"}, {"line-main", r.T("statistic.median")}}
	first, last := &points[0], &points[len(points)-1]
	c.Caption = r.T("page.approvals.trend.caption", "from", first.Period, "to", last.Period,
		"median_before", pointText(r.daysMedian, first), "median", r.figure(r.daysMedian, r.daysMedian.of(last)),
		"p90_before", pointText(r.daysP90, first), "p90", r.figure(r.daysP90, r.daysP90.of(last)))
	var err error
	drawn := trendChart("time_trend", labels, 0,
		line{r.T("statistic.p90"), values[2], strokeSecond}, line{"P75", values[1], strokeBetween}, line{r.T("statistic.median"), values[0], strokeMain})
	r.addTargets(&c, drawn, r.timeFigure(), len(labels))
	r.addChanges(drawn, r.timeFigure(), pointSpans(points, labels))
	c.Chart, err = encodeLinked(drawn, c.Unit, trendDecimals, links)
	return c, err
}

// timeFigure is what the page is about.
func (r approvalReport) timeFigure() figure.Figure {
	f := r.filters
	return figure.Figure{Metric: f.timed(), Value: analytics.ValueMedian, Clock: f.Clock, Process: r.lead, Department: f.Department, Stage: f.Stage, Class: f.Class}
}

// waterfallCard draws how the hours a case changed, stage by stage.
func (r approvalReport) waterfallCard() (card, error) {
	unit := r.T("unit.hours_per_case." + string(r.filters.Clock))
	c := r.chart("approvals", "stages", "stage_time", unit)
	c.Subject, c.N = r.subject(r.names.process(r.lead)), r.n(r.found.Done)
	r.withClock(&c)
	list := r.shifts()
	if len(list) == 0 {
		return c, nil
	}
	c.Export = r.exported("/api/v1/metrics/stage_time", "lead_time", analytics.ByStage, nil)
	c.Legend = []legendEntry{{"bar-now", r.T("page.approvals.stages.whole")}, {"bar-good", r.T("page.approvals.stages.less")}, {"bar-bad", r.T("page.approvals.stages.more")}}
	c.Table.Head = []string{r.T("table.stage"), r.before.label(), r.now.label(), r.T("table.change")}
	order := map[string]int{}
	for i, s := range r.names.stages(r.lead) {
		order[s.Key] = i + 1
	}
	place := func(key string) int {
		if at, ok := order[key]; ok {
			return at
		}
		return len(order) + 1
	}
	slices.SortStableFunc(list, func(a, b stageShift) int { return place(a.key) - place(b.key) })
	var before, now float64
	for _, s := range list {
		before, now = before+s.before, now+s.now
	}
	steps := []step{{name: r.before.label(), value: before, whole: true, href: r.trail("lead_time", r.before).href()}}
	for _, s := range list {
		t := r.trail("stage_time", r.now)
		t.Stage = s.key
		steps = append(steps, step{name: r.names.stage(r.lead, s.key), value: s.change, href: t.href()})
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: r.names.stage(r.lead, s.key)}, {Text: number(s.before, 1)}, {Text: number(s.now, 1), Href: t.href()}, {Text: signed(s.change, 1)},
		})
	}
	steps = append(steps, step{name: r.now.label(), value: now, whole: true, href: r.trail("lead_time", r.now).href()})
	c.Table.Rows = append(c.Table.Rows, tableCells(r.T("table.total"), number(before, 1), number(now, 1), signed(now-before, 1)))
	c.Caption = r.T("page.approvals.stages.caption", "before", number(before, 1), "now", number(now, 1)+following(unit), "change", signed(now-before, 1))
	links := make([]string, len(steps))
	for i := range steps {
		links[i] = steps[i].href
	}
	c.Tall = len(steps) > maxShortRows
	var err error
	c.Chart, err = encodeLinked(waterfall("stage_waterfall", r.T("table.change"), steps, 1), unit, 1, links)
	return c, err
}

// bottleneckCard ranks stages by the time that all cases together spent in them.
func (r approvalReport) bottleneckCard() (card, error) {
	unit := r.T("page.approvals.bottlenecks.unit." + string(r.filters.Clock))
	c := r.chart("approvals", "bottlenecks", "bottlenecks", unit)
	c.Subject, c.N = r.subject(r.names.process(r.lead)), r.n(r.found.Done)
	r.withClock(&c)
	list := r.found.Bottlenecks
	if len(list) == 0 {
		return c, nil
	}
	c.Export = r.exported("/api/v1/metrics/bottlenecks", "bottlenecks", "", nil)
	c.Table.Head = []string{r.T("table.stage"), unit, r.T("chart.share"), r.T("table.visits"), r.T("statistic.mean"), r.T("statistic.p90")}
	var drawn []oneBar
	var links []string
	day := r.dayLength()
	for _, b := range list {
		t := r.trail("stage_time", r.now)
		t.Stage = b.Stage
		href, name := t.href(), r.names.stage(r.lead, b.Stage)
		drawn = append(drawn, oneBar{name: name, value: b.Total / day, text: number(100*b.Share, 0) + "%", href: href})
		links = append(links, href)
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: name},
			{Text: number(b.Total/day, 1), Href: href},
			{Text: number(100*b.Share, 1) + "%"},
			{Text: count(b.Count)},
			{Text: number(b.Mean/hour, 1)},
			{Text: number(b.P90/hour, 1)},
		})
	}
	top := list[0]
	c.Caption = r.T("page.approvals.bottlenecks.caption", "stage", r.stageInText(top.Stage), "share", number(100*top.Share, 0),
		"visits", count(top.Count), "mean", number(top.Mean/hour, 1))
	c.Tall = len(drawn) > maxShortRows
	var err error
	c.Chart, err = encodeLinked(singleBars("bottlenecks", unit, drawn), unit, 1, links)
	return c, err
}

// histogramCard draws how many cases took how long.
func (r approvalReport) histogramCard() (card, error) {
	c := r.timedChart("histogram")
	d := r.found.Distribution
	if d == nil || len(d.Bins) == 0 {
		return c, nil
	}
	unit := r.unit(r.cases)
	day := r.dayLength()
	c.Export = r.exported("/api/v1/distribution/"+r.filters.timed(), r.filters.timed(), "", nil)
	c.Unit = r.T("page.approvals.histogram.unit", "unit", r.unit(r.days))
	c.Table.Head = []string{r.unit(r.days), r.unit(r.cases)}
	bins, links := make([]bin, len(d.Bins)), make([]string, len(d.Bins))
	for i, b := range d.Bins {
		t := r.timeTrail(r.now)
		t.AtLeast = b.From
		text := "≥ " + trimmed(b.From/day)
		if b.To != nil {
			t.Below = *b.To
			text = trimmed(b.From/day) + "–" + trimmed(*b.To/day)
		}
		bins[i] = bin{label: trimmed(b.From / day), n: b.N, open: b.To == nil, href: t.href()}
		if b.To == nil {
			bins[i].label = "≥ " + bins[i].label
		}
		links[i] = bins[i].href
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: text}, {Text: count(b.N), Href: links[i]}})
	}
	c.Caption = r.percentileCaption(d)
	var err error
	c.Chart, err = encodeLinked(histogram("time_histogram", r.unit(r.cases), bins), unit, 0, links)
	return c, err
}

// trimmed is a bound of a bin without needless zeros.
func trimmed(v float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(number(v, 2), "0"), ".0")
}

func (r approvalReport) percentileCaption(d *analytics.Distribution) string {
	if len(d.Percentiles) != 101 {
		return ""
	}
	at := func(p int) string { return number(d.Percentiles[p]/r.dayLength(), 1) + following(r.unit(r.days)) }
	return r.T("page.approvals.histogram.caption", "median", at(50), "p90", at(90), "longest", at(100))
}

// curveCard draws the same figures as percentiles.
func (r approvalReport) curveCard() (card, error) {
	c := r.timedChart("curve")
	d := r.found.Distribution
	if d == nil || len(d.Percentiles) != 101 {
		return c, nil
	}
	values := make([]float64, len(d.Percentiles)-1) // the longest of all would flatten the rest
	links := make([]string, len(d.Percentiles))
	for i, seconds := range d.Percentiles {
		if i < len(values) {
			values[i] = seconds / r.dayLength()
		}
		t := r.timeTrail(r.now)
		t.AtLeast = seconds
		links[i] = t.href()
	}
	c.Export = r.exported("/api/v1/distribution/"+r.filters.timed(), r.filters.timed(), "", url.Values{"part": {"percentiles"}})
	c.Table.Head = []string{r.T("page.approvals.curve.percentile"), r.unit(r.days)}
	for p := 0; p <= 100; p += 5 {
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: "P" + number(float64(p), 0)}, {Text: number(d.Percentiles[p]/r.dayLength(), 1), Href: links[p]}})
	}
	c.Caption = r.T("page.approvals.curve.caption", "p75", number(values[75], 1), "p95", number(values[95], 1)+following(r.unit(r.days)))
	var err error
	c.Chart, err = encodeLinked(percentileCurve("time_percentiles", r.unit(r.days), values, []int{50, 75, 90}, 1), c.Unit, 1, links[:len(values)])
	return c, err
}
