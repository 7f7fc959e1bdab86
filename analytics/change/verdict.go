package change

import (
	"math"
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/stats"
)

// Of the verdict.
const (
	Window     = 26 // weeks before and after
	LeastWeeks = stats.LeastBlocks
	LeastCases = 20
	lags       = 4 // weeks that may be alike

	// finalP: a change is called one at the 99 % level, since a board looks at many
	// changes; parted among the figures of a change (Bonferroni).
	finalP = 0.01
)

// Outcome is a verdict in a word.
type Outcome string

// The outcomes.
const (
	Shifted   Outcome = "shifted"
	Unchanged Outcome = "no_detectable_change"
	TooLittle Outcome = "too_little_data"
)

// Outcomes lists them.
func Outcomes() []Outcome { return []Outcome{Shifted, Unchanged, TooLittle} }

// Shape is the kind of data that a verdict rests on.
type Shape string

// The shapes.
const (
	Times  Shape = "times"  // lead times of cases, by the week in which they began
	Shares Shape = "shares" // n and hits, by week
	Levels Shape = "levels" // one value a week
	Scores Shape = "scores" // of departments, before and after
)

// Evidence is what happened around a change.
type Evidence struct {
	Shape         Shape
	Before, After []Week         // in order
	Then, Now     []stats.Sample // of scores: departments before and after
	Whole         bool           // the window after the change is full
	ByStart       bool           // cases count in the week in which they began, else in which they ended
	Figures       int            // of the change, at least 1: they share the risk of a false alarm
}

// Week is one week around a change.
type Week struct {
	Start  time.Time
	At     int // weeks since the change, negative before it
	N      uint64
	Hits   uint64    // of shares
	Value  float64   // of levels
	Values []float64 // of times
	Groups []Group   // by class
}

// Group is a class of cases in a week.
type Group struct {
	Key     string
	N, Hits uint64
	Values  []float64
}

// Verdict says whether a figure shifted with a change.
type Verdict struct {
	Figure  figure.Figure `json:"figure"`
	Unit    string        `json:"unit"`
	Outcome Outcome       `json:"outcome"`
	Why     Why           `json:"why,omitempty"` // of an outcome that is not shifted
	Before  Side          `json:"before"`
	After   Side          `json:"after"`
	// Difference is after minus before. Nil where a side has nothing.
	Difference *Difference `json:"difference,omitempty"`
	Regression *Regression `json:"regression,omitempty"` // nil: too few weeks
	Control    *Split      `json:"control,omitempty"`    // likewise
	Mix        *Mix        `json:"mix,omitempty"`        // nil: there are no classes to compare
	Votes      []Vote      `json:"votes"`                // what each method says by itself
	Disagree   bool        `json:"disagree"`             // they do not all say the same as the verdict
	Interim    bool        `json:"interim"`              // weeks are still coming
	ByStart    bool        `json:"by_start"`             // as in [Evidence]
	Also       []string    `json:"also"`                 // keys of other changes in the same weeks, whose effects cannot be told apart
}

// Why says why nothing is called a change.
type Why string

// The reasons.
const (
	NotYet       Why = "not_yet"        // the change or its ramp lies ahead
	FewWeeks     Why = "few_weeks"      // fewer than eight on a side
	FewCases     Why = "few_cases"      // fewer than twenty on a side
	FewGroups    Why = "few_groups"     // of scores: no two waves to compare
	WithinChance Why = "within_chance"  // the 95 % interval holds zero
	NotSure      Why = "not_sure"       // it leaves zero out, and that may still be chance among so many looks
	TrendBefore  Why = "trend_before"   // it was on its way before, and no faster since
	NoVariation  Why = "no_variation"   // nothing varies, so nothing can be said
	NotAsked     Why = "not_answerable" // the figure cannot be asked by week
)

