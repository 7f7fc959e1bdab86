package dashboard

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/officepulse/analytics"
)

// route is a way through a process, with the cases that took it.
type route struct {
	Stages []routeStage
	Count  string
	Share  string
	Width  float64 // of its bar, in per cent
	Href   string
}

// routeStage is a stage on the way; Again marks one that was visited before.
type routeStage struct {
	Name  string
	Again bool
}

// routeCard draws the commonest ways through the process.
func (r approvalReport) routeCard() (card, error) {
	c := r.chart("approvals", "routes", "variants", r.unit(r.cases))
	c.Subject, c.N = r.subject(r.names.process(r.lead)), r.n(r.found.Done)
	list := r.found.Variants
	if len(list) == 0 {
		return c, nil
	}
	covered := 0.0
	c.Export = r.exported("/api/v1/metrics/variants", "variants", "", nil)
	c.Table.Head = []string{r.T("page.approvals.routes.way"), r.unit(r.cases), r.T("chart.share")}
	for _, v := range list {
		t := r.trail("variants", r.now)
		t.Variant = v.Stages
		way := route{Count: count(v.Count), Share: number(100*v.Share, 1) + "%", Width: rounded(100*v.Share, 1), Href: t.href()}
		names := make([]string, len(v.Stages))
		for i, key := range v.Stages {
			names[i] = r.names.stage(r.lead, key)
			way.Stages = append(way.Stages, routeStage{Name: names[i], Again: slices.Contains(v.Stages[:i], key)})
		}
		c.Routes = append(c.Routes, way)
		covered += v.Share
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: strings.Join(names, " → ")}, {Text: count(v.Count), Href: way.Href}, {Text: way.Share}})
	}
	c.Caption = r.T("page.approvals.routes.caption", "n", len(list), "share", number(100*min(1, covered), 0))
	return c, nil
}

// limitName is the name of a limit in the handbook; key is "process/limit".
func (v view) limitName(key string) string {
	process, name, _ := strings.Cut(key, "/")
	p, _ := v.names.handbook.Process(process)
	limit, _ := p.Limit(name)
	return v.names.in(limit.Name, key)
}

// limitCard ranks the limits by how they are kept, the worst on top.
func (r approvalReport) limitCard() (card, error) {
	c := r.chart("approvals", "limits", "on_time_rate", r.unit(r.percent))
	m := share()
	var list []pair
	for _, p := range r.found.Limits {
		if m.of(p.Now) != nil {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return c, nil
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(*m.of(a.Now), *m.of(b.Now)), cmp.Compare(a.Key, b.Key))
	})
	c.Subject, c.N = r.subject(r.names.process(r.lead)), r.n(r.found.OnTime)
	c.Legend = []legendEntry{{"dot-before", r.before.label()}, {"dot-now", r.now.label()}, {"line-interval", r.T("chart.interval")}}
	c.Export = r.exported("/api/v1/metrics/on_time_rate", "on_time_rate", analytics.ByLimit, nil)
	c.Table.Head = []string{r.T("table.limit"), r.now.label(), r.T("chart.interval"), r.before.label(), r.T("table.late"), r.T("table.overdue"), "n"}
	drawn, links := make([]ranged, len(list)), make([]string, len(list))
	for i, p := range list {
		t := r.trail("on_time_rate", r.now)
		t.Limit = p.Key
		links[i] = t.href()
		drawn[i] = ranged{
			name: r.limitName(p.Key), now: m.of(p.Now), low: scaled(p.Now.Low, 100), high: scaled(p.Now.High, 100), before: m.of(p.Before),
			href: links[i], few: p.Now.N < fewSample,
		}
		c.Table.Rows = append(c.Table.Rows, limitRow(m, drawn[i], p))
	}
	worst := list[0]
	c.Caption = r.T("page.approvals.limits.caption", "limit", r.limitName(worst.Key), "rate", r.figure(m, m.of(worst.Now)), "n", count(worst.Now.N))
	c.Height = "low"
	if len(list) > maxShortRows {
		c.Height = "high"
	}
	var err error
	c.Chart, err = encodeLinked(intervals("limits", drawn, r.before.label(), r.now.label()), c.Unit, 1, links)
	return c, err
}

