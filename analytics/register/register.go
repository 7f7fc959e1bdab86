// Package register tells how the office coordinates (协调台账): the cases of some
// processes come in with their events, one register each for liaison items,
// project blockers, emergencies, suppliers, supervision and decisions comes out.
// It is arithmetic only: it reads no table and knows no page.
package register

import (
	"cmp"
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
)

// The registers, by their keys.
const (
	Liaison     = "liaison"
	Blockers    = "blockers"
	Emergencies = "emergencies"
	Suppliers   = "suppliers"
	Supervision = "supervision"
	Decisions   = "decisions"
)

// Keys lists the registers in the order in which they are shown.
func Keys() []string {
	return []string{Liaison, Blockers, Emergencies, Suppliers, Supervision, Decisions}
}

// Light is what a colour says. It is never shown without its icon and word.
type Light string

// The lights. Blue, yellow and red of an item under supervision are those of
// 督办: near its date, behind its schedule, overdue.
const (
	Green  Light = "green"
	Blue   Light = "blue"
	Yellow Light = "yellow"
	Red    Light = "red"
	Unlit  Light = "" // too few cases, or nothing to judge
)

// Lights lists every light but [Unlit], the worst first.
func Lights() []Light { return []Light{Red, Yellow, Blue, Green} }

// State is what became of a case under one figure.
type State string

// The states. Counted is a case that the figure merely counts or measures.
const (
	Kept    State = "kept"    // done, and in time
	Late    State = "late"    // done, but too late; or left out by a case that is over
	Overdue State = "overdue" // not done, and its time is over
	Pending State = "pending" // not done, and still in time: in no share
	Counted State = "counted"
)

// States lists every state.
func States() []State { return []State{Kept, Late, Overdue, Pending, Counted} }

// Event is what happened to a case.
type Event struct {
	Time            time.Time
	Stage, Action   string
	ActorDepartment string
	Due             time.Time         // zero: the event carries none
	Attributes      map[string]string // those that registers ask for
}

// Case is a case with its events in order.
type Case struct {
	Process, ID       string
	Department, Class string // the last that are known
	Events            []Event
}

// Register is one register over a period.
type Register struct {
	Key     string   `json:"register"`
	N       uint64   `json:"n"`     // cases that it is about
	Light   Light    `json:"light"` // the worst of its figures
	Figures []Figure `json:"figures"`
	Items   []Item   `json:"items,omitempty"` // the cases, the most urgent first
}

// Figure is one number of a register.
type Figure struct {
	Figure string `json:"figure"`
	Unit   string `json:"unit"` // cases, rate or seconds
	N      uint64 `json:"n"`    // what it rests on

	Count *uint64  `json:"count,omitempty"` // of n; of a rate those kept
	Rate  *float64 `json:"rate,omitempty"`
	Low   *float64 `json:"low,omitempty"` // of the rate: its 95 % interval (Wilson)
	High  *float64 `json:"high,omitempty"`

	Median *float64 `json:"median,omitempty"` // seconds
	P90    *float64 `json:"p90,omitempty"`
	Clock  string   `json:"clock,omitempty"`

	Light Light `json:"light,omitempty"`
}

// Item is a case of a register.
type Item struct {
	Process    string     `json:"process"`
	CaseID     string     `json:"case_id"`
	Department string     `json:"department"`
	Class      string     `json:"class"`
	Subject    string     `json:"subject,omitempty"` // project or supplier
	Started    time.Time  `json:"started"`
	Closed     *time.Time `json:"closed,omitempty"`
	Due        *time.Time `json:"due,omitempty"`          // the date that holds
	Original   *time.Time `json:"original_due,omitempty"` // the first that was named
	Light      Light      `json:"light,omitempty"`
	Outcomes   []Outcome  `json:"outcomes"`
}

// Outcome is what a case is to a figure.
type Outcome struct {
	Figure string `json:"figure"`
	State  State  `json:"state"`
}

// State is what the item is to a figure; "" when it has no part in it.
func (i *Item) State(figure string) State {
	for _, o := range i.Outcomes {
		if o.Figure == figure {
			return o.State
		}
	}
	return ""
}

// Office is by what and when the registers are judged.
type Office struct {
	Handbook *handbook.Handbook // in force now; a case is judged by the version in force when it started
	Calendar *calendar.Calendar
	From, To time.Time // the period, To exclusive
	Now      time.Time // how far the events reach: what is later is not known yet
}

// end is the moment at which the state of things is taken.
func (o *Office) end() time.Time {
	if o.Now.Before(o.To) {
		return o.Now
	}
	return o.To
}

// within reports whether an instant lies in the period, as far as that is over.
func (o *Office) within(t time.Time) bool { return !t.Before(o.From) && t.Before(o.end()) }