// Side is one side of a change.
type Side struct {
	From  time.Time `json:"from,omitzero"`
	To    time.Time `json:"to,omitzero"`
	Weeks int       `json:"weeks"`
	N     uint64    `json:"n"`
	Value float64   `json:"value"` // of the kind that the difference is of
	Mean  *float64  `json:"mean,omitempty"`
}

// Difference is after minus before, with its 95 % interval, widened for weeks that
// are alike.
type Difference struct {
	Of      analytics.Value  `json:"of"`
	Value   float64          `json:"value"`
	Low     float64          `json:"low"`
	High    float64          `json:"high"`
	Method  DifferenceMethod `json:"method"`
	Widened float64          `json:"widened"` // by this factor, 1 or more
	P       float64          `json:"p"`       // two-sided
	Needed  float64          `json:"p_needed"`
}

// DifferenceMethod is how the interval is found.
type DifferenceMethod string

// The methods.
const (
	Bootstrap  DifferenceMethod = "block_bootstrap" // of medians, by weeks
	Newcombe   DifferenceMethod = "newcombe"
	WelchWeeks DifferenceMethod = "welch_weeks" // of weekly values
	Welch      DifferenceMethod = "welch"       // of departments' scores
)

// Regression is the segmented regression of the weekly values.
type Regression struct {
	Level  Estimate `json:"level"`  // the jump
	Slope  Estimate `json:"slope"`  // a week, more than before
	Before Estimate `json:"before"` // slope before, a week
	Weeks  int      `json:"weeks"`
}

// Estimate is an estimate with its 95 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	P     float64 `json:"p"`
}

func estimated(e stats.Estimate) Estimate {
	return Estimate{e.Value, e.Interval.Low, e.Interval.High, e.P}
}

// Split is a control chart of the weekly values, with limits from the weeks before
// and, to show what is usual now, from those after.
type Split struct {
	Chart   analytics.ChartKind `json:"chart"` // p or xmr
	Points  []SplitPoint        `json:"points"`
	Outside int                 `json:"outside"` // weeks after that lie outside the limits of before, on the side to which it moved
	Longest int                 `json:"longest"` // the longest row of weeks after on that side of the old centre
}

// SplitPoint is a week on it.
type SplitPoint struct {
	Start  time.Time `json:"start"`
	After  bool      `json:"after"`
	N      uint64    `json:"n"`
	Value  float64   `json:"value"`
	Centre float64   `json:"centre"`
	Lower  float64   `json:"lower"`
	Upper  float64   `json:"upper"`
}

// Method names who votes.
type Method string

// The methods.
const (
	ByDifference Method = "difference"
	ByRegression Method = "segmented_regression"
	ByControl    Method = "control_chart"
)

// Vote is what a method says by itself.
type Vote struct {
	Method  Method  `json:"method"`
	Outcome Outcome `json:"outcome"`
	Up      bool    `json:"up"`
}

// Judge says whether a figure shifted. The difference between the weeks before and
// after decides; where the course before leads there by itself and there is no jump,
// that is no shift. Segmented regression and the control chart are said beside it,
// also where they disagree.
func Judge(f figure.Figure, e *Evidence) *Verdict {
	v := &Verdict{Figure: f, Unit: f.Unit(), Interim: !e.Whole, ByStart: e.ByStart, Votes: []Vote{}, Also: []string{}, Outcome: TooLittle}
	if e.Shape == Scores {
		v.judgeScores(e)
		return v
	}
	v.Before, v.After = side(e.Shape, e.Before), side(e.Shape, e.After)
	switch {
	case len(e.Before) == 0 || len(e.After) == 0:
		v.Why = FewWeeks
		if len(e.After) == 0 {
			v.Why = NotYet
		}
		return v
	case len(e.Before) < LeastWeeks || len(e.After) < LeastWeeks:
		v.Why = FewWeeks
		return v
	case e.Shape != Levels && (v.Before.N < LeastCases || v.After.N < LeastCases):
		v.Why = FewCases
		return v
	}
	v.Mix = mixed(e)
	v.regress(e)
	if !v.differ(e) {
		v.Why = NoVariation
		return v
	}
	v.split(e)
	v.decide()
	return v
}

