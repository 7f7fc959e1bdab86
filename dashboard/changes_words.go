package dashboard

import (
	"strconv"
	"strings"
	"time"

	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/dashboard/i18n"
)

// changeView writes about changes.
type changeView struct {
	recordView

	names map[string]string // of changes, by key
}

func (s *server) changeView(l i18n.Language, all []*reform.Change) changeView {
	v := changeView{s.recordView(l), map[string]string{}}
	for _, c := range all {
		v.names[c.Key] = v.text(c.Name)
	}
	return v
}

func (v changeView) date(t time.Time) string {
	t = t.In(v.zone)
	return v.T("changes.date", "year", t.Year(), "month", v.T("month.of."+strconv.Itoa(int(t.Month()))), "day", t.Day())
}

// direction is which way is good for a figure.
func goodDirection(f figure.Figure) target.Direction {
	if figure.LowerIsBetter(f.Metric) {
		return target.Lower
	}
	return target.Higher
}

// judgement is a verdict in the words of lights.
func (v changeView) judgement(of *reform.Verdict) (light, word string) {
	switch {
	case of.Outcome == reform.TooLittle:
		return lightUnknown, v.T("changes.outcome.too_little_data")
	case of.Outcome == reform.Unchanged:
		return "same", v.T("changes.outcome.no_detectable_change")
	case (of.Difference.Value < 0) == (goodDirection(of.Figure) == target.Lower):
		return string(better), v.T("verdict.better")
	default:
		return string(worse), v.T("verdict.worse")
	}
}

// sentence is the verdict as a leader would repeat it, made of its facts.
func (v changeView) sentence(c *reform.Change, of *reform.Verdict) string {
	sc, day := v.scale(of.Figure), v.date(c.Day(v.zone))
	what := v.figureName(of.Figure)
	if of.Difference != nil && of.Difference.Of == "median" && of.Figure.Value != "median" {
		what += v.T("records.statistic", "statistic", v.T("statistic.median"))
	}
	if of.Outcome == reform.TooLittle {
		return v.T("changes.sentence.too_little", "figure", what, "date", day, "why", v.why(of)) + v.T("caption.end")
	}
	d := of.Difference
	pairs := []any{"figure", what, "date", day}
	var text string
	if of.Outcome == reform.Shifted {
		key, low, high := "fell", -d.High, -d.Low
		if d.Value > 0 {
			key, low, high = "rose", d.Low, d.High
		}
		text = v.T("changes.sentence."+key, append(pairs, "size", sc.size(v.Messages, d.Value), "low", sc.number(low), "high", sc.number(high))...)
	} else {
		text = v.T("changes.sentence.none", append(pairs, "difference", sc.difference(v.Messages, d.Value), "low", signed(d.Low*sc.by, sc.decimals), "high", signed(d.High*sc.by, sc.decimals))...)
		if of.Why != reform.WithinChance {
			text += v.T("changes.sentence.why", "why", v.why(of))
		}
	}
	text += v.mixPart(of, sc)
	if of.Interim {
		text += v.T("changes.sentence.interim")
	}
	return text + v.T("caption.end") + v.uneven(of, sc)
}

func (v changeView) why(of *reform.Verdict) string {
	return v.T("changes.why."+string(of.Why), "before", of.Before.Weeks, "after", of.After.Weeks, "least", reform.LeastWeeks, "cases", reform.LeastCases)
}

// mixPart says how much of the change is due to other shares of the classes.
func (v changeView) mixPart(of *reform.Verdict, sc scale) string {
	m := of.Mix
	if m == nil || of.Outcome != reform.Shifted {
		return ""
	}
	if rounded(m.Mix*sc.by, sc.decimals) == 0 {
		return v.T("changes.sentence.no_mix")
	}
	var largest *reform.MixGroup
	for i := range m.Groups {
		if g := &m.Groups[i]; largest == nil || g.Mix*m.Mix > largest.Mix*m.Mix {
			largest = g
		}
	}
	key := "changes.sentence.mix_more"
	if largest.AfterShare < largest.BeforeShare {
		key = "changes.sentence.mix_fewer"
	}
	return v.T(key, "mix", sc.difference(v.Messages, m.Mix), "whole", sc.difference(v.Messages, m.Change), "class", v.recordView.names.class(largest.Key))
}

// uneven names the trap of a mean: that it hides a class which gained little.
func (v changeView) uneven(of *reform.Verdict, sc scale) string {
	if of.Mix == nil || of.Mix.Uneven == nil || of.Outcome != reform.Shifted {
		return ""
	}
	u := of.Mix.Uneven
	return v.T("changes.sentence.uneven", "most", v.recordView.names.class(u.Most.Key), "most_before", sc.number(u.Most.Before), "most_after", sc.text(u.Most.After),
		"least", v.recordView.names.class(u.Least.Key), "least_before", sc.number(u.Least.Before), "least_after", sc.text(u.Least.After))
}

