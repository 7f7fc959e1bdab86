package stats

// Shrink moves the groups' means towards the mean of all, the more the less is
// known of a group: μ + B(ȳ−μ) with B = τ²/(τ²+s²/n), where τ² is how much the
// groups differ beyond chance (DerSimonian and Laird 1986, Controlled Clinical
// Trials 7, 177-188), at least 0. So a small department is neither first nor last
// by luck; a ranking goes by this, and the raw mean stays beside it. A group of
// fewer than two answers has no variance of its own and gets the pooled one.
//
// The result has the order of groups; a group without answers gets μ.
func Shrink(groups []Sample) []float64 {
	pooled := pooledVariance(groups)
	weights := make([]float64, len(groups)) // 1 / variance of the mean
	for i, g := range groups {
		if g.N == 0 {
			continue
		}
		variance := g.Variance
		if g.N < 2 || variance <= 0 {
			variance = pooled
		}
		if variance > 0 {
			weights[i] = float64(g.N) / variance
		}
	}
	between := betweenGroups(groups, weights)
	centre := weightedMean(groups, func(i int) float64 {
		if weights[i] == 0 {
			return 0
		}
		return 1 / (between + 1/weights[i])
	})
	shrunk := make([]float64, len(groups))
	for i, g := range groups {
		switch {
		case g.N == 0:
			shrunk[i] = centre
		case weights[i] == 0: // no answer differs from another: nothing is uncertain
			shrunk[i] = g.Mean
		default:
			shrunk[i] = centre + between/(between+1/weights[i])*(g.Mean-centre)
		}
	}
	return shrunk
}

func pooledVariance(groups []Sample) float64 {
	sum, freedom := 0.0, 0.0
	for _, g := range groups {
		if g.N > 1 {
			sum += g.Variance * float64(g.N-1)
			freedom += float64(g.N - 1)
		}
	}
	if freedom == 0 {
		return 0
	}
	return sum / freedom
}

// betweenGroups is τ², the variance between the groups that chance does not explain.
func betweenGroups(groups []Sample, weights []float64) float64 {
	fixed := weightedMean(groups, func(i int) float64 { return weights[i] })
	q, sum, squares, count := 0.0, 0.0, 0.0, 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		d := groups[i].Mean - fixed
		q += w * d * d
		sum += w
		squares += w * w
		count++
	}
	if count < 2 {
		return 0
	}
	return max(0, (q-float64(count-1))/(sum-squares/sum))
}

func weightedMean(groups []Sample, weight func(int) float64) float64 {
	sum, total := 0.0, 0.0
	for i, g := range groups {
		w := weight(i)
		sum += w * g.Mean
		total += w
	}
	if total > 0 {
		return sum / total
	}
	n := 0.0
	for _, g := range groups { // nothing is uncertain: every answer counts the same
		sum += g.Mean * float64(g.N)
		n += float64(g.N)
	}
	if n == 0 {
		return 0
	}
	return sum / n
}
