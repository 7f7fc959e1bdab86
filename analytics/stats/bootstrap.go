package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Of the bootstrap of a difference of medians.
const (
	// Resamples is how often blocks are drawn anew.
	Resamples = 1000
	// LeastBlocks is how many blocks either side needs: of fewer, too few
	// different samples can be drawn.
	LeastBlocks = 8
	// bootstrapSeed is fixed, so that the same data give the same interval.
	bootstrapSeed = 20260930
)

// MedianChange returns the 95 % interval of median(after) − median(before) from
// a block bootstrap: whole blocks, such as weeks, are drawn with replacement,
// because cases of one week are alike. ok is false when a side has fewer than
// [LeastBlocks]. The seed is fixed. Sources: Carlstein (1986), Annals of
// Statistics 14, 1171-1179 (blocks that do not overlap); Efron and Tibshirani,
// An Introduction to the Bootstrap (1993), chapter 13 (percentile interval).
func MedianChange(after, before [][]float64) (interval Interval, ok bool) {
	if len(after) < LeastBlocks || len(before) < LeastBlocks {
		return Interval{}, false
	}
	now, then := inBlocks(after), inBlocks(before)
	random := rand.New(rand.NewPCG(bootstrapSeed, 0)) //nolint:gosec // chance for statistics, repeatable on purpose
	changes := make([]float64, Resamples)
	for i := range changes {
		changes[i] = now.resampledMedian(random) - then.resampledMedian(random)
	}
	slices.Sort(changes)
	return Interval{Low: Quantile(changes, 0.025), High: Quantile(changes, 0.975)}, true
}

// Quantile is the p-quantile of sorted values, R type 7; NaN without any.
// Source: Hyndman and Fan (1996), The American Statistician 50, 361-365.
func Quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := float64(len(sorted)-1) * p
	low := int(math.Floor(h))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (h-float64(low))*(sorted[high]-sorted[low])
}

// blocks are values in order, each with the block it is of: a median of drawn
// blocks is then one walk through them, without sorting anew.
type blocks struct {
	values []float64
	block  []int
	sizes  []int
}

func inBlocks(all [][]float64) blocks {
	type value struct {
		v     float64
		block int
	}
	var values []value
	b := blocks{sizes: make([]int, len(all))}
	for i, block := range all {
		b.sizes[i] = len(block)
		for _, v := range block {
			values = append(values, value{v, i})
		}
	}
	slices.SortFunc(values, func(x, y value) int { return cmp.Compare(x.v, y.v) })
	for _, v := range values {
		b.values, b.block = append(b.values, v.v), append(b.block, v.block)
	}
	return b
}

// resampledMedian is the median of as many blocks as there are, drawn with
// replacement.
func (b blocks) resampledMedian(random *rand.Rand) float64 {
	times, n := make([]int, len(b.sizes)), 0
	for range b.sizes {
		drawn := random.IntN(len(b.sizes))
		times[drawn]++
		n += b.sizes[drawn]
	}
	low, high, seen := math.NaN(), math.NaN(), 0
	for i, v := range b.values {
		seen += times[b.block[i]]
		if math.IsNaN(low) && seen > (n-1)/2 {
			low = v
		}
		if seen > n/2 {
			high = v
			break
		}
	}
	return (low + high) / 2
}
