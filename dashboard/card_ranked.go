package dashboard

import (
	"cmp"
	"encoding/json"
	"slices"

	"example.com/officepulse/analytics"
)

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
	var links []string
	var total uint64
	kinds := 0 // in the chosen quarter
	for i, k := range v.topFaults() {
		name := v.names.kind(k.Key)
		if k.Now != nil {
			total += counted(k.Now)
			kinds++
		}
		t := v.trail("faults", v.now)
		t.Kind = k.Key
		c.Table.Rows = append(c.Table.Rows, []tableCell{{Text: name}, {Text: pointText(v.cases, k.Now), Href: t.href()}, {Text: pointText(v.cases, k.Before)}})
		if i < maxFaultRows {
			links = append(links, t.href())
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
	c.Chart, err = encodeLinked(pairedBars("faults", drawn, before.String(), now.String(), 0), unit, 0, links)
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
		c.Table.Rows = append(c.Table.Rows, tableCells(v.names.department(d.Key), pointText(v.score, d.Now), pointText(v.score, d.Before),
			v.score.compare(v.words, d.Now, d.Before).Text, count(d.Now.N)))
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
