package dashboard

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
)

// The most that a chart of the page shows; its table has all.
const (
	maxKinds      = 10
	maxRanked     = 16
	maxHeatRows   = 20
	maxHeatColumn = 18
)

func (r errorReport) cards() ([][]card, error) {
	control, err := r.controlCard(r.chart("errors", "control", "error_rate", r.unit(r.percent)), r.found.Control, r.percent, 100, r.rateFigure(), lowerBetter)
	if err != nil {
		return nil, err
	}
	control.Export = r.exports("/api/v1/control/error_rate", r.asked.monthly("error_rate"), nil)
	if r.found.Unreported {
		control = r.chart("errors", "control", "error_rate", r.unit(r.percent))
		control.Empty = r.T("card.errors.unreported", "process", r.processName())
	}
	kinds, err := r.kindCard()
	if err != nil {
		return nil, err
	}
	heat, err := r.heatCard()
	if err != nil {
		return nil, err
	}
	processes, err := r.rankedCard("processes", analytics.ByProcess, r.found.Processes, r.names.process, func(t *trail, key string) { t.Process = key })
	if err != nil {
		return nil, err
	}
	departments, err := r.rankedCard("departments", analytics.ByDepartment, r.found.DepartmentRates, r.departmentOf, func(t *trail, key string) { t.Department = key })
	if err != nil {
		return nil, err
	}
	compared := r.comparisonCard(r.chart("errors", "comparison", "error_rate", r.unit(r.percent)), r.found.Comparison, r.percent, 100, r.found.Rate, r.found.RateBefore, "error_rate")
	compared.Export = r.exported("/api/v1/compare/error_rate", "error_rate", "", r.earlier())
	return [][]card{{control, kinds}, {heat}, {processes, departments}, {compared}}, nil
}

// rateFigure is what the page is about.
func (r errorReport) rateFigure() figure.Figure {
	f := r.filters
	return figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: f.Process, Department: f.Department, Class: f.Class}
}

// kindCard is the Pareto chart of kinds of fault.
func (r errorReport) kindCard() (card, error) {
	c := r.chart("errors", "kinds", "faults", r.T("unit.share"))
	list, total := r.kinds()
	if total == 0 {
		return c, nil
	}
	c.Subject = r.subject(r.processName())
	c.N = r.T("card.n", "n", count(total))
	c.Export = r.exported("/api/v1/metrics/faults", "faults", analytics.ByKind, nil)
	c.Legend = []legendEntry{{"bar-now", r.T("chart.share")}, {"line-second", r.T("chart.running")}}
	c.Table.Head = []string{r.T("table.kind"), r.now.label(), r.T("chart.share"), r.T("chart.running"), r.before.label()}
	var drawn []paretoRow
	var links []string
	sum, vital := 0.0, 0
	for i, k := range list {
		n := counted(k.Now)
		share := 100 * float64(n) / float64(total)
		if sum < 80 {
			vital = i + 1
		}
		sum += share
		t := r.trail("faults", r.now)
		t.Kind = k.Key
		href := t.href()
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: r.names.kind(k.Key)},
			{Text: count(n), Href: href},
			{Text: number(share, 1) + "%"},
			{Text: number(sum, 1) + "%"},
			{Text: pointText(r.cases, k.Before)},
		})
		if i < maxKinds {
			drawn = append(drawn, paretoRow{name: r.names.kind(k.Key), text: count(n), href: href, share: share, sum: sum})
			links = append(links, href)
		}
	}
	c.Caption = r.T("page.errors.kinds.caption", "vital", vital, "all", len(list))
	if len(list) > maxKinds {
		c.Caption += r.T("caption.more", "shown", maxKinds, "all", len(list))
	}
	c.Tall = true
	var err error
	c.Chart, err = encodeLinked(pareto("fault_kinds", r.T("chart.share"), r.T("chart.running"), drawn), "%", 1, links)
	return c, err
}

// heatCard is the error rate by process and department.
func (r errorReport) heatCard() (card, error) {
	c := r.chart("errors", "heat", "error_rate", r.unit(r.percent))
	m := r.found.Matrix
	if m == nil || len(m.Cells) == 0 || r.found.Unreported {
		return c, nil
	}
	c.Subject = r.T("page.errors.heat.subject")
	c.Export = r.exported("/api/v1/matrix/error_rate", "error_rate", "", url.Values{"rows": {"process"}, "columns": {"department"}})
	c.N = r.n(r.found.Rate)
	c.Legend = []legendEntry{{"heat-1", r.T("chart.low")}, {"heat-3", ""}, {"heat-5", r.T("chart.high")}, {"hatched", r.T("chart.few", "n", fewSample)}}
	rows, columns := keysOf(m.Cells, func(c analytics.Cell) string { return c.Row }), keysOf(m.Cells, func(c analytics.Cell) string { return c.Column })
	rows, columns = rows[:min(maxHeatRows, len(rows))], columns[:min(maxHeatColumn, len(columns))]
	c.Table.Head = []string{r.T("table.process")}
	var processes, departments []string
	for _, key := range rows {
		processes = append(processes, r.names.process(key))
	}
	for _, key := range columns {
		departments = append(departments, r.departmentOf(key))
	}
	c.Table.Head = append(c.Table.Head, departments...)
	cells, worst := r.heatCells(m, rows, columns)
	c.Table.Rows = heatTable(processes, len(departments), cells)
	if worst != nil {
		c.Caption = r.T("page.errors.heat.caption", "process", r.names.process(worst.Row), "department", r.departmentOf(worst.Column),
			"rate", number(100**worst.Rate, 1)+"%", "n", count(worst.N))
	}
	c.Height = heatHeight(len(rows))
	var err error
	c.Chart, err = encode(heat("error_heat", r.T("metric.error_rate.name"), processes, departments, cells), "%", 1)
	return c, err
}

