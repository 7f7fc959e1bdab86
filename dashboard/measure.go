package dashboard

import (
	"math"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/dashboard/i18n"
)

// direction says which way is good.
type direction int

const (
	neither       direction = iota // more is neither better nor worse
	lowerBetter                    // errors, waiting
	higherBetter                   // satisfaction
	elapsedDay    = 86400          // seconds
	hour          = 3600           // seconds
	fewCases      = 10             // below this a figure is only indicative
	classStandout = 1.5            // a class this many times slower than the mean is named
)

// measure is how a metric is shown: which figure of a point, on which scale, in
// which unit, and which way is good.
type measure struct {
	key      string // part of its message keys: measure.KEY.unit and measure.KEY.difference
	decimals int
	better   direction
	relative bool // changes are in per cent of the earlier figure
	value    func(*analytics.Point) *float64
	chance   func(now, before *analytics.Point) bool // whether a change may be chance; nil: every change that shows counts
}

func scaled(v *float64, by float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return new(*v * by)
}

// of is the figure of a point in the measure's unit; nil when there is none.
func (m measure) of(p *analytics.Point) *float64 {
	if p == nil {
		return nil
	}
	return m.value(p)
}

// text is the figure as it is printed, a dash when there is none.
func (m measure) text(v *float64) string {
	if v == nil {
		return "—"
	}
	return number(*v, m.decimals)
}

// days shows a time of a point in days of a clock; daySeconds is how long a
// working day is.
func days(clock analytics.Clock, daySeconds float64, figure func(*analytics.Point) *float64) measure {
	m := measure{key: "days_working", decimals: 1, better: lowerBetter, chance: tooFew}
	length := daySeconds
	if clock == analytics.ClockElapsed {
		m.key, length = "days_elapsed", elapsedDay
	}
	m.value = func(p *analytics.Point) *float64 { return scaled(figure(p), 1/length) }
	return m
}

func mean(p *analytics.Point) *float64   { return p.Mean }
func median(p *analytics.Point) *float64 { return p.Median }
func p90(p *analytics.Point) *float64    { return p.P90 }

// percent shows a rate.
func percent() measure {
	return measure{key: "percent", decimals: 1, better: lowerBetter, chance: maybeChance, value: func(p *analytics.Point) *float64 {
		return scaled(p.Rate, 100)
	}}
}

// maybeChance reports whether two shares differ by no more than samples of their
// size do by chance: the 95 % interval of the difference holds zero. Where it is
// not known how many are meant, nothing speaks against the change.
func maybeChance(now, before *analytics.Point) bool {
	if now.Count == nil || before.Count == nil {
		return false
	}
	return !stats.Newcombe(*now.Count, now.N, *before.Count, before.N).Excludes(0)
}

// tooFew reports whether one of two figures rests on so few that a difference
// between them says nothing.
func tooFew(now, before *analytics.Point) bool { return now.N < fewCases || before.N < fewCases }

// score shows the mean of points from 0 to 100.
func score() measure {
	return measure{key: "score", decimals: 1, better: higherBetter, value: func(p *analytics.Point) *float64 {
		return scaled(p.Mean, 1)
	}}
}

// cases shows how many there were.
func cases() measure {
	return measure{key: "cases", better: neither, relative: true, value: func(p *analytics.Point) *float64 {
		return new(float64(counted(p)))
	}}
}

// counted is the number that a counting metric means.
func counted(p *analytics.Point) uint64 {
	if p.Count != nil {
		return *p.Count
	}
	return p.N
}

// verdict judges a change.
type verdict string

const (
	better  verdict = "better"
	worse   verdict = "worse"
	same    verdict = "same"
	unclear verdict = "unclear" // there is a difference, but it may be chance
	// attention is no change but a state that somebody should look at.
	attention verdict = "attention"
	more      verdict = "more" // of what is neither good nor bad
	fewer     verdict = "fewer"
	unknown   verdict = "" // nothing to compare
)

// change is the difference between two figures, ready to be printed.
type change struct {
	Text    string // with sign and unit; a dash when nothing can be compared
	Size    string // without sign, in the long words of a sentence
	Verdict verdict
}

// change compares now with before. Rates differ by percentage points, scores by
// points, times by days and counts by per cent; a difference that is printed as
// zero is none.
func (m measure) change(words i18n.Messages, now, before *float64) change {
	if now == nil || before == nil || (m.relative && *before == 0) {
		return change{Text: "—"}
	}
	difference, decimals := *now-*before, m.decimals
	if m.relative {
		difference, decimals = difference / *before * 100, 1
	}
	c := change{
		Text:    words.T("measure."+m.key+".difference", "value", signed(difference, decimals)),
		Size:    words.T("measure."+m.key+".size", "value", number(math.Abs(difference), decimals)),
		Verdict: same,
	}
	if rounded(difference, decimals) != 0 {
		c.Verdict = m.judge(difference > 0)
	}
	return c
}

// compare is the change between two points, better or worse only where it is
// more than chance.
func (m measure) compare(words i18n.Messages, now, before *analytics.Point) change {
	c := m.change(words, m.of(now), m.of(before))
	if (c.Verdict == better || c.Verdict == worse) && m.chance != nil && m.chance(now, before) {
		c.Verdict = unclear
	}
	return c
}

func (m measure) judge(rose bool) verdict {
	switch m.better {
	case lowerBetter:
		if rose {
			return worse
		}
		return better
	case higherBetter:
		if rose {
			return better
		}
		return worse
	default:
		if rose {
			return more
		}
		return fewer
	}
}
