package oracle

import (
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/stats"
)

// Survival answers what [analytics.Metrics.Survival] would, as of now, without
// its header.
func (o *Oracle) Survival(q analytics.Query, now time.Time) *analytics.Survival {
	q = o.withDefaults(q)
	to := q.To
	if now.Before(to) {
		to = now
	}
	s := &analytics.Survival{}
	var seen []stats.Duration
	var ended []float64
	for _, l := range o.lives {
		began := l.started().Time
		if !chosen(q.Process, l.process) || !chosen(q.Department, l.department) || !chosen(q.Class, l.class) || !within(q, began) || !began.Before(to) {
			continue
		}
		s.N++
		switch {
		case l.gone.IsZero() || !l.gone.Before(to):
			s.Open++
			seen = append(seen, stats.Duration{Value: o.between(q, began, to), Open: true})
		case o.isCompleted(l):
			s.Completed++
			took := o.between(q, began, l.gone)
			seen, ended = append(seen, stats.Duration{Value: took}), append(ended, took)
		default:
			s.Withdrawn++
			seen = append(seen, stats.Duration{Value: o.between(q, began, l.gone), Open: true})
		}
	}
	if median, ok := stats.KaplanMeier(seen); ok {
		s.Median = &median
	}
	if len(ended) > 0 {
		s.CompletedMedian = new(quantile(ended, 0.5))
	}
	return s
}

func (o *Oracle) isCompleted(l life) bool {
	for _, c := range o.cases {
		if c.process == l.process && c.caseID == l.caseID {
			return true
		}
	}
	return false
}
