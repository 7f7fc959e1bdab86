package stats_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"example.com/officepulse/analytics/stats"
)

// share is hits of n; n is never 0.
type share struct{ hits, n uint64 }

func shares() *rapid.Generator[share] {
	return rapid.Custom(func(t *rapid.T) share {
		n := rapid.Uint64Range(1, 1_000_000).Draw(t, "n")
		return share{rapid.Uint64Range(0, n).Draw(t, "hits"), n}
	})
}

func (s share) value() float64 { return float64(s.hits) / float64(s.n) }

const rounding = 1e-9

func TestWilsonOfAnyShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shares().Draw(t, "share")
		i := stats.Wilson(s.hits, s.n)
		if i.Low < 0 || i.Low > s.value()+rounding || s.value() > i.High+rounding || i.High > 1 {
			t.Errorf("%v is not around %v within 0 and 1", i, s.value())
		}
		if mirror := stats.Wilson(s.n-s.hits, s.n); math.Abs(1-mirror.High-i.Low) > rounding || math.Abs(1-mirror.Low-i.High) > rounding {
			t.Errorf("hits give %v, the others %v: one is not the other's mirror", i, mirror)
		}
		if more := stats.Wilson(2*s.hits, 2*s.n); more.High-more.Low >= i.High-i.Low {
			t.Errorf("twice as much of the same gives %v, no narrower than %v", more, i)
		}
		if s.hits == s.n {
			return
		}
		if next := stats.Wilson(s.hits+1, s.n); next.Low < i.Low-rounding || next.High < i.High-rounding {
			t.Errorf("one hit more gives %v after %v", next, i)
		}
	})
}

func TestNewcombeOfAnyShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, before := shares().Draw(t, "now"), shares().Draw(t, "before")
		i := stats.Newcombe(now.hits, now.n, before.hits, before.n)
		difference := now.value() - before.value()
		if i.Low < -1-rounding || i.Low > difference+rounding || difference > i.High+rounding || i.High > 1+rounding {
			t.Errorf("%v is not around %v within -1 and 1", i, difference)
		}
		back := stats.Newcombe(before.hits, before.n, now.hits, now.n)
		if math.Abs(back.Low+i.High) > rounding || math.Abs(back.High+i.Low) > rounding {
			t.Errorf("there it is %v, and back %v", i, back)
		}
		if stats.Newcombe(now.hits, now.n, now.hits, now.n).Excludes(0) {
			t.Error("no change at all is taken for one")
		}
	})
}
