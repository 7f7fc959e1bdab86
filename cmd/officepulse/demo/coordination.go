package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/officepulse/ingest/event"
)

// coordination is what the office coordinates besides its daily work: projects
// with their blockers and weekly meetings, and the quarterly rating of suppliers.
// It draws from a stream of its own, so that the rest of the story stays as it is.
type coordination struct {
	r         *rand.Rand
	suppliers []supplier
	extend    *rand.Rand // of items under supervision
}

// project is something that several departments do together.
type project struct {
	key, lead   string
	first, last string  // days
	blockers    float64 // a week
	missed      float64 // share of the weekly meetings that are not held
}

var projects = []project{
	{"erp-upgrade", "technology", "2025-01-06", "2025-09-26", 0.5, 0.35},
	{"line-4", "production", "2025-06-02", "2026-03-27", 0.6, 0.30},
	{"quality-lab", "quality", "2026-02-02", "2026-08-28", 0.5, 0.12},
	{"new-warehouse", "logistics", "2026-04-06", "2026-12-31", 0.6, 0.06},
	{"export-market", "marketing", "2026-05-11", "2026-12-31", 0.3, 0.04},
}

// supplier is rated each quarter; how well says how likely it fails.
type supplier struct {
	key    string
	rating string
}

// ratings are those of a supplier, the best first.
var ratings = []string{"low", "medium", "high"}

const (
	suppliersRated = 18
	ratingMissed   = 0.12 // of the ratings of a quarter, those made late
)

// Working hours of a blocker's and a rating's way, before and after the manual.
var (
	takeUp      = spread{6, 0.9}
	takeUpNow   = spread{1.6, 0.7}
	unblock     = spread{44, 0.7}
	unblockNow  = spread{22, 0.6}
	collectData = spread{24, 0.5}
	rateData    = spread{10, 0.5}
)

func newCoordination(r, extend *rand.Rand) coordination {
	c := coordination{r: r, extend: extend}
	for i := range suppliersRated {
		c.suppliers = append(c.suppliers, supplier{key: "supplier-" + pad(i+1, 2), rating: ratings[min(i%5, 2)]})
	}
	return c
}

// coordinate tells what begins on a day.
func (t *tale) coordinate(day time.Time) {
	if !t.calendar.Workday(day) {
		return
	}
	for i := range projects {
		t.project(&projects[i], day)
	}
	if date := day.Format(time.DateOnly); date >= "2026-01-01" && t.firstWorkdays(day, 15) {
		t.rateSuppliers(day)
	}
}

// draw is a duration of a spread from the coordination's own stream.
func (c *coordination) draw(s spread) time.Duration {
	return time.Duration(min(s.median*math.Exp(s.sigma*c.r.NormFloat64()), mostHours) * float64(time.Hour))
}

// project begins the blockers of a working day, and holds the week's meeting.
func (t *tale) project(p *project, day time.Time) {
	if date := day.Format(time.DateOnly); date < p.first || date > p.last {
		return
	}
	c := &t.coordination
	for range poisson(c.r, p.blockers/5*max(0.5, min(2, t.scale))) {
		t.blocker(p, day.Add(timeOfDay(c.r)))
	}
	if day.Weekday() == time.Thursday && c.r.Float64() >= p.missed {
		at := day.Add(14*time.Hour + time.Duration(c.r.IntN(90))*time.Minute)
		m := t.matter("project_sync", at, p.lead, map[string]string{"project": p.key})
		m.steps = append(m.steps, step{at: at.UnixMilli(), stage: "hold", action: event.Complete, actor: t.any(c.r, p.lead)})
		t.postMatter(m)
	}
}

// blocker leads a blocker from its report to its solution.
func (t *tale) blocker(p *project, at time.Time) {
	c := &t.coordination
	m := t.matter("project_coord", at, p.lead, map[string]string{"project": p.key})
	office, owner := t.any(c.r, office), t.any(c.r, teams[c.r.IntN(len(teams))].key)
	manual := !at.Before(t.date(2026, 4, 1))
	up, solved := takeUp, unblock
	if manual {
		up, solved = takeUpNow, unblockNow
	}
	now := at
	tell := func(stage string, action event.Action, actor *person) {
		m.steps = append(m.steps, step{at: now.UnixMilli(), stage: stage, action: action, actor: actor})
	}
	tell("raise", event.Submit, t.any(c.r, p.lead))
	now = t.calendar.Add(now, c.draw(up))
	tell("coordinate", event.Start, office)
	took := c.draw(solved)
	now = t.calendar.Add(now, took/4)
	tell("coordinate", event.Transfer, office)
	now = t.calendar.Add(now, took-took/4)
	tell("resolve", event.Close, owner)
	t.postMatter(m)
}

// firstWorkdays reports whether a day is the nth working day of its quarter.
func (t *tale) firstWorkdays(day time.Time, n int) bool {
	first := t.date(day.Year(), (day.Month()-1)/3*3+1, 1)
	for d := first; !d.After(day); d = d.AddDate(0, 0, 1) {
		if t.calendar.Workday(d) {
			n--
		}
	}
	return n == 0
}

