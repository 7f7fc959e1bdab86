package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"example.com/officepulse/analytics"
)

// The most rows that a chart shows; its table has all of them.
const (
	maxFaultRows      = 8
	maxDepartmentRows = 15
	maxStageRows      = 10
	maxShortRows      = 5 // with more, labels of bars need a taller chart
)

// card is a chart with everything that makes it readable without its picture.
type card struct {
	ID         string // anchor
	Title      string // the question it answers
	Subject    string // of which process or departments, by which period
	Unit       string
	N          string
	Caption    string // the finding in words
	Meta       string // clock, as-of
	Definition string // link
	Legend     []legendEntry
	Table      table
	Tall       bool
	Chart      json.RawMessage // nil when there is nothing to draw
	Empty      string          // what is said then
	Instead    string          // and where there is something, with its URL
	InsteadURL string
}

// legendEntry names one series; Sample is the class of its drawn sample.
type legendEntry struct {
	Sample, Name string
}

// table is a chart's figures for those who read rather than look.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string // the first cell names the row
}

// cards are the charts in pairs: how it went on the left, where on the right.
func (v view) cards() ([][]card, error) {
	makers := [][]func() (card, error){
		{v.leadCard, v.stageCard},
		{v.errorCard, v.faultCard},
		{v.satisfactionCard, v.departmentCard},
	}
	rows := make([][]card, len(makers))
	for i, row := range makers {
		for _, make := range row {
			c, err := make()
			if err != nil {
				return nil, fmt.Errorf("draw the Overview: %w", err)
			}
			rows[i] = append(rows[i], c)
		}
	}
	return rows, nil
}

// card begins a chart's card; key is part of its message keys.
func (v view) card(id, key, metric, unit string) card {
	return card{
		ID: id, Title: v.T("card." + key + ".title"), Unit: unit, Definition: "/definitions#" + metric,
		Meta:  v.T("card.as_of", "time", v.stamp(v.figures.AsOf)),
		Empty: v.T("card."+key+".empty", "quarter", v.thisQuarter()),
		Table: table{Caption: v.T("card." + key + ".title")},
	}
}

// withClock says in the meta line how time was counted.
func (v view) withClock(c *card) {
	c.Meta = v.T("card.clock", "clock", v.clock()) + v.T("list.dot") + c.Meta
}

// span cuts the quarters before the first that has data in any of the courses;
// at least two quarters stay.
func (v view) span(courses ...course) (from int) {
	for i := range trend - 2 {
		for _, c := range courses {
			if c[i] != nil {
				return i
			}
		}
	}
	return trend - 2
}

func (v view) axis(from int) []string {
	labels := make([]string, 0, trend)
	for i := from; i < trend; i++ {
		labels = append(labels, v.filters.Quarter.add(i+1-trend).short())
	}
	return labels
}

func values(m measure, c course, from int) []*float64 {
	list := make([]*float64, 0, trend)
	for _, p := range c[from:] {
		list = append(list, m.of(p))
	}
	return list
}

func (v view) n(p *analytics.Point) string {
	if p == nil {
		return ""
	}
	return v.T("card.n", "n", count(p.N))
}

// subject is that of a chart which the filter by department narrows too.
func (v view) subject(process string) string {
	if v.filters.Department == "" {
		return process
	}
	return process + v.T("list.dot") + v.departmentName()
}

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
	c.Table.Rows = v.quarterRows(course, v.days, v.daysMedian, v.daysP90)
	drawn := trendChart("lead_time", v.axis(from), 0,
		line{v.T("statistic.p90"), values(v.daysP90, course, from), strokeSecond},
		line{v.T("statistic.mean"), values(v.days, course, from), strokeMain},
		line{v.T("statistic.median"), values(v.daysMedian, course, from), strokeDotted})
	var err error
	c.Chart, err = encode(drawn, c.Unit, trendDecimals)
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

