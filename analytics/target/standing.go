package target

import (
	"time"

	"example.com/officepulse/analytics/quarters"
)

// Observation is the figure in a quarter.
type Observation struct {
	Quarter quarters.Quarter `json:"quarter"`
	Value   float64          `json:"value"`
	N       uint64           `json:"n"`
	Running bool             `json:"running,omitempty"` // the quarter is not over, or its data has not all come
}

// Light is how a target stands in a word.
type Light string

// The lights.
const (
	Green   Light = "green"
	Yellow  Light = "yellow"
	Red     Light = "red"
	Unknown Light = "unknown" // there is no figure yet
)

// Lights lists every light.
func Lights() []Light { return []Light{Green, Yellow, Red, Unknown} }

// Points of progress behind schedule from which a target is yellow and red.
const (
	yellowFrom = 0.10
	redFrom    = 0.30
)

// fewCases is how many a running quarter has to rest on to count.
const fewCases = 10

// Standing is how a target stands at an instant. Rates of progress are 0 at the
// baseline and 1 at the goal.
type Standing struct {
	Light     Light        `json:"light"`
	Actual    *Observation `json:"actual,omitempty"`   // the newest that counts; nil: none since the start
	Progress  float64      `json:"progress"`           // of the actual value; 0 without one
	Scheduled float64      `json:"scheduled_progress"` // share of the plan's working time that is over
	Behind    float64      `json:"behind"`             // scheduled − progress; negative when ahead
	Reached   bool         `json:"reached"`
	Overdue   bool         `json:"overdue"` // the due quarter is over and the goal is not reached

	// Pace, in the metric's unit a quarter: what there was since the start, and
	// what is needed in each quarter that is left. Nil where there is none.
	Pace       *float64 `json:"pace,omitempty"`
	PaceNeeded *float64 `json:"pace_needed,omitempty"`
	Left       int      `json:"quarters_left"` // after the actual quarter, up to the due one

	Path     []PathPoint   `json:"path"` // what the plan asks for, by quarter
	History  []Observation `json:"quarters"`
	Forecast Forecast      `json:"forecast"`
}

// PathPoint is where the figure has to be in a quarter.
type PathPoint struct {
	Quarter quarters.Quarter `json:"quarter"`
	Value   float64          `json:"value"`
}

// Calendar counts working time.
type Calendar interface {
	Between(a, b time.Time) time.Duration
}

// Stand judges a target at now by the history of its figure. The schedule is the
// share of working time that has passed between the beginning of the start quarter
// and the end of the due one (序时进度), at the end of the quarter whose figure
// counts or, while that runs, at now. Progress may lag by 10 points of it before the
// light is yellow, by 30 before it is red; past the due quarter an unreached target
// is red. A running quarter counts from ten cases on.
func (t *Target) Stand(h *History, now time.Time, cal Calendar, fiscal quarters.Fiscal) *Standing {
	s := &Standing{Light: Unknown, History: h.Quarters, Path: t.path(cal, fiscal), Left: t.Due.Minus(t.Start) + 1}
	over := !now.Before(fiscal.End(t.Due))
	at := now
	if s.Actual = t.actual(h.Quarters); s.Actual != nil {
		if end := fiscal.End(s.Actual.Quarter); end.Before(at) {
			at = end
		}
		s.Progress = t.Progress(s.Actual.Value)
		s.Reached = s.Progress >= 1
		s.Left = t.Due.Minus(s.Actual.Quarter)
		gone := s.Actual.Quarter.Minus(t.Start) + 1
		s.Pace = new((s.Actual.Value - t.Baseline.Value) / float64(gone))
		if s.Left > 0 && !s.Reached {
			s.PaceNeeded = new((t.Goal - s.Actual.Value) / float64(s.Left))
		}
	}
	s.Scheduled = scheduled(cal, fiscal.Start(t.Start), fiscal.End(t.Due), at)
	s.Behind = s.Scheduled - s.Progress
	s.Overdue = over && !s.Reached
	s.Light = s.light()
	s.Forecast = t.forecast(h, now, fiscal)
	return s
}

func (s *Standing) light() Light {
	switch {
	case s.Reached:
		return Green
	case s.Overdue:
		return Red
	case s.Actual == nil && s.Scheduled > yellowFrom: // time passes and nobody knows
		return Yellow
	case s.Actual == nil:
		return Unknown
	case s.Behind > redFrom:
		return Red
	case s.Behind >= yellowFrom:
		return Yellow
	default:
		return Green
	}
}

// actual is the newest observation within the plan that rests on enough.
func (t *Target) actual(list []Observation) *Observation {
	for i := len(list) - 1; i >= 0; i-- {
		o := &list[i]
		if o.Quarter.Minus(t.Start) < 0 {
			return nil
		}
		if o.Quarter.Minus(t.Due) <= 0 && (!o.Running || o.N >= fewCases) {
			return o
		}
	}
	return nil
}

// scheduled is the share of the working time from start to end that is over at an instant.
func scheduled(cal Calendar, start, end, at time.Time) float64 {
	whole := cal.Between(start, end)
	if whole <= 0 || at.After(end) {
		return 1
	}
	return max(0, float64(cal.Between(start, at))/float64(whole))
}

// path is where the figure has to be at the end of every quarter: on the straight
// way from the baseline to the goal, in working time.
func (t *Target) path(cal Calendar, fiscal quarters.Fiscal) []PathPoint {
	path := []PathPoint{{t.Start.Add(-1), t.Baseline.Value}}
	for q := t.Start; q.Minus(t.Due) <= 0; q = q.Add(1) {
		share := scheduled(cal, fiscal.Start(t.Start), fiscal.End(t.Due), fiscal.End(q))
		path = append(path, PathPoint{q, t.Baseline.Value + share*(t.Goal-t.Baseline.Value)})
	}
	return path
}
