package stats

import (
	"math"
	"slices"
)

// Duration is how long a case took, or has taken so far when it is Open.
type Duration struct {
	Value float64
	Open  bool
}

// KaplanMeier returns the median duration with open cases censored: the first
// duration by which at least half of the cases have ended. Unlike the median of
// the completed cases it does not forget the long ones that still run. ok is
// false when fewer than half end within what has been seen. Source: Kaplan and
// Meier (1958), JASA 53, 457-481.
func KaplanMeier(cases []Duration) (median float64, ok bool) {
	cases = slices.Clone(cases)
	slices.SortFunc(cases, func(a, b Duration) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	alive := 1.0
	for i := 0; i < len(cases); {
		j, ended := i, 0
		for ; j < len(cases) && cases[j].Value == cases[i].Value; j++ {
			if !cases[j].Open {
				ended++
			}
		}
		alive *= 1 - float64(ended)/float64(len(cases)-i)
		if alive <= 0.5+1e-12 {
			return cases[i].Value, true
		}
		i = j
	}
	return math.NaN(), false
}

// Part is one group's share in a total: its number and its mean or rate.
type Part struct {
	N     float64
	Value float64
}

// MixOrRate splits the change of a total, a mean or rate over groups, into what
// came from other proportions of the groups (mix) and what from other values
// within them (rate): Δ = Σ(w₁−w₀)(r₁+r₀)/2 + Σ(r₁−r₀)(w₁+w₀)/2. A group that
// one period lacks has no value there; it counts with the other's, so that its
// coming or going is mix. Source: Kitagawa (1955), JASA 50, 1168-1194.
func MixOrRate(before, after map[string]Part) (mix, rate float64) {
	var n0, n1 float64
	for _, p := range before {
		n0 += p.N
	}
	for _, p := range after {
		n1 += p.N
	}
	if n0 == 0 || n1 == 0 {
		return 0, 0
	}
	keys := make(map[string]bool)
	for k := range before {
		keys[k] = true
	}
	for k := range after {
		keys[k] = true
	}
	for k := range keys {
		b, a := before[k], after[k]
		if b.N == 0 {
			b.Value = a.Value
		}
		if a.N == 0 {
			a.Value = b.Value
		}
		w0, w1 := b.N/n0, a.N/n1
		mix += (w1 - w0) * (a.Value + b.Value) / 2
		rate += (a.Value - b.Value) * (w1 + w0) / 2
	}
	return mix, rate
}
