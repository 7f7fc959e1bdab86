package dashboard

import (
	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/dashboard/i18n"
)

func (v view) leadCard() (card, error) {
	c := v.card("lead-time", "lead", "lead_time", v.unit(v.days))
	c.Subject, c.N = v.subject(v.names.process(v.lead)), v.n(v.figures.Lead.now())
	v.withClock(&c)
	course := v.figures.Lead
	if v.days.of(course.now()) == nil {
		v.lookElsewhere(&c)
		return c, nil
	}
	from := v.span(course)
	c.Caption = v.trendCaption(v.days, course)
	if class, at := v.slowClass(); class != "" {
		c.Caption += v.T("card.lead.class", "class", class, "figure", v.figure(v.days, v.days.of(at)))
	}
	c.Legend = []legendEntry{
		{"line-second", v.T("statistic.p90")}, {"line-main", v.T("statistic.mean")}, {"line-dotted", v.T("statistic.median")},
	}
	c.Table.Head = []string{v.T("table.quarter"), v.T("statistic.mean"), v.T("statistic.median"), v.T("statistic.p90"), "n"}
	c.Table.Rows = v.quarterRows("lead_time", course, v.days, v.daysMedian, v.daysP90)
	of := figure.Figure{Metric: "lead_time", Value: analytics.ValueMean, Clock: v.filters.Clock, Process: v.lead, Department: v.filters.Department}
	drawn := trendChart("lead_time", v.axis(from), 0,
		line{v.T("statistic.p90"), values(v.daysP90, course, from), strokeSecond},
		line{v.T("statistic.mean"), values(v.days, course, from), strokeMain},
		line{v.T("statistic.median"), values(v.daysMedian, course, from), strokeDotted})
	v.addTargets(&c, drawn, of, len(v.axis(from)))
	v.addChanges(drawn, of, v.quarterSpans(from))
	var err error
	c.Chart, err = encodeLinked(drawn, c.Unit, trendDecimals, v.quarterLinks("lead_time", from))
	return c, err
}

// lookElsewhere leads from a chart of the usual process, of which there are no
// cases in the quarter, to the process that has most.
func (v view) lookElsewhere(c *card) {
	if v.filters.Process != "" || v.figures.Lead.now() != nil || v.figures.Largest.Key == "" {
		return
	}
	largest := v.figures.Largest
	to := v.filters
	to.Process = largest.Key
	c.Empty = v.T("card.usual_missing", "quarter", v.thisQuarter(), "process", v.names.process(v.lead))
	c.Instead = v.T("card.instead", "process", v.names.process(largest.Key), "n", count(largest.Now.N))
	c.InsteadURL = to.href()
}

// quarterLink leads to the cases of the i-th quarter shown; "" for figures that
// have none. Lead times are of one process even where none is chosen.
func (v view) quarterLink(about string, i int) string {
	t := v.trail(about, v.fiscal.stretch(v.filters.Quarter.add(i+1-trend)))
	if about == "lead_time" {
		t.Process = v.lead
	}
	return t.href()
}

// quarterLinks are those of a trend's categories.
func (v view) quarterLinks(about string, from int) []string {
	links := make([]string, 0, trend)
	for i := from; i < trend; i++ {
		links = append(links, v.quarterLink(about, i))
	}
	return links
}

// quarterRows are the rows of a trend's table, the newest first; about is the
// metric whose cases its figures lead to.
func (v view) quarterRows(about string, c course, measures ...measure) [][]tableCell {
	var rows [][]tableCell
	for i := trend - 1; i >= 0; i-- {
		if c[i] == nil {
			continue
		}
		row := tableCells(v.filters.Quarter.add(i + 1 - trend).String())
		for _, m := range measures {
			row = append(row, tableCell{Text: pointText(m, c[i])})
		}
		row[1].Href = v.quarterLink(about, i)
		rows = append(rows, append(row, tableCell{Text: count(c[i].N)}))
	}
	return rows
}

