package stats

// Effect is what one group did to the change of a total: by its share in it, and
// by its own value.
type Effect struct{ Mix, Rate float64 }

// Sum is the group's whole effect, in the unit of the total.
func (e Effect) Sum() float64 { return e.Mix + e.Rate }

// Effects splits the change of a mean or rate over groups by group, so that all
// effects add up to the change, and their parts to those of [MixOrRate]. A
// share that grew counts by how far the group lies from the mean of the totals,
// so that the growth of an average group changes nothing: since the shares'
// changes add up to nothing, neither do the sums. Groups that one period lacks
// are as in [MixOrRate]. Source: Kitagawa (1955), JASA 50, 1168-1194.
func Effects(before, after map[string]Part) map[string]Effect {
	n0, total0 := totalOf(before)
	n1, total1 := totalOf(after)
	if n0 == 0 || n1 == 0 {
		return map[string]Effect{}
	}
	return effects(before, after, n0, n1, (total0+total1)/2)
}

// PartEffects does the same for a total that is the sum of its parts, such as
// the mean lead time over the stages: n0 and n1 are the cases, N a part's visits
// in them and Value the mean of a visit. Mix is then the effect of more or fewer
// visits a case.
func PartEffects(before, after map[string]Part, n0, n1 float64) map[string]Effect {
	if n0 == 0 || n1 == 0 {
		return map[string]Effect{}
	}
	return effects(before, after, n0, n1, 0)
}

func effects(before, after map[string]Part, n0, n1, centre float64) map[string]Effect {
	all := make(map[string]Effect, len(after))
	add := func(key string) {
		b, a := before[key], after[key]
		if b.N == 0 {
			b.Value = a.Value
		}
		if a.N == 0 {
			a.Value = b.Value
		}
		w0, w1 := b.N/n0, a.N/n1
		all[key] = Effect{
			Mix:  (w1 - w0) * ((a.Value+b.Value)/2 - centre),
			Rate: (a.Value - b.Value) * (w1 + w0) / 2,
		}
	}
	for key := range before {
		add(key)
	}
	for key := range after {
		add(key)
	}
	return all
}

// totalOf is the number of all parts and their mean.
func totalOf(parts map[string]Part) (n, mean float64) {
	for _, p := range parts {
		n += p.N
		mean += p.N * p.Value
	}
	if n == 0 {
		return 0, 0
	}
	return n, mean / n
}
