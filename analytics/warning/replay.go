package warning

import (
	"math"
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
)

// Outcome is whether a warning was right.
type Outcome string

// The outcomes. Pending: too little time has passed to tell.
const (
	Hit     Outcome = "hit"
	False   Outcome = "false"
	Pending Outcome = "pending"
)

// When a warning was a hit: the bounds of [Watch.outcome].
const (
	lateShare     = 0.2 // of the near-due cases that missed their date
	slowShare     = 0.15
	clusterFactor = 1.5
	silenceFactor = 2
	risenSigmas   = 1
	weeksAfter    = 4
	clusterAfter  = 14 // days
)

// Past is a warning of the past as the rules of now would have given it.
type Past struct {
	Rule    string
	Subject string
	Raised  time.Time
	Cleared time.Time // zero: it stands
	Value   float64
	N       uint64
	Outcome Outcome
	Lead    time.Duration // of a hit: from the warning to the moment from which the trouble was there for all to see
}

// Score is how often a rule was right.
type Score struct {
	Rule    string
	Raised  uint64
	Hits    uint64
	False   uint64
	Pending uint64
	Rate    *float64 // hits of those that are not pending
	Low     *float64 // its 95 % interval (Wilson)
	High    *float64
	Lead    *float64 // median of the hits' leads, seconds
}

// Replay goes through the evenings of a pulse with the rules of now. At each of
// them a rule sees what was known by then, and nothing later. Whether a warning
// was right is told by what came after. Surveys are not replayed: nobody kept how
// many had answered on which day.
func (w *Watch) Replay(p *analytics.Pulse, moments []analytics.PulseMoment) []Past {
	var all []Past
	open := map[[2]string]int{} // rule and subject -> index
	for _, m := range moments {
		seen := map[[2]string]bool{}
		for _, r := range w.Readings(p, m.At, nil) {
			key := [2]string{r.Rule, r.Subject}
			at, isOpen := open[key]
			seen[key] = true
			switch Next(w.Handbook.Warnings.Setting(r.Rule), isOpen, r) {
			case Raises:
				outcome, lead := w.outcome(p, r)
				open[key] = len(all)
				all = append(all, Past{Rule: r.Rule, Subject: r.Subject, Raised: m.At, Value: r.Value, N: r.N, Outcome: outcome, Lead: lead})
			case Clears:
				all[at].Cleared = m.At
				delete(open, key)
			case Stays:
			}
		}
		for key, at := range open { // nothing is left to read
			if !seen[key] {
				all[at].Cleared = m.At
				delete(open, key)
			}
		}
	}
	return all
}

// Scores sums warnings up by rule, every rule in its place.
func Scores(past []Past) []Score {
	var all []Score
	for _, rule := range handbook.WarningKeys() {
		s := Score{Rule: rule}
		var leads []float64
		for i := range past {
			if past[i].Rule != rule {
				continue
			}
			s.Raised++
			switch past[i].Outcome {
			case Hit:
				s.Hits++
				leads = append(leads, past[i].Lead.Seconds())
			case False:
				s.False++
			default:
				s.Pending++
			}
		}
		if n := s.Hits + s.False; n > 0 {
			rate, interval := float64(s.Hits)/float64(n), stats.Wilson(s.Hits, n)
			s.Rate, s.Low, s.High = &rate, &interval.Low, &interval.High
		}
		if len(leads) > 0 {
			slices.Sort(leads)
			median := stats.Quantile(leads, 0.5)
			s.Lead = &median
		}
		all = append(all, s)
	}
	return all
}