// Make writes the register of a key; ok is false when the handbook keeps none.
func (o *Office) Make(key string, cases []Case) (r Register, ok bool) {
	rules := &o.Handbook.Registers
	lives := o.livesOf(cases)
	b := &builder{office: o, lights: rules.Lights.OrDefault(), register: Register{Key: key, Figures: []Figure{}, Items: []Item{}}, at: map[[2]string]int{}}
	switch {
	case key == Liaison && rules.Liaison != nil:
		b.liaison(rules.Liaison, lives)
	case key == Blockers && rules.Blockers != nil:
		b.blockers(rules.Blockers, lives)
	case key == Emergencies && rules.Emergencies != nil:
		b.emergencies(rules.Emergencies, lives)
	case key == Suppliers && rules.Suppliers != nil:
		b.suppliers(rules.Suppliers, lives)
	case key == Supervision && rules.Supervision != nil:
		b.supervision(rules.Supervision, lives)
	case key == Decisions && rules.Decisions != nil:
		b.decisions(rules.Decisions, lives)
	default:
		return r, false
	}
	return b.done(), true
}

// life is a case with what became of it, whenever that was.
type life struct {
	*Case

	then       []Event // those before the end of the period
	started    time.Time
	completed  time.Time // zero: it is not
	withdrawn  bool      // and not completed since: it counts in no limit
	gone       time.Time // completed or withdrawn; zero: neither
	isOpen     bool      // at the end of the period
	attributes map[string]string
	original   time.Time // due dates, zero without one
	due        time.Time // the last
	dueThen    time.Time // the last that was named before the end of the period
	version    *handbook.Handbook
	process    handbook.Process // of that version, else the latest that knows it
}

// alive reports whether any of the period belongs to the case.
func (l *life) alive(o *Office) bool {
	return l.started.Before(o.end()) && (l.gone.IsZero() || !l.gone.Before(o.From))
}

// livesOf are the cases that had begun by the end of the period, in order of
// their beginning.
func (o *Office) livesOf(cases []Case) []life {
	end := o.end()
	var all []life
	for i := range cases {
		c := &cases[i]
		if len(c.Events) == 0 || !c.Events[0].Time.Before(end) {
			continue
		}
		all = append(all, o.lifeOf(c, end))
	}
	slices.SortStableFunc(all, func(a, b life) int { return cmp.Or(a.started.Compare(b.started), cmp.Compare(a.ID, b.ID)) })
	return all
}

func (o *Office) lifeOf(c *Case, end time.Time) life {
	l := life{Case: c, started: c.Events[0].Time, attributes: map[string]string{}}
	history := o.Handbook.History()
	l.version = history.At(l.started)
	var ok bool
	if l.process, ok = l.version.Process(c.Process); !ok {
		l.process, _ = history.Process(c.Process)
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Time.Before(end) {
			l.then = c.Events[:i+1]
		}
		l.take(e, end)
	}
	l.isOpen = l.gone.IsZero() || !l.gone.Before(end)
	return l
}

// take learns from an event what became of the case.
func (l *life) take(e *Event, end time.Time) {
	switch ends := l.process.Ends; {
	case e.Action == "withdraw":
		l.withdrawn, l.completed, l.gone = true, time.Time{}, e.Time
	case e.Stage == ends.Stage && e.Action == ends.Action:
		l.withdrawn, l.completed, l.gone = false, e.Time, e.Time
	}
	if !e.Due.IsZero() {
		if l.original.IsZero() {
			l.original = e.Due
		}
		l.due = e.Due
		if e.Time.Before(end) {
			l.dueThen = e.Due
		}
	}
	for name, value := range e.Attributes {
		if value != "" {
			l.attributes[name] = value
		}
	}
}

// first is when a step was first taken at or after an instant; ok is false when
// it was not.
func (l *life) first(s handbook.Step, since time.Time) (at time.Time, ok bool) {
	for i := range l.Events {
		if e := &l.Events[i]; e.Stage == s.Stage && e.Action == s.Action && !e.Time.Before(since) {
			return e.Time, true
		}
	}
	return at, false
}

// builder puts a register together.
type builder struct {
	office   *Office
	lights   handbook.Lights
	register Register
	at       map[[2]string]int // of items, by process and case
}

// item is the entry of a case, which is made if need be.
func (b *builder) item(l *life) *Item {
	key := [2]string{l.Process, l.ID}
	if i, ok := b.at[key]; ok {
		return &b.register.Items[i]
	}
	zone := b.office.Calendar.Zone()
	item := Item{Process: l.Process, CaseID: l.ID, Department: l.Department, Class: l.Class, Started: l.started.In(zone), Outcomes: []Outcome{}}
	if !l.gone.IsZero() {
		item.Closed = instant(l.gone, zone)
	}
	if !l.original.IsZero() {
		item.Due, item.Original = instant(l.due, zone), instant(l.original, zone)
	}
	b.at[key] = len(b.register.Items)
	b.register.Items = append(b.register.Items, item)
	return &b.register.Items[len(b.register.Items)-1]
}

