package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// The departments that do not ask the office for anything.
const (
	office     = "office"
	leadership = "leadership"
)

// team is a department with its satisfaction before and after (DOMAIN.md §5).
type team struct {
	key           string
	headcount     int
	before, after float64 // points
}

var teams = []team{
	{"production", 520, 70, 90},
	{"sales", 210, 72, 91},
	{"r_and_d", 180, 71, 92},
	{"logistics", 120, 73, 91},
	{"quality", 90, 76, 92},
	{"technology", 70, 77, 92},
	{"procurement", 60, 74, 92},
	{"marketing", 60, 75, 92},
	{"finance", 50, 80, 94},
	{"safety", 45, 76, 92},
	{"human_resources", 40, 79, 94},
	{"legal", 15, 81, 94},
}

// person is a pseudonym: the story has no names.
type person struct{ id, department string }

type people struct {
	r        *rand.Rand
	requests []float64 // running share of the requests by team
	staff    map[string][]*person
	reviews  []string // departments that are asked to countersign
}

func newPeople(r *rand.Rand) people {
	p := people{r: r, staff: make(map[string][]*person)}
	total := 0.0
	for _, t := range teams {
		total += math.Pow(float64(t.headcount), 0.6) // large departments ask more, but less than in proportion
		p.requests = append(p.requests, total)
		p.staff[t.key] = staff(t.key, 2+t.headcount/8)
	}
	p.staff[office] = staff(office, 12)
	p.staff[leadership] = staff(leadership, 6)
	p.reviews = []string{"finance", "legal", "quality", "procurement", "human_resources", "safety", "technology", "sales"}
	return p
}

func staff(department string, n int) []*person {
	all := make([]*person, n)
	for i := range all {
		all[i] = &person{id: department + "-" + pad(i+1, 2), department: department}
	}
	return all
}

// requester picks the department that a case belongs to.
func (p *people) requester() string {
	x := p.r.Float64() * p.requests[len(p.requests)-1]
	i, _ := slices.BinarySearch(p.requests, x)
	return teams[min(i, len(teams)-1)].key
}

// someone of a department.
func (p *people) someone(department string) *person {
	all := p.staff[department]
	return all[p.r.IntN(len(all))]
}

// head of a department.
func (p *people) head(department string) *person { return p.staff[department][0] }

// countersigners picks n departments, none of them twice nor the case's own.
func (p *people) countersigners(n int, own string) []string {
	picked := make([]string, 0, n)
	for i, at := 0, p.r.IntN(len(p.reviews)); len(picked) < n; i++ {
		if d := p.reviews[(at+i*3)%len(p.reviews)]; d != own { // 3 and 8 have no common divisor: each comes once
			picked = append(picked, d)
		}
	}
	return picked
}

// pad writes a number with leading zeros.
func pad(n, digits int) string {
	s := strconv.Itoa(n)
	for len(s) < digits {
		s = "0" + s
	}
	return s
}
