package change

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"example.com/officepulse/analytics/stats"
)

// Mix says how much of the change of the mean or the rate comes from other shares
// of the classes (mix) and how much from the classes themselves (rate). Source:
// Kitagawa (1955), JASA 50, 1168-1194; see [stats.Effects].
type Mix struct {
	Change float64    `json:"change"` // of the mean or the rate
	Mix    float64    `json:"mix"`
	Rate   float64    `json:"rate"`
	Groups []MixGroup `json:"groups"` // the largest effect first
	// Uneven is set where the whole hides that the classes went different ways.
	Uneven *Uneven `json:"uneven,omitempty"`
}

// MixGroup is a class on both sides.
type MixGroup struct {
	Key         string  `json:"key"`
	BeforeN     uint64  `json:"before_n"`
	AfterN      uint64  `json:"after_n"`
	BeforeShare float64 `json:"before_share"`
	AfterShare  float64 `json:"after_share"`
	Before      float64 `json:"before"` // mean or rate
	After       float64 `json:"after"`
	Mix         float64 `json:"mix"`
	Rate        float64 `json:"rate"`
}

// Uneven names the classes of which one gained at least twice as much as another,
// or one lost.
type Uneven struct {
	Most  MixGroup `json:"most"`
	Least MixGroup `json:"least"`
}

// mixed compares the classes; nil unless two have enough cases on both sides.
func mixed(e *Evidence) *Mix {
	before, after := groupsOf(e.Shape, e.Before), groupsOf(e.Shape, e.After)
	effects := stats.Effects(before, after)
	var n0, n1 float64
	for _, p := range before {
		n0 += p.N
	}
	for _, p := range after {
		n1 += p.N
	}
	m := &Mix{}
	var enough []MixGroup
	for _, key := range slices.Sorted(maps.Keys(effects)) {
		b, a := before[key], after[key]
		g := MixGroup{Key: key, BeforeN: uint64(b.N), AfterN: uint64(a.N), Before: b.Value, After: a.Value, Mix: effects[key].Mix, Rate: effects[key].Rate}
		g.BeforeShare, g.AfterShare = b.N/n0, a.N/n1
		m.Mix, m.Rate = m.Mix+g.Mix, m.Rate+g.Rate
		m.Groups = append(m.Groups, g)
		if g.BeforeN >= LeastCases && g.AfterN >= LeastCases {
			enough = append(enough, g)
		}
	}
	if len(enough) < 2 {
		return nil
	}
	m.Change = m.Mix + m.Rate
	slices.SortStableFunc(m.Groups, func(a, b MixGroup) int { return -cmp.Compare(math.Abs(a.Mix+a.Rate), math.Abs(b.Mix+b.Rate)) })
	way := 1.0
	if m.Change < 0 {
		way = -1
	}
	gain := func(g MixGroup) float64 { return way * (g.After - g.Before) }
	slices.SortStableFunc(enough, func(a, b MixGroup) int { return cmp.Compare(gain(a), gain(b)) })
	least, most := enough[0], enough[len(enough)-1]
	if gain(most) > 0 && gain(least) <= gain(most)/2 {
		m.Uneven = &Uneven{Most: most, Least: least}
	}
	return m
}

// groupsOf adds up the classes of weeks: how many cases, and their mean or rate.
func groupsOf(shape Shape, weeks []Week) map[string]stats.Part {
	totals, sums := make(map[string]stats.Part), make(map[string]float64)
	for _, w := range weeks {
		for _, g := range w.Groups {
			if g.Key == "" || g.N == 0 {
				continue
			}
			p := totals[g.Key]
			switch shape {
			case Times:
				p.N += float64(len(g.Values))
				for _, x := range g.Values {
					sums[g.Key] += x
				}
			case Shares:
				p.N += float64(g.N)
				sums[g.Key] += float64(g.Hits)
			default:
			}
			totals[g.Key] = p
		}
	}
	for key, p := range totals {
		if p.N > 0 {
			p.Value = sums[key] / p.N
		}
		totals[key] = p
	}
	return totals
}
