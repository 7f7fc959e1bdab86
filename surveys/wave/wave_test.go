package wave_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

var shanghai = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

var fiscal = wave.Fiscal{Zone: shanghai, First: time.January}

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func by(instant string) wave.By {
	return wave.By{Author: "director", Reason: "quarterly", At: at(instant)}
}

var handbook = []wave.Department{
	{Key: "sales", Name: questionnaire.Text{ZH: "销售部", EN: "Sales"}, Headcount: 210},
	{Key: "legal", Name: questionnaire.Text{ZH: "法务合规部", EN: "Legal"}, Headcount: 15},
}

func draft() *wave.Wave {
	return &wave.Wave{
		Key: "2026Q3", Quarter: wave.Quarter{Year: 2026, Number: 3},
		Title:         questionnaire.Text{ZH: "2026年第三季度满意度调查", EN: "Satisfaction, 2026Q3"},
		Questionnaire: wave.Version{Key: "office_services", Number: 1},
		Opens:         at("2026-09-17 00:00"), Closes: at("2026-10-01 00:00"),
		Departments: []wave.Department{{Key: "sales"}, {Key: "legal", Expected: 8}}, Anonymous: true,
		Reminders: wave.Reminders{DaysBefore: []int{7, 2}, AtMost: 2},
	}
}

func must(t *testing.T) func(*wave.Wave, error) *wave.Wave {
	t.Helper()
	return func(w *wave.Wave, err error) *wave.Wave {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
}

// codes are those of all refusals joined in an error, in order.
func codes(err error) string {
	var all []string
	var walk func(error)
	walk = func(err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range joined.Unwrap() {
				walk(one)
			}
		} else if refused, ok := errors.AsType[*wave.RefusedError](err); ok {
			all = append(all, string(refused.Code))
		}
	}
	walk(err)
	return strings.Join(all, " ")
}

func TestTheWayOfAWave(t *testing.T) {
	ok := must(t)
	w := ok(wave.New(draft(), by("2026-09-01 09:00")))
	if w.Phase(at("2026-09-20 09:00")) != wave.Early {
		t.Error("a draft takes answers")
	}
	w = ok(w.Opened(handbook, by("2026-09-16 09:00")))
	want := []wave.Department{
		{Key: "sales", Name: questionnaire.Text{ZH: "销售部", EN: "Sales"}, Headcount: 210, Expected: 210},
		{Key: "legal", Name: questionnaire.Text{ZH: "法务合规部", EN: "Legal"}, Headcount: 15, Expected: 8},
	}
	if diff := cmp.Diff(want, w.Departments); diff != "" {
		t.Errorf("frozen at the opening (-want +got):\n%s", diff)
	}
	for instant, phase := range map[string]wave.Phase{
		"2026-09-16 23:59": wave.Early, "2026-09-17 00:00": wave.Taking, "2026-09-30 23:59": wave.Taking, "2026-10-01 00:00": wave.Over,
	} {
		if got := w.Phase(at(instant)); got != phase {
			t.Errorf("at %s: %s, want %s", instant, got, phase)
		}
	}
	w = ok(w.Extended(at("2026-10-03 00:00"), by("2026-09-30 10:00")))
	if diff := cmp.Diff([]string{"closes"}, w.Change.What); diff != "" {
		t.Error(diff)
	}
	if w.Answered() || !w.Overdue(at("2026-10-03 00:00")) {
		t.Error("an open wave is answered, or never overdue")
	}
	w = ok(w.ClosedNow(by("2026-10-02 12:00")))
	if !w.Answered() || !w.Ended().Equal(at("2026-10-02 12:00")) || !w.Closes.Equal(at("2026-10-03 00:00")) || w.Phase(at("2026-10-02 11:00")) != wave.Over {
		t.Errorf("closed: %+v", w)
	}
	w = ok(w.PublishedWith(questionnaire.Text{ZH: "会议室预订改为线上。"}, by("2026-10-09 09:00")))
	if w.Change.Deed != wave.Publish || w.Revision != 5 || w.Outcome.In("en") != "会议室预订改为线上。" {
		t.Errorf("published: %+v", w)
	}
	w = ok(w.PublishedWith(questionnaire.Text{ZH: "会议室预订改为线上。", EN: "Rooms are booked online."}, by("2026-10-10 09:00")))
	if w.Change.Deed != wave.Correct {
		t.Errorf("published again: %s", w.Change.Deed)
	}
}

