package anonymity

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestHide(t *testing.T) {
	f := func(name string, sizes []int, withheld, want []Reason) {
		t.Helper()
		if diff := cmp.Diff(want, Hide(sizes, withheld, 5)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	f("all large enough", []int{5, 9, 20}, nil, []Reason{Shown, Shown, Shown})
	f("one small: the next smallest goes with it", []int{9, 4, 6, 6}, nil, []Reason{Shown, TooFew, ForOther, Shown})
	f("two small, five together", []int{2, 9, 3}, nil, []Reason{TooFew, Shown, TooFew})
	f("two small, four together", []int{2, 9, 2}, nil, []Reason{TooFew, ForOther, TooFew})
	f("nobody answered", []int{0, 9}, nil, []Reason{NoAnswer, Shown})
	f("all small", []int{1, 2}, nil, []Reason{TooFew, TooFew})
	f("five of all", []int{1, 2, 2}, nil, []Reason{TooFew, TooFew, TooFew})
	f("withheld", []int{9, 9, 0}, []Reason{Shown, ForOther, TooFew}, []Reason{Shown, ForOther, NoAnswer})
	f("withheld and few", []int{9, 2}, []Reason{Shown, TooFew}, []Reason{ForOther, TooFew})
	f("none", nil, nil, []Reason{})
}

// Nothing that is shown, nor what is left of a total, is smaller than the threshold.
func TestHideAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 8).Draw(t, "sizes")
		threshold := rapid.IntRange(Floor, 9).Draw(t, "threshold")
		first := Hide(sizes, nil, threshold)
		smaller := make([]int, len(sizes)) // the same groups for another question, which some did not answer
		for i, n := range sizes {
			smaller[i] = rapid.IntRange(0, n).Draw(t, "answered")
		}
		for _, one := range []struct {
			sizes   []int
			reasons []Reason
		}{{sizes, first}, {smaller, Hide(smaller, first, threshold)}} {
			hidden, all, shown := 0, 0, 0
			for i, n := range one.sizes {
				all += n
				switch one.reasons[i] {
				case Shown:
					shown++
					if n < threshold {
						t.Fatalf("%d answers are shown in %v: %v", n, one.sizes, one.reasons)
					}
				default:
					hidden += n
				}
			}
			if hidden > 0 && hidden < threshold && (shown > 0 || Total(one.sizes, threshold)) {
				t.Fatalf("%d hidden answers are what is left of %v: %v", hidden, one.sizes, one.reasons)
			}
			if Total(one.sizes, threshold) != (all >= threshold) {
				t.Fatal("the total")
			}
		}
		for i := range first {
			if r := Hide(smaller, first, threshold)[i]; first[i] != Shown && r == Shown {
				t.Fatalf("group %d is hidden in the wave and shown for a question", i)
			}
		}
	})
}

func TestRule(t *testing.T) {
	for _, r := range []Rule{Default, {3, 3}, {5, 5}} {
		if err := r.Check(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, r := range []Rule{{}, {2, 8}, {5, 4}} {
		if err := r.Check(); !errors.Is(err, ErrRule) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
