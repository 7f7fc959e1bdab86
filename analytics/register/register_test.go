package register

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/handbook"
)

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// at reads an instant of the office's zone.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return t
}

// step is an event as tests write it: "2026-07-06 09:00 raise submit sales".
func step(text string, attributes ...string) Event {
	var date, clock, stage, action, department string
	if _, err := fmt.Sscan(text, &date, &clock, &stage, &action, &department); err != nil {
		panic(err)
	}
	e := Event{Time: at(date + " " + clock), Stage: stage, Action: action, ActorDepartment: department, Attributes: map[string]string{}}
	for i := 0; i+1 < len(attributes); i += 2 {
		e.Attributes[attributes[i]] = attributes[i+1]
	}
	return e
}

// due gives an event a due date.
func due(e Event, date string) Event {
	e.Due = at(date)
	return e
}

func newCase(process, id, class string, events ...Event) Case {
	return Case{Process: process, ID: id, Department: "sales", Class: class, Events: events}
}

// quarter is the third of 2026, asked about when it is over.
func quarter(tb testing.TB) *Office {
	tb.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		tb.Fatal(err)
	}
	return &Office{Handbook: hb, Calendar: cal, From: at("2026-07-01 00:00"), To: at("2026-10-01 00:00"), Now: at("2026-10-20 09:00")}
}

// told is a register in short: per figure n, count and light, or its median in hours.
func told(tb testing.TB, o *Office, key string, cases ...Case) (map[string]string, Register) {
	tb.Helper()
	r, ok := o.Make(key, cases)
	if !ok {
		tb.Fatalf("no register %s", key)
	}
	short := map[string]string{}
	for _, f := range r.Figures {
		switch {
		case f.Unit == "seconds" && f.Median != nil:
			short[f.Figure] = fmt.Sprintf("%d: %.2f h", f.N, *f.Median/3600)
		case f.Unit == "cases":
			short[f.Figure] = strconv.FormatUint(*f.Count, 10)
		case f.Count != nil:
			short[f.Figure] = fmt.Sprintf("%d/%d", *f.Count, f.N)
			if f.Light != Unlit {
				short[f.Figure] += " " + string(f.Light)
			}
		}
	}
	return short, r
}

func same(tb testing.TB, got, want map[string]string) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("figures (-want +got):\n%s", diff)
	}
}

// statesOf are the cases that are something to a figure.
func statesOf(r Register, figure string) map[string]State {
	all := map[string]State{}
	for i := range r.Items {
		if s := r.Items[i].State(figure); s != "" {
			all[r.Items[i].CaseID] = s
		}
	}
	return all
}

func TestLiaison(t *testing.T) {
	item := func(id string, events ...Event) Case { return newCase(Liaison+"_item", id, "", events...) }
	got, r := told(t, quarter(t), Liaison,
		item("spot", step("2026-07-06 09:00 raise submit sales"), step("2026-07-06 10:00 route transfer office"), step("2026-07-06 16:00 handle close finance")),
		item("next-day", step("2026-07-06 09:00 raise submit sales"), step("2026-07-07 10:00 route transfer office"), step("2026-07-08 09:00 handle close finance")),
		// Closed after more than five working days.
		item("late", step("2026-07-06 09:00 raise submit sales"), step("2026-07-06 10:00 route transfer office"), step("2026-07-15 09:00 handle close finance")),
		item("overdue", step("2026-09-01 09:00 raise submit sales"), step("2026-09-01 10:00 route transfer office")),
		item("pending", step("2026-09-30 09:00 raise submit sales")),
		item("withdrawn", step("2026-07-06 09:00 raise submit sales"), step("2026-07-09 09:00 raise withdraw sales")),
		// Raised before, closed in the period; and what has nothing to do with it.
		item("before", step("2026-06-29 09:00 raise submit sales"), step("2026-06-29 10:00 route transfer office"), step("2026-07-02 09:00 handle close finance")),
		item("old", step("2026-05-11 09:00 raise submit sales"), step("2026-05-11 10:00 route transfer office"), step("2026-05-12 09:00 handle close finance")),
		item("future", step("2026-10-09 09:00 raise submit sales")),
		newCase("seal", "seal", "", step("2026-07-06 09:00 application submit sales")),
	)
	same(t, got, map[string]string{
		Raised: "6", Routed: "3/5 red", Closed: "4", ClosedKept: "3/5 red", OnTheSpot: "1/4", TimeTo: "4: 20.00 h", Open: "2",
	})
	if diff := cmp.Diff(map[string]State{"spot": Kept, "next-day": Kept, "late": Late, "overdue": Overdue, "pending": Pending, "before": Kept}, statesOf(r, ClosedKept)); diff != "" {
		t.Error(diff)
	}
	if r.Light != Red || r.Items[0].CaseID != "pending" /* its routing is overdue, and it is the newest of those */ {
		t.Errorf("the register is %q and begins with %s", r.Light, r.Items[0].CaseID)
	}
}

