package dashboard

import (
	"strconv"

	"example.com/officepulse/analytics"
)

// comparisonCard sets two stretches side by side as a table: the figure, what
// its change may be by chance, and what came from the groups themselves or from
// other shares of them. by takes the metric's figures to the measure's unit.
func (r report) comparisonCard(c card, data *analytics.Comparison, m measure, by float64, now, before *analytics.Point, about string) card {
	c.Subject = r.T("page.comparison.subject", "now", r.thisQuarter(), "before", r.beforeName())
	c.Table.Head = []string{r.T("page.comparison.figure"), r.before.label(), r.now.label(), r.T("table.change"), r.T("chart.interval")}
	if now == nil && before == nil {
		return c
	}
	c.Plain = true
	for _, line := range r.comparedFigures(m, now) {
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: line.name},
			{Text: pointText(line.measure, before), Href: r.comparedTrail(line, about, r.before).href()},
			{Text: pointText(line.measure, now), Href: r.comparedTrail(line, about, r.now).href()},
			{Text: line.measure.change(r.words, line.measure.of(now), line.measure.of(before)).Text},
			{Text: r.intervalFor(line.of, data, by, m)},
		})
	}
	if data == nil {
		return c
	}
	for i := range data.Splits {
		if note := r.splitNote(&data.Splits[i], m, by); note != "" {
			c.Notes = append(c.Notes, note)
		}
	}
	if data.Difference != nil && data.Difference.Why != "" {
		c.Notes = append(c.Notes, r.T("page.comparison.why."+string(data.Difference.Why)))
	}
	return c
}

// comparedFigure is a row of a comparison.
type comparedFigure struct {
	name    string
	measure measure
	of      analytics.Value
	about   string // whose cases are behind it, where these are others than those of the comparison
}

// comparedTrail leads to the cases behind a row.
func (r report) comparedTrail(line comparedFigure, about string, of stretch) trail {
	if line.about != "" {
		about = line.about
	}
	t := r.trail(about, of)
	if about == "stage_time" {
		t.Stage = r.filters.Stage
	}
	return t
}

// restsOn counts what a figure rests on, whatever is counted of it.
func restsOn() measure {
	m := cases()
	m.value = func(p *analytics.Point) *float64 { return new(float64(p.N)) }
	return m
}

// comparedFigures are the rows that a point has figures for.
func (r report) comparedFigures(m measure, p *analytics.Point) []comparedFigure {
	if p != nil && p.Mean == nil {
		return []comparedFigure{
			{r.T("metric.error_rate.name"), m, analytics.ValueRate, ""},
			{r.T("page.errors.faulty"), faultyCases(), "", ""},
			{r.T("metric.throughput.name"), restsOn(), "", "throughput"},
		}
	}
	return []comparedFigure{
		{r.T("statistic.mean"), r.days, analytics.ValueMean, ""},
		{r.T("statistic.median"), r.daysMedian, analytics.ValueMedian, ""},
		{r.T("statistic.p90"), r.daysP90, analytics.ValueP90, ""},
		{r.T("table.number"), restsOn(), analytics.ValueN, ""},
	}
}

// intervalFor is the interval of the difference, in the row of the figure that it is of.
func (r report) intervalFor(of analytics.Value, data *analytics.Comparison, by float64, m measure) string {
	if data == nil || data.Difference == nil || of == "" || data.Difference.Of != of || data.Difference.Low == nil || data.Difference.High == nil {
		return ""
	}
	return r.T("page.from_to", "low", signed(*data.Difference.Low*by, m.decimals), "high", signed(*data.Difference.High*by, m.decimals))
}

// splitNote says what of a change came from where.
func (r report) splitNote(s *analytics.Split, m measure, by float64) string {
	if len(s.Groups) < 2 { // the change itself
		return ""
	}
	difference := func(v float64) string {
		return r.T("measure."+m.key+".difference", "value", signed(v*by, m.decimals))
	}
	first := s.Groups[0]
	return r.T("page.comparison.split", "by", r.T("page.moves.by."+string(s.By)), "change", difference(s.Change),
		"rate", difference(s.Rate), "mix", difference(s.Mix), "group", r.groupName(s.By, first.Key), "effect", difference(first.Effect))
}

// groupName is what people call a group's key.
func (r report) groupName(by analytics.By, key string) string {
	switch by {
	case analytics.ByProcess:
		return r.names.process(key)
	case analytics.ByDepartment:
		return r.departmentOf(key)
	case analytics.ByStage:
		return r.names.stage(r.lead, key)
	case analytics.ByClass:
		if key == "" || key == missing {
			return r.T("page.no_class")
		}
		return r.names.class(key)
	default:
		return strconv.Quote(key)
	}
}