// trendCaption states what became of a figure since the previous quarter and
// since the same quarter last year, as far as there are such.
func (v view) trendCaption(m measure, c course) string {
	now := m.of(c.now())
	previous, lastYear := m.compare(v.words, c.now(), c.previous()), m.compare(v.words, c.now(), c.lastYear())
	text := v.T("caption.value", "quarter", v.thisQuarter(), "figure", v.figure(m, now))
	if previous.Verdict == unknown && lastYear.Verdict == unknown {
		return text + v.T("caption.alone")
	}
	if previous.Verdict != unknown {
		text += v.T("caption.previous", "change", previous.Text, "verdict", v.T("caption.verdict."+string(previous.Verdict)))
	}
	if lastYear.Verdict != unknown {
		text += v.T("caption.last_year", "change", lastYear.Text, "verdict", v.T("caption.verdict."+string(lastYear.Verdict)))
	}
	return text + v.T("caption.end")
}

func (v view) errorCard() (card, error) {
	c := v.card("error-rate", "errors", "error_rate", v.unit(v.percent))
	c.Subject, c.N = v.subject(v.processName()), v.n(v.figures.Errors.now())
	course := v.figures.Errors
	if v.figures.Unreported {
		c.Empty = v.T("card.errors.unreported", "process", v.processName())
		return c, nil
	}
	if v.percent.of(course.now()) == nil {
		return c, nil
	}
	from := v.span(course)
	c.Caption = v.trendCaption(v.percent, course)
	c.Table.Head = []string{v.T("table.quarter"), v.T("metric.error_rate.name"), v.T("table.faulty"), "n"}
	faulty := measure{value: func(p *analytics.Point) *float64 {
		if p.Count == nil {
			return nil
		}
		return new(float64(*p.Count))
	}}
	c.Table.Rows = v.quarterRows("error_rate", course, v.percent, faulty)
	var err error
	drawn := trendChart("error_rate", v.axis(from), 0, line{v.T("metric.error_rate.name"), values(v.percent, course, from), strokeMain})
	of := figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: v.filters.Process, Department: v.filters.Department}
	v.addTargets(&c, drawn, of, len(v.axis(from)))
	v.addChanges(drawn, of, v.quarterSpans(from))
	c.Chart, err = encodeLinked(drawn, c.Unit, trendDecimals, v.quarterLinks("error_rate", from))
	return c, err
}

func (v view) satisfactionCard() (card, error) {
	c := v.card("satisfaction", "satisfaction", "satisfaction", v.unit(v.score))
	c.Subject, c.N = v.departmentName(), v.n(v.figures.Satisfaction.now())
	if v.filters.Process != "" {
		c.Subject += v.T("list.dot") + v.T("card.all_processes")
	}
	course := v.figures.Satisfaction
	if v.score.of(course.now()) == nil {
		return c, nil
	}
	from := v.span(course)
	list := values(v.score, course, from)
	floor, _ := scoreRange(list...)
	c.Caption = v.trendCaption(v.score, course) + v.floorNote(floor)
	c.Table.Head = []string{v.T("table.quarter"), v.T("metric.satisfaction.name"), "n"}
	c.Table.Rows = v.quarterRows("satisfaction", course, v.score)
	var err error
	drawn := trendChart("satisfaction", v.axis(from), floor, line{v.T("metric.satisfaction.name"), list, strokeMain})
	of := figure.Figure{Metric: "satisfaction", Value: analytics.ValueMean, Department: v.filters.Department}
	v.addTargets(&c, drawn, of, len(v.axis(from)))
	v.addChanges(drawn, of, v.quarterSpans(from))
	c.Chart, err = encode(drawn, c.Unit, trendDecimals)
	return c, err
}

// floorNote warns that an axis does not begin at zero.
func (v view) floorNote(floor float64) string { return floorNote(v.words, floor) }

func floorNote(words i18n.Messages, floor float64) string {
	if floor == 0 {
		return ""
	}
	return words.T("caption.floor", "value", number(floor, 0))
}
