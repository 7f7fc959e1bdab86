package dashboard

import (
	"example.com/officepulse/analytics"
)

// sentence is a conclusion that a leader could repeat: what is claimed, the
// figures it rests on, and where they can be seen.
type sentence struct {
	Verdict  verdict
	Claim    string
	Evidence string
	Href     string // anchor of the chart that proves it
}

// sentences says in at most three sentences how the quarter went.
func (v view) sentences() []sentence {
	return []sentence{v.leadSentence(), v.errorSentence(), v.satisfactionSentence()}
}

// claim compares a course's newest figure with the same quarter last year or,
// where that is missing, with the previous quarter. The key's messages end in
// better, worse, same, unclear (only for rates) and alone (nothing to compare with).
func (v view) claim(key string, m measure, c course, pairs ...any) (string, verdict) {
	now := m.of(c.now())
	base, change := "base.last_year", m.compare(v.words, c.now(), c.lastYear())
	if change.Verdict == unknown {
		base, change = "base.previous", m.compare(v.words, c.now(), c.previous())
	}
	pairs = append(pairs, "figure", v.figure(m, now), "size", change.Size, "base", v.T(base))
	ending := string(change.Verdict)
	if change.Verdict == unknown {
		ending = "alone"
	}
	claim := v.T(key+"."+ending, pairs...)
	if !v.complete {
		claim = v.T("sentence.so_far", "claim", claim)
	}
	return claim, change.Verdict
}

func (v view) leadSentence() sentence {
	s := sentence{Href: "#lead-time"}
	process, now := v.names.process(v.lead), v.figures.Lead.now()
	if now == nil || now.Mean == nil {
		s.Claim = v.T("sentence.lead.missing", "quarter", v.thisQuarter(), "process", process)
		if largest := v.figures.Largest; now == nil && largest.Key != "" {
			s.Evidence = v.T("sentence.lead.largest", "process", v.names.process(largest.Key), "n", count(largest.Now.N))
		}
		return s
	}
	s.Claim, s.Verdict = v.claim("sentence.lead", v.days, v.figures.Lead, "process", process)
	s.Evidence = v.T("sentence.lead.evidence", "median", v.figure(v.daysMedian, v.daysMedian.of(now)),
		"p90", v.figure(v.daysP90, v.daysP90.of(now)), "n", count(now.N))
	if class, at := v.slowClass(); class != "" {
		s.Evidence += v.T("sentence.lead.class", "class", class, "figure", v.figure(v.days, v.days.of(at)))
	}
	s.Evidence += v.few(now.N)
	return s
}

// slowClass finds the class of cases that the mean hides: much slower than all
// together, and not by the chance of a few.
func (v view) slowClass() (name string, at *analytics.Point) {
	all := v.days.of(v.figures.Lead.now())
	if all == nil || len(v.figures.Classes) < 2 {
		return "", nil
	}
	limit := *all * classStandout
	for i := range v.figures.Classes {
		p := &v.figures.Classes[i]
		if mean := v.days.of(p); mean != nil && v.figures.ClassKeys[i] != "" && p.N >= fewCases && *mean >= limit {
			name, at, limit = v.names.class(v.figures.ClassKeys[i]), p, *mean
		}
	}
	return name, at
}

// few warns of a figure that rests on little.
func (v view) few(n uint64) string {
	if n >= fewCases {
		return ""
	}
	return v.T("sentence.few", "n", count(n))
}

func (v view) errorSentence() sentence {
	s := sentence{Href: "#error-rate"}
	now := v.figures.Errors.now()
	subject := v.T("sentence.errors.subject")
	if v.filters.Process != "" {
		subject = v.T("sentence.errors.subject_of", "process", v.processName())
	}
	if v.figures.Unreported {
		s.Claim = v.T("sentence.errors.unreported", "process", v.processName())
		return s
	}
	if now == nil || now.Rate == nil {
		s.Claim = v.T("sentence.errors.missing", "quarter", v.thisQuarter())
		return s
	}
	s.Claim, s.Verdict = v.claim("sentence.errors", v.percent, v.figures.Errors, "subject", subject)
	if now.Count != nil {
		s.Evidence = v.T("sentence.errors.evidence", "n", count(now.N), "faulty", count(*now.Count))
	}
	if kinds := v.topFaults(); len(kinds) > 0 && kinds[0].Now != nil {
		s.Evidence += v.T("sentence.errors.kind", "kind", v.names.kind(kinds[0].Key), "count", count(counted(kinds[0].Now)))
	}
	s.Evidence += v.few(now.N)
	return s
}

func (v view) satisfactionSentence() sentence {
	s := sentence{Href: "#satisfaction"}
	now := v.figures.Satisfaction.now()
	if now == nil || now.Mean == nil {
		s.Claim = v.T("sentence.satisfaction.missing", "quarter", v.thisQuarter())
		return s
	}
	subject := v.T("sentence.satisfaction.subject")
	if v.filters.Department != "" {
		subject = v.T("sentence.satisfaction.subject_of", "department", v.departmentName())
	}
	s.Claim, s.Verdict = v.claim("sentence.satisfaction", v.score, v.figures.Satisfaction, "subject", subject)
	s.Evidence = v.T("sentence.satisfaction.evidence", "n", count(now.N))
	if v.filters.Department == "" {
		s.Evidence += v.departmentsEvidence()
	}
	s.Evidence += v.few(now.N)
	return s
}

// departmentsEvidence counts who rose and names the least satisfied.
func (v view) departmentsEvidence() string {
	var rose, compared int
	var lowest *pair
	for i := range v.figures.Departments {
		d := &v.figures.Departments[i]
		now := v.score.of(d.Now)
		if now == nil {
			continue
		}
		if lowest == nil || *now < *v.score.of(lowest.Now) {
			lowest = d
		}
		switch v.score.compare(v.words, d.Now, d.Before).Verdict {
		case unknown:
		case better:
			rose++
			compared++
		default:
			compared++
		}
	}
	text := ""
	if compared > 1 {
		text = v.T("sentence.satisfaction.departments", "rose", rose, "compared", compared)
	}
	if lowest != nil && len(v.figures.Departments) > 1 {
		text += v.T("sentence.satisfaction.lowest", "department", v.names.department(lowest.Key),
			"figure", v.figure(v.score, v.score.of(lowest.Now)))
	}
	return text
}