// outcome says whether what a reading warned of came about, from what happened
// after it:
//
//   - near_due: more than a fifth of the cases that were near due missed their date;
//   - p90_rising: of the cases completed in the next four weeks, more than 15 %
//     took longer than the 90th percentile from before the warning;
//   - one_person: somebody held a third of the next four weeks' waiting too;
//   - error_cluster: in the next two weeks the stage had more than one and a half
//     times the faults per case of before;
//   - source_silent: the silence became twice as long as it was by then;
//   - control_signal: the median of the next four weeks' medians lay more than a
//     sigma above the centre.
//
// The lead is the time until the first missed date (near_due), until the silence
// ended (source_silent), and else until the end of the month, whose figure shows
// the trouble to all.
func (w *Watch) outcome(p *analytics.Pulse, r Reading) (Outcome, time.Duration) {
	end := w.today(r.At)
	until := func(days int) bool { return (end + calendar.Date(days)).In(w.Calendar.Zone()).After(known(p)) }
	month := w.monthEnd(r.At).Sub(r.At)
	say := func(hit bool, lead time.Duration) (Outcome, time.Duration) {
		if hit {
			return Hit, lead
		}
		return False, 0
	}
	switch r.Rule {
	case handbook.NearDue:
		if w.nextDay(r.At).After(known(p)) {
			return Pending, 0
		}
		due := p.NearDue[r.Subject][r.At.UnixMilli()]
		return say(float64(due.Late) > lateShare*float64(due.N), due.Miss.Sub(r.At))
	case handbook.P90Rising:
		if until(recentDays) {
			return Pending, 0
		}
		after := leads(p.Done[r.Subject], end, end+recentDays)
		return say(float64(beyond(after, r.base)) > slowShare*float64(len(after)), month)
	case handbook.OnePerson:
		if until(recentDays) {
			return Pending, 0
		}
		_, share, _, _ := held(p.Waits[r.Subject], end, end+recentDays)
		return say(100*share >= w.Handbook.Warnings.Setting(r.Rule).Raise, month)
	case handbook.ErrorCluster:
		if until(clusterAfter) {
			return Pending, 0
		}
		process, stage := Process(r.Rule, r.Subject)
		usual := float64(len(leads(p.Done[process], end-clusterDays-baseDays, end-clusterDays))) * clusterAfter / baseDays
		cases := max(usual, float64(len(leads(p.Done[process], end, end+clusterAfter))))
		found := float64(faultsOf(p.Faults[[2]string{process, stage}], end, end+clusterAfter))
		return say(found > clusterFactor*r.base*cases, month)
	case handbook.SourceSilent:
		return w.silence(p, r)
	case handbook.ControlSignal:
		return w.risen(p, r, until(7*weeksAfter+6), month)
	default:
		return Pending, 0
	}
}

// known is up to when the pulse tells of the world: what comes after its newest
// event may not have arrived.
func known(p *analytics.Pulse) time.Time {
	if !p.Last.IsZero() && p.Last.Before(p.To) {
		return p.Last
	}
	return p.To
}

func (w *Watch) monthEnd(t time.Time) time.Time {
	y, m, _ := t.In(w.Calendar.Zone()).Date()
	return calendar.DateOf(y, m+1, 1).In(w.Calendar.Zone())
}

// silence looks for the end of a source's silence.
func (w *Watch) silence(p *analytics.Pulse, r Reading) (Outcome, time.Duration) {
	slots := p.Seen[r.Subject]
	usual, last, _ := w.usualGap(slots, r.At)
	lasted := time.Duration(r.Value * float64(usual))
	i, _ := slices.BinarySearchFunc(slots, r.At, time.Time.Compare)
	ended := p.To
	if i < len(slots) {
		ended = slots[i]
	}
	whole := w.Calendar.Between(last.Add(slotLength), ended)
	switch {
	case whole >= silenceFactor*lasted:
		return Hit, ended.Sub(r.At)
	case i >= len(slots):
		return Pending, 0
	default:
		return False, 0
	}
}

// risen looks at the weeks behind a signal, the week of the signal itself left out.
func (w *Watch) risen(p *analytics.Pulse, r Reading, early bool, lead time.Duration) (Outcome, time.Duration) {
	if early {
		return Pending, 0
	}
	d := w.Calendar.DateAt(r.At)
	monday := d - calendar.Date((int(d.Weekday())+6)%7)
	var medians []float64
	for i := range calendar.Date(weeksAfter) {
		if took := leads(p.Done[r.Subject], monday+7*i, monday+7*(i+1)); len(took) > 0 {
			medians = append(medians, math.Log(max(1, stats.Quantile(took, 0.5))))
		}
	}
	if len(medians) == 0 {
		return False, 0
	}
	slices.Sort(medians)
	if stats.Quantile(medians, 0.5) > r.base+risenSigmas*r.sigma {
		return Hit, lead
	}
	return False, 0
}
