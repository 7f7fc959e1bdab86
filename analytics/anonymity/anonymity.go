// Package anonymity decides which groups' figures may be shown: the sizes of
// disjoint groups go in, which of them stay hidden comes out. Whatever is shown of
// answers anywhere (a page, a metric, a comparison, a file) asks here.
//
// What makes it hold: of one question in one wave, everything that is shown is
// computed from the groups that are shown and from all hidden ones together, which
// are disjoint and none of which is smaller than the threshold. So no sum,
// difference or filter of what is shown can single out fewer people.
package anonymity

import (
	"errors"
	"fmt"
)

// Rule says how many answers a group needs.
type Rule struct {
	Scores   int `json:"scores"`   // for any figure of it
	Comments int `json:"comments"` // texts, for them to be listed as the group's
}

// Default is the rule unless the operator chooses another.
var Default = Rule{Scores: 5, Comments: 8}

// Floor is the smallest threshold there may be.
const Floor = 3

// ErrRule is returned for a rule that would protect nobody.
var ErrRule = errors.New("the threshold is too small to protect anybody")

// Check refuses thresholds under the floor, and comments with less protection than scores.
func (r Rule) Check() error {
	switch {
	case r.Scores < Floor:
		return fmt.Errorf("%w: scores of %d answers; at least %d are needed", ErrRule, r.Scores, Floor)
	case r.Comments < r.Scores:
		return fmt.Errorf("%w: comments of %d answers; at least as many as for scores, %d, are needed", ErrRule, r.Comments, r.Scores)
	}
	return nil
}

// Reason says why a group is hidden.
type Reason string

// The reasons. The zero Reason is that of a group that is shown.
const (
	Shown    Reason = ""
	NoAnswer Reason = "no_answers"      // there is nothing to hide
	TooFew   Reason = "too_few"         // answers of its own
	ForOther Reason = "protects_others" // together with the hidden ones it makes a large enough group
)

// Hide returns for each group, by its size, why it is hidden. Those under the
// threshold are. If all hidden ones together are still fewer than the threshold,
// so that the rest of a total would give them away, the next smallest are hidden
// too until they are not; of equally small ones the first. A group in withheld
// (nil, or of the same length) is hidden from the start, for a reason found before.
//
// After it, the hidden groups together have no answer or at least the threshold,
// unless all groups together have fewer; then nothing is shown, and no total may be.
func Hide(sizes []int, withheld []Reason, threshold int) []Reason {
	reasons := make([]Reason, len(sizes))
	hidden := 0
	for i, n := range sizes {
		switch {
		case n <= 0:
			reasons[i] = NoAnswer
		case withheld != nil && withheld[i] != Shown && withheld[i] != NoAnswer:
			reasons[i] = withheld[i]
			hidden += n
		case n < threshold:
			reasons[i] = TooFew
			hidden += n
		}
	}
	for hidden > 0 && hidden < threshold {
		next := -1
		for i, n := range sizes {
			if reasons[i] == Shown && (next < 0 || n < sizes[next]) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		reasons[next] = ForOther
		hidden += sizes[next]
	}
	return reasons
}

// Total reports whether a figure of all groups together may be shown.
func Total(sizes []int, threshold int) bool {
	sum := 0
	for _, n := range sizes {
		sum += max(0, n)
	}
	return sum >= threshold
}
