package target

import (
	"context"
	"fmt"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
)

// History is what a target is judged by.
type History struct {
	Quarters []Observation // in order
	// Points are what a forecast rests on: complete months, or complete quarters of
	// what is asked once a quarter, in order, those with too few cases left out.
	Points     []Point
	PerQuarter int              // points that a quarter has: 3 or 1
	First      quarters.Quarter // in which the point 0 lies
}

// Point is the figure in a part of the time axis.
type Point struct {
	At     int // counted from the beginning of the history's first quarter
	Period string
	Value  float64
}

func (h *History) quarterOf(at int) quarters.Quarter { return h.First.Add(at / h.PerQuarter) }

// historyQuarters is how far back a history goes.
const historyQuarters = 8

// Read asks for the history of a target's figure up to now. asOf is how far the
// events have come: a quarter that ends later is running.
func (t *Target) Read(ctx context.Context, ask figure.Asker, fiscal quarters.Fiscal, asOf, now time.Time) (*History, error) {
	last := fiscal.Of(now)
	first := t.Start.Add(-4)
	if back := last.Add(1 - historyQuarters); back.Minus(first) < 0 {
		first = back
	}
	if first.Minus(last) > 0 {
		return &History{First: first, PerQuarter: 3}, nil // nothing of it has begun
	}
	h := &History{First: first, PerQuarter: 3}
	from, to := fiscal.Start(first), fiscal.End(last)
	values, err := t.Figure.Values(ctx, ask, from, to, analytics.BucketQuarter)
	if err != nil {
		return nil, fmt.Errorf("read the history of target %s: %w", t.Key, err)
	}
	for _, v := range values {
		q := fiscal.Of(v.Start)
		h.Quarters = append(h.Quarters, Observation{Quarter: q, Value: v.Value, N: v.N, Running: v.End.After(now) || unseen(v.End, asOf)})
	}
	bucket := analytics.BucketMonth
	if t.Figure.Metric == "satisfaction" { // asked once a quarter
		bucket, h.PerQuarter = analytics.BucketQuarter, 1
	}
	if values, err = t.Figure.Values(ctx, ask, from, to, bucket); err != nil {
		return nil, fmt.Errorf("read the history of target %s: %w", t.Key, err)
	}
	for _, v := range values {
		if v.N >= fewCases && !v.End.After(now) && !unseen(v.End, asOf) {
			h.Points = append(h.Points, Point{At: h.at(v.Start, from), Period: v.Period, Value: v.Value})
		}
	}
	return h, nil
}

// restDays is how long an office may rest: a period that ended within them of the
// newest event is taken for complete.
const restDays = 10 * 24 * time.Hour

func unseen(end, asOf time.Time) bool { return asOf.Add(restDays).Before(end) }

// at numbers the point that begins at an instant.
func (h *History) at(start, from time.Time) int {
	months := (start.Year()-from.Year())*12 + int(start.Month()) - int(from.Month())
	return months * h.PerQuarter / 3
}

// DueIn is the observation of the due quarter and whether that is over and its data
// has come; nil when it has no figure.
func (t *Target) DueIn(h *History, now time.Time, fiscal quarters.Fiscal) (due *Observation, over bool) {
	over = !now.Before(fiscal.End(t.Due))
	for i := range h.Quarters {
		if h.Quarters[i].Quarter == t.Due {
			return &h.Quarters[i], over && !h.Quarters[i].Running
		}
	}
	return nil, over
}
