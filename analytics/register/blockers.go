package register

import (
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The figures of project blockers, besides [Raised], [Closed], [TimeTo] and [Open].
const (
	TakenUp      = "taken_up"      // share of blockers taken up within the limit
	ResolvedKept = "resolved_kept" // share of blockers resolved within the limit
	SyncKept     = "sync_kept"     // share of projects' weeks with a meeting
)

func (b *builder) blockers(r *handbook.BlockersRegister, lives []life) {
	blockers := processOf(lives, r.Process)
	b.count(Raised, b.begun(blockers))
	b.kept(TakenUp, blockers, r.TakenUp)
	closed := b.ended(blockers)
	b.count(Closed, closed)
	b.kept(ResolvedKept, blockers, r.Resolved)
	b.times(TimeTo, calendar.Working, whole(closed))
	b.count(Open, stillOpen(blockers))
	if r.Sync != nil {
		b.sync(r, lives)
	}
	for i := range blockers {
		if at, ok := b.at[[2]string{blockers[i].Process, blockers[i].ID}]; ok {
			b.register.Items[at].Subject = blockers[i].attributes[r.Project]
		}
	}
}

// project is a project as its events tell of it.
type project struct {
	first, last time.Time
	open        bool // a blocker of it is open
	met         map[calendar.Date]bool
}

// sync adds the share of weeks in which a project met. A project runs from its
// first event to its last one, and on as long as a blocker of it is open; every
// week of the period that begins in that time and is over, from Monday to Sunday,
// and has a working day wants one meeting. The week of the last event counts only
// if it had one.
func (b *builder) sync(r *handbook.BlockersRegister, lives []life) {
	projects := b.projects(r, lives)
	cal, end := b.office.Calendar, b.office.end()
	var hits, n uint64
	for _, p := range projects {
		last := p.last
		if p.open {
			last = end
		}
		for monday := weekOf(cal.DateAt(p.first)); ; monday += 7 {
			begins, ends := monday.In(cal.Zone()), (monday + 7).In(cal.Zone())
			if begins.After(last) || ends.After(end) {
				break
			}
			if begins.Before(b.office.From) || p.first.After(begins) || (ends.After(last) && !p.met[monday]) || !anyWorkday(cal, monday) {
				continue
			}
			if n++; p.met[monday] {
				hits++
			}
		}
	}
	b.rate(SyncKept, hits, n)
}

// projects gathers the projects from blockers and meetings.
func (b *builder) projects(r *handbook.BlockersRegister, lives []life) map[string]*project {
	meets := *r.Sync
	if meets.Process == "" {
		meets.Process = r.Process
	}
	projects := map[string]*project{}
	for i := range lives {
		l := &lives[i]
		name := l.attributes[r.Project]
		if name == "" || !slices.Contains([]string{r.Process, meets.Process}, l.Process) {
			continue
		}
		p := projects[name]
		if p == nil {
			p = &project{first: l.started, met: map[calendar.Date]bool{}}
			projects[name] = p
		}
		for j := range l.then {
			e := &l.then[j]
			if e.Time.Before(p.first) {
				p.first = e.Time
			}
			if e.Time.After(p.last) {
				p.last = e.Time
			}
			if l.Process == meets.Process && e.Stage == meets.Stage && e.Action == meets.Action {
				p.met[weekOf(b.office.Calendar.DateAt(e.Time))] = true
			}
		}
		p.open = p.open || (l.Process == r.Process && l.isOpen)
	}
	return projects
}

// weekOf is the Monday of a date's week.
func weekOf(d calendar.Date) calendar.Date { return d - calendar.Date((int(d.Weekday())+6)%7) }

func anyWorkday(cal *calendar.Calendar, monday calendar.Date) bool {
	for d := monday; d < monday+7; d++ {
		if cal.On(d).Workday {
			return true
		}
	}
	return false
}
