package handbook

import (
	"fmt"
	"slices"
	"strings"
)

func (c *checker) processes(hb *Handbook) {
	c.list("processes")
	seen, services := make(map[string]int), make(map[string]int)
	for i := range hb.Processes {
		p := &hb.Processes[i]
		at := []any{"processes", i}
		c.entry(p.Key, p.Name, p.Removed, seen, at...)
		if p.Removed {
			continue
		}
		c.list(below(at, "stages")...)
		c.stages(hb, p, at)
		c.ends(p, at)
		if c.has(below(at, "exceptions")...) {
			c.names(p.Exceptions, fmt.Sprintf("the exceptions of %q", p.Key), below(at, "exceptions")...)
		}
		c.services(p, services, at)
		c.routes(hb, p, at)
		c.limits(hb, p, at)
	}
}

// services checks that a service is done by one process; seen are the lines of
// those that others do.
func (c *checker) services(p *Process, seen map[string]int, at []any) {
	at = below(at, "services")
	if c.has(at...) {
		c.list(at...)
	}
	for j, service := range p.Services {
		if first, double := seen[service]; double {
			c.add(fmt.Sprintf("service %q is done by the process on line %d already; a questionnaire's service is set against one process", service, first), below(at, j)...)
			continue
		}
		_, seen[service] = c.find(below(at, j))
	}
}

func (c *checker) stages(hb *Handbook, p *Process, at []any) {
	seen := make(map[string]int)
	for j, s := range p.Stages {
		c.entry(s.Key, s.Name, false, seen, below(at, "stages", j)...)
		_, isDepartment := hb.Department(s.Responsible)
		_, isRole := hb.Role(s.Responsible)
		if s.Responsible != "" && !isDepartment && !isRole {
			c.add(fmt.Sprintf("responsible %q is neither a department nor a role; name one of %s, or add it to roles",
				s.Responsible, keys(hb.Departments, Department.key)), below(at, "stages", j, "responsible")...)
		}
	}
}

func (c *checker) ends(p *Process, at []any) {
	if p.Ends == (Step{}) {
		c.add(fmt.Sprintf("process %q has no ends; say which step completes a case: ends: {stage: sign, action: sign}", p.Key), below(at, "ends")...)
		return
	}
	c.step(p, p.Ends, "end with", below(at, "ends"))
}

// step checks that a step names a stage of the process and an action.
func (c *checker) step(p *Process, s Step, purpose string, at []any) {
	if _, ok := p.Stage(s.Stage); !ok {
		c.add(fmt.Sprintf("process %q has no stage %q to %s; name one of %s", p.Key, s.Stage, purpose, keys(p.Stages, Stage.key)), below(at, "stage")...)
	}
	if !slices.Contains(actions, s.Action) {
		c.add(fmt.Sprintf("action %q is unknown; use one of %s", s.Action, strings.Join(actions, ", ")), below(at, "action")...)
	}
}

func (c *checker) class(hb *Handbook, class string, at []any) {
	if _, ok := hb.Class(class); class != "" && !ok {
		c.add(fmt.Sprintf("class %q is not defined; name one of %s", class, keys(hb.Classes, Named.key)), below(at, "class")...)
	}
}

func (c *checker) routes(hb *Handbook, p *Process, at []any) {
	seen := make(map[string]bool)
	for j, r := range p.Routes {
		at := below(at, "routes", j)
		c.class(hb, r.Class, at)
		if seen[r.Class] {
			c.add(fmt.Sprintf("there are two routes of class %q; keep one, its exceptions go into may_skip and may_repeat", r.Class), at...)
		}
		seen[r.Class] = true
		c.list(below(at, "stages")...)
		stages := make([]string, len(p.Stages))
		for k, s := range p.Stages {
			stages[k] = s.Key
		}
		c.among(r.Stages, stages, fmt.Sprintf("is no stage of %q", p.Key), below(at, "stages"))
		c.among(r.MaySkip, r.Stages, "is not on this route", below(at, "may_skip"))
		c.among(r.MayRepeat, r.Stages, "is not on this route", below(at, "may_repeat"))
	}
}

// among checks that a route's list names each stage once, and none but those
// allowed.
func (c *checker) among(named, allowed []string, fault string, at []any) {
	for k, stage := range named {
		switch {
		case !slices.Contains(allowed, stage):
			c.add(fmt.Sprintf("%q %s; name one of %s", stage, fault, strings.Join(allowed, ", ")), at...)
		case slices.Contains(named[:k], stage):
			c.add(fmt.Sprintf("%q is there twice; write it once, and under may_repeat if cases may come back to it", stage), at...)
		}
	}
}
