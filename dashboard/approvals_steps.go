package dashboard

import (
	"net/url"
	"strconv"

	"example.com/officepulse/analytics"
)

// transitionCard ranks pairs of steps by the time that all cases together
// waited between them.
func (r approvalReport) transitionCard() (card, error) {
	unit := r.T("page.approvals.bottlenecks.unit." + string(r.filters.Clock))
	c := r.chart("approvals", "transitions", "transitions", unit)
	c.Subject = r.subject(r.names.process(r.lead))
	r.withClock(&c)
	found := r.found.Transitions
	list := tableRows[analytics.Transition](found)
	if len(list) == 0 {
		return c, nil
	}
	c.N = r.T("card.n", "n", count(found.N))
	c.Export = r.exported("/api/v1/metrics/transitions", "transitions", "", url.Values{"sort": {string(analytics.SortTotal)}, "limit": {strconv.Itoa(maxTransitions)}})
	c.Table.Head = []string{
		r.T("page.approvals.transitions.pair"), r.T("page.approvals.transitions.times"), unit,
		r.T("table.mean_wait"), r.T("page.approvals.transitions.median"), r.T("page.approvals.transitions.p90"),
	}
	var (
		drawn []oneBar
		links []string
		all   float64
		day   = r.dayLength()
	)
	for i, t := range list {
		all += t.Total
		to := r.trail("transitions", r.now)
		to.Pair = [2]string{t.From, t.To}
		href, name := to.href(), r.wayText(r.lead, []string{t.From, t.To})
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: name},
			{Text: count(t.Count), Href: href},
			{Text: number(t.Total/day, 1)},
			{Text: number(t.Mean/hour, 1)},
			{Text: number(t.Median/hour, 1)},
			{Text: number(t.P90/hour, 1)},
		})
		if i < maxStageRows {
			// Two lines, so that no stage's name is broken.
			label := r.names.stage(r.lead, t.From) + "\n→ " + r.names.stage(r.lead, t.To)
			drawn = append(drawn, oneBar{name: label, value: t.Total / day, text: number(t.Total/day, 1), href: href})
			links = append(links, href)
		}
	}
	top := list[0]
	c.Caption = r.T("page.approvals.transitions.caption", "pair", r.wayText(r.lead, []string{top.From, top.To}),
		"total", number(top.Total/day, 1)+following(r.unit(r.days)), "n", count(top.Count), "mean", number(top.Mean/hour, 1), "median", number(top.Median/hour, 1))
	if len(list) > len(drawn) {
		c.Caption += r.T("page.shown", "shown", len(drawn), "all", len(list))
	}
	c.Height = heatHeight(len(drawn))
	var err error
	c.Chart, err = encodeLinked(singleBars("transitions", unit, drawn), unit, 1, links)
	return c, err
}

// deviationName is a way to leave the route in words.
func (v view) deviationName(kind string) string {
	if key := "deviation." + kind; v.words.Has(key) {
		return v.T(key)
	}
	return kind
}

// deviationCard tells where cases left the handbook's route and what that cost.
func (r approvalReport) deviationCard() (card, error) {
	unit := r.T("unit.hours." + string(r.filters.Clock))
	c := r.chart("approvals", "deviations", "deviations", unit)
	c.Subject = r.subject(r.names.process(r.lead))
	r.withClock(&c)
	found := r.found.Deviations
	list := tableRows[analytics.Deviation](found)
	if len(list) == 0 {
		if found != nil && found.N > 0 {
			c.N = r.T("card.n", "n", count(found.N))
			c.Empty = r.T("page.approvals.deviations.none", "n", count(found.N))
		}
		return c, nil
	}
	c.Plain = true
	c.N = r.T("card.n", "n", count(found.N))
	c.Export = r.exported("/api/v1/metrics/deviations", "deviations", "", nil)
	c.Table.Head = []string{
		r.T("page.approvals.deviations.kind"), r.T("table.number"), r.T("page.approvals.deviations.share"),
		r.T("page.approvals.deviations.times"), r.T("page.approvals.deviations.mean"), r.T("page.approvals.deviations.total"),
	}
	for _, d := range list {
		to := r.trail("deviations", r.now)
		to.Kind, to.Stage = string(d.Kind), d.Stage
		mean, total := number(d.Mean/hour, 1), number(d.Total/hour, 1)
		if d.Kind == analytics.DeviationMissing { // what was not done took no time
			mean, total = "—", "—"
		}
		c.Table.Rows = append(c.Table.Rows, []tableCell{
			{Text: r.deviationAt(d)},
			{Text: count(d.Cases), Href: to.href()},
			{Text: number(100*float64(d.Cases)/float64(found.N), 1) + "%"},
			{Text: count(d.Count)},
			{Text: mean},
			{Text: total},
		})
	}
	c.Notes = r.deviationNotes(list, found.N)
	return c, nil
}

// deviationAt names a deviation and the stage at which it happened.
func (v view) deviationAt(d analytics.Deviation) string {
	return v.T("page.approvals.deviations.name", "kind", v.deviationName(string(d.Kind)), "stage", v.names.stage(d.Process, d.Stage))
}

// deviationNotes say what is commonest, what costs most and what the share is of.
func (r approvalReport) deviationNotes(list []analytics.Deviation, n uint64) []string {
	first, dearest := list[0], list[0]
	for _, d := range list {
		if d.Total > dearest.Total {
			dearest = d
		}
	}
	notes := []string{r.T("page.approvals.deviations.commonest", "what", r.deviationAt(first), "cases", count(first.Cases), "share", number(100*float64(first.Cases)/float64(n), 1))}
	if dearest.Total > 0 {
		notes = append(notes, r.T("page.approvals.deviations.dearest", "what", r.deviationAt(dearest), "total", number(dearest.Total/hour, 1)))
	}
	return append(notes, r.T("page.approvals.deviations.how", "n", count(n)))
}
