package messages_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/warehouse"
	"example.com/officepulse/surveys/groupchat"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/mail"
	"example.com/officepulse/surveys/messages"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func openWave() *wave.Wave {
	return &wave.Wave{
		Key: "2026Q3", Revision: 2, State: wave.Open, Title: questionnaire.Text{ZH: "满意度调查", EN: "Satisfaction"}, Anonymous: true,
		Opens: at("2026-09-17 00:00"), Closes: at("2026-10-01 00:00"), Departments: []wave.Department{{Key: "sales"}, {Key: "legal"}},
		Reminders: wave.Reminders{DaysBefore: []int{7, 2, 0}, AtMost: 2},
	}
}

func TestReminder(t *testing.T) {
	f := func(name, now, want string, begun ...string) {
		t.Helper()
		if got := messages.Reminder(openWave(), at(now), shanghai, begun); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	f("just opened", "2026-09-17 10:00", "", "invite")
	f("the evening before", "2026-09-23 08:59", "", "invite")
	f("a week before", "2026-09-23 09:00", "remind-7", "invite")
	f("the same again: the runner knows its parts", "2026-09-24 09:00", "remind-7", "remind-7")
	f("two days before", "2026-09-28 09:00", "remind-2", "remind-7")
	f("the first was missed", "2026-09-28 09:00", "remind-2")
	f("enough", "2026-09-30 09:00", "", "remind-7", "remind-2")
	f("last day", "2026-09-30 09:00", "remind-0", "remind-7")
	f("over", "2026-10-01 00:00", "", "remind-7")
	w := openWave()
	w.Opens = at("2026-09-22 12:00")
	if got := messages.Reminder(w, at("2026-09-23 10:00"), shanghai, nil); got != "" {
		t.Errorf("%s within a day of the opening", got)
	}
	w.Reminders.AtMost = 0
	if got := messages.Reminder(w, at("2026-09-29 10:00"), shanghai, nil); got != "" {
		t.Errorf("%s of a wave that reminds nobody", got)
	}
}

// However the clock jumps, and whatever is missed: never more reminders than
// allowed, none twice, none outside of the wave.
func TestReminderAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := openWave()
		w.Reminders.AtMost = rapid.IntRange(0, 5).Draw(t, "at most")
		w.Reminders.DaysBefore = rapid.SampledFrom([][]int{nil, {0}, {13, 7, 2, 1, 0}, {60, 5}}).Draw(t, "days")
		var begun []string
		now := at("2026-09-15 00:00")
		for range 40 {
			now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours")) * time.Hour)
			job := messages.Reminder(w, now, shanghai, begun)
			if job == "" {
				continue
			}
			if now.Before(w.Opens.Add(24*time.Hour)) || !now.Before(w.Closes) {
				t.Fatalf("%s at %s", job, now)
			}
			if !slices.Contains(begun, job) {
				begun = append(begun, job)
			}
		}
		if len(begun) > w.Reminders.AtMost {
			t.Fatalf("%v although at most %d", begun, w.Reminders.AtMost)
		}
	})
}

// office is a wave in memory with a clock, and the ways out of it.
type office struct {
	mu    sync.Mutex
	now   time.Time
	wave  *wave.Wave
	links []store.Link
	used  map[string]bool

	letters []mail.Letter
	crash   func()
	told    []string
}

func (o *office) Waves() []*wave.Wave { return []*wave.Wave{o.wave} }

func (o *office) Links(context.Context, string) ([]store.Link, error) {
	return slices.Clone(o.links), nil
}

func (o *office) UsedLinks(string) map[string]bool { return o.used }
func (o *office) Send(_ context.Context, letters []mail.Letter) []error {
	o.mu.Lock()
	defer o.mu.Unlock()
	outcome := make([]error, len(letters))
	for i := range letters {
		if strings.HasPrefix(letters[i].To, "gone") {
			outcome[i] = errors.New("no such user")
			continue
		}
		o.letters = append(o.letters, letters[i])
	}
	if o.crash != nil {
		o.crash()
	}
	return outcome
}

type teller struct{ o *office }

func (t teller) Send(_ context.Context, h groupchat.Hook, _ groupchat.Notice) error {
	t.o.told = append(t.o.told, h.URL)
	return nil
}

var secret = invitation.Secret("0123456789abcdef0123456789abcdef")

