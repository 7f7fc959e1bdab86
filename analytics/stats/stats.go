// Package stats says how far a figure can be trusted: shares go in, intervals
// come out. It knows neither tables nor pages.
package stats

import "math"

// z is the quantile of the normal distribution that leaves 2.5 % on either side.
const z = 1.96

// Interval is a 95 % interval, both ends included.
type Interval struct{ Low, High float64 }

// Excludes reports whether v lies outside the interval.
func (i Interval) Excludes(v float64) bool { return v < i.Low || v > i.High }

// Wilson returns the score interval of the share hits/n, from 0 to 1; all of
// 0 to 1 when n is 0. Source: Wilson (1927), JASA 22, 209-212.
func Wilson(hits, n uint64) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	return WilsonShare(float64(hits)/float64(n), float64(n))
}

// WilsonShare is [Wilson] of a share that is no count over another, such as the
// mean of several shares, known as well as from n answers; n > 0.
func WilsonShare(share, n float64) Interval {
	size := n
	middle := share + z*z/(2*size)
	half := z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	whole := 1 + z*z/size
	return Interval{max(0, (middle-half)/whole), min(1, (middle+half)/whole)}
}

// Newcombe returns the interval of the difference hits/n − hitsBefore/nBefore of
// two independent shares, from -1 to 1; all of that when either n is 0. Source:
// Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
func Newcombe(hits, n, hitsBefore, nBefore uint64) Interval {
	if n == 0 || nBefore == 0 {
		return Interval{-1, 1}
	}
	return NewcombeShare(float64(hits)/float64(n), float64(n), float64(hitsBefore)/float64(nBefore), float64(nBefore))
}

// NewcombeShare is [Newcombe] of shares as [WilsonShare] takes them; n and nBefore > 0.
func NewcombeShare(now, n, before, nBefore float64) Interval {
	a, b := WilsonShare(now, n), WilsonShare(before, nBefore)
	return Interval{
		Low:  now - before - math.Hypot(now-a.Low, b.High-before),
		High: now - before + math.Hypot(a.High-now, before-b.Low),
	}
}
