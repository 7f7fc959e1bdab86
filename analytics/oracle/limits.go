package oracle

import (
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// yardsticks are the limits of the metrics that measure every case by one.
var yardsticks = map[string]string{
	"archive_on_time":         "archive/both_copies",
	"equipment_check_on_time": "meeting/equipment_check",
	"emergency_response":      "emergency/response",
}

// promise is a limit that holds for a case.
type promise struct {
	of      life
	version *handbook.Handbook
	limit   handbook.Limit
	begun   time.Time
	done    time.Time // zero: not yet
	own     time.Time // what the case itself promised, for limits that go by it
}

func (p *promise) key() string { return p.of.process + "/" + p.limit.Key }

// settled is when the promise stopped being open: done, or left out when the
// case was completed; ok is false while it is open.
func (p *promise) settled() (at time.Time, ok bool) {
	if p.done.IsZero() && p.of.done {
		return p.of.ended().Time, true
	}
	return p.done, !p.done.IsZero()
}

func (o *Oracle) kept(p *promise, at time.Time) bool {
	return p.version.OnTime(&p.limit, o.cal, p.begun, at, p.own)
}

// promises are all that q asks for, of a metric.
func (o *Oracle) promises(metric string, q analytics.Query) []promise {
	var all []promise
	for _, l := range o.lives {
		if !l.done && !l.gone.IsZero() { // withdrawn
			continue
		}
		if !chosen(q.Process, l.process) || !chosen(q.Department, l.department) || !chosen(q.Class, l.class) {
			continue
		}
		for _, p := range o.promisesTo(metric, l) {
			if chosen(q.Limits, p.key()) {
				all = append(all, p)
			}
		}
	}
	return all
}

// promisesTo are the limits that hold for a case, or the yardstick of the metric.
func (o *Oracle) promisesTo(metric string, l life) []promise {
	history := o.hb.History()
	inForce := history.At(l.started().Time)
	yardstick, one := yardsticks[metric]
	if !one {
		process, _ := inForce.Process(l.process)
		return o.holding(l, inForce, process.Limits)
	}
	process, key, _ := strings.Cut(yardstick, "/")
	if l.process != process {
		return nil
	}
	first := true // no version up to the one in force has had the limit
	for _, v := range history.Versions() {
		p, _ := v.Process(process)
		limit, has := p.Limit(key)
		if has && (v == inForce || first && v.Begins().After(l.started().Time)) {
			return o.holding(l, v, []handbook.Limit{limit})
		}
		first = first && !has
	}
	return nil
}

func (o *Oracle) holding(l life, version *handbook.Handbook, limits []handbook.Limit) []promise {
	var all []promise
	for _, limit := range limits {
		if p, ok := o.promise(l, version, limit); ok {
			all = append(all, p)
		}
	}
	return all
}

// promise follows a limit through a case; ok is false when it does not hold for it.
func (o *Oracle) promise(l life, version *handbook.Handbook, limit handbook.Limit) (p promise, ok bool) {
	p = promise{of: l, version: version, limit: limit}
	if limit.Class != "" && limit.Class != l.class {
		return p, false
	}
	for name, value := range limit.Where {
		if l.attribute(name) != value {
			return p, false
		}
	}
	if p.own, ok = l.promised(&limit); !ok {
		return p, false
	}
	p.begun = l.started().Time
	if limit.From != nil {
		if p.begun, ok = l.first(*limit.From, time.Time{}); !ok {
			return p, false
		}
	}
	if len(limit.To) == 0 && l.done {
		p.done = l.ended().Time
	}
	for _, step := range limit.To {
		at, taken := l.first(step, p.begun)
		if !taken {
			p.done = time.Time{}
			break
		}
		if at.After(p.done) {
			p.done = at
		}
	}
	return p, true
}

// promised is what the case itself promised; ok is false when it had to and did not.
func (l life) promised(limit *handbook.Limit) (at time.Time, ok bool) {
	switch limit.Form() {
	case handbook.FormBefore:
		at, err := time.Parse(time.RFC3339, l.attribute(limit.Planned))
		return at.Truncate(time.Millisecond), err == nil
	case handbook.FormDueAt:
		events := slices.Clone(l.events)
		if limit.DueAt == "current" {
			slices.Reverse(events)
		}
		for _, e := range events {
			if !e.Task.DueAt.IsZero() {
				return e.Task.DueAt, true
			}
		}
		return time.Time{}, false
	default:
		return time.Time{}, true
	}
}

// attribute is the last value that an event of the case gives it.
func (c completed) attribute(name string) string {
	for _, e := range slices.Backward(c.events) {
		if v := e.Task.Attributes[name]; v != "" {
			return v
		}
	}
	return ""
}

// first is when a step was first taken, not before an instant.
func (c completed) first(step handbook.Step, notBefore time.Time) (at time.Time, ok bool) {
	for _, e := range c.events {
		if e.Task.Stage == step.Stage && e.Task.Action == event.Action(step.Action) && !e.Time.Before(notBefore) {
			return e.Time, true
		}
	}
	return time.Time{}, false
}

// promiseSamples are the promises kept or broken in the period, and those that
// were open and overdue at the end of each bucket.
func (o *Oracle) promiseSamples(metric string, q analytics.Query, now time.Time) []sample {
	var samples []sample
	buckets := o.buckets(q)
	for _, p := range o.promises(metric, q) {
		one := sample{key: p.of.key(q.By)}
		if q.By == analytics.ByLimit {
			one.key = p.key()
		}
		settled, isSettled := p.settled()
		if isSettled && within(q, settled) {
			one.at, one.hit = settled, !p.done.IsZero() && o.kept(&p, p.done)
			if !p.done.IsZero() || !o.kept(&p, now) {
				samples = append(samples, one)
			}
		}
		one.hit, one.overdue = false, true
		for _, b := range buckets {
			end := b.end
			if now.Before(end) {
				end = now
			}
			open := p.begun.Before(end) && (!isSettled || !settled.Before(b.end))
			if open && b.start.Before(now) && !o.kept(&p, end) {
				one.at = b.start
				samples = append(samples, one)
			}
		}
	}
	return samples
}

// responses are the emergencies activated in the period.
func (o *Oracle) responses(q analytics.Query) []sample {
	var samples []sample
	for _, p := range o.promises("emergency_response", q) {
		if !p.done.IsZero() && within(q, p.done) {
			samples = append(samples, sample{
				key: p.of.key(q.By), at: p.done, value: o.between(q, p.begun, p.done), hit: o.kept(&p, p.done),
			})
		}
	}
	return samples
}