func limitRow(m measure, row ranged, p pair) []tableCell {
	interval, late, overdue := "—", "", "0"
	if row.low != nil && row.high != nil {
		interval = number(*row.low, 1) + "–" + number(*row.high, 1)
	}
	if p.Now.Count != nil {
		late = count(p.Now.N - *p.Now.Count)
	}
	if p.Now.Overdue != nil {
		overdue = count(*p.Now.Overdue)
	}
	return []tableCell{
		{Text: row.name}, {Text: m.text(row.now)}, {Text: interval}, {Text: m.text(row.before)}, {Text: late, Href: row.href}, {Text: overdue}, {Text: count(p.Now.N)},
	}
}

// maxDepartments is how many departments the matrix of handovers shows.
const maxDepartments = 14

// handoverCard shows how often departments hand over to each other.
func (r approvalReport) handoverCard() (card, error) {
	c := r.chart("approvals", "handovers", "handovers", r.T("page.approvals.handovers.unit"))
	list := r.found.Handovers
	if len(list) == 0 {
		return c, nil
	}
	c.Subject = r.subject(r.names.process(r.lead))
	n, total := map[string]uint64{}, uint64(0)
	for _, h := range list {
		n[h.From] += h.Count
		n[h.To] += h.Count
		total += h.Count
	}
	keys := make([]string, 0, len(n))
	for key := range n {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b)) })
	all := len(keys)
	keys = keys[:min(maxDepartments, all)]
	departments := make([]string, len(keys))
	for i, key := range keys {
		departments[i] = r.departmentOf(key)
	}
	c.N = r.T("card.n", "n", count(total))
	c.Legend = []legendEntry{{"heat-1", r.T("chart.low")}, {"heat-3", ""}, {"heat-5", r.T("chart.high")}}
	c.Export = r.exported("/api/v1/metrics/handovers", "handovers", "", url.Values{"limit": {strconv.Itoa(maxHandovers)}})
	c.Table.Head = []string{r.T("page.approvals.handovers.from"), r.T("page.approvals.handovers.to"), r.T("page.approvals.handovers.unit"), r.T("table.mean_wait"), r.T("table.total_wait")}
	var cells []heatCell
	for _, h := range list {
		t := r.trail("handovers", r.now)
		t.Pair = [2]string{h.From, h.To}
		href := t.href()
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: r.departmentOf(h.From)},
			{Text: r.departmentOf(h.To)},
			{Text: count(h.Count), Href: href},
			{Text: number(h.Mean/hour, 1)},
			{Text: number(h.Total/hour, 0)},
		})
		row, column := slices.Index(keys, h.From), slices.Index(keys, h.To)
		if row < 0 || column < 0 {
			continue
		}
		cells = append(cells, heatCell{column: column, row: row, value: float64(h.Count), label: count(h.Count), href: href, text: r.T("page.approvals.handovers.cell",
			"from", r.departmentOf(h.From), "to", r.departmentOf(h.To), "n", count(h.Count), "mean", number(h.Mean/hour, 1))})
	}
	longest := slices.MaxFunc(list, func(a, b analytics.Handover) int { return cmp.Compare(a.Total, b.Total) })
	c.Caption = r.T("page.approvals.handovers.caption", "from", r.departmentOf(longest.From), "to", r.departmentOf(longest.To),
		"total", number(longest.Total/hour, 0), "mean", number(longest.Mean/hour, 1))
	if all > len(keys) {
		c.Caption += r.T("page.shown", "shown", len(keys), "all", all)
	}
	c.Height = heatHeight(len(keys))
	var err error
	c.Chart, err = encode(heat("handover_matrix", c.Unit, departments, departments, cells), c.Unit, 0)
	return c, err
}