// quarterRows are the rows of a trend's table, the newest first.
func (v view) quarterRows(c course, measures ...measure) [][]string {
	var rows [][]string
	for i := trend - 1; i >= 0; i-- {
		if c[i] == nil {
			continue
		}
		row := []string{v.filters.Quarter.add(i + 1 - trend).String()}
		for _, m := range measures {
			row = append(row, pointText(m, c[i]))
		}
		rows = append(rows, append(row, count(c[i].N)))
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
	c.Table.Rows = v.quarterRows(course, v.percent, faulty)
	var err error
	c.Chart, err = encode(trendChart("error_rate", v.axis(from), 0,
		line{v.T("metric.error_rate.name"), values(v.percent, course, from), strokeMain}), c.Unit, trendDecimals)
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
	c.Table.Rows = v.quarterRows(course, v.score)
	var err error
	c.Chart, err = encode(trendChart("satisfaction", v.axis(from), floor,
		line{v.T("metric.satisfaction.name"), list, strokeMain}), c.Unit, trendDecimals)
	return c, err
}

// floorNote warns that an axis does not begin at zero.
func (v view) floorNote(floor float64) string {
	if floor == 0 {
		return ""
	}
	return v.T("caption.floor", "value", number(floor, 0))
}

// stageRow is a stage with its hours a case.
type stageRow struct {
	key         string
	before, now *float64
}

// stageRows are in the handbook's order, stages it does not know behind.
func (v view) stageRows() []stageRow {
	rows := make([]stageRow, 0, len(v.figures.Stages))
	for _, p := range v.figures.Stages {
		rows = append(rows, stageRow{
			key:    p.Key,
			before: perCase(p.Before, v.figures.Lead.lastYear()), now: perCase(p.Now, v.figures.Lead.now()),
		})
	}
	order := map[string]int{}
	for i, s := range v.names.stages(v.lead) {
		order[s.Key] = i + 1
	}
	place := func(key string) int { return cmp.Or(order[key], len(order)+1) }
	slices.SortStableFunc(rows, func(a, b stageRow) int {
		return cmp.Or(cmp.Compare(place(a.key), place(b.key)), cmp.Compare(a.key, b.key))
	})
	return rows
}

func (v view) stageCard() (card, error) {
	unit := v.T("unit.hours_per_case." + string(v.filters.Clock))
	c := v.card("stage-time", "stages", "stage_time", unit)
	c.Subject, c.N = v.subject(v.names.process(v.lead)), v.n(v.figures.Lead.now())
	v.withClock(&c)
	now, before := v.filters.Quarter, v.filters.Quarter.add(-4)
	c.Legend = []legendEntry{{"bar-before", v.beside(before)}, {"bar-now", now.String()}}
	c.Table.Head = []string{v.T("table.stage"), now.String(), before.String()}
	hours := measure{decimals: 1}
	rows := v.stageRows()
	var longest stageRow
	for _, r := range rows {
		name := v.names.stage(v.lead, r.key)
		c.Table.Rows = append(c.Table.Rows, []string{name, hours.text(r.now), hours.text(r.before)})
		if r.now != nil && (longest.now == nil || *r.now > *longest.now) {
			longest = r
		}
	}
	if longest.now == nil {
		c.Legend = nil
		v.lookElsewhere(&c)
		return c, nil
	}
	c.Caption = v.T("card.stages.caption", "stage", v.stageInText(longest.key), "figure", hours.text(longest.now)+following(unit)) +
		v.savedMost()
	var err error
	shown := v.stageBars(rows)
	c.Tall = len(shown) > maxShortRows
	c.Chart, err = encode(pairedBars("stage_time", shown, before.String(), now.String(), 1), unit, 1)
	return c, err
}

// stageBars are the stages that a chart shows: all or, where they are too many
// to be read, those that take most time, in the same order, and the rest as one.
func (v view) stageBars(rows []stageRow) []bars {
	longest := slices.Clone(rows)
	slices.SortStableFunc(longest, func(a, b stageRow) int { return cmp.Compare(larger(b), larger(a)) })
	if len(rows) > maxStageRows+1 { // one alone would take the place of the rest
		longest = longest[:maxStageRows]
	}
	var drawn []bars
	var rest bars
	others := 0
	for _, r := range rows {
		if slices.ContainsFunc(longest, func(l stageRow) bool { return l.key == r.key }) {
			drawn = append(drawn, bars{v.names.stage(v.lead, r.key), r.before, r.now})
			continue
		}
		rest.before, rest.now = sum(rest.before, r.before), sum(rest.now, r.now)
		others++
	}
	if others > 0 {
		rest.name = v.T("card.stages.others", "n", others)
		drawn = append(drawn, rest)
	}
	return drawn
}

// larger is the hours a case of a stage now or, where there are none, before.
func larger(r stageRow) float64 {
	switch {
	case r.now != nil:
		return *r.now
	case r.before != nil:
		return *r.before
	default:
		return 0
	}
}

// sum adds what there is; nil when there is nothing.
func sum(a, b *float64) *float64 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		return new(*a + *b)
	}
}

