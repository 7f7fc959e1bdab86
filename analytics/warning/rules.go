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

// How far back rules look, in days.
const (
	recentDays  = 28 // four weeks
	baseDays    = 84 // the twelve weeks before
	clusterDays = 7
	paceDays    = 28 // from which the pace of work is taken
	sourceDays  = 60
	weeksOfBase = 26
	leastWeeks  = 12
	lastDays    = 3 // of a survey, in which its response is watched
	leastPeople = 4 // of three who share alike, each holds a third
	slotLength  = 15 * time.Minute
)

// Lookback is how much of the past a reading needs.
const Lookback = (weeksOfBase + 2) * 7 * 24 * time.Hour

// leads are the lead times of the cases of a process completed on the days from
// first up to but not including last.
func leads(days []analytics.DoneDay, first, last calendar.Date) []float64 {
	var all []float64
	from, _ := slices.BinarySearchFunc(days, first, func(d analytics.DoneDay, day calendar.Date) int { return int(d.Day - day) })
	for ; from < len(days) && days[from].Day < last; from++ {
		all = append(all, days[from].Leads...)
	}
	slices.Sort(all)
	return all
}

// today is the day behind what is known at a moment: the local day of the moment
// counts, as far as it has come.
func (w *Watch) today(at time.Time) calendar.Date { return w.Calendar.DateAt(at) + 1 }

// nearDue reads how many days of work are due by the end of the next working day:
// the open cases due until then, over the cases that the process completes in a
// working day. Chance: as many, if they came as those of the four weeks before
// did (Poisson).
func (w *Watch) nearDue(p *analytics.Pulse, at time.Time) (all []Reading) {
	end := w.today(at)
	workdays := 0
	for d := end - paceDays; d < end; d++ {
		if w.Calendar.On(d).Workday {
			workdays++
		}
	}
	for process, moments := range p.NearDue {
		due, ok := moments[at.UnixMilli()]
		done := len(leads(p.Done[process], end-paceDays, end))
		if !ok || done == 0 || workdays == 0 || !w.dueAtTheEnd(process) {
			continue
		}
		var earlier uint64
		for moment, was := range moments {
			if d := w.Calendar.DateAt(time.UnixMilli(moment)); d >= end-paceDays && moment < at.UnixMilli() {
				earlier += was.N
			}
		}
		all = append(all, Reading{
			Rule: handbook.NearDue, Subject: process, At: at, Value: float64(due.N) / (float64(done) / float64(workdays)), N: due.N,
			Chance: poissonTail(due.N, max(1, float64(earlier))/float64(workdays)),
		})
	}
	return all
}

// dueAtTheEnd reports whether the due dates of a process's cases are about their
// completion: where the handbook has limits for the process and all are about
// steps before (a plan by the fifth), so are the dates that its events carry.
func (w *Watch) dueAtTheEnd(process string) bool {
	p, _ := w.Handbook.Process(process)
	return len(p.Limits) == 0 || slices.ContainsFunc(p.Limits, func(l handbook.Limit) bool { return len(l.To) == 0 })
}

// p90Rising reads the 90th percentile of the lead times of four weeks as a
// multiple of that of the twelve before. Chance: as many of the recent cases
// beyond the earlier percentile, if all were of one kind.
func (w *Watch) p90Rising(p *analytics.Pulse, at time.Time) (all []Reading) {
	end := w.today(at)
	for process, days := range p.Done {
		recent, base := leads(days, end-recentDays, end), leads(days, end-recentDays-baseDays, end-recentDays)
		if len(recent) == 0 || len(base) < 2*len(recent)/3 || len(base) < 20 {
			continue
		}
		was := stats.Quantile(base, 0.9)
		if was <= 0 {
			continue
		}
		all = append(all, Reading{
			Rule: handbook.P90Rising, Subject: process, At: at, Value: stats.Quantile(recent, 0.9) / was, N: uint64(len(recent)),
			Chance: tail(beyond(recent, was), beyond(recent, was)+beyond(base, was), float64(len(recent))/float64(len(recent)+len(base))), base: was,
		})
	}
	return all
}

