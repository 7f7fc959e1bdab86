package handbook

import (
	"fmt"
	"slices"
	"strings"

	"example.com/officepulse/analytics/calendar"
)

// registers checks that what the registers name is there.
func (c *checker) registers(hb *Handbook) {
	r := &hb.Registers
	c.lights(r.Lights)
	if l := r.Liaison; l != nil {
		at := []any{"registers", "liaison"}
		if p := c.registerProcess(hb, l.Process, below(at, "process")); p != nil {
			c.registerLimits(p, l.Routed, below(at, "routed"))
			c.registerLimits(p, l.Closed, below(at, "closed"))
		}
	}
	if b := r.Blockers; b != nil {
		c.blockers(hb, b, []any{"registers", "blockers"})
	}
	if e := r.Emergencies; e != nil {
		at := []any{"registers", "emergencies"}
		if p := c.registerProcess(hb, e.Process, below(at, "process")); p != nil {
			for name, limits := range map[string][]string{"response": e.Response, "informed": e.Informed, "resolution": e.Resolution, "review": e.Review} {
				c.registerLimits(p, limits, below(at, name))
			}
			c.registerStep(p, e.Handled, "end with", below(at, "handled"))
			c.registerStep(p, e.Reviewed, "review with", below(at, "reviewed"))
		}
	}
	if s := r.Suppliers; s != nil {
		c.suppliers(hb, s, []any{"registers", "suppliers"})
	}
	if s := r.Supervision; s != nil {
		c.supervision(hb, s, []any{"registers", "supervision"})
	}
	if d := r.Decisions; d != nil {
		c.decisions(hb, d, []any{"registers", "decisions"})
	}
	if t := r.Team; t != nil {
		at := []any{"registers", "team"}
		c.departmentKeys(hb, t.Departments, below(at, "departments"))
		if t.Persons < 0 || t.Persons > 100 {
			c.add(fmt.Sprintf("persons %d is none of 1 to 100; write persons: 2 for a second person in every process", t.Persons), below(at, "persons")...)
		}
		if t.Steps < 0 {
			c.add(fmt.Sprintf("steps %d is negative; write how many steps somebody does who knows a process, such as steps: 3", t.Steps), below(at, "steps")...)
		}
		c.percent(t.Share, "share", "10", below(at, "share"))
	}
}

func (c *checker) lights(l Lights) {
	at := []any{"registers", "lights"}
	c.percent(l.Green, "green", "90", below(at, "green"))
	c.percent(l.Yellow, "yellow", "75", below(at, "yellow"))
	if full := l.OrDefault(); full.Yellow > full.Green {
		c.add(fmt.Sprintf("yellow begins at %v and green at %v; write yellow below green, such as green: 90, yellow: 75", full.Yellow, full.Green), below(at, "yellow")...)
	}
	if l.MinN < 0 {
		c.add(fmt.Sprintf("min_n %d is negative; write how many cases a light needs, such as 5", l.MinN), below(at, "min_n")...)
	}
}

// percent checks a share from 0 to 100.
func (c *checker) percent(v float64, name, example string, at []any) {
	if !(v >= 0 && v <= 100) { // written so that not-a-number fails too
		c.add(fmt.Sprintf("%s %v is no share; write per cent from 0 to 100, such as %s: %s", name, v, name, example), at...)
	}
}

// registerProcess is the process of a register, nil and told when there is none.
func (c *checker) registerProcess(hb *Handbook, key string, at []any) *Process {
	i := slices.IndexFunc(hb.Processes, func(p Process) bool { return p.Key == key })
	if i < 0 {
		c.add(fmt.Sprintf("process %q is none of this version; name one of %s", key, keys(hb.Processes, Process.key)), at...)
		return nil
	}
	return &hb.Processes[i]
}

func (c *checker) registerLimits(p *Process, named []string, at []any) {
	for _, key := range named {
		if _, ok := p.Limit(key); !ok {
			c.add(fmt.Sprintf("%q is no limit of %q; name one of %s", key, p.Key, keys(p.Limits, func(l Limit) string { return l.Key })), at...)
		}
	}
}