// stageInText quotes a stage that only the data has: its name may be anything.
func (v view) stageInText(key string) string {
	name := v.names.stage(v.lead, key)
	if name == key {
		return v.T("quoted", "name", name)
	}
	return name
}

// beside names an earlier quarter in a legend, and says so when it lies before
// all data: its bars are then missing, not zero.
func (v view) beside(q quarter) string {
	if q.minus(v.figures.First) >= 0 {
		return q.String()
	}
	return v.T("legend.no_data", "quarter", q.String())
}

// savedMost names the stage that lost most time since last year.
func (v view) savedMost() string {
	var best stageRow
	saved := 0.0
	for _, r := range v.stageRows() {
		if r.now != nil && r.before != nil && *r.before-*r.now > saved {
			best, saved = r, *r.before-*r.now
		}
	}
	if rounded(saved, 1) == 0 {
		return v.T("caption.end")
	}
	return v.T("card.stages.saved", "stage", v.stageInText(best.key), "value", number(saved, 1))
}

// topFaults are the kinds of fault, the most frequent first.
func (v view) topFaults() []pair {
	kinds := slices.Clone(v.figures.Faults)
	n := func(p *analytics.Point) uint64 {
		if p == nil {
			return 0
		}
		return counted(p)
	}
	slices.SortStableFunc(kinds, func(a, b pair) int {
		return cmp.Or(cmp.Compare(n(b.Now), n(a.Now)), cmp.Compare(n(b.Before), n(a.Before)), cmp.Compare(a.Key, b.Key))
	})
	return kinds
}

func (v view) faultCard() (card, error) {
	unit := v.T("unit.faults")
	c := v.card("faults", "faults", "faults", unit)
	c.Subject = v.subject(v.processName())
	now, before := v.filters.Quarter, v.filters.Quarter.add(-1)
	c.Table.Head = []string{v.T("table.kind"), now.String(), before.String()}
	var drawn []bars
	var total uint64
	kinds := 0 // in the chosen quarter
	for i, k := range v.topFaults() {
		name := v.names.kind(k.Key)
		if k.Now != nil {
			total += counted(k.Now)
			kinds++
		}
		c.Table.Rows = append(c.Table.Rows, []string{name, pointText(v.cases, k.Now), pointText(v.cases, k.Before)})
		if i < maxFaultRows {
			drawn = append(drawn, bars{name, v.cases.of(k.Before), v.cases.of(k.Now)})
		}
	}
	if v.figures.Unreported {
		c.Empty = v.T("card.faults.unreported", "process", v.processName())
		return c, nil
	}
	if total == 0 {
		return c, nil
	}
	c.N = v.T("card.n", "n", count(total))
	c.Legend = []legendEntry{{"bar-before", v.beside(before)}, {"bar-now", now.String()}}
	top := v.topFaults()[0]
	c.Caption = v.T("card.faults.caption", "kind", v.names.kind(top.Key), "count", count(counted(top.Now)),
		"share", number(100*float64(counted(top.Now))/float64(total), 0))
	if kinds > maxFaultRows {
		c.Caption += v.T("caption.more", "shown", maxFaultRows, "all", kinds)
	}
	var err error
	c.Tall = len(drawn) > maxShortRows
	c.Chart, err = encode(pairedBars("faults", drawn, before.String(), now.String(), 0), unit, 0)
	return c, err
}

