package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/stats"
)

// Asker is what is asked: [analytics.Metrics].
type Asker interface {
	figure.Asker
	StartWeeks(ctx context.Context, metric string, q analytics.Query, starts []time.Time, end time.Time) ([]analytics.StartWeek, error)
	Scores(ctx context.Context, q analytics.Query) ([]stats.Sample, error)
	Span(ctx context.Context) (first, last time.Time, err error)
}

const (
	week = 7
	// ripeDays is how long before the newest event the last case counted began: of
	// later ones only the quick are completed, which would look like progress.
	ripeDays = 14
	// readAtOnce bounds how many figures are asked for at the same time.
	readAtOnce = 3
)

// Verdicts judges a change by each of its figures. all are the changes there are,
// of which those that fall into the same weeks are named. until cuts off what
// happened later; zero: nothing is.
func (c *Change) Verdicts(ctx context.Context, ask Asker, all []*Change, zone *time.Location, until time.Time) ([]*Verdict, error) {
	first, last, err := ask.Span(ctx)
	if err != nil {
		return nil, err
	}
	if !until.IsZero() && until.Before(last) {
		last = until
	}
	list := make([]*Verdict, len(c.Figures))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readAtOnce)
	for i, f := range c.Figures {
		g.Go(func() error {
			v, err := c.verdict(ctx, ask, f, zone, first, last)
			if err != nil {
				return fmt.Errorf("judge change %s by %s: %w", c.Key, f.Metric, err)
			}
			v.Also = c.also(all, zone)
			list[i] = v
			return nil
		})
	}
	return list, g.Wait()
}

// also are other changes of the same scope that fall into the weeks compared.
func (c *Change) also(all []*Change, zone *time.Location) []string {
	keys := []string{}
	from := c.Day(zone).AddDate(0, 0, -week*Window)
	to := c.Day(zone).AddDate(0, 0, c.RampDays+week*Window)
	for _, other := range all {
		day := other.Day(zone)
		if other.Key == c.Key || day.Before(from) || !day.Before(to) || !other.Concerns(c.Process, "") {
			continue
		}
		if len(c.Departments) > 0 && len(other.Departments) > 0 && !slices.ContainsFunc(c.Departments, func(d string) bool { return slices.Contains(other.Departments, d) }) {
			continue
		}
		keys = append(keys, other.Key)
	}
	return keys
}