func TestRefusals(t *testing.T) {
	ok := must(t)
	f := func(name, want string, _ *wave.Wave, err error) {
		t.Helper()
		if got := codes(err); got != want {
			t.Errorf("%s: refused for %q, want %q (%v)", name, got, want, err)
		}
	}
	f2 := func(name, want string, do func() (*wave.Wave, error)) {
		t.Helper()
		w, err := do()
		f(name, want, w, err)
	}
	w := ok(wave.New(draft(), by("2026-09-01 09:00")))
	opened := ok(w.Opened(handbook, by("2026-09-16 09:00")))
	closed := ok(opened.ClosedNow(by("2026-09-30 09:00")))

	f2("everything wrong", "author key quarter title questionnaire times departments", func() (*wave.Wave, error) {
		return wave.New(&wave.Wave{Key: "第三"}, wave.By{Reason: "x"})
	})
	f2("no reason", "reason", func() (*wave.Wave, error) {
		return w.Opened(handbook, wave.By{Author: "a", At: at("2026-09-16 09:00")})
	})
	f2("unknown department", "unknown", func() (*wave.Wave, error) { return w.Opened(handbook[:1], by("2026-09-16 09:00")) })
	f2("opened too late", "past", func() (*wave.Wave, error) { return w.Opened(handbook, by("2026-10-01 00:00")) })
	f2("edit an open one", "state", func() (*wave.Wave, error) { return opened.Edited(draft(), by("2026-09-18 09:00")) })
	f2("open twice", "state", func() (*wave.Wave, error) { return opened.Opened(handbook, by("2026-09-18 09:00")) })
	f2("publish an open one", "state", func() (*wave.Wave, error) {
		return opened.PublishedWith(questionnaire.Text{ZH: "好"}, by("2026-09-18 09:00"))
	})
	f2("extend after the end", "past", func() (*wave.Wave, error) { return opened.Extended(at("2026-10-09 00:00"), by("2026-10-01 00:00")) })
	f2("extend into the past", "past", func() (*wave.Wave, error) { return opened.Extended(at("2026-09-18 00:00"), by("2026-09-19 00:00")) })
	f2("reopen", "state", func() (*wave.Wave, error) { return closed.Extended(at("2026-10-09 00:00"), by("2026-09-30 10:00")) })
	f2("close twice", "state", func() (*wave.Wave, error) { return closed.ClosedNow(by("2026-09-30 10:00")) })
	f2("nothing to tell", "outcome", func() (*wave.Wave, error) {
		return closed.PublishedWith(questionnaire.Text{ZH: "  "}, by("2026-10-01 10:00"))
	})

	edit := func(change func(*wave.Wave)) func() (*wave.Wave, error) {
		return func() (*wave.Wave, error) {
			to := draft()
			change(to)
			return w.Edited(to, by("2026-09-02 09:00"))
		}
	}
	f2("twice", "twice", edit(func(w *wave.Wave) { w.Departments = append(w.Departments, wave.Department{Key: "sales"}) }))
	f2("reminders", "reminders", edit(func(w *wave.Wave) { w.Reminders.DaysBefore = []int{2, 7} }))
	f2("reminders", "reminders", edit(func(w *wave.Wave) { w.Reminders.AtMost = 6 }))
	f2("too long", "too_long", edit(func(w *wave.Wave) { w.Title.ZH = strings.Repeat("长", 201) }))
	over := draft()
	over.Departments[1].Expected = 16
	f2("more than there are", "expected", func() (*wave.Wave, error) {
		return ok(w.Edited(over, by("2026-09-02 09:00"))).Opened(handbook, by("2026-09-16 09:00"))
	})
}

