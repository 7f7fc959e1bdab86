package warning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// told is somebody who is told of warnings.
type told struct {
	name string
	fail error

	mu    sync.Mutex
	heard []string
}

func (t *told) Channel() string { return t.name }

func (t *told) Tell(_ context.Context, w Warning) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = append(t.heard, fmt.Sprintf("%s %s %d", w.Rule, w.Subject, w.Number))
	return t.fail
}

// pulses is a made-up world in place of the warehouse's.
type pulses struct{ pulse *analytics.Pulse }

func (p *pulses) Pulse(context.Context, time.Time, time.Time, []analytics.PulseMoment) (*analytics.Pulse, error) {
	return p.pulse, nil
}

func (p *pulses) Newest(context.Context) (time.Time, error) { return p.pulse.Last, nil }

func (p *pulses) Versions() analytics.Versions {
	return analytics.Versions{HandbookFingerprint: "f", CalendarVersion: "c"}
}

// office is a runner over a made-up world and a store of its own, at a time that
// the test sets.
type desk struct {
	*Runner

	now   time.Time
	world *pulses
}

func newDesk(t *testing.T, tellers ...Teller) *desk {
	t.Helper()
	conn, err := warehouse.Open(t.Context(), enginetest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	w := watch(t)
	d := &desk{world: &pulses{}}
	d.Runner = &Runner{
		InForce: func() InForce { return InForce{*w, d.world} }, Store: NewStore(conn), Tellers: tellers,
		Now: func() time.Time { return d.now }, Logger: slog.New(slog.DiscardHandler),
	}
	return d
}

// seen is a source that sent in every quarter of an hour of the office's days
// until a day, and in those given.
func seen(w *Watch, until calendar.Date, more ...time.Time) *analytics.Pulse {
	p := world(w, 1, until-60, until, trouble{})
	p.Done, p.Faults, p.Waits, p.NearDue = nil, nil, nil, nil
	p.Seen["/oa"] = append(p.Seen["/oa"], more...)
	p.Last = p.Seen["/oa"][len(p.Seen["/oa"])-1]
	return p
}

// A warning is raised once, told once to everybody once the office is open, and
// cleared; the next one about the same subject has the next number.
func TestRunner(t *testing.T) {
	mail, group := &told{name: "mail a@example.com"}, &told{name: "group office"}
	d := newDesk(t, mail, group)
	w := watch(t)
	monday := calendar.DateOf(2026, time.September, 14)
	noon := func(d calendar.Date, hour int) time.Time {
		return d.In(w.Calendar.Zone()).Add(time.Duration(hour) * time.Hour)
	}
	steps := []struct {
		what  string
		now   time.Time
		pulse *analytics.Pulse
		open  int
		heard int // by each
	}{
		{"in the middle of a day nothing is wrong", noon(monday, 9), seen(w, monday), 0, 0},
		{"the source has been silent since Friday", noon(monday+1, 11), seen(w, monday), 1, 1},
		{"it still is: nobody is told again", noon(monday+1, 12), seen(w, monday), 1, 1},
		{"it speaks", noon(monday+1, 14), seen(w, monday, noon(monday+1, 13), noon(monday+1, 14).Add(-time.Minute)), 0, 1},
		{"silent again, which is noticed at night", noon(monday+3, 22), seen(w, monday, noon(monday+1, 13)), 1, 1},
		{"and told in the morning", noon(monday+4, 9), seen(w, monday, noon(monday+1, 13)), 1, 2},
	}
	for _, step := range steps {
		d.now, d.world.pulse = step.now, step.pulse
		for range 2 { // as two processes would
			if err := d.Step(t.Context()); err != nil {
				t.Fatalf("%s: %v", step.what, err)
			}
		}
		open, err := d.Store.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(open) != step.open || len(mail.heard) != step.heard || len(group.heard) != step.heard {
			t.Fatalf("%s: %d stand, heard %v and %v", step.what, len(open), mail.heard, group.heard)
		}
	}
	if want := []string{"source_silent /oa 1", "source_silent /oa 2"}; !slices.Equal(mail.heard, want) || !slices.Equal(group.heard, want) {
		t.Errorf("heard %v and %v", mail.heard, group.heard)
	}
	all, err := d.Store.List(t.Context(), 10)
	if err != nil || len(all) != 2 || all[0].Number != 2 || !all[0].Cleared.IsZero() || all[1].Cleared.IsZero() || all[1].Threshold != 4 {
		t.Errorf("%+v %v", all, err)
	}
	card, err := d.Store.Scores(t.Context())
	if err != nil || card == nil || len(card.Scores) != len(handbook.WarningKeys()) || card.Settings != "f c" {
		t.Errorf("%+v %v", card, err)
	}
}

// Two processes that look at the same time raise one warning and send one notice.
func TestRunnersTogether(t *testing.T) {
	group := &told{name: "group office"}
	d := newDesk(t, group)
	w := watch(t)
	monday := calendar.DateOf(2026, time.September, 14)
	d.now, d.world.pulse = (monday + 1).In(w.Calendar.Zone()).Add(11*time.Hour), seen(w, monday)
	other := *d.Runner
	var both sync.WaitGroup
	for _, r := range []*Runner{d.Runner, &other} {
		both.Go(func() {
			if err := r.Step(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if err := d.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := d.Store.List(t.Context(), 10); err != nil || len(all) != 1 || len(group.heard) != 1 {
		t.Errorf("%+v %v, heard %v", all, err, group.heard)
	}
}

// What was certainly not taken is tried again, three times in all; what may have
// arrived is not.
func TestNoticesThatFail(t *testing.T) {
	refused, lost := &told{name: "a", fail: fmt.Errorf("%w: busy", ErrNotTaken)}, &told{name: "b", fail: errors.New("connection lost")}
	d := newDesk(t, refused, lost)
	w := watch(t)
	monday := calendar.DateOf(2026, time.September, 14)
	d.now, d.world.pulse = (monday + 1).In(w.Calendar.Zone()).Add(11*time.Hour), seen(w, monday)
	for range 5 {
		if err := d.Step(t.Context()); err == nil && len(refused.heard) < mostAttempts {
			t.Error("the fault is not told")
		}
	}
	if len(refused.heard) != mostAttempts || len(lost.heard) != 1 {
		t.Errorf("tried %d and %d times", len(refused.heard), len(lost.heard))
	}
}

// A survey near its end with few answers warns, and no longer once it is closed.
func TestSurveyWarning(t *testing.T) {
	d := newDesk(t)
	w := watch(t)
	monday := calendar.DateOf(2026, time.September, 14)
	d.now, d.world.pulse = monday.In(w.Calendar.Zone()).Add(9*time.Hour), seen(w, monday)
	waves := []Wave{{Key: "2026Q3", Opens: d.now.AddDate(0, 0, -9), Closes: d.now.AddDate(0, 0, 2), Expected: 100, Answered: 20}}
	d.Waves = func(context.Context) ([]Wave, error) { return waves, nil }
	for i, want := range []int{1, 0} {
		if err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if open, err := d.Store.Open(t.Context()); err != nil || len(open) != want {
			t.Errorf("step %d: %+v %v", i, open, err)
		}
		waves = nil
	}
}