// verdict judges by one figure.
func (c *Change) verdict(ctx context.Context, ask Asker, f figure.Figure, zone *time.Location, first, last time.Time) (*Verdict, error) {
	e := &Evidence{Figures: len(c.Figures)}
	day := c.Day(zone)
	after := day.AddDate(0, 0, c.rampWeeks()*week)
	if f.Metric == "satisfaction" {
		e.Shape = Scores
		return c.verdictOfScores(ctx, ask, f, e, day, after, last)
	}
	start := day.AddDate(0, 0, -week*Window)
	for start.Before(first) && start.Before(day) {
		start = start.AddDate(0, 0, week)
	}
	end := after.AddDate(0, 0, week*Window)
	ripe := last.AddDate(0, 0, -ripeDays)
	e.Whole = !ripe.Before(end)
	for end.After(ripe) && end.After(after) {
		end = end.AddDate(0, 0, -week)
	}
	var err error
	switch {
	case f.Metric == "lead_time" && f.Value == analytics.ValueMedian, f.Metric == "error_rate":
		err = readStarts(ctx, ask, f, e, start, day, after, end, last)
	default:
		err = readWeeks(ctx, ask, f, e, start, day, after, end)
	}
	if errors.Is(err, analytics.ErrQuery) {
		v := Judge(f, &Evidence{Shape: Levels})
		v.Why = NotAsked
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	return Judge(f, e), nil
}

func (c *Change) rampWeeks() int { return (c.RampDays + week - 1) / week }

// readStarts follows cases by the week in which they began.
func readStarts(ctx context.Context, ask Asker, f figure.Figure, e *Evidence, start, day, after, end, last time.Time) error {
	e.ByStart, e.Shape = true, Times
	if f.Metric == "error_rate" {
		e.Shape = Shares
	}
	var starts []time.Time
	for at := start; at.Before(end); at = at.AddDate(0, 0, week) {
		starts = append(starts, at)
	}
	if len(starts) == 0 {
		return nil
	}
	q := f.Query(start, last.Add(time.Millisecond), analytics.BucketNone)
	rows, err := ask.StartWeeks(ctx, f.Metric, q, starts, end)
	if err != nil {
		return err
	}
	weeks := make([]Week, len(starts))
	for i, at := range starts {
		weeks[i] = Week{Start: at, At: i - weeksBetween(start, day)}
	}
	for _, r := range rows {
		w := &weeks[r.Week]
		w.N, w.Hits, w.Values = w.N+r.N, w.Hits+r.Hits, append(w.Values, r.Values...)
		w.Groups = append(w.Groups, Group{r.Class, r.N, r.Hits, r.Values})
	}
	for _, w := range weeks {
		switch {
		case w.Start.Before(day):
			e.Before = append(e.Before, w)
		case !w.Start.Before(after):
			e.After = append(e.After, w)
		}
	}
	return nil
}

func weeksBetween(from, to time.Time) int {
	days := int(to.Sub(from).Hours()/24 + 0.5)
	return days / week
}

// readWeeks asks for a figure by calendar week. Weeks that the change or its ramp
// part are left out.
func readWeeks(ctx context.Context, ask Asker, f figure.Figure, e *Evidence, start, day, after, end time.Time) error {
	e.Shape = Levels
	if f.Value == analytics.ValueRate {
		e.Shape = Shares
	}
	r, err := ask.Query(ctx, f.Metric, f.Query(start, end, analytics.BucketWeek))
	if err != nil {
		return err
	}
	if len(r.Series) == 0 {
		return nil
	}
	counted := make(map[time.Time]uint64) // kinds of faults count together
	for _, s := range r.Series {
		for i := range s.Points {
			counted[s.Points[i].Start] += s.Points[i].N
		}
	}
	for i := range r.Series[0].Points {
		p := &r.Series[0].Points[i]
		value, ok := f.Of(p)
		if !ok || p.End.Sub(p.Start) < (week*24-2)*time.Hour {
			continue
		}
		if f.Value == analytics.ValueN {
			value = float64(counted[p.Start])
		}
		w := Week{Start: p.Start, N: p.N, Value: value, At: weeksBetween(start, p.Start) - weeksBetween(start, day)}
		if p.Count != nil {
			w.Hits = *p.Count
		}
		switch {
		case !p.End.After(day):
			e.Before = append(e.Before, w)
		case !p.Start.Before(after):
			e.After = append(e.After, w)
		}
	}
	return nil
}

// scoreMonths is how far to both sides scores are looked for: two waves.
const scoreMonths = 6

// verdictOfScores compares the waves that ended before the change with those that
// ended after its ramp. A wave asks about its quarter and is asked at the end of it.
func (c *Change) verdictOfScores(ctx context.Context, ask Asker, f figure.Figure, e *Evidence, day, after, last time.Time) (*Verdict, error) {
	end := after.AddDate(0, scoreMonths, 0)
	e.Whole = !last.Before(end.AddDate(0, 0, -ripeDays))
	var err error
	if e.Then, err = ask.Scores(ctx, f.Query(day.AddDate(0, -scoreMonths, 0), day, analytics.BucketNone)); err == nil {
		e.Now, err = ask.Scores(ctx, f.Query(after, end, analytics.BucketNone))
	}
	if err != nil {
		return nil, err
	}
	v := Judge(f, e)
	v.Before.From, v.Before.To, v.After.From, v.After.To = day.AddDate(0, -scoreMonths, 0), day, after, end
	return v, nil
}