// ageingCard shows how old the open cases are.
func (r approvalReport) ageingCard() (card, error) {
	c := r.chart("approvals", "ageing", "work_in_progress", r.unit(r.cases))
	a := r.found.Ageing
	if a == nil || a.N == 0 {
		return c, nil
	}
	c.Subject, c.N = r.subject(r.names.process(r.lead))+r.T("list.dot")+r.T("page.approvals.ageing.at", "time", r.stamp(a.At)), r.T("card.n", "n", count(a.N))
	r.withClock(&c)
	c.Export = r.exported("/api/v1/ageing", "work_in_progress", "", nil)
	c.Table.Head = []string{r.T("page.approvals.ageing.age"), r.unit(r.cases), r.T("chart.share")}
	drawn, links := make([]oneBar, len(a.Classes)), make([]string, len(a.Classes))
	for i, class := range a.Classes {
		t := r.trail("work_in_progress", r.now)
		t.AtLeast, t.Below = class.From, class.Below
		name := r.T("page.approvals.ageing.class", "from", class.FromDays, "below", class.BelowDays, "unit", r.unit(r.days))
		if class.BelowDays == 0 {
			name = r.T("page.approvals.ageing.last", "from", class.FromDays, "unit", r.unit(r.days))
		}
		links[i] = t.href()
		drawn[i] = oneBar{name: name, value: float64(class.N), text: count(class.N), href: links[i]}
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: name}, {Text: count(class.N), Href: links[i]}, {Text: number(100*float64(class.N)/float64(a.N), 1) + "%"}})
	}
	if len(a.Oldest) > 0 {
		c.Caption = r.T("page.approvals.ageing.caption", "age", number(a.Oldest[0].Seconds/r.dayLength(), 1)+following(r.unit(r.days)),
			"case", a.Oldest[0].CaseID, "stage", r.stageInText(a.Oldest[0].Stage))
		c.Instead, c.InsteadURL = r.T("page.approvals.ageing.oldest"), casePath(a.Oldest[0].Process, a.Oldest[0].CaseID)
	}
	c.Height = heatHeight(7)
	var err error
	c.Chart, err = encodeLinked(singleBars("ageing", r.unit(r.cases), drawn), r.unit(r.cases), 0, links)
	return c, err
}

// compared sets both stretches side by side.
func (r approvalReport) compared() (card, error) {
	c := r.chart("approvals", "comparison", r.filters.timed(), r.unit(r.days))
	r.withClock(&c)
	c = r.comparisonCard(c, r.found.Comparison, r.days, 1/r.dayLength(), r.found.Time, r.found.TimeBefore, r.filters.timed())
	if !c.Plain {
		return c, nil
	}
	c.Export = r.exported("/api/v1/compare/"+r.filters.timed(), r.filters.timed(), "", r.earlier())
	f := r.found
	for _, rate := range []struct {
		metric      string
		now, before *analytics.Point
	}{{"on_time_rate", f.OnTime, f.OnTimeBefore}, {"first_pass_yield", f.FirstPass, f.FirstPassBefore}} {
		if rate.now == nil && rate.before == nil {
			continue
		}
		m := share()
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: r.T("metric." + rate.metric + ".name")},
			{Text: percentText(m, rate.before), Href: r.trail(rate.metric, r.before).href()},
			{Text: percentText(m, rate.now), Href: r.trail(rate.metric, r.now).href()},
			{Text: m.compare(r.words, rate.now, rate.before).Text},
			{},
		})
	}
	if s := f.Survival; s != nil && s.Median != nil && s.CompletedMedian != nil && r.filters.Stage == "" {
		c.Notes = append(c.Notes, r.T("page.approvals.survival_caption", "n", count(s.N), "open", count(s.Open),
			"median", number(*s.Median/r.dayLength(), 1)+following(r.unit(r.days)), "plain", number(*s.CompletedMedian/r.dayLength(), 1)+following(r.unit(r.days))))
	}
	return c, nil
}

func percentText(m measure, p *analytics.Point) string {
	if m.of(p) == nil {
		return "—"
	}
	return pointText(m, p) + "%"
}