func (c *checker) registerStep(p *Process, s Step, purpose string, at []any) {
	if s == (Step{}) {
		c.add(fmt.Sprintf("%v is missing; write the step as {stage: %s, action: complete}", at[len(at)-1], p.firstStage()), at...)
		return
	}
	c.step(p, s, purpose, at)
}

func (p *Process) firstStage() string {
	if len(p.Stages) == 0 {
		return "handle"
	}
	return p.Stages[0].Key
}

func (c *checker) blockers(hb *Handbook, b *BlockersRegister, at []any) {
	p := c.registerProcess(hb, b.Process, below(at, "process"))
	if p == nil {
		return
	}
	c.registerLimits(p, b.TakenUp, below(at, "taken_up"))
	c.registerLimits(p, b.Resolved, below(at, "resolved"))
	if b.Sync == nil {
		return
	}
	if b.Project == "" {
		c.add("project is missing, by which weekly meetings are told apart; write project: with the attribute that names a project", below(at, "project")...)
	}
	if b.Sync.Process != "" {
		p = c.registerProcess(hb, b.Sync.Process, below(at, "sync", "process"))
	}
	if p != nil {
		c.step(p, Step{b.Sync.Stage, b.Sync.Action}, "meet in", below(at, "sync"))
	}
}

func (c *checker) suppliers(hb *Handbook, s *SuppliersRegister, at []any) {
	if p := c.registerProcess(hb, s.Process, below(at, "process")); p != nil {
		c.registerLimits(p, s.Reviewed, below(at, "reviewed"))
	}
	for name, value := range map[string]string{"supplier": s.Supplier, "rating": s.Rating} {
		if strings.TrimSpace(value) == "" {
			c.add(fmt.Sprintf("%s is missing; write %s: with the attribute of the events that holds it", name, name), below(at, name)...)
		}
	}
	if len(s.High) == 0 {
		c.add("high is missing; write the ratings that say that trouble is expected, such as high: [high]", below(at, "high")...)
	}
	if s.Incidents != "" {
		c.registerProcess(hb, s.Incidents, below(at, "incidents"))
	}
}

func (c *checker) supervision(hb *Handbook, s *SupervisionRegister, at []any) {
	p := c.registerProcess(hb, s.Process, below(at, "process"))
	c.percent(s.Behind, "behind", "10", below(at, "behind"))
	if p != nil && s.Asked != nil {
		c.step(p, *s.Asked, "ask in", below(at, "asked"))
	}
}

func (c *checker) decisions(hb *Handbook, d *DecisionsRegister, at []any) {
	c.departmentKeys(hb, d.By, below(at, "by"))
	if len(d.Requests) == 0 {
		c.add("requests names no stage; write requests: [{process: doc_approval, stage: sign}]", below(at, "requests")...)
	}
	for i, q := range d.Requests {
		at := below(at, "requests", i)
		p := c.registerProcess(hb, q.Process, below(at, "process"))
		if p == nil {
			continue
		}
		if _, ok := p.Stage(q.Stage); !ok {
			c.add(fmt.Sprintf("process %q has no stage %q; name one of %s", p.Key, q.Stage, keys(p.Stages, Stage.key)), below(at, "stage")...)
		}
		c.class(hb, q.Class, at)
	}
	if d.Within == 0 {
		c.add("within is missing; write how long a decision may take, such as within: 2d", below(at, "within")...)
	}
	if d.Clock != calendar.Elapsed && d.Clock != calendar.Working {
		c.add(fmt.Sprintf("clock %q is not for decisions; write clock: working, or elapsed", d.Clock), below(at, "clock")...)
	}
}

func (c *checker) departmentKeys(hb *Handbook, named []string, at []any) {
	if len(named) == 0 {
		c.add(fmt.Sprintf("%v is missing; name one or more of %s", at[len(at)-1], keys(hb.Departments, Department.key)), at...)
	}
	for _, key := range named {
		if _, ok := hb.Department(key); !ok {
			c.add(fmt.Sprintf("department %q is not defined; name one of %s", key, keys(hb.Departments, Department.key)), at...)
		}
	}
}
