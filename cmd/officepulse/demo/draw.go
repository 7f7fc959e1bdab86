package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// spread is a lognormal duration.
type spread struct{ median, sigma float64 } // hours; of the logarithm

// strata is how many equally likely parts of a distribution a deck deals.
const strata = 64

// deck deals a uniform number from each of the strata in shuffled order before
// it deals a second from any. Durations have long tails: with independent draws
// the mean of a quarter would wander off the story's path.
type deck struct {
	order [strata]uint8
	dealt int
}

func (d *deck) deal(r *rand.Rand) float64 {
	if d.dealt%strata == 0 {
		for i := range d.order {
			d.order[i] = uint8(i)
		}
		r.Shuffle(strata, func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
	}
	stratum := d.order[d.dealt%strata]
	d.dealt++
	return (float64(stratum) + r.Float64()) / strata
}

// draw takes a duration from the flow's deck for this spread.
func (f *flow) draw(s spread) time.Duration {
	d := f.decks[s]
	if d == nil {
		d = new(deck)
		f.decks[s] = d
	}
	normal := math.Sqrt2 * math.Erfinv(2*d.deal(f.r)-1)
	hours := s.median * math.Exp(s.sigma*normal)
	return time.Duration(min(hours, mostHours) * float64(time.Hour))
}

// mostHours bounds a duration where a uniform number happens to be 0 or all but
// 1, whose normal deviate is infinite.
const mostHours = 2000

// poisson draws how many of many rare things happen when mean are expected.
func poisson(r *rand.Rand, mean float64) int {
	if mean <= 0 {
		return 0
	}
	if mean > 50 { // where the normal curve fits to within a fraction of a case
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	n, p, limit := 0, r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}

// quota picks from a stream as many as its probabilities add up to, to within
// one: systematic sampling with a random point in each unit of probability.
// Independent draws would move the story's headline by four points either way.
type quota struct {
	r     *rand.Rand
	sum   float64 // of the probabilities so far
	unit  float64 // of probability to be hit next
	point float64 // in it
}

func newQuota(r *rand.Rand) quota { return quota{r: r, point: r.Float64()} }

func (q *quota) take(p float64) bool {
	q.sum += p
	if q.sum <= q.point {
		return false
	}
	q.unit++
	q.point = q.unit + q.r.Float64()
	return true
}

// pick draws an index by its weight.
func pick(r *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := r.Float64() * total
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
