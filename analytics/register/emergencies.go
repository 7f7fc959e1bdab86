package register

import (
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The figures of emergencies.
const (
	Reported       = "reported"        // emergencies reported in the period
	ResponseKept   = "response_kept"   // share with a response within the plan's limits
	ResponseTime   = "response_time"   // from the report to the activation, elapsed
	InformedKept   = "informed_kept"   // share with the departments told within the limits
	ResolutionKept = "resolution_kept" // share resolved within the limits
	ResolutionTime = "resolution_time" // from the report to the end of the handling, elapsed
	ReviewKept     = "review_kept"     // share reviewed within the limit
	ReviewDone     = "review_done"     // share of those handled in the period whose review is done by its end
)

func (b *builder) emergencies(r *handbook.EmergenciesRegister, lives []life) {
	lives = processOf(lives, r.Process)
	b.count(Reported, b.begun(lives))
	b.kept(ResponseKept, lives, r.Response)
	b.times(ResponseTime, calendar.Elapsed, b.limitSpans(lives, r.Response))
	b.kept(InformedKept, lives, r.Informed)
	b.kept(ResolutionKept, lives, r.Resolution)
	var handled []span
	var hits, n uint64
	for i := range lives {
		l := &lives[i]
		at, ok := l.first(r.Handled, time.Time{})
		if !ok || l.withdrawn || !b.office.within(at) {
			continue
		}
		handled = append(handled, span{l, l.started, at})
		n++
		if done, reviewed := l.first(r.Reviewed, at); reviewed && done.Before(b.office.end()) {
			hits++
			b.note(l, ReviewDone, Kept)
		} else {
			b.note(l, ReviewDone, Overdue)
		}
	}
	b.times(ResolutionTime, calendar.Elapsed, handled)
	b.kept(ReviewKept, lives, r.Review)
	b.rate(ReviewDone, hits, n)
	b.count(Open, stillOpen(lives))
}

// limitSpans is how long the first of the limits that has both its steps took, in
// cases in which that was done in the period. The steps are those of the case's
// version or, where that has none, of the first that has, so that times from
// before a promise can be compared with those after it.
func (b *builder) limitSpans(lives []life, keys []string) []span {
	var spans []span
	for i := range lives {
		l := &lives[i]
		limit, ok := b.yardstick(l, keys)
		if !ok || l.withdrawn || len(limit.To) == 0 {
			continue
		}
		begun, done := l.started, time.Time{}
		if limit.From != nil {
			if begun, ok = l.first(*limit.From, time.Time{}); !ok {
				continue
			}
		}
		for _, s := range limit.To {
			var at time.Time
			if at, ok = l.first(s, begun); !ok {
				break
			}
			if at.After(done) {
				done = at
			}
		}
		if ok && b.office.within(done) {
			spans = append(spans, span{l, begun, done})
		}
	}
	return spans
}

// yardstick is the first of the limits as the case's version or the next that
// has it has it.
func (b *builder) yardstick(l *life, keys []string) (handbook.Limit, bool) {
	if len(keys) == 0 {
		return handbook.Limit{}, false
	}
	if limit, ok := l.process.Limit(keys[0]); ok {
		return limit, true
	}
	for _, v := range b.office.Handbook.History().Versions() {
		p, _ := v.Process(l.Process)
		if limit, ok := p.Limit(keys[0]); ok {
			return limit, true
		}
	}
	return handbook.Limit{}, false
}