// notes are what has to be known besides the sentence.
func (v changeView) notes(of *reform.Verdict) (notes []string) {
	if of.Disagree {
		var said []string
		for _, one := range of.Votes {
			said = append(said, v.T("changes.method."+string(one.Method))+v.T("changes.says")+v.T("changes.outcome."+string(one.Outcome)))
		}
		notes = append(notes, v.T("changes.disagree", "votes", strings.Join(said, v.T("list.sentence"))))
	}
	if len(of.Also) > 0 {
		var names []string
		for _, key := range of.Also {
			names = append(names, v.T("quoted", "name", v.names[key]))
		}
		notes = append(notes, v.T("changes.also", "names", strings.Join(names, v.T("list.separator"))))
	}
	if of.Outcome != reform.TooLittle && of.Figure.Metric != "satisfaction" {
		key := "changes.counted.completed"
		if of.ByStart {
			key = "changes.counted.started"
		}
		notes = append(notes, v.T(key))
	}
	return notes
}

// methods is the table of what each method found.
func (v changeView) methods(of *reform.Verdict) table {
	sc := v.scale(of.Figure)
	t := table{Caption: v.T("changes.methods"), Head: []string{v.T("changes.method_is"), v.T("changes.found"), v.T("changes.interval"), v.T("changes.says_is")}}
	outcome := func(m reform.Method) string {
		for _, one := range of.Votes {
			if one.Method == m {
				return v.T("changes.outcome." + string(one.Outcome))
			}
		}
		return "—"
	}
	between := func(low, high float64, decimals int) string {
		return signed(low*sc.by, decimals) + " – " + signed(high*sc.by, decimals)
	}
	interval := func(low, high float64) string { return between(low, high, sc.decimals+1) }
	if d := of.Difference; d != nil {
		t.Rows = append(t.Rows, tableCells(v.T("changes.method.difference")+v.T("list.dot")+v.T("changes.by."+string(d.Method)),
			sc.difference(v.Messages, d.Value), interval(d.Low, d.High)+v.T("list.dot")+v.p(d.P), outcome(reform.ByDifference)))
	}
	if r := of.Regression; r != nil {
		t.Rows = append(t.Rows,
			tableCells(v.T("changes.method.segmented_regression")+v.T("list.dot")+v.T("changes.jump"), sc.difference(v.Messages, r.Level.Value), interval(r.Level.Low, r.Level.High)+v.T("list.dot")+v.p(r.Level.P), outcome(reform.ByRegression)),
			tableCells(v.T("changes.trend_before"), v.perWeek(sc, r.Before.Value), between(r.Before.Low, r.Before.High, sc.decimals+2)+v.T("list.dot")+v.p(r.Before.P), "—"),
			tableCells(v.T("changes.trend_after"), v.perWeek(sc, r.Slope.Value), between(r.Slope.Low, r.Slope.High, sc.decimals+2)+v.T("list.dot")+v.p(r.Slope.P), "—"))
	}
	if c := of.Control; c != nil {
		t.Rows = append(t.Rows, tableCells(v.T("changes.method.control_chart"), v.T("changes.control_found", "outside", c.Outside, "longest", c.Longest), "—", outcome(reform.ByControl)))
	}
	return t
}

func (v changeView) perWeek(sc scale, value float64) string {
	return v.T("changes.per_week", "change", v.T("measure."+sc.key+".change", "value", signed(value*sc.by, sc.decimals+2)))
}

// p is a probability as tables have it.
func (v changeView) p(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return "p = " + number(p, 3)
}

// groups is the table of mix or rate.
func (v changeView) groups(of *reform.Verdict) table {
	t := table{Caption: v.T("changes.mix")}
	if of.Mix == nil {
		return t
	}
	sc := v.scale(of.Figure)
	t.Head = []string{v.T("filter.class"), v.T("changes.share"), v.T("changes.value"), v.T("changes.through_mix"), v.T("changes.through_itself")}
	arrow := func(a, b string) string { return a + " → " + b }
	for _, g := range of.Mix.Groups {
		t.Rows = append(t.Rows, tableCells(v.recordView.names.class(g.Key),
			arrow(number(100*g.BeforeShare, 0)+"%", number(100*g.AfterShare, 0)+"%"), arrow(sc.number(g.Before), sc.number(g.After)),
			signed(g.Mix*sc.by, sc.decimals+1), signed(g.Rate*sc.by, sc.decimals+1)))
	}
	t.Rows = append(t.Rows, tableCells(v.T("table.total"), "", "", signed(of.Mix.Mix*sc.by, sc.decimals+1), signed(of.Mix.Rate*sc.by, sc.decimals+1)))
	return t
}
