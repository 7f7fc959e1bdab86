package handbook

import (
	"fmt"
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
)

// Location is the time zone whose days, quarters and office hours count.
func (h *Handbook) Location() (*time.Location, error) {
	zone, err := time.LoadLocation(h.Timezone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the handbook: %w", err)
	}
	return zone, nil
}

// Calendar builds the office's working calendar: the days of all versions, each
// with the hours of the version in force on it. A "working day" in figures is
// one of this version. It is some milliseconds of work: keep what it returns.
func (h *Handbook) Calendar() (*calendar.Calendar, error) {
	zone, err := h.Location()
	if err != nil {
		return nil, err
	}
	rules := calendar.Rules{Zone: zone, Standard: h.OfficeHours}
	h.History().addTo(&rules)
	c, err := calendar.Build(rules)
	if err != nil {
		return nil, fmt.Errorf("calendar of the handbook: %w", err)
	}
	return c, nil
}

// Begins is the instant from which this version holds; the zero time when it
// has always held.
func (h *Handbook) Begins() time.Time {
	zone, err := h.Location()
	if h.From == 0 || err != nil { // a handbook that was checked has a zone
		return time.Time{}
	}
	return h.From.In(zone)
}

// LimitCount is how many limits the processes have in all.
func (h *Handbook) LimitCount() int {
	n := 0
	for i := range h.Processes {
		n += len(h.Processes[i].Limits)
	}
	return n
}

// Department returns a department by its key and whether there is one.
func (h *Handbook) Department(key string) (Department, bool) {
	return find(h.Departments, func(d Department) bool { return d.Key == key })
}

// Process returns a process by its key and whether there is one.
func (h *Handbook) Process(key string) (Process, bool) {
	return find(h.Processes, func(p Process) bool { return p.Key == key })
}

// FaultKind returns a kind of fault by its key and whether there is one.
func (h *Handbook) FaultKind(key string) (Named, bool) {
	return find(h.FaultKinds, func(n Named) bool { return n.Key == key })
}

// Class returns a class of cases by its key and whether there is one.
func (h *Handbook) Class(key string) (Named, bool) {
	return find(h.Classes, func(n Named) bool { return n.Key == key })
}

// Role returns a role by its key and whether there is one.
func (h *Handbook) Role(key string) (Named, bool) {
	return find(h.Roles, func(n Named) bool { return n.Key == key })
}

// Questionnaire returns a questionnaire by its key, version included, and
// whether there is one.
func (h *Handbook) Questionnaire(key string) (Questionnaire, bool) {
	return find(h.Questionnaires, func(q Questionnaire) bool { return q.Key == key })
}

// ServiceProcess returns the process that does a service of a questionnaire, and
// whether one does: the one that names the service, else the one of that key.
func (h *Handbook) ServiceProcess(service string) (Process, bool) {
	if p, ok := find(h.Processes, func(p Process) bool { return slices.Contains(p.Services, service) }); ok {
		return p, true
	}
	p, ok := h.Process(service)
	return p, ok && len(p.Services) == 0
}

// Stage returns a stage by its key and whether the process has one.
func (p Process) Stage(key string) (Stage, bool) {
	return find(p.Stages, func(s Stage) bool { return s.Key == key })
}

// Limit returns a limit by its key and whether the process has one.
func (p Process) Limit(key string) (Limit, bool) {
	return find(p.Limits, func(l Limit) bool { return l.Key == key })
}

// Route returns the way that cases of a class have to take: the route of the
// class, else that of every class; and whether there is one.
func (p Process) Route(class string) (Route, bool) {
	if r, ok := find(p.Routes, func(r Route) bool { return r.Class == class }); ok {
		return r, true
	}
	return find(p.Routes, func(r Route) bool { return r.Class == "" })
}

func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}