// What is not known yet does not count: asked about in July, the item of which
// later events tell is still open.
func TestAsOf(t *testing.T) {
	o := quarter(t)
	o.Now = at("2026-07-07 12:00")
	got, _ := told(t, o, Liaison, newCase("liaison_item", "a", "", step("2026-07-06 09:00 raise submit sales"), step("2026-07-06 10:00 route transfer office"), step("2026-07-15 09:00 handle close finance")))
	same(t, got, map[string]string{Raised: "1", Routed: "1/1", Closed: "0", Open: "1"})
}

func TestBlockers(t *testing.T) {
	blocker := func(id, raised, taken, resolved string) Case {
		c := newCase("project_coord", id, "", step(raised+" raise submit sales", "project", "alpha"))
		if taken != "" {
			c.Events = append(c.Events, step(taken+" coordinate start office"))
		}
		if resolved != "" {
			c.Events = append(c.Events, step(resolved+" resolve close finance"))
		}
		return c
	}
	meeting := func(id, held string) Case {
		return newCase("project_sync", id, "", step(held+" hold complete sales", "project", "alpha"))
	}
	got, r := told(t, quarter(t), Blockers,
		blocker("a", "2026-07-06 09:00", "2026-07-06 11:00", "2026-07-08 09:00"),
		blocker("b", "2026-07-13 09:00", "2026-07-15 09:00", "2026-07-28 09:00"), // both too late
		blocker("c", "2026-08-05 09:00", "2026-08-05 09:30", ""),                 // open and overdue: the project runs on
		// July: weeks from the 6th (not whole: the project begins in it at nine), 13, 20, 27; two meetings.
		meeting("m1", "2026-07-16 14:00"), meeting("m2", "2026-07-17 14:00"), meeting("m3", "2026-07-30 14:00"),
		newCase("project_sync", "other", "", step("2026-07-16 14:00 hold complete sales", "project", "beta")),
	)
	// Weeks of alpha that lie whole between 13 July and 30 September: 11, of which two have a meeting; beta has none.
	same(t, got, map[string]string{Raised: "3", TakenUp: "2/3", Closed: "2", ResolvedKept: "1/3", TimeTo: "2: 52.00 h", Open: "1", SyncKept: "2/11 red"})
	if i := slices.IndexFunc(r.Items, func(i Item) bool { return i.CaseID == "c" }); r.Items[i].Subject != "alpha" {
		t.Errorf("%+v", r.Items[i])
	}
}

