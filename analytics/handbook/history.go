package handbook

import (
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
)

// History is a handbook through time: its versions, of which at any instant one
// is in force. A case is judged by the version in force when it started.
type History struct {
	versions []*Handbook // in order of From; at least one
}

// History returns all versions of the handbook that this one is a version of.
func (h *Handbook) History() *History {
	if h.history == nil {
		return &History{versions: []*Handbook{h}}
	}
	return h.history
}

// Versions returns the versions, the oldest first; at least one.
func (h *History) Versions() []*Handbook { return slices.Clone(h.versions) }

// Latest is the last version, in force or yet to come.
func (h *History) Latest() *Handbook { return h.versions[len(h.versions)-1] }

// At is the version in force at an instant. What is older than the first
// version is judged by it: there is no other.
func (h *History) At(t time.Time) *Handbook {
	in := h.versions[0]
	for _, v := range h.versions[1:] {
		if !t.Before(v.Begins()) {
			in = v
		}
	}
	return in
}

// Current is the version in force now.
func (h *History) Current(now time.Time) *Handbook { return h.At(now) }

// Calendar builds the working calendar, see [Handbook.Calendar]; a "working day"
// is one of the latest version.
func (h *History) Calendar() (*calendar.Calendar, error) { return h.Latest().Calendar() }

// period is the time in which version i is in force.
func (h *History) period(i int) period {
	p := always
	if i > 0 {
		p.from = h.versions[i].From
	}
	if i+1 < len(h.versions) {
		p.to = h.versions[i+1].From - 1
	}
	return p
}

// addTo adds the hours and days of all versions to the rules of a calendar.
func (h *History) addTo(rules *calendar.Rules) {
	years := make(map[int]calendar.YearFile)
	for i, v := range h.versions {
		in := h.period(i)
		rules.Hours = append(rules.Hours, calendar.HoursFrom{From: in.from, Slots: v.OfficeHours})
		v.Company.addTo(rules, in)
		for _, y := range v.years {
			years[y.Year] = y // of two versions the later
		}
	}
	for _, y := range years {
		rules.Years = append(rules.Years, y)
	}
	slices.SortFunc(rules.Years, func(a, b calendar.YearFile) int { return a.Year - b.Year })
}

// Processes returns every process that any version knows, as the latest of them
// has it, in the order in which they came.
func (h *History) Processes() []Process {
	return latestOfAll(h, func(v *Handbook) []Process { return v.Processes }, Process.key)
}

// Questionnaires returns every questionnaire that any version knows, likewise.
func (h *History) Questionnaires() []Questionnaire {
	return latestOfAll(h, func(v *Handbook) []Questionnaire { return v.Questionnaires }, Questionnaire.key)
}

func latestOfAll[T any](h *History, of func(*Handbook) []T, key func(T) string) []T {
	var all []T
	for _, v := range h.versions {
		for _, entry := range of(v) {
			if i := slices.IndexFunc(all, func(other T) bool { return key(other) == key(entry) }); i >= 0 {
				all[i] = entry
			} else {
				all = append(all, entry)
			}
		}
	}
	return all
}

// Process returns a process as the latest version that knows it has it, and
// whether any does. So old keys keep their names; likewise below.
func (h *History) Process(key string) (Process, bool) {
	return latest(h, key, (*Handbook).Process)
}

// Department returns a department of any version, the latest first.
func (h *History) Department(key string) (Department, bool) {
	return latest(h, key, (*Handbook).Department)
}

// Role returns a role of any version, the latest first.
func (h *History) Role(key string) (Named, bool) { return latest(h, key, (*Handbook).Role) }

// FaultKind returns a kind of fault of any version, the latest first.
func (h *History) FaultKind(key string) (Named, bool) { return latest(h, key, (*Handbook).FaultKind) }

// Class returns a class of any version, the latest first.
func (h *History) Class(key string) (Named, bool) { return latest(h, key, (*Handbook).Class) }

// Questionnaire returns a questionnaire of any version, the latest first.
func (h *History) Questionnaire(key string) (Questionnaire, bool) {
	return latest(h, key, (*Handbook).Questionnaire)
}

// Stage returns a stage of a process of any version, the latest first.
func (h *History) Stage(process, key string) (Stage, bool) {
	return latest(h, key, func(v *Handbook, key string) (Stage, bool) {
		p, _ := v.Process(process)
		return p.Stage(key)
	})
}

// Limit returns a limit of a process of any version, the latest first.
func (h *History) Limit(process, key string) (Limit, bool) {
	return latest(h, key, func(v *Handbook, key string) (Limit, bool) {
		p, _ := v.Process(process)
		return p.Limit(key)
	})
}

func latest[T any](h *History, key string, in func(*Handbook, string) (T, bool)) (T, bool) {
	for _, v := range slices.Backward(h.versions) {
		if found, ok := in(v, key); ok {
			return found, true
		}
	}
	var none T
	return none, false
}