func valueOf(s Shape) analytics.Value {
	switch s {
	case Times:
		return analytics.ValueMedian
	case Shares:
		return analytics.ValueRate
	default:
		return analytics.ValueMean
	}
}

func side(shape Shape, weeks []Week) Side {
	s := Side{Weeks: len(weeks)}
	if len(weeks) == 0 {
		return s
	}
	s.From, s.To = weeks[0].Start, weeks[len(weeks)-1].Start.AddDate(0, 0, 7)
	var hits uint64
	var sum float64
	var values []float64
	for _, w := range weeks {
		s.N, hits, sum = s.N+w.N, hits+w.Hits, sum+w.Value
		values = append(values, w.Values...)
	}
	switch shape {
	case Times:
		slices.Sort(values)
		s.Value = stats.Quantile(values, 0.5)
		var total float64
		for _, x := range values {
			total += x
		}
		if len(values) > 0 {
			s.Mean = new(total / float64(len(values)))
		}
	case Shares:
		if s.N > 0 {
			s.Value = float64(hits) / float64(s.N)
		}
	default:
		s.Value = sum / float64(len(weeks))
	}
	if math.IsNaN(s.Value) {
		s.Value = 0
	}
	return s
}

// course is the value of each week; weeks without any are left out, with at their places.
func course(shape Shape, weeks []Week) (at, values, weight []float64) {
	for _, w := range weeks {
		value := w.Value
		switch shape {
		case Times:
			if len(w.Values) == 0 {
				continue
			}
			sorted := slices.Sorted(slices.Values(w.Values))
			value = stats.Quantile(sorted, 0.5)
		case Shares:
			if w.N == 0 {
				continue
			}
			value = float64(w.Hits) / float64(w.N)
		default:
		}
		n := float64(w.N)
		if shape == Levels {
			n = 1
		}
		at, values, weight = append(at, float64(w.At)), append(values, value), append(weight, n)
	}
	return at, values, weight
}

// needed is how unlikely a difference has to be to be called a change. While weeks
// are still coming it is looked at again and again; so at a share t of the weeks the
// quantile is 1/√t of the final one, and looking early costs next to nothing at the
// end. Sources: O'Brien and Fleming (1979), Biometrics 35, 549-556; Lan and DeMets
// (1983), Biometrika 70, 659-663.
func needed(e *Evidence) float64 {
	p := finalP / float64(max(1, e.Figures))
	if e.Whole {
		return p
	}
	share := float64(len(e.After)) / Window
	if e.Shape == Scores {
		share = 0.5 // one survey of two
	}
	share = min(1, max(share, 1.0/Window))
	quantile := -math.Sqrt2 * math.Erfinv(p-1)
	return math.Erfc(quantile / math.Sqrt(share) / math.Sqrt2)
}

// differ finds the difference with its interval; false where nothing varies.
func (v *Verdict) differ(e *Evidence) bool {
	_, before, _ := course(e.Shape, e.Before)
	_, after, _ := course(e.Shape, e.After)
	lingering := stats.Lingering(before, after)
	d := Difference{Of: valueOf(e.Shape), Value: v.After.Value - v.Before.Value, Needed: needed(e)}
	var interval stats.Interval
	ok := true
	switch e.Shape {
	case Times:
		d.Method, d.Widened = Bootstrap, math.Sqrt(lingering)
		interval, ok = stats.MedianChange(blocks(e.After), blocks(e.Before))
		interval = widened(interval, d.Value, d.Widened)
	case Shares:
		// Weeks that differ by more than their numbers explain, and that are like
		// their neighbours, tell as much as fewer cases would.
		d.Method = Newcombe
		inflation := max(1, dispersion(e.Before, e.After)) * lingering
		d.Widened = math.Sqrt(inflation)
		interval = stats.NewcombeShare(v.After.Value, float64(v.After.N)/inflation, v.Before.Value, float64(v.Before.N)/inflation)
	default:
		d.Method, d.Widened = WelchWeeks, math.Sqrt(lingering)
		interval, ok = stats.Welch([]stats.Sample{sample(after)}, []stats.Sample{sample(before)})
		interval = widened(interval, d.Value, d.Widened)
	}
	if spread := (interval.High - interval.Low) / (2 * 1.96); ok && spread > 0 {
		d.Low, d.High = interval.Low, interval.High
		d.P = stats.TwoSided(d.Value/spread, float64(len(before)+len(after)-2)/lingering)
		v.Difference = &d
		return true
	}
	return false
}

