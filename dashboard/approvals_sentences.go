package dashboard

import (
	"cmp"
	"slices"

	"example.com/officepulse/analytics"
)

func (r approvalReport) sentences() []sentence {
	return []sentence{r.timeSentence(), r.stageSentence(), r.promiseSentence()}
}

func (r approvalReport) timeSentence() sentence {
	f, s := r.found, sentence{Href: "#comparison"}
	if f.Time == nil {
		s.Claim = r.T("sentence.lead.missing", "quarter", r.thisQuarter(), "process", r.subjectName())
		return s
	}
	s.Claim, s.Verdict = r.claim("sentence.lead", r.timeMeasure(r.days), f.Time, f.TimeBefore, "process", r.subjectName())
	s.Evidence = r.T("sentence.lead.evidence", "median", r.figure(r.daysMedian, r.daysMedian.of(f.Time)),
		"p90", r.figure(r.daysP90, r.daysP90.of(f.Time)), "n", count(f.Time.N))
	if interval := r.difference(f.Comparison, 1/r.dayLength(), r.daysMedian); interval != "" && f.Comparison.Difference.Of == analytics.ValueMedian {
		s.Evidence += r.T("page.approvals.of_median", "interval", interval)
	}
	s.Evidence += r.few(f.Time.N)
	return s
}

// timeMeasure shows a mean or a median, whose change may be chance where the
// interval of the difference between the medians holds zero.
func (r approvalReport) timeMeasure(m measure) measure {
	few := m.chance
	m.chance = func(now, before *analytics.Point) bool {
		if few(now, before) {
			return true
		}
		c := r.found.Comparison
		if c == nil || c.Difference == nil || c.Difference.Low == nil || c.Difference.High == nil {
			return false
		}
		return *c.Difference.Low <= 0 && *c.Difference.High >= 0
	}
	return m
}

// stageShift is how many hours a case more or less a stage takes.
type stageShift struct {
	key                 string
	before, now, change float64
}

// shifts are the stages with their hours a case, those whose change is largest
// first. A stage that one of the stretches does not have took no time there.
func (r approvalReport) shifts() []stageShift {
	f := r.found
	if f.Done == nil || f.DoneBefore == nil {
		return nil
	}
	hours := func(p, done *analytics.Point) float64 {
		if v := perCase(p, done); v != nil {
			return *v
		}
		return 0
	}
	var list []stageShift
	for _, p := range f.Spent {
		s := stageShift{key: p.Key, before: hours(p.Before, f.DoneBefore), now: hours(p.Now, f.Done)}
		s.change = s.now - s.before
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b stageShift) int {
		return cmp.Or(cmp.Compare(max(b.change, -b.change), max(a.change, -a.change)), cmp.Compare(a.key, b.key))
	})
	return list
}

// stageSentence names the stage that changed most and where most time is spent now.
func (r approvalReport) stageSentence() sentence {
	s := sentence{Href: "#stages"}
	unit := following(r.T("unit.hours_per_case." + string(r.filters.Clock)))
	if top := r.found.Bottlenecks; len(top) > 0 {
		s.Evidence = r.T("page.approvals.most_time", "stage", r.stageInText(top[0].Stage), "share", number(100*top[0].Share, 0))
		s.Claim = s.Evidence
	}
	list := r.shifts()
	if len(list) == 0 || rounded(list[0].change, 1) == 0 {
		if s.Claim == "" {
			s.Claim = r.T("page.approvals.no_stages", "period", r.thisQuarter())
		}
		s.Evidence = ""
		return s
	}
	first := list[0]
	key := "page.approvals.shorter"
	s.Verdict = better
	if first.change > 0 {
		key, s.Verdict = "page.approvals.longer", worse
	}
	if tooFew(r.found.Done, r.found.DoneBefore) {
		s.Verdict = unclear
		s.Evidence += r.few(min(r.found.Done.N, r.found.DoneBefore.N))
	}
	s.Claim = r.T(key, "stage", r.stageInText(first.key), "size", number(max(first.change, -first.change), 1)+unit)
	return s
}

// promiseSentence says how the limits are kept or, where there are none,
// whether the process has changed.
func (r approvalReport) promiseSentence() sentence {
	f := r.found
	if f.OnTime == nil || f.OnTime.Rate == nil {
		return r.controlSentence("page.approvals.steady", "#control", f.Control, lowerBetter)
	}
	s := sentence{Href: "#limits"}
	s.Claim, s.Verdict = r.claim("page.approvals.on_time", r.onTimeMeasure(), f.OnTime, f.OnTimeBefore)
	if f.OnTime.Count != nil {
		late := f.OnTime.N - *f.OnTime.Count
		s.Evidence = r.T("page.approvals.late", "late", count(late), "n", count(f.OnTime.N))
	}
	if worst := r.worstLimit(); worst != nil {
		s.Evidence += r.T("page.approvals.worst", "limit", r.limitName(worst.Key), "rate", r.figure(share(), share().of(worst.Now)))
	}
	if since := r.limitsMoved(r.lead); since != "" {
		s.Evidence += r.T("page.approvals.other_limits", "day", since)
	}
	return s
}

// worstLimit is the limit that is kept least, of several that rest on enough.
func (r approvalReport) worstLimit() *pair {
	var worst *pair
	for i := range r.found.Limits {
		p := &r.found.Limits[i]
		if p.Now == nil || p.Now.Rate == nil || p.Now.N < fewSample {
			continue
		}
		if worst == nil || *p.Now.Rate < *worst.Now.Rate {
			worst = p
		}
	}
	if len(r.found.Limits) < 2 {
		return nil
	}
	return worst
}