func newOffice(people int) *office {
	o := &office{now: at("2026-09-17 10:00"), wave: openWave(), used: make(map[string]bool)}
	for i := range people {
		seed := invitation.NewSeed()
		made := invitation.Again(secret, invitation.Personal, o.wave.Key, "sales", seed)
		o.links = append(o.links, store.LinkOf(&made, seed, fmt.Sprintf("p%d@example.com", i), "director", o.now))
	}
	return o
}

func (o *office) runner(conn driver.Conn) *messages.Runner {
	forms, err := url.Parse("https://office.example.com/s/")
	if err != nil {
		panic(err)
	}
	return &messages.Runner{
		Surveys: o, Conn: conn, Mail: o, Tell: teller{o}, Forms: forms, Secret: secret, Zone: shanghai, Now: func() time.Time { return o.now },
		Logger: slog.New(slog.DiscardHandler), Groups: []messages.Group{{"sales group", "sales", groupchat.Hook{URL: "a"}}, {"elsewhere", "research", groupchat.Hook{URL: "b"}}},
	}
}

func database(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := warehouse.Open(t.Context(), enginetest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

func (o *office) received(kind mail.Kind) map[string]int {
	got := make(map[string]int)
	for _, l := range o.letters {
		if l.Kind == kind {
			got[l.To]++
		}
	}
	return got
}

// Every step by two instances at once, each new, as after a restart.
func (o *office) steps(t *testing.T, conn driver.Conn) {
	t.Helper()
	for range 2 {
		var g sync.WaitGroup
		for range 2 {
			g.Go(func() {
				if err := o.runner(conn).Step(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		g.Wait()
	}
}

func TestEachOnce(t *testing.T) {
	conn := database(t)
	o := newOffice(12)
	o.links[3].Recipient = "" // handed out on paper
	o.links[4].Recipient = "gone@example.com"
	o.steps(t, conn)
	if got := o.received(mail.Invitation); len(got) != 10 || len(o.letters) != 10 {
		t.Errorf("invited %v", got)
	}
	for _, l := range o.letters {
		code := strings.TrimPrefix(l.Link, "https://office.example.com/s/")
		if i, err := invitation.Parse(code, secret); err != nil || i.Kind != invitation.Personal || i.Department != "sales" {
			t.Errorf("link %s: %v", l.Link, err)
		}
	}
	if diff := cmp.Diff([]string{"a"}, o.told); diff != "" {
		t.Errorf("told: %s", diff)
	}
	o.used[o.links[0].Hash], o.used[o.links[1].Hash] = true, true
	o.now = at("2026-09-23 09:30")
	o.steps(t, conn)
	got := o.received(mail.Reminder)
	if len(got) != 8 || got["p0@example.com"]+got["p1@example.com"] > 0 {
		t.Errorf("reminded %v", got)
	}
	for to, n := range got {
		if n != 1 {
			t.Errorf("%s got %d reminders", to, n)
		}
	}
	for _, day := range []string{"2026-09-28 09:30", "2026-09-30 09:30"} { // the third is one too many
		o.now = at(day)
		o.steps(t, conn)
	}
	for to, n := range o.received(mail.Reminder) {
		if n != 2 {
			t.Errorf("%s got %d reminders, 2 are allowed", to, n)
		}
	}
	if diff := cmp.Diff([]string{"a", "a", "a"}, o.told); diff != "" {
		t.Errorf("told: %s", diff)
	}
	sent, err := o.runner(conn).Sent(t.Context(), o.wave.Key)
	if err != nil {
		t.Fatal(err)
	}
	want := []messages.Sent{{"invite", 10, 1}, {"notice", 1, 0}, {"notice-remind-2", 1, 0}, {"notice-remind-7", 1, 0}, {"remind-2", 8, 1}, {"remind-7", 8, 1}}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
}

// The program is cut off after a letter has gone out: nobody gets it twice.
func TestCutShort(t *testing.T) {
	conn := database(t)
	o := newOffice(30)
	o.steps(t, conn)
	o.now = at("2026-09-23 09:30")
	ctx, cancel := context.WithCancel(t.Context())
	o.crash = cancel
	_ = o.runner(conn).Step(ctx)
	o.crash = nil
	first := len(o.received(mail.Reminder))
	o.steps(t, conn)
	got := o.received(mail.Reminder)
	if first == 0 || first == 30 || len(got) != 30 {
		t.Errorf("%d before the cut, %d in all", first, len(got))
	}
	for to, n := range got {
		if n != 1 {
			t.Errorf("%s got %d reminders", to, n)
		}
	}
}