func TestEmergencies(t *testing.T) {
	emergency := func(id, severity string, steps ...string) Case {
		c := newCase("emergency", id, "")
		for _, s := range steps {
			c.Events = append(c.Events, step(s, "severity", severity))
		}
		return c
	}
	got, r := told(t, quarter(t), Emergencies,
		emergency("good", "", "2026-07-06 09:00 report submit production", "2026-07-06 09:20 activate start office", "2026-07-06 09:40 notify notify office", "2026-07-07 09:00 handle complete production", "2026-07-09 09:00 review complete office"),
		// Twenty minutes are too long for what is critical.
		emergency("critical", "critical", "2026-07-06 09:00 report submit production", "2026-07-06 09:20 activate start office", "2026-07-06 09:29 notify notify office", "2026-07-10 09:00 handle complete production"),
		emergency("nobody", "", "2026-09-30 09:00 report submit production"),
	)
	same(t, got, map[string]string{
		Reported: "3", ResponseKept: "1/3", ResponseTime: "2: 0.33 h", InformedKept: "2/3", ResolutionKept: "1/2", ResolutionTime: "2: 60.00 h",
		ReviewKept: "1/2", ReviewDone: "1/2", Open: "2",
	})
	if diff := cmp.Diff(map[string]State{"good": Kept, "critical": Late, "nobody": Overdue}, statesOf(r, ResponseKept)); diff != "" {
		t.Error(diff)
	}
}

func TestSuppliers(t *testing.T) {
	rating := func(id, supplier, rated, begun, done string) Case {
		return newCase("supplier_risk", id, "", step(begun+" collect start procurement", "supplier", supplier, "rating", rated), step(done+" publish complete office"))
	}
	stop := func(id, supplier, begun string) Case {
		return newCase("emergency", id, "", step(begun+" report submit procurement", "type", "supplier_stop", "supplier", supplier))
	}
	got, r := told(t, quarter(t), Suppliers,
		rating("a1", "A", "low", "2026-04-20 09:00", "2026-04-25 09:00"), rating("a2", "A", "high", "2026-07-20 09:00", "2026-07-25 09:00"),
		rating("b1", "B", "high", "2026-04-20 09:00", "2026-04-25 09:00"), // not rated again
		rating("c2", "C", "low", "2026-07-20 09:00", "2026-10-10 09:00"),  // too late, and not rated before
		rating("d2", "D", "low", "2026-07-20 09:00", "2026-07-25 09:00"),  // new
		stop("before-it-was-high", "A", "2026-07-10 09:00"), stop("foreseen", "A", "2026-08-10 09:00"), stop("still-high", "B", "2026-09-10 09:00"), stop("unknown", "Z", "2026-09-10 09:00"),
		newCase("emergency", "fire", "", step("2026-09-10 09:00 report submit procurement")),
	)
	same(t, got, map[string]string{Rated: "3", HighRisk: "2", ReviewedKept: "2/3", Covered: "1/2", Incidents: "4", Foreseen: "2/4"})
	if diff := cmp.Diff(map[string]State{"before-it-was-high": Late, "foreseen": Kept, "still-high": Kept, "unknown": Late}, statesOf(r, Foreseen)); diff != "" {
		t.Error(diff)
	}
}

func TestSupervision(t *testing.T) {
	item := func(id string, events ...Event) Case { return newCase("supervision", id, "", events...) }
	ask, grant := "track submit sales", "track approve office"
	got, r := told(t, quarter(t), Supervision,
		item("kept", due(step("2026-07-06 09:00 register submit office"), "2026-07-24 18:00"), step("2026-07-23 09:00 close_out close office")),
		item("late", due(step("2026-07-06 09:00 register submit office"), "2026-07-24 17:00"), step("2026-07-27 09:30 close_out close office")),
		// Asked for in time: the later date holds. The first date was missed all the same.
		item("extended", due(step("2026-07-06 09:00 register submit office"), "2026-07-24 18:00"), step("2026-07-23 09:00 "+ask), due(step("2026-07-27 09:00 "+grant), "2026-08-07 18:00"), step("2026-08-06 09:00 close_out close office")),
		// Asked for too late: the first date holds.
		item("asked-late", due(step("2026-07-06 09:00 register submit office"), "2026-07-24 18:00"), step("2026-07-27 09:00 "+ask), due(step("2026-07-27 10:00 "+grant), "2026-08-07 18:00"), step("2026-08-06 09:00 close_out close office")),
		item("red", due(step("2026-09-01 09:00 register submit office"), "2026-09-20 18:00")),
		item("yellow", due(step("2026-08-03 09:00 register submit office"), "2026-10-09 18:00"), step("2026-08-04 09:00 assign notify office")),
		item("sent-back", due(step("2026-09-28 09:00 register submit office"), "2026-11-09 18:00"), step("2026-09-29 09:00 report return office"), step("2026-09-29 10:00 report comment office")),
		item("blue", due(step("2026-09-24 09:00 register submit office"), "2026-10-08 17:00"), step("2026-09-29 09:00 report start sales")),
		item("green", due(step("2026-09-28 09:00 register submit office"), "2026-11-09 18:00")),
		item("undated", step("2026-09-28 09:00 register submit office")),
	)
	same(t, got, map[string]string{
		Open: "6", LightRed: "1", LightYellow: "2", LightBlue: "1", Closed: "4", OriginalKept: "1/5 red", HoldingKept: "2/5 red", Extended: "2", AskedInTime: "1/2",
		OverdueTime: "3: 56.00 h",
	})
	lights := map[string]Light{}
	for _, i := range r.Items {
		lights[i.CaseID] = i.Light
	}
	want := map[string]Light{"kept": "", "late": "", "extended": "", "asked-late": "", "red": Red, "yellow": Yellow, "sent-back": Yellow, "blue": Blue, "green": Green, "undated": ""}
	if diff := cmp.Diff(want, lights); diff != "" {
		t.Error(diff)
	}
	if r.Items[0].CaseID != "red" {
		t.Errorf("%s stands first", r.Items[0].CaseID)
	}
}

