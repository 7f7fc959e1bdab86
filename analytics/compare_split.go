package analytics

import (
	"cmp"
	"context"
	"math"
	"slices"

	"example.com/officepulse/analytics/stats"
)

// split asks a metric by a grouping in both periods and says what each group did
// to the change; beforeN and afterN are the cases of the periods.
func (m *Metrics) split(ctx context.Context, name string, by By, q, before Query, beforeN, afterN uint64) (*Split, error) {
	asked := name
	if name == "lead_time" && by == ByStage {
		asked = "stage_time"
	}
	q.By, before.By = by, by
	now, err := m.Query(ctx, asked, q)
	if err != nil {
		return nil, err
	}
	then, err := m.Query(ctx, asked, before)
	if err != nil {
		return nil, err
	}
	return splitChange(name, by, now.Unit, pointsByKey(then), pointsByKey(now), beforeN, afterN), nil
}

// splitChange says what each group did to the change of a metric between the
// points of two periods.
func splitChange(name string, by By, unit string, before, after map[string]Point, beforeN, afterN uint64) *Split {
	s := &Split{By: by, Of: splitValue(unit), Groups: []GroupEffect{}}
	old, current := s.parts(before, name), s.parts(after, name)
	effects, wholeBefore, wholeAfter := stats.Effects(old, current), count(old), count(current)
	if name == "lead_time" && by == ByStage { // parts of a case, and no groups of cases
		wholeBefore, wholeAfter = float64(beforeN), float64(afterN)
		effects = stats.PartEffects(old, current, wholeBefore, wholeAfter)
	}
	for key, e := range effects {
		g := GroupEffect{Key: key, Mix: e.Mix, Rate: e.Rate, Effect: e.Sum()}
		g.BeforeN, g.Before = s.of(before, key)
		g.AfterN, g.After = s.of(after, key)
		g.BeforeShare, g.AfterShare = old[key].N/wholeBefore, current[key].N/wholeAfter
		s.Groups = append(s.Groups, g)
	}
	slices.SortFunc(s.Groups, func(a, b GroupEffect) int {
		return cmp.Or(-cmp.Compare(math.Abs(a.Effect), math.Abs(b.Effect)), cmp.Compare(a.Key, b.Key))
	})
	for _, g := range s.Groups { // in order, so that the sums are the same each time
		s.Mix, s.Rate = s.Mix+g.Mix, s.Rate+g.Rate
	}
	s.Change = s.Mix + s.Rate
	return s
}

// parts are the groups as the formula takes them. Departments weigh the same in
// the satisfaction with the office, whatever the number of their answers.
func (s *Split) parts(points map[string]Point, name string) map[string]stats.Part {
	parts := make(map[string]stats.Part, len(points))
	for key, p := range points {
		n := float64(p.N)
		if name == "satisfaction" {
			n = 1
		}
		parts[key] = stats.Part{N: n, Value: *s.value(p)}
	}
	return parts
}

func (s *Split) value(p Point) *float64 {
	if s.Of == ValueRate {
		return p.Rate
	}
	return p.Mean
}

func (s *Split) of(points map[string]Point, key string) (n uint64, value *float64) {
	p, ok := points[key]
	if !ok {
		return 0, nil
	}
	return p.N, s.value(p)
}

// pointsByKey are the points of a result in one bucket.
func pointsByKey(r *Result) map[string]Point {
	points := make(map[string]Point, len(r.Series))
	for _, s := range r.Series {
		points[s.Key] = s.Points[0]
	}
	return points
}

func count(parts map[string]stats.Part) float64 {
	var n float64
	for _, p := range parts {
		n += p.N
	}
	return n
}
