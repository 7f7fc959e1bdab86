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
// or one lost, by more than chance explains.
type Uneven struct {
	Most  MixGroup `json:"most"`
	Least MixGroup `json:"least"`
}

// mixed compares the classes; nil unless two have enough cases on both sides.
func mixed(e *Evidence) *Mix {
	before, after := groupsOf(e.Shape, e.Before), groupsOf(e.Shape, e.After)
	effects := stats.Effects(parts(before), parts(after))
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
	spread := math.Sqrt(before[most.Key].variance() + after[most.Key].variance() + before[least.Key].variance() + after[least.Key].variance())
	if gain(most) > 0 && gain(least) <= gain(most)/2 && gain(most)-gain(least) > sure*spread {
		m.Uneven = &Uneven{Most: most, Least: least}
	}
	return m
}

// sure is the quantile of the normal distribution that leaves 1 % on both sides.
const sure = 2.576

// class is a class on one side: how many cases, their mean or rate, and the sum of
// squares about zero.
type class struct{ N, Value, squares float64 }

// variance is that of the mean or rate.
func (c class) variance() float64 {
	if c.N < 2 {
		return math.Inf(1)
	}
	return max(0, c.squares/c.N-c.Value*c.Value) / (c.N - 1)
}

func parts(of map[string]class) map[string]stats.Part {
	list := make(map[string]stats.Part, len(of))
	for key, c := range of {
		list[key] = stats.Part{N: c.N, Value: c.Value}
	}
	return list
}

// groupsOf adds up the classes of weeks.
func groupsOf(shape Shape, weeks []Week) map[string]class {
	all := make(map[string]class)
	for _, w := range weeks {
		for _, g := range w.Groups {
			if g.Key == "" || g.N == 0 {
				continue
			}
			c := all[g.Key]
			switch shape {
			case Times:
				c.N += float64(len(g.Values))
				for _, x := range g.Values {
					c.Value, c.squares = c.Value+x, c.squares+x*x
				}
			case Shares:
				c.N += float64(g.N)
				c.Value, c.squares = c.Value+float64(g.Hits), c.squares+float64(g.Hits)
			default:
			}
			all[g.Key] = c
		}
	}
	for key, c := range all {
		if c.N > 0 {
			c.Value /= c.N
		}
		all[key] = c
	}
	return all
}