// rankedDepartments are those with a score now, the most satisfied first.
func (v view) rankedDepartments() []pair {
	var list []pair
	for _, d := range v.figures.Departments {
		if v.score.of(d.Now) != nil {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(*v.score.of(b.Now), *v.score.of(a.Now)), cmp.Compare(a.Key, b.Key))
	})
	return list
}

func (v view) departmentCard() (card, error) {
	c := v.card("departments", "departments", "satisfaction", v.unit(v.score))
	c.Tall = true
	now, before := v.filters.Quarter, v.filters.Quarter.add(-1)
	ranked := v.rankedDepartments()
	if len(ranked) == 0 {
		return c, nil
	}
	c.Subject = v.T("card.departments.subject")
	if v.filters.Process != "" {
		c.Subject += v.T("list.dot") + v.T("card.all_processes")
	}
	c.Legend = []legendEntry{{"dot-before", v.beside(before)}, {"dot-now", now.String()}}
	c.Table.Head = []string{v.T("table.department"), now.String(), before.String(), v.T("table.change"), "n"}
	var answers uint64
	for _, d := range ranked {
		answers += d.Now.N
		c.Table.Rows = append(c.Table.Rows, []string{
			v.names.department(d.Key), pointText(v.score, d.Now), pointText(v.score, d.Before),
			v.score.compare(v.words, d.Now, d.Before).Text, count(d.Now.N),
		})
	}
	c.N = v.T("card.n", "n", count(answers))
	c.Caption = v.departmentCaption(ranked)
	var err error
	c.Chart, err = v.drawDepartments(&c, ranked)
	return c, err
}

func (v view) drawDepartments(c *card, ranked []pair) (json.RawMessage, error) {
	shown := ranked
	if len(ranked) > maxDepartmentRows {
		half := maxDepartmentRows / 2
		shown = slices.Concat(ranked[:half], ranked[len(ranked)-half:])
		c.Caption += v.T("card.departments.ends", "half", half, "all", len(ranked))
	}
	rows, bold := make([]bars, len(shown)), -1
	var all []*float64
	for i, d := range shown {
		rows[i] = bars{v.names.department(d.Key), v.score.of(d.Before), v.score.of(d.Now)}
		all = append(all, rows[i].before, rows[i].now)
		if d.Key == v.filters.Department {
			bold = i
			rows[i].name = "▸ " + rows[i].name
		}
	}
	floor, ceiling := scoreRange(all...)
	c.Caption += v.floorNote(floor)
	now, before := v.filters.Quarter, v.filters.Quarter.add(-1)
	return encode(dumbbell("departments", rows, before.String(), now.String(), floor, ceiling, 1, bold), c.Unit, 1)
}

// departmentCaption names the largest rise and the largest fall.
func (v view) departmentCaption(ranked []pair) string {
	var up, down *pair
	rise, fall := 0.0, 0.0
	for i := range ranked {
		now, before := v.score.of(ranked[i].Now), v.score.of(ranked[i].Before)
		if before == nil {
			continue
		}
		if d := *now - *before; d > rise {
			up, rise = &ranked[i], d
		} else if d < fall {
			down, fall = &ranked[i], d
		}
	}
	if !slices.ContainsFunc(ranked, func(d pair) bool { return v.score.of(d.Before) != nil }) {
		return v.T("card.departments.alone")
	}
	text := ""
	if up != nil && rounded(rise, 1) != 0 {
		text += v.T("card.departments.up", "department", v.names.department(up.Key), "value", number(rise, 1))
	}
	if down != nil && rounded(fall, 1) != 0 {
		text += v.T("card.departments.down", "department", v.names.department(down.Key), "value", number(-fall, 1))
	}
	if text == "" {
		return v.T("card.departments.flat")
	}
	return text
}