func TestDecisions(t *testing.T) {
	document := func(id, class string, events ...Event) Case { return newCase("doc_approval", id, class, events...) }
	got, r := told(t, quarter(t), Decisions,
		document("signed", "core", step("2026-07-06 09:00 draft submit sales"), step("2026-07-06 14:00 office_review approve office"), step("2026-07-07 14:00 sign start leadership"), step("2026-07-07 15:00 sign sign leadership")),
		// Sent back once, then late.
		document("returned", "core", step("2026-07-06 09:00 office_review approve office"), step("2026-07-06 10:00 sign return leadership"), step("2026-07-07 09:00 draft submit sales"), step("2026-07-13 15:00 sign sign leadership")),
		document("waiting", "core", step("2026-09-30 14:00 office_review approve office")),
		document("overdue", "core", step("2026-09-21 14:00 office_review approve office"), step("2026-09-22 09:00 sign start leadership")),
		document("by-the-office", "core", step("2026-07-06 14:00 office_review approve office"), step("2026-07-06 14:05 sign sign office")),
		document("other-class", "non_core", step("2026-07-06 14:00 office_review approve office"), step("2026-07-06 15:00 sign sign leadership")),
	)
	same(t, got, map[string]string{Decided: "3", DecidedKept: "2/4", Returned: "1/3", DecideTime: "3: 9.00 h", Waiting: "2"})
	if diff := cmp.Diff(map[string]State{"signed": Kept, "returned": Kept, "waiting": Pending, "overdue": Overdue}, statesOf(r, DecidedKept)); diff != "" {
		t.Error(diff)
	}
}

// A light wants enough cases, and is the worst of its register.
func TestLights(t *testing.T) {
	b := &builder{lights: handbook.DefaultLights}
	for _, c := range []struct {
		hits, n uint64
		want    Light
	}{{0, 4, Unlit}, {5, 5, Green}, {9, 10, Green}, {8, 10, Yellow}, {7, 10, Red}, {3, 4, Unlit}} {
		if got := b.light(float64(c.hits)/float64(c.n), c.n); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.hits, c.n, got, c.want)
		}
	}
	if worse(Green, Blue) != Blue || worse(Unlit, Green) != Green || worse(Red, Yellow) != Red || worse(Unlit, Unlit) != Unlit {
		t.Error("the worst light is wrong")
	}
	if _, ok := quarter(t).Make("nothing", nil); ok {
		t.Error("there is a register that nobody defined")
	}
	none := quarter(t)
	plain := *none.Handbook
	plain.Registers = handbook.Registers{}
	none.Handbook = &plain
	for _, key := range Keys() {
		if _, ok := none.Make(key, nil); ok {
			t.Errorf("the handbook keeps no %s", key)
		}
	}
}