// beyond counts the values above a bound; they are sorted.
func beyond(sorted []float64, bound float64) int {
	i, _ := slices.BinarySearch(sorted, math.Nextafter(bound, math.Inf(1)))
	return len(sorted) - i
}

// tail is the probability of k or more out of n with a chance of p each: the
// binomial tail, summed from k on.
func tail(k, n int, p float64) float64 {
	if k <= 0 {
		return 1
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}

// poissonTail is the probability of k or more where mean are expected.
func poissonTail(k uint64, mean float64) float64 {
	below, term := 0.0, math.Exp(-mean)
	for i := range k {
		below += term
		term *= mean / float64(i+1)
	}
	return max(0, 1-below)
}

// onePerson reads the share of a process's waiting of four weeks, in per cent,
// that was for one person's steps. With fewer than four persons at work somebody
// holds a third in any case, and nothing is read.
func (w *Watch) onePerson(p *analytics.Pulse, at time.Time) (all []Reading) {
	end := w.today(at)
	for process, days := range p.Waits {
		person, share, steps, people := held(days, end-recentDays, end)
		if people < leastPeople {
			continue
		}
		all = append(all, Reading{Rule: handbook.OnePerson, Subject: process, At: at, Value: 100 * share, N: steps, detail: person})
	}
	return all
}

// held is who held the largest share of the waiting, of how many steps and people.
func held(days []analytics.WaitDay, first, last calendar.Date) (person string, share float64, steps uint64, people int) {
	of := map[string]float64{}
	total := 0.0
	for _, d := range days {
		if d.Day < first || d.Day >= last {
			continue
		}
		of[d.Person] += d.Seconds
		total += d.Seconds
		steps += d.Steps
	}
	most := 0.0
	for name, seconds := range of {
		if seconds > most || (seconds == most && name < person) {
			person, most = name, seconds
		}
	}
	if total > 0 {
		share = most / total
	}
	return person, share, steps, len(of)
}

// faultsOf counts faults on the days from first up to but not including last.
func faultsOf(days map[calendar.Date]uint64, first, last calendar.Date) (n uint64) {
	for d, k := range days {
		if d >= first && d < last {
			n += k
		}
	}
	return n
}

// errorCluster reads the faults per completed case of a stage in a week as a
// multiple of those of the twelve weeks before. Chance: as many of all the faults
// in the week, if they fell evenly on the cases. A week counts for as many cases
// as a usual one at least: where work comes in waves, faults are found before the
// cases end.
func (w *Watch) errorCluster(p *analytics.Pulse, at time.Time) (all []Reading) {
	end := w.today(at)
	for key, days := range p.Faults {
		recent, base := faultsOf(days, end-clusterDays, end), faultsOf(days, end-clusterDays-baseDays, end-clusterDays)
		before := float64(len(leads(p.Done[key[0]], end-clusterDays-baseDays, end-clusterDays)))
		cases := max(float64(len(leads(p.Done[key[0]], end-clusterDays, end))), before*clusterDays/baseDays)
		if recent == 0 || before == 0 {
			continue
		}
		rate := max(float64(base), 1) / before
		all = append(all, Reading{
			Rule: handbook.ErrorCluster, Subject: key[0] + "/" + key[1], At: at, Value: float64(recent) / cases / rate, N: recent,
			Chance: tail(int(recent), int(recent+base), cases/(cases+before)), base: rate, //nolint:gosec // faults of some weeks
		})
	}
	return all
}

// responseLow reads the response rate of surveys, in per cent, in their last three
// days.
func responseLow(at time.Time, waves []Wave) (all []Reading) {
	for _, wave := range waves {
		if wave.Expected == 0 || at.Before(wave.Opens) || !at.Before(wave.Closes) || wave.Closes.Sub(at) > lastDays*24*time.Hour {
			continue
		}
		all = append(all, Reading{
			Rule: handbook.ResponseLow, Subject: wave.Key, At: at, Value: 100 * float64(wave.Answered) / float64(wave.Expected), N: wave.Expected,
		})
	}
	return all
}

// sourceSilent reads how long a source has sent nothing as a multiple of the
// longest gap that is usual for it: that which 99 of 100 gaps between two
// quarters of an hour with events do not exceed, in office hours, and an hour at
// least. What is silent for longer than the stretch looked at is forgotten.
func (w *Watch) sourceSilent(p *analytics.Pulse, at time.Time) (all []Reading) {
	for source, slots := range p.Seen {
		usual, last, n := w.usualGap(slots, at)
		if n < 2 {
			continue
		}
		silence := w.Calendar.Between(last.Add(slotLength), at)
		all = append(all, Reading{Rule: handbook.SourceSilent, Subject: source, At: at, Value: max(0, silence.Seconds()) / usual.Seconds(), N: uint64(n)})
	}
	return all
}

// usualGap is the longest gap that is usual for a source, when it was last heard
// of, and in how many quarters of an hour it was.
func (w *Watch) usualGap(slots []time.Time, at time.Time) (usual time.Duration, last time.Time, n int) {
	from, _ := slices.BinarySearchFunc(slots, at.AddDate(0, 0, -sourceDays), time.Time.Compare)
	to, _ := slices.BinarySearchFunc(slots, at, time.Time.Compare)
	known := slots[from:to]
	if len(known) < 2 {
		return 0, last, len(known)
	}
	gaps := make([]float64, len(known)-1)
	for i := range gaps {
		gaps[i] = w.Calendar.Between(known[i], known[i+1]).Seconds()
	}
	slices.Sort(gaps)
	usual = max(time.Hour, time.Duration(stats.Quantile(gaps, 0.99)*float64(time.Second)))
	return usual, known[len(known)-1], len(known)
}

// week is a complete week of a process.
type week struct {
	median float64 // logarithm of the median lead time
	n      int
}

// weeks are the last complete weeks before a moment, the oldest first, without
// those of fewer than a few cases; ok is whether the last one is there.
func (w *Watch) weeks(days []analytics.DoneDay, at time.Time, count, least int) (all []week, ok bool) {
	d := w.Calendar.DateAt(at)
	monday := d - calendar.Date((int(d.Weekday())+6)%7)
	for i := count; i >= 1; i-- {
		took := leads(days, monday-calendar.Date(7*i), monday-calendar.Date(7*(i-1)))
		ok = len(took) >= max(1, least) && stats.Quantile(took, 0.5) > 0
		if ok {
			all = append(all, week{math.Log(stats.Quantile(took, 0.5)), len(took)})
		}
	}
	return all, ok
}

// controlSignal reads the median lead time of the last complete week on a control
// chart of the weeks before (XmR on logarithms, since lead times are skewed): how
// many sigmas above the centre it lies.
func (w *Watch) controlSignal(p *analytics.Pulse, at time.Time) (all []Reading) {
	least := w.Handbook.Warnings.Setting(handbook.ControlSignal).MinN
	for process, days := range p.Done {
		list, ok := w.weeks(days, at, weeksOfBase+1, least)
		if !ok || len(list) < leastWeeks+1 {
			continue
		}
		values := make([]float64, len(list))
		for i := range list {
			values[i] = list[i].median
		}
		chart := stats.XmR(values, stats.Baseline{From: 0, To: len(values) - 1})
		newest := chart.Points[len(chart.Points)-1]
		if newest.Sigma <= 0 {
			continue
		}
		all = append(all, Reading{
			Rule: handbook.ControlSignal, Subject: process, At: at, Value: (newest.Value - newest.Centre) / newest.Sigma, N: uint64(list[len(list)-1].n), //nolint:gosec // cases
			base: newest.Centre, sigma: newest.Sigma,
		})
	}
	return all
}
