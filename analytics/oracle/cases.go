package oracle

import (
	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// completed is a case that has ended.
type completed struct {
	process, caseID, department, class string

	events []event.Event // all of them, in order, also those after the end
	end    int           // index of the event that ended it
}

func (c completed) started() event.Event { return c.events[0] }

func (c completed) ended() event.Event { return c.events[c.end] }

// process is what the handbook says about one, if it says how its cases end:
// the latest version that knows it. Any other case ends with its last event.
func (o *Oracle) process(key string) (p handbook.Process, defined bool) {
	p, known := o.hb.History().Process(key)
	return p, known && p.Ends != (handbook.Step{})
}

// complete makes a case of its events, in order; ok is false when it has not ended.
func (o *Oracle) complete(events []event.Event) (c completed, ok bool) {
	first := events[0].Task
	c = completed{process: first.Process, caseID: first.CaseID, department: missing, class: missing, events: events, end: -1}
	p, defined := o.process(c.process)
	closed, withdrawn := defined, false
	for i, e := range events {
		isEnd := e.Task.Action != event.Withdraw
		if defined {
			isEnd = e.Task.Stage == p.Ends.Stage && string(e.Task.Action) == p.Ends.Action
		}
		if isEnd {
			c.end, withdrawn = i, false
		} else if e.Task.Action == event.Withdraw {
			withdrawn = true
		}
		if e.Task.Action == event.Close || e.Task.Attributes[event.AttributeAssumeComplete] == "true" {
			closed = true
		}
		if d := e.Task.Department; d != "" && d != missing {
			c.department = d
		}
		if k := e.Task.Attributes[event.AttributeClass]; k != "" && k != missing {
			c.class = k
		}
	}
	return c, c.end >= 0 && closed && !withdrawn
}

// of are the completed cases that q asks for.
func (o *Oracle) of(q analytics.Query) []completed {
	var found []completed
	for _, c := range o.cases {
		if within(q, c.ended().Time) && chosen(q.Process, c.process) && chosen(q.Department, c.department) && chosen(q.Class, c.class) {
			found = append(found, c)
		}
	}
	return found
}

func (c completed) key(by analytics.By) string {
	switch by {
	case analytics.ByProcess:
		return c.process
	case analytics.ByDepartment:
		return c.department
	case analytics.ByClass:
		return c.class
	default:
		return "all"
	}
}

// saw reports whether an action happened before the end.
func (c completed) saw(action event.Action) bool {
	for _, e := range c.events[:c.end] {
		if e.Task.Action == action {
			return true
		}
	}
	return false
}

// steps are the events at which something was done.
func (c completed) steps() []event.Event {
	var steps []event.Event
	for _, e := range c.events {
		switch e.Task.Action {
		case event.Start, event.Remind, event.Transfer, event.Withdraw, event.Comment, event.Reopen:
		default:
			steps = append(steps, e)
		}
	}
	return steps
}

func (c completed) stages() []string {
	stages := []string{}
	for _, e := range c.steps() {
		stages = append(stages, e.Task.Stage)
	}
	return stages
}

// reworked reports whether a stage was done twice that is meant to be done once.
func (o *Oracle) reworked(c completed) bool {
	p, _ := o.process(c.process)
	seen := make(map[string]bool)
	for _, stage := range c.stages() {
		s, _ := p.Stage(stage)
		if seen[stage] && !s.Repeats {
			return true
		}
		seen[stage] = true
	}
	return false
}

// faulty reports whether a counted fault names the case.
func (o *Oracle) faulty(q analytics.Query, c completed) bool {
	for _, f := range o.faults {
		if f.process == c.process && f.caseID == c.caseID && chosen(q.Stage, f.stage) {
			return true
		}
	}
	return false
}

// visits are a case's stays in its stages: the time between two events belongs
// to the stage of the later one.
func (o *Oracle) visits(q analytics.Query, c completed) []sample {
	var all []sample
	at, stage := c.started().Time, ""
	for i, e := range c.events[:c.end+1] {
		if i != c.end && (e.Task.Action == event.Comment || e.Task.Action == event.Remind) {
			continue
		}
		if len(all) == 0 || e.Task.Stage != stage {
			all = append(all, sample{key: e.Task.Stage, at: c.ended().Time})
		}
		v := &all[len(all)-1]
		v.value += o.between(q, at, e.Time)
		v.parted = v.begun
		if e.Task.Action == event.Start && !v.begun {
			v.begun, v.waiting = true, v.value
		}
		at, stage = e.Time, e.Task.Stage
	}
	var visits []sample
	for _, v := range all {
		if !chosen(q.Stage, v.key) {
			continue
		}
		if q.By != analytics.ByStage {
			v.key = c.key(q.By)
		}
		visits = append(visits, v)
	}
	return visits
}