func TestNextFrom(t *testing.T) {
	ok := must(t)
	last := ok(ok(wave.New(draft(), by("2026-09-01 09:00"))).Opened(handbook, by("2026-09-16 09:00")))
	next := wave.NextFrom(last, wave.Version{Key: "office_services", Number: 4}, fiscal)
	next = ok(wave.New(next, by("2026-10-10 09:00")))
	if next.Key != "2026Q4" || next.Questionnaire.Number != 4 || next.State != wave.Draft || next.Revision != 1 {
		t.Errorf("%+v", next)
	}
	if !next.Opens.Equal(at("2026-12-18 00:00")) || !next.Closes.Equal(at("2027-01-01 00:00")) {
		t.Errorf("from %s to %s", next.Opens, next.Closes)
	}
	if next.Title.ZH != "2026年第四季度满意度调查" || next.Title.EN != "Satisfaction, 2026Q4" {
		t.Errorf("titled %v", next.Title)
	}
	if next.Departments[0].Expected != 0 || next.Departments[1].Expected != 8 || last.Departments[0].Expected != 210 {
		t.Errorf("departments %+v, before %+v", next.Departments, last.Departments)
	}
}

func TestQuarters(t *testing.T) {
	april := wave.Fiscal{Zone: shanghai, First: time.April}
	rapid.Check(t, func(t *rapid.T) {
		q := wave.Quarter{Year: rapid.IntRange(1990, 2090).Draw(t, "year"), Number: rapid.IntRange(1, 4).Draw(t, "number")}
		f := rapid.SampledFrom([]wave.Fiscal{fiscal, april}).Draw(t, "fiscal")
		if got := f.Of(f.Start(q)); got != q {
			t.Fatalf("%s begins in %s", q, got)
		}
		if got := f.Of(f.Start(q.Next()).Add(-time.Second)); got != q {
			t.Fatalf("%s ends in %s", q, got)
		}
		read, err := wave.ParseQuarter(q.String())
		if err != nil || read != q || !q.Before(q.Next()) || q.Next().Before(q) {
			t.Fatalf("%s is read as %s: %v", q, read, err)
		}
	})
}

// Whatever is done in whatever order: states only move forward, every revision
// follows the one before, and each comes out of JSON as it went in.
func TestAnyDeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := at("2026-09-01 09:00")
		w, err := wave.New(draft(), wave.By{Author: "a", Reason: "r", At: now})
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 12).Draw(t, "deeds") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "hours")) * time.Hour)
			who := wave.By{Author: "a", Reason: "r", At: now}
			var next *wave.Wave
			switch rapid.IntRange(0, 4).Draw(t, "deed") {
			case 0:
				next, err = w.Edited(draft(), who)
			case 1:
				next, err = w.Opened(handbook, who)
			case 2:
				next, err = w.Extended(now.Add(48*time.Hour), who)
			case 3:
				next, err = w.ClosedNow(who)
			default:
				next, err = w.PublishedWith(questionnaire.Text{ZH: "好"}, who)
			}
			if err != nil {
				if codes(err) == "" {
					t.Fatalf("refused without a reason: %v", err)
				}
				continue
			}
			if slices.Index(wave.States(), next.State) < slices.Index(wave.States(), w.State) || next.Revision != w.Revision+1 {
				t.Fatalf("after %s (%d) came %s (%d)", w.State, w.Revision, next.State, next.Revision)
			}
			if w.Answered() && next.Phase(now) == wave.Taking {
				t.Fatal("answers after results")
			}
			text, err := next.Document()
			if err != nil {
				t.Fatal(err)
			}
			read, err := wave.ReadDocument(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(next, read); diff != "" {
				t.Fatalf("%s\n%s", text, diff)
			}
			w = next
		}
	})
}