// heatHeight gives every row of a heat map its place.
func heatHeight(rows int) string {
	switch {
	case rows > 12:
		return "higher"
	case rows > 6:
		return "high"
	default:
		return "low"
	}
}

// keysOf lists the keys of cells, that with most cases first.
func keysOf(cells []analytics.Cell, key func(analytics.Cell) string) []string {
	n := map[string]uint64{}
	for _, c := range cells {
		n[key(c)] += c.N
	}
	keys := make([]string, 0, len(n))
	for k := range n {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b)) })
	return keys
}

// heatCells are the fields of the map, and the worst of those that rest on enough.
func (r errorReport) heatCells(m *analytics.Matrix, rows, columns []string) (cells []heatCell, worst *analytics.Cell) {
	for i := range m.Cells {
		cell := &m.Cells[i]
		row, column := slices.Index(rows, cell.Row), slices.Index(columns, cell.Column)
		if cell.Rate == nil || row < 0 || column < 0 {
			continue
		}
		few := cell.N < fewSample
		if !few && (worst == nil || *cell.Rate > *worst.Rate) {
			worst = cell
		}
		t := r.trail("error_rate", r.now)
		t.Process, t.Department = cell.Row, cell.Column
		rate := number(100**cell.Rate, 1)
		text := r.T("page.errors.heat.cell", "process", r.names.process(cell.Row), "department", r.departmentOf(cell.Column), "rate", rate+"%", "n", count(cell.N))
		if few {
			text += r.T("sentence.few", "n", count(cell.N))
		}
		cells = append(cells, heatCell{column: column, row: row, value: 100 * *cell.Rate, label: rate, text: text, href: t.href(), few: few})
	}
	return cells, worst
}

// heatTable is a heat map's figures, with a mark where they are only indicative.
func heatTable(rows []string, columns int, cells []heatCell) [][]tableCell {
	table := make([][]tableCell, len(rows))
	for i, name := range rows {
		table[i] = make([]tableCell, columns+1)
		table[i][0].Text = name
	}
	for _, c := range cells {
		text := c.label
		if c.few {
			text = "(" + text + ")"
		}
		table[c.row][c.column+1] = tableCell{Text: text, Href: c.href}
	}
	return table
}

// rankedCard ranks groups by their error rate, the worst on top; those that
// rest on too little stand below, since chance alone would lead with them.
func (r errorReport) rankedCard(id string, by analytics.By, pairs []pair, name func(string) string, narrow func(*trail, string)) (card, error) {
	c := r.chart("errors", id, "error_rate", r.unit(r.percent))
	var list []pair
	for _, p := range pairs {
		if r.percent.of(p.Now) != nil {
			list = append(list, p)
		}
	}
	if len(list) == 0 || r.found.Unreported {
		return c, nil
	}
	few := func(p pair) int {
		if p.Now.N < fewSample {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(few(a), few(b)), cmp.Compare(*r.percent.of(b.Now), *r.percent.of(a.Now)), cmp.Compare(a.Key, b.Key))
	})
	c.Subject, c.N = r.subject(r.processName()), r.n(r.found.Rate)
	c.Export = r.exported("/api/v1/metrics/error_rate", "error_rate", by, nil)
	c.Legend = []legendEntry{{"dot-before", r.before.label()}, {"dot-now", r.now.label()}, {"line-interval", r.T("chart.interval")}}
	c.Table.Head = []string{c.Table.Caption, r.now.label(), r.T("chart.interval"), r.before.label(), r.T("table.change"), r.T("table.faulty"), "n"}
	c.Table.Head[0] = r.T("table." + id)
	var drawn []ranged
	var links []string
	for i, p := range list {
		t := r.trail("error_rate", r.now)
		narrow(&t, p.Key)
		row := ranged{
			name: name(p.Key), now: r.percent.of(p.Now), low: scaled(p.Now.Low, 100), high: scaled(p.Now.High, 100), before: r.percent.of(p.Before),
			href: t.href(), few: p.Now.N < fewSample,
		}
		c.Table.Rows = append(c.Table.Rows, r.rankedRow(row, p))
		if i < maxRanked {
			drawn, links = append(drawn, row), append(links, row.href)
		}
	}
	worst := list[0]
	c.Caption = r.T("page.errors.ranked.caption", "name", name(worst.Key), "rate", r.figure(r.percent, r.percent.of(worst.Now)), "n", count(worst.Now.N))
	if len(list) > maxRanked {
		c.Caption += r.T("page.shown", "shown", maxRanked, "all", len(list))
	}
	c.Tall = true
	var err error
	c.Chart, err = encodeLinked(intervals("error_"+id, drawn, r.before.label(), r.now.label()), c.Unit, 1, links)
	return c, err
}

func (r errorReport) rankedRow(row ranged, p pair) []tableCell {
	interval, faulty := "—", ""
	if row.low != nil && row.high != nil {
		interval = number(*row.low, 1) + "–" + number(*row.high, 1)
	}
	if p.Now.Count != nil {
		faulty = count(*p.Now.Count)
	}
	return []tableCell{
		{Text: row.name},
		{Text: r.percent.text(row.now), Href: row.href},
		{Text: interval},
		{Text: r.percent.text(row.before)},
		{Text: r.percent.compare(r.words, p.Now, p.Before).Text},
		{Text: faulty},
		{Text: count(p.Now.N)},
	}
}
