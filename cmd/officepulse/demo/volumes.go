package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// flow is a process as the story needs it: how many cases, and how each goes.
type flow struct {
	process string
	volume  float64                       // cases a month at preset M
	weight  func(day time.Time) float64   // share of a month's cases that begin on a working day; nil for the usual
	since   time.Time                     // no case before; zero for always
	change  time.Time                     // when the process was improved; zero for never
	faults  shift                         // probability of a confirmed fault per case
	bump    func(start time.Time) float64 // factor on faults; nil for 1
	steps   int                           // usual number of steps, to reserve memory
	plan    func(f *flow, at time.Time)   // leads one case through; nil where cases follow from others'
	unknown bool                          // no handbook defines it
	urgent  bool                          // nobody withdraws it

	r         *rand.Rand
	decks     map[spread]*deck
	quota     quota // of cases with confirmed faults
	dismissed quota // of reports not confirmed
	kinds     []kind
}

// workdaysAMonth of 2024 to 2026.
const workdaysAMonth = 248.0 / 12

// begin starts the cases of one day.
func (t *tale) begin(f *flow, day time.Time) {
	if f.plan == nil || day.Before(f.since) || !t.calendar.Workday(day) {
		return
	}
	weight := weekday(day) / workdaysAMonth
	if f.weight != nil {
		weight = f.weight(day)
	}
	n := poisson(f.r, f.volume*t.scale*weight*season(day)*trend(day))
	starts := make([]time.Duration, n)
	for i := range starts {
		starts[i] = timeOfDay(f.r)
	}
	slices.Sort(starts)
	for _, s := range starts {
		if at := day.Add(s); at.Before(t.end) {
			f.plan(f, at)
		}
	}
}

// weekday is how busy a working day is: Mondays more, Fridays less, make-up
// days on weekends least.
func weekday(day time.Time) float64 {
	switch day.Weekday() {
	case time.Monday:
		return 1.15
	case time.Friday:
		return 0.85
	case time.Saturday, time.Sunday:
		return 0.7
	default:
		return 1
	}
}

// season: busy ends of the year, a thin week before Spring Festival. The other
// months make up for the busy ones, so that a year keeps its volume.
func season(day time.Time) float64 {
	date := day.Format(time.DateOnly)
	if (date >= "2025-01-20" && date < "2025-01-28") || (date >= "2026-02-07" && date < "2026-02-15") {
		return 0.6
	}
	switch day.Month() {
	case time.December:
		return 1.25
	case time.January:
		return 1.1
	case time.July:
		return 1.05
	default:
		return 0.956
	}
}

// trend is half a percent a month, 1 in the middle of the story.
func trend(day time.Time) float64 {
	months := float64(day.Year()-2025)*12 + float64(day.Month()-time.October)
	return math.Pow(1.005, months)
}

// timeOfDay draws when a case begins: two peaks, and 4 % out of office hours.
func timeOfDay(r *rand.Rand) time.Duration {
	between := func(from, to float64) time.Duration {
		return time.Duration((from + r.Float64()*(to-from)) * float64(time.Hour)).Truncate(time.Millisecond)
	}
	switch x := r.Float64(); {
	case x < 0.01:
		return between(7, 8.5)
	case x < 0.04:
		return between(18, 22.5)
	case x < 0.40:
		return between(9.5, 11)
	case x < 0.74:
		return between(14.5, 16.5)
	case x < 0.87:
		return between(8.5, 12)
	default:
		return between(13.5, 18)
	}
}

// planDays gives the share of a month's supply plans that are handed in on a
// working day: the first to the sixth, those of days off on the next working day.
func (t *tale) planDays(day time.Time) float64 {
	shares := []float64{0.12, 0.13, 0.20, 0.20, 0.20, 0.15}
	if !day.Before(t.date(2026, 4, 1)) { // the handbook: by the fifth
		shares = []float64{0.12, 0.15, 0.22, 0.23, 0.24, 0.04}
	}
	sum := 0.0
	for d := day; d.Month() == day.Month(); d = d.AddDate(0, 0, -1) {
		if d != day && t.calendar.Workday(d) {
			break
		}
		if d.Day() <= len(shares) {
			sum += shares[d.Day()-1]
		}
	}
	return sum
}

// mondays holds for what is raised in the weekly liaison meeting.
func mondays(day time.Time) float64 {
	if day.Weekday() != time.Monday {
		return 0
	}
	return 12.0 / 50
}
