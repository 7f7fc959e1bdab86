package handbook

import (
	"fmt"
	"slices"
	"strings"
)

// Warnings are the settings of early warning (风险预警). What is left out is as
// [DefaultWarning] says.
type Warnings struct {
	Quiet string        `yaml:"quiet"` // when notices wait: closed (while the office is closed; also for "") or never
	Rules []WarningRule `yaml:"rules"` // those that differ from the defaults
}

// QuietNever has notices go out at any hour.
const QuietNever = "never"

// WarningRule is when one rule warns. Raise and Clear are in the rule's own unit
// and apart, so that a value at the edge does not warn again and again.
type WarningRule struct {
	Key   string   `yaml:"key"`
	Raise *float64 `yaml:"raise"` // from here on it warns; of response_low: below here
	Clear *float64 `yaml:"clear"` // from here on it no longer does
	MinN  int      `yaml:"min_n"` // on fewer it says nothing
	Off   bool     `yaml:"off"`
}

// The rules, by their keys.
const (
	NearDue       = "near_due"       // days of work that are due by the end of the next working day
	P90Rising     = "p90_rising"     // 90th percentile of the lead times of four weeks, as a multiple of that of the twelve before
	OnePerson     = "one_person"     // per cent of the waiting of four weeks that was for one person
	ErrorCluster  = "error_cluster"  // faults per case of a stage in a week, as a multiple of those of the twelve before
	ResponseLow   = "response_low"   // response rate of a survey in per cent, in its last three days
	SourceSilent  = "source_silent"  // silence of a source, as a multiple of its usual longest gap
	ControlSignal = "control_signal" // a week's median lead time, in sigmas from the centre of the 26 weeks before
)

// WarningKeys lists the rules in the order in which they are shown.
func WarningKeys() []string {
	return []string{NearDue, P90Rising, OnePerson, ErrorCluster, ResponseLow, SourceSilent, ControlSignal}
}

// WarningSetting is a rule's setting, complete.
type WarningSetting struct {
	Raise, Clear float64
	MinN         int
	Off          bool
}

var defaultWarnings = map[string]WarningSetting{
	NearDue:       {Raise: 2, Clear: 1.5, MinN: 5},
	P90Rising:     {Raise: 1.3, Clear: 1.15, MinN: 20},
	OnePerson:     {Raise: 100.0 / 3, Clear: 28, MinN: 30},
	ErrorCluster:  {Raise: 2.5, Clear: 1.5, MinN: 4},
	ResponseLow:   {Raise: 50, Clear: 55, MinN: 10},
	SourceSilent:  {Raise: 4, Clear: 1, MinN: 50},
	ControlSignal: {Raise: 3.5, Clear: 2, MinN: 10},
}

// DefaultWarning is how a rule is set unless the handbook says otherwise.
func DefaultWarning(key string) (WarningSetting, bool) {
	s, ok := defaultWarnings[key]
	return s, ok
}

// WarnsBelow reports whether a rule warns of values that are too small.
func WarnsBelow(key string) bool { return key == ResponseLow }

// Setting is how a rule is set.
func (w *Warnings) Setting(key string) WarningSetting {
	s := defaultWarnings[key]
	for _, r := range w.Rules {
		if r.Key != key {
			continue
		}
		if r.Raise != nil {
			s.Raise = *r.Raise
		}
		if r.Clear != nil {
			s.Clear = *r.Clear
		}
		if r.MinN != 0 {
			s.MinN = r.MinN
		}
		s.Off = r.Off
	}
	return s
}

func (c *checker) warnings(hb *Handbook) {
	w := &hb.Warnings
	if w.Quiet != "" && w.Quiet != "closed" && w.Quiet != QuietNever {
		c.add(fmt.Sprintf("quiet %q is unknown; write closed (notices wait while the office is closed) or never", w.Quiet), "warnings", "quiet")
	}
	seen := map[string]bool{}
	for i, r := range w.Rules {
		at := []any{"warnings", "rules", i}
		if !slices.Contains(WarningKeys(), r.Key) {
			c.add(fmt.Sprintf("there is no rule %q; name one of %s", r.Key, strings.Join(WarningKeys(), ", ")), below(at, "key")...)
			continue
		}
		if seen[r.Key] {
			c.add(fmt.Sprintf("rule %q is there twice; keep one entry", r.Key), below(at, "key")...)
		}
		seen[r.Key] = true
		s := w.Setting(r.Key)
		low, high := s.Clear, s.Raise
		side, example := "below", "raise: 2, clear: 1.5"
		if WarnsBelow(r.Key) {
			low, high, side, example = s.Raise, s.Clear, "above", "raise: 50, clear: 55"
		}
		switch {
		case !(s.Raise > 0): // written so that not-a-number fails too
			c.add(fmt.Sprintf("raise %v is not above 0; write from where on to warn, such as %s", s.Raise, example), below(at, "raise")...)
		case !(low < high):
			c.add(fmt.Sprintf("clear %v is not %s raise %v, so the warning would come and go; write clear %s raise, such as %s", s.Clear, side, s.Raise, side, example), below(at, "clear")...)
		}
		if r.MinN < 0 {
			c.add(fmt.Sprintf("min_n %d is negative; write on how many the rule has to rest, such as 20", r.MinN), below(at, "min_n")...)
		}
	}
}
