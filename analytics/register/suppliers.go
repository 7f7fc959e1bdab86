package register

import (
	"slices"
	"time"

	"example.com/officepulse/analytics/handbook"
)

// The figures of suppliers.
const (
	Rated        = "rated"         // suppliers that have a rating at the end of the period
	HighRisk     = "high_risk"     // of these, those whose newest rating is high
	ReviewedKept = "reviewed_kept" // share of ratings made anew within the limit
	Covered      = "covered"       // of the suppliers rated before the period, the share rated again in it
	Incidents    = "incidents"     // incidents of suppliers in the period
	Foreseen     = "foreseen"      // share of these whose supplier's newest rating before them was high
)

// rating is what was found of a supplier, once.
type rating struct {
	at   time.Time
	high bool
	life *life
}

func (b *builder) suppliers(r *handbook.SuppliersRegister, lives []life) {
	reviews := processOf(lives, r.Process)
	ratings := map[string][]rating{}
	for i := range reviews {
		l := &reviews[i]
		if name := l.attributes[r.Supplier]; name != "" && !l.completed.IsZero() && l.completed.Before(b.office.end()) {
			ratings[name] = append(ratings[name], rating{l.completed, slices.Contains(r.High, l.attributes[r.Rating]), l})
		}
	}
	b.ratings(ratings)
	alive := slices.DeleteFunc(slices.Clone(reviews), func(l life) bool { return !l.alive(b.office) })
	b.kept(ReviewedKept, alive, r.Reviewed)
	b.covered(ratings)
	if r.Incidents != "" {
		b.incidents(r, processOf(lives, r.Incidents), ratings)
	}
	for i := range lives {
		if at, ok := b.at[[2]string{lives[i].Process, lives[i].ID}]; ok {
			b.register.Items[at].Subject = lives[i].attributes[r.Supplier]
		}
	}
}

// ratings counts the suppliers by their newest rating.
func (b *builder) ratings(all map[string][]rating) {
	var high []*life
	for _, list := range all {
		slices.SortStableFunc(list, func(x, y rating) int { return x.at.Compare(y.at) })
		if newest := list[len(list)-1]; newest.high {
			high = append(high, newest.life)
		}
	}
	b.counted(Rated, uint64(len(all)))
	b.count(HighRisk, high)
}

// covered adds the share of known suppliers that were rated again.
func (b *builder) covered(all map[string][]rating) {
	var hits, n uint64
	for _, list := range all {
		if !list[0].at.Before(b.office.From) {
			continue // nobody knew it before
		}
		if n++; !list[len(list)-1].at.Before(b.office.From) {
			hits++
		}
	}
	b.rate(Covered, hits, n)
}

// incidents adds what happened with suppliers, and whether that was foreseen.
func (b *builder) incidents(r *handbook.SuppliersRegister, cases []life, ratings map[string][]rating) {
	var found []*life
	var hits uint64
	for i := range cases {
		l := &cases[i]
		if !b.office.within(l.started) || l.withdrawn || !l.matches(r.Where) {
			continue
		}
		found = append(found, l)
		state := Late
		if before(ratings[l.attributes[r.Supplier]], l.started) {
			hits++
			state = Kept
		}
		b.note(l, Foreseen, state)
	}
	b.count(Incidents, found)
	b.rate(Foreseen, hits, uint64(len(found)))
}

// before reports whether the newest rating before an instant was high.
func before(list []rating, at time.Time) bool {
	high := false
	for _, r := range list { // in order of time
		if r.at.Before(at) {
			high = r.high
		}
	}
	return high
}

func (l *life) matches(where map[string]string) bool {
	for name, value := range where {
		if l.attributes[name] != value {
			return false
		}
	}
	return true
}