func instant(t time.Time, zone *time.Location) *time.Time {
	t = t.In(zone)
	return &t
}

// note says what a case is to a figure.
func (b *builder) note(l *life, figure string, s State) {
	i := b.item(l)
	i.Outcomes = append(i.Outcomes, Outcome{figure, s})
}

// count adds a figure that counts cases, which are its items.
func (b *builder) count(figure string, lives []*life) {
	for _, l := range lives {
		b.note(l, figure, Counted)
	}
	b.counted(figure, uint64(len(lives)))
}

func (b *builder) counted(figure string, n uint64) {
	b.register.Figures = append(b.register.Figures, Figure{Figure: figure, Unit: "cases", N: n, Count: &n})
}

// kept adds the share of limits kept: of what was done in the period and of what
// was overdue at its end.
func (b *builder) kept(figure string, lives []life, keys []string) {
	var hits, n uint64
	for i := range lives {
		l := &lives[i]
		state, counts := b.office.judge(l, keys)
		if state == "" || !counts {
			if state == Pending && l.alive(b.office) {
				b.note(l, figure, Pending)
			}
			continue
		}
		b.note(l, figure, state)
		if n++; state == Kept {
			hits++
		}
	}
	b.rate(figure, hits, n)
}

// rate adds a share with its interval and light.
func (b *builder) rate(figure string, hits, n uint64) {
	f := Figure{Figure: figure, Unit: "rate", N: n}
	if n > 0 {
		share, interval := float64(hits)/float64(n), stats.Wilson(hits, n)
		f.Count, f.Rate, f.Low, f.High, f.Light = &hits, &share, &interval.Low, &interval.High, b.light(share, n)
	}
	b.register.Figures = append(b.register.Figures, f)
}

// light is that of a share, of which more is better.
func (b *builder) light(share float64, n uint64) Light {
	switch percent := 100 * share; {
	case n < uint64(b.lights.MinN): //nolint:gosec // checked not to be negative
		return Unlit
	case percent >= b.lights.Green:
		return Green
	case percent >= b.lights.Yellow:
		return Yellow
	default:
		return Red
	}
}

// span is how long something took in one case.
type span struct {
	life     *life
	from, to time.Time
}

// times adds median and 90th percentile of how long something took.
func (b *builder) times(figure string, clock calendar.Clock, spans []span) {
	f := Figure{Figure: figure, Unit: "seconds", N: uint64(len(spans)), Clock: string(clock)}
	var took []float64
	for _, s := range spans {
		if state := b.item(s.life).State(figure); state == "" {
			b.note(s.life, figure, Counted)
		}
		d := s.to.Sub(s.from)
		if clock == calendar.Working {
			d = b.office.Calendar.Between(s.from, s.to)
		}
		took = append(took, d.Seconds())
	}
	if len(took) > 0 {
		slices.Sort(took)
		median, p90 := stats.Quantile(took, 0.5), stats.Quantile(took, 0.9)
		f.Median, f.P90 = &median, &p90
	}
	b.register.Figures = append(b.register.Figures, f)
}

// done is the register: its light the worst of its figures, its items in order of
// how much they want to be looked at.
func (b *builder) done() Register {
	r := b.register
	r.N = uint64(len(r.Items))
	for i := range r.Figures {
		r.Light = worse(r.Light, r.Figures[i].Light)
	}
	slices.SortStableFunc(r.Items, func(x, y Item) int {
		if a, c := urgency(&x), urgency(&y); a != c {
			return a - c
		}
		if (x.Closed == nil) != (y.Closed == nil) {
			if x.Closed == nil {
				return -1
			}
			return 1
		}
		return cmp.Or(y.Started.Compare(x.Started), cmp.Compare(x.CaseID, y.CaseID))
	})
	return r
}

// urgency orders items: lights first, then what is overdue, then what was late.
func urgency(i *Item) int {
	switch i.Light {
	case Red:
		return 0
	case Yellow:
		return 2
	case Blue:
		return 3
	default:
	}
	worst := 5
	for _, o := range i.Outcomes {
		switch o.State {
		case Overdue:
			worst = min(worst, 1)
		case Late:
			worst = min(worst, 4)
		default:
		}
	}
	return worst
}

func worse(a, b Light) Light {
	for _, l := range Lights() {
		if a == l || b == l {
			return l
		}
	}
	return Unlit
}
