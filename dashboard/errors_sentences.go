package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"example.com/officepulse/analytics"
)

// topKinds is how many kinds of fault a sentence names.
const topKinds = 3

func (r errorReport) sentences() []sentence {
	return []sentence{r.rateSentence(), r.kindSentence(), r.controlSentence("page.errors.steady", "#control", r.found.Control, lowerBetter)}
}

func (r errorReport) rateSentence() sentence {
	f, s := r.found, sentence{Href: "#comparison"}
	subject := r.T("sentence.errors.subject")
	if r.filters.Process != "" {
		subject = r.T("sentence.errors.subject_of", "process", r.processName())
	}
	switch {
	case f.Unreported:
		s.Claim = r.T("sentence.errors.unreported", "process", r.processName())
		return s
	case f.Rate == nil:
		s.Claim = r.T("sentence.errors.missing", "quarter", r.thisQuarter())
		return s
	}
	s.Claim, s.Verdict = r.claim("sentence.errors", r.percent, f.Rate, f.RateBefore, "subject", subject)
	if f.Rate.Count != nil {
		s.Evidence = r.T("sentence.errors.evidence", "n", count(f.Rate.N), "faulty", count(*f.Rate.Count))
	}
	s.Evidence += r.difference(f.Comparison, 100, r.percent) + r.few(f.Rate.N)
	return s
}

// difference is the interval of a comparison, as it stands behind a claim; ""
// where there is none. by takes it to the measure's unit.
func (r report) difference(c *analytics.Comparison, by float64, m measure) string {
	if c == nil || c.Difference == nil || c.Difference.Low == nil || c.Difference.High == nil {
		return ""
	}
	return r.T("page.difference", "low", signed(*c.Difference.Low*by, m.decimals),
		"high", r.T("measure."+m.key+".difference", "value", signed(*c.Difference.High*by, m.decimals)))
}

// kinds are those with faults now, the most frequent first.
func (r errorReport) kinds() (list []pair, total uint64) {
	for _, k := range r.found.Kinds {
		if k.Now != nil {
			list = append(list, k)
			total += counted(k.Now)
		}
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(counted(b.Now), counted(a.Now)), cmp.Compare(a.Key, b.Key))
	})
	return list, total
}

// kindSentence names the kinds that make up most of the faults. It is worse
// when the first of them has become more frequent among the cases, and better
// when it has become rarer.
func (r errorReport) kindSentence() sentence {
	s := sentence{Href: "#kinds"}
	list, total := r.kinds()
	if total == 0 {
		s.Claim = r.T("page.errors.no_faults", "period", r.thisQuarter())
		return s
	}
	shown := list[:min(topKinds, len(list))]
	names, sum := make([]string, len(shown)), uint64(0)
	for i, k := range shown {
		names[i] = r.T("page.errors.kind", "kind", r.names.kind(k.Key), "n", count(counted(k.Now)))
		sum += counted(k.Now)
	}
	s.Claim = r.T("page.errors.few_kinds", "n", len(shown), "share", number(100*float64(sum)/float64(total), 0))
	if len(shown) == 1 {
		s.Claim = r.T("page.errors.one_kind", "kind", r.names.kind(shown[0].Key))
	}
	s.Evidence = strings.Join(names, r.T("list.and_so"))
	first := shown[0]
	before := uint64(0)
	if first.Before != nil {
		before = counted(first.Before)
	}
	c := perHundred().compare(r.words, hundred(counted(first.Now), r.found.DoneNow), hundred(before, r.found.DoneEarlier))
	s.Verdict = c.Verdict
	if c.Verdict != unknown {
		s.Evidence += r.T("page.errors.first_kind", "kind", r.names.kind(first.Key), "change", c.Text, "base", r.beforeName())
	}
	return s
}