// rateSuppliers begins the quarter's ratings on a day.
func (t *tale) rateSuppliers(day time.Time) {
	c := &t.coordination
	for i := range c.suppliers {
		s := &c.suppliers[i]
		at := day.Add(9*time.Hour + time.Duration(i)*11*time.Minute)
		if c.r.Float64() < 0.15 { // a quarter changes some
			s.rating = ratings[c.r.IntN(len(ratings))]
		}
		m := t.matter("supplier_risk", at, "procurement", map[string]string{"supplier": s.key, "rating": s.rating})
		buyer, duty := t.any(c.r, "procurement"), t.any(c.r, office)
		m.steps = append(m.steps, step{at: at.UnixMilli(), stage: "collect", action: event.Start, actor: buyer})
		now := t.calendar.Add(at, c.draw(collectData))
		if c.r.Float64() < ratingMissed {
			now = now.AddDate(0, 0, 75)
		}
		m.steps = append(m.steps, step{at: now.UnixMilli(), stage: "collect", action: event.Complete, actor: buyer})
		now = t.calendar.Add(now, c.draw(rateData))
		m.steps = append(m.steps, step{at: now.UnixMilli(), stage: "rate", action: event.Complete, actor: buyer})
		now = t.calendar.Add(now, c.draw(rateData)/4)
		m.steps = append(m.steps, step{at: now.UnixMilli(), stage: "publish", action: event.Complete, actor: duty})
		t.postMatter(m)
	}
}

// failing is a supplier that stops delivering: mostly one whose rating is high.
func (t *tale) failing() string {
	c := &t.coordination
	if c.r.Float64() < 0.75 {
		if i := slices.IndexFunc(c.suppliers, func(s supplier) bool { return s.rating == "high" }); i >= 0 {
			return c.suppliers[i].key
		}
	}
	return c.suppliers[c.r.IntN(len(c.suppliers))].key
}

// extended is an item under supervision that does not make its date and gets a
// later one: asked for in time in most cases, and more so since the manual.
func (t *tale) extended(m *matter) {
	c := t.coordination.extend
	if c.Float64() >= 0.75 || len(m.steps) < 3 {
		return
	}
	due := m.steps[0].due
	last := m.steps[len(m.steps)-1].at
	if due == 0 || last <= due {
		return
	}
	late := 0.45
	if m.steps[0].at >= t.date(2026, 4, 1).UnixMilli() {
		late = 0.15
	}
	at := time.UnixMilli(due).Add(-time.Duration(20+c.IntN(100)) * time.Hour)
	if c.Float64() < late {
		at = time.UnixMilli(due).Add(time.Duration(3+c.IntN(40)) * time.Hour)
	}
	if at.UnixMilli() <= m.steps[1].at || at.UnixMilli() >= last {
		return
	}
	granted := at.Add(time.Duration(1+c.IntN(4)) * time.Hour)
	later := t.calendar.Add(time.UnixMilli(due), time.Duration(5+c.IntN(6))*time.Duration(t.calendar.SecondsPerDay())*time.Second)
	m.steps = append(m.steps,
		step{at: at.UnixMilli(), stage: "track", action: event.Submit, actor: t.any(c, m.department)},
		step{at: granted.UnixMilli(), due: later.UnixMilli(), stage: "track", action: event.Approve, actor: t.any(c, office)})
	slices.SortStableFunc(m.steps, func(a, b step) int { return int(a.at/1000 - b.at/1000) })
	if end := m.steps[len(m.steps)-1]; end.action != event.Close { // the close stays the last word
		i := slices.IndexFunc(m.steps, func(s step) bool { return s.action == event.Close })
		m.steps = append(slices.Delete(m.steps, i, i+1), step{at: end.at + 60_000, stage: "close_out", action: event.Close, actor: end.actor})
	}
}

// any person of a department, from a stream of one's own.
func (t *tale) any(r *rand.Rand, department string) *person {
	all := t.people.staff[department]
	return all[r.IntN(len(all))]
}

// matter is a case that is told apart from the flows.
func (t *tale) matter(process string, at time.Time, department string, attributes map[string]string) *matter {
	return &matter{process: process, id: t.number(process, at), department: department, attributes: attributes}
}

// postMatter sends a case as it is, up to the end of the story.
func (t *tale) postMatter(m *matter) {
	planned, over := len(m.steps), t.end.UnixMilli()
	m.steps = slices.DeleteFunc(m.steps, func(s step) bool { return s.at >= over })
	if len(m.steps) == 0 {
		return
	}
	t.facts.Cases[m.process]++
	if len(m.steps) < planned {
		t.facts.Open++
	} else {
		t.facts.Completed++
	}
	for i := range m.steps {
		t.outbox.rank++
		t.outbox.put(parcel{send: m.steps[i].at, rank: t.outbox.rank, matter: m, step: i})
	}
	t.facts.Tasks += int64(len(m.steps))
	t.facts.Sent += int64(len(m.steps))
}
