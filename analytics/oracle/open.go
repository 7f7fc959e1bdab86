package oracle

import (
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// life is a case from its first event until it is gone.
type life struct {
	completed

	done bool      // completed
	gone time.Time // completed, or withdrawn for good; zero while it is open
}

// live follows a case, whatever becomes of it; its events come in order.
func (o *Oracle) live(events []event.Event) life {
	c, done := o.complete(events)
	l := life{completed: c, done: done}
	if done {
		l.gone = c.ended().Time
		return l
	}
	// The last word on whether the case is there: an end or a withdrawal.
	p, defined := o.process(c.process)
	for _, e := range slices.Backward(events) {
		isEnd := e.Task.Action != event.Withdraw
		if defined {
			isEnd = e.Task.Stage == p.Ends.Stage && string(e.Task.Action) == p.Ends.Action
		}
		if e.Task.Action == event.Withdraw && !isEnd {
			l.gone = e.Time
			return l
		}
		if isEnd {
			return l
		}
	}
	return l
}

// open are the ages of the cases that are open at the end of each bucket, or
// now where that is earlier.
func (o *Oracle) open(q analytics.Query, now time.Time) []sample {
	var samples []sample
	for _, b := range o.buckets(q) {
		at := b.end
		if now.Before(at) {
			at = now
		}
		for _, l := range o.lives {
			if !chosen(q.Process, l.process) || !chosen(q.Department, l.department) || !chosen(q.Class, l.class) {
				continue
			}
			if l.started().Time.Before(at) && (l.gone.IsZero() || !l.gone.Before(at)) {
				samples = append(samples, sample{key: l.key(q.By), at: b.start, value: o.between(q, l.started().Time, at)})
			}
		}
	}
	return samples
}

// bucket is a stretch of the time axis.
type bucket struct{ start, end time.Time }

// buckets walks through the days of the query and parts them where the name of
// the period changes.
func (o *Oracle) buckets(q analytics.Query) []bucket {
	var all []bucket
	name := ""
	for at := q.From; at.Before(q.To); {
		y, m, d := at.In(q.Zone).Date()
		next := analytics.DayStart(y, m, d+1, q.Zone)
		if period := o.period(at.In(q.Zone), q.Bucket); len(all) == 0 || period != name {
			all, name = append(all, bucket{start: at}), period
		}
		if next.After(q.To) {
			next = q.To
		}
		all[len(all)-1].end = next
		at = next
	}
	return all
}
