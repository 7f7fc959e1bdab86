package dashboard

import (
	"cmp"
	"slices"
)

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
	leads := map[string]string{} // name -> cases
	for _, r := range rows {
		name := v.names.stage(v.lead, r.key)
		t := v.trail("stage_time", v.now)
		t.Process, t.Stage = v.lead, r.key
		leads[name] = t.href()
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: name}, {Text: hours.text(r.now), Href: leads[name]}, {Text: hours.text(r.before)}})
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
	links := make([]string, len(shown))
	for i, b := range shown {
		links[i] = leads[b.name]
	}
	c.Chart, err = encodeLinked(pairedBars("stage_time", shown, before.String(), now.String(), 1), unit, 1, links)
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