func widened(i stats.Interval, around, by float64) stats.Interval {
	return stats.Interval{Low: around - by*(around-i.Low), High: around + by*(i.High-around)}
}

func blocks(weeks []Week) (list [][]float64) {
	for _, w := range weeks {
		if len(w.Values) > 0 {
			list = append(list, w.Values)
		}
	}
	return list
}

// dispersion is by how much more the shares of weeks vary than their numbers
// explain: Pearson's χ² over its degrees of freedom, both sides together.
func dispersion(sides ...[]Week) float64 {
	var chi, freedom float64
	for _, weeks := range sides {
		var n, hits float64
		for _, w := range weeks {
			n, hits = n+float64(w.N), hits+float64(w.Hits)
		}
		p := hits / n
		if n == 0 || p == 0 || p == 1 {
			continue
		}
		freedom--
		for _, w := range weeks {
			if w.N > 0 {
				expected := float64(w.N) * p
				off := float64(w.Hits) - expected
				chi += off * off / (expected * (1 - p))
				freedom++
			}
		}
	}
	if freedom <= 0 {
		return 1
	}
	return chi / freedom
}

func sample(values []float64) stats.Sample {
	s := stats.Sample{N: uint64(len(values))}
	for _, x := range values {
		s.Mean += x / float64(len(values))
	}
	for _, x := range values {
		s.Variance += (x - s.Mean) * (x - s.Mean) / float64(max(1, len(values)-1))
	}
	return s
}

// regress draws the broken line. Its break is where the time after begins.
func (v *Verdict) regress(e *Evidence) {
	at, values, weight := course(e.Shape, slices.Concat(e.Before, e.After))
	s, ok := stats.Segmented(at, values, weight, float64(e.After[0].At), lags)
	if ok {
		v.Regression = &Regression{estimated(s.Level), estimated(s.Slope), estimated(s.Before), s.N}
	}
}

// split draws the control chart of both sides.
func (v *Verdict) split(e *Evidence) {
	s := &Split{Chart: analytics.ChartXmR}
	if e.Shape == Shares {
		s.Chart = analytics.ChartP
	}
	old := chart(e.Shape, e.Before, e.Before)
	now := chart(e.Shape, e.After, e.After)
	judged := chart(e.Shape, e.After, e.Before) // the new weeks by the old limits
	up := v.Difference.Value > 0
	row := 0
	for _, p := range judged {
		if (up && p.Value > p.High) || (!up && p.Value < p.Low) {
			s.Outside++
		}
		row++
		if (up && p.Value <= p.Centre) || (!up && p.Value >= p.Centre) {
			row = 0
		}
		s.Longest = max(s.Longest, row)
	}
	add := func(weeks []Week, points []stats.ControlPoint, after bool) {
		at := 0
		for _, w := range weeks {
			if at < len(points) && (e.Shape == Levels || w.N > 0) {
				p := points[at]
				at++
				s.Points = append(s.Points, SplitPoint{Start: w.Start, After: after, N: w.N, Value: p.Value, Centre: p.Centre, Lower: p.Low, Upper: p.High})
			}
		}
	}
	add(e.Before, old, false)
	add(e.After, now, true)
	v.Control = s
}

// chart draws weeks by the limits of base.
func chart(shape Shape, weeks, base []Week) []stats.ControlPoint {
	all, limits := slices.Concat(base, weeks), stats.Baseline{}
	var c stats.Chart
	skip := 0
	if shape == Shares {
		var hits, n []uint64
		for i, w := range all {
			if w.N > 0 {
				hits, n = append(hits, w.Hits), append(n, w.N)
				if i < len(base) {
					skip++
				}
			}
		}
		limits.To = skip
		c = stats.P(hits, n, limits)
	} else {
		_, old, _ := course(shape, base)
		_, values, _ := course(shape, all)
		skip = len(old)
		limits.To = skip
		c = stats.XmR(values, limits)
	}
	return c.Points[min(skip, len(c.Points)):]
}

// How a control chart calls a shift: a row of eight on one side of the old centre,
// as in package stats, or three weeks outside the old limits.
const leastOutside = 3

// decide weighs what the methods say.
func (v *Verdict) decide() {
	d := v.Difference
	up := d.Value > 0
	vote := func(m Method, shifted, up bool) {
		o := Unchanged
		if shifted {
			o = Shifted
		}
		v.Votes = append(v.Votes, Vote{m, o, up})
	}
	sure := d.P < d.Needed
	vote(ByDifference, sure, up)
	if r := v.Regression; r != nil {
		vote(ByRegression, r.Level.P < 0.05, r.Level.Value > 0)
	}
	vote(ByControl, v.Control.Longest >= stats.RunLength || v.Control.Outside >= leastOutside, up)
	v.Outcome = Unchanged
	switch {
	case sure && v.ledThere():
		v.Why = TrendBefore
	case sure:
		v.Outcome = Shifted
	case (stats.Interval{Low: d.Low, High: d.High}).Excludes(0):
		v.Why = NotSure
	default:
		v.Why = WithinChance
	}
	for _, one := range v.Votes {
		if one.Outcome != v.Outcome || (v.Outcome == Shifted && one.Up != up) {
			v.Disagree = true
		}
	}
}

// ledThere reports whether the course before leads to where the figure is now: it
// had a slope of its own, which covers half of the difference, and there is no jump
// in its direction.
func (v *Verdict) ledThere() bool {
	r := v.Regression
	if r == nil || r.Before.P >= 0.05 || r.Before.Value*v.Difference.Value <= 0 {
		return false
	}
	apart := v.After.From.Sub(v.Before.From).Hours() / (7 * 24) // from middle to middle, the sides being alike
	jumps := r.Level.P < 0.05 && r.Level.Value*v.Difference.Value > 0
	return !jumps && math.Abs(r.Before.Value*apart) >= math.Abs(v.Difference.Value)/2
}

// judgeScores compares departments' scores before and after.
func (v *Verdict) judgeScores(e *Evidence) {
	fill := func(s *Side, list []stats.Sample) {
		for _, one := range list {
			s.N += one.N
			s.Value += one.Mean / float64(len(list))
		}
	}
	fill(&v.Before, e.Then)
	fill(&v.After, e.Now)
	interval, ok := stats.Welch(e.Now, e.Then)
	if !ok {
		v.Why = FewGroups
		return
	}
	d := Difference{
		Of: analytics.ValueMean, Value: v.After.Value - v.Before.Value, Low: interval.Low, High: interval.High, Method: Welch, Widened: 1,
		Needed: needed(e),
	}
	d.P = stats.TwoSided(d.Value/((d.High-d.Low)/(2*1.96)), float64(v.Before.N+v.After.N))
	v.Difference, v.Outcome, v.Why = &d, Unchanged, WithinChance
	switch {
	case d.P < d.Needed:
		v.Outcome, v.Why = Shifted, ""
	case interval.Excludes(0):
		v.Why = NotSure
	}
	v.Votes = []Vote{{ByDifference, v.Outcome, d.Value > 0}}
}
