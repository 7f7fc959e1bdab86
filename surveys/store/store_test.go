package store_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/warehouse"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

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

func open(t *testing.T, dir string, conn driver.Conn) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, conn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func by() wave.By { return wave.By{Author: "director", Reason: "quarterly", At: time.Now()} }

var departments = []wave.Department{
	{Key: "sales", Name: questionnaire.Text{ZH: "销售部", EN: "Sales"}, Headcount: 210},
	{Key: "legal", Name: questionnaire.Text{ZH: "法务合规部", EN: "Legal"}, Headcount: 15},
}

// opened saves the template and a wave that asks it, and opens that.
func opened(t *testing.T, s *store.Store) *wave.Wave {
	t.Helper()
	q, err := questionnaire.Template()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddQuestionnaire(t.Context(), q, by()); err != nil {
		t.Fatal(err)
	}
	w := save(t, s)(wave.New(&wave.Wave{
		Key: "2026Q4", Quarter: wave.Quarter{Year: 2026, Number: 4}, Title: questionnaire.Text{ZH: "调查", EN: "Survey"}, Questionnaire: wave.VersionOf(q),
		Opens: time.Now().Add(-time.Hour), Closes: time.Now().Add(time.Hour), Departments: []wave.Department{{Key: "sales"}, {Key: "legal"}}, Anonymous: true,
	}, by()))
	return save(t, s)(w.Opened(departments, by()))
}

func save(t *testing.T, s *store.Store) func(*wave.Wave, error) *wave.Wave {
	t.Helper()
	return func(w *wave.Wave, err error) *wave.Wave {
		t.Helper()
		if err == nil {
			err = s.Save(t.Context(), w)
		}
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
}

func TestRevisionsAreKept(t *testing.T) {
	conn, dir := database(t), t.TempDir()
	s := open(t, dir, conn)
	w := opened(t, s)
	save(t, s)(w.ClosedNow(by()))
	history, err := s.History(t.Context(), "2026Q4")
	if err != nil {
		t.Fatal(err)
	}
	var deeds []wave.Deed
	for _, one := range history {
		deeds = append(deeds, one.Change.Deed)
	}
	if diff := cmp.Diff([]wave.Deed{wave.Close, wave.Launch, wave.Create}, deeds); diff != "" {
		t.Error(diff)
	}
	other := open(t, t.TempDir(), conn) // another process
	got, ok := other.Wave("2026Q4")
	if !ok || got.State != wave.Closed {
		t.Fatalf("another process sees %+v", got)
	}
	if _, ok := other.Questionnaire(w.Questionnaire); !ok {
		t.Error("another process does not see the questionnaire")
	}
	if err := s.Save(t.Context(), w); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("an old revision is saved: %v", err)
	}
	again, _ := wave.New(w, by())
	if refused, ok := errors.AsType[*wave.RefusedError](s.Save(t.Context(), again)); !ok || refused.Code != wave.Taken {
		t.Errorf("a second wave of the same key: %v", refused)
	}
}

// Of those who change the same revision at once, in processes of their own,
// exactly one succeeds, and everybody sees what that one did.
func TestOneOvertakesTheOthers(t *testing.T) {
	conn := database(t)
	first := open(t, t.TempDir(), conn)
	w := opened(t, first)
	var others []*store.Store
	for range 6 {
		others = append(others, open(t, t.TempDir(), conn))
	}
	for round := range 5 {
		var wg sync.WaitGroup
		var won atomic.Int32
		var winner atomic.Pointer[wave.Wave]
		for i, s := range others {
			next, err := w.Extended(time.Now().Add(time.Duration(i+2)*time.Hour), wave.By{Author: strconv.Itoa(i), Reason: "race", At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				switch err := s.Save(t.Context(), next); {
				case err == nil:
					won.Add(1)
					winner.Store(next)
				case !errors.Is(err, store.ErrOvertaken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d of 6 have changed the same revision", round, won.Load())
		}
		w = winner.Load()
		for i, s := range others {
			if err := s.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, _ := s.Wave(w.Key); got.Change.By != w.Change.By {
				t.Errorf("process %d sees the change of %s, want that of %s", i, got.Change.By, w.Change.By)
			}
		}
	}
	history, err := first.History(t.Context(), w.Key)
	if err != nil || uint64(len(history)) != w.Revision {
		t.Errorf("%d revisions of %d: %v", len(history), w.Revision, err)
	}
}

// What is known outlives the process, and the database.
func TestWithoutDatabase(t *testing.T) {
	conn, dir := database(t), t.TempDir()
	s := open(t, dir, conn)
	w := opened(t, s)
	secret, err := store.Secret(dir)
	if err != nil {
		t.Fatal(err)
	}
	link := invitation.New(invitation.Personal, w.Key, "sales")
	_ = conn.Close()

	s = open(t, dir, conn)
	got, ok := s.Wave(w.Key)
	if !ok || got.Phase(time.Now()) != wave.Taking {
		t.Fatalf("without the database: %+v", got)
	}
	if _, ok := s.Questionnaire(got.Questionnaire); !ok {
		t.Error("the questionnaire is gone")
	}
	if s.Used(&link) {
		t.Error("used before")
	}
	if err := s.Use(&link); err != nil || !s.Used(&link) {
		t.Errorf("not used: %v", err)
	}
	closed, _ := got.ClosedNow(by())
	if err := s.Save(t.Context(), closed); !errors.Is(err, store.ErrAway) {
		t.Errorf("saved without a database: %v", err)
	}
	if s = open(t, dir, conn); !s.Used(&link) {
		t.Error("the use is forgotten by the next process")
	}
	if again, err := store.Secret(dir); err != nil || !slices.Equal(again, secret) {
		t.Errorf("another secret: %v", err)
	}
}

// told are the used links that the database knows.
func told(t *testing.T, conn driver.Conn) (n uint64) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM survey_link_uses FINAL").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUsesAreToldTogether(t *testing.T) {
	conn, dir := database(t), t.TempDir()
	s := open(t, dir, conn)
	w := opened(t, s)
	var links []store.Link
	var made []invitation.Invitation
	secret, _ := store.Secret(dir)
	for i := range 12 {
		department := departments[i%2].Key
		seed := invitation.NewSeed()
		one := invitation.Again(secret, invitation.Personal, w.Key, department, seed)
		made = append(made, one)
		links = append(links, store.LinkOf(&one, seed, "", "director", time.Now()))
	}
	if err := errors.Join(s.AddLinks(t.Context(), links), s.AddLinks(t.Context(), links)); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Links(t.Context(), w.Key)
	if err != nil || len(kept) != 12 {
		t.Fatalf("%d links: %v", len(kept), err)
	}
	if again := kept[0].Invitation(secret); store.LinkOf(&again, "", "", "", time.Now()).Hash != kept[0].Hash {
		t.Error("another link is made from the seed")
	}
	use := func(numbers ...int) {
		t.Helper()
		var wg sync.WaitGroup
		for _, i := range numbers {
			wg.Go(func() {
				if err := s.Use(&made[i]); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	use(0, 2, 4, 6, 1, 3) // four of sales, two of legal
	if n := told(t, conn); n != 0 {
		t.Errorf("%d uses told although too few of each department", n)
	}
	use(8)
	if n := told(t, conn); n != 5 {
		t.Errorf("%d uses told, want the five of sales", n)
	}
	if other := open(t, t.TempDir(), conn); !other.Used(&made[0]) || other.Used(&made[1]) {
		t.Error("another process does not see those told, or sees others")
	}
	// A backup has no more than the database: five of sales.
	var saved map[string]struct{ Department, Begun string }
	err = s.SaveFiles(func(name string, r io.Reader, _ int64) error {
		if name != "uses/2026Q4.json" {
			return nil
		}
		return json.NewDecoder(r).Decode(&saved)
	})
	if err != nil || len(saved) != 5 {
		t.Errorf("a backup has the uses %v: %v", saved, err)
	}
	// Once the wave is closed they are good for nothing, and gone everywhere.
	save(t, s)(w.ClosedNow(by()))
	if err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := told(t, conn); n != 0 || len(s.UsedLinks(w.Key)) != 0 {
		t.Errorf("%d uses in the database after closing, here %v", n, s.UsedLinks(w.Key))
	}
	if files, err := os.ReadDir(filepath.Join(dir, "uses")); err != nil || len(files) != 0 {
		t.Errorf("files after closing: %v %v", files, err)
	}
}

// A link whose answer was begun, and of which the process knows nothing more, is
// not used and keeps its number until the answer is found among those stored.
func TestBegunAnswers(t *testing.T) {
	conn, dir := database(t), t.TempDir()
	s := open(t, dir, conn)
	w := opened(t, s)
	lost, arrived := invitation.New(invitation.Personal, w.Key, "sales"), invitation.New(invitation.Personal, w.Key, "sales")
	begin := func(link *invitation.Invitation, number, want string) {
		t.Helper()
		if got, err := s.Begin(link, number); err != nil || got != want {
			t.Errorf("begun under %q, want %q: %v", got, want, err)
		}
	}
	begin(&lost, "one", "one")
	begin(&arrived, "two", "two")
	s = open(t, dir, conn) // killed
	if s.Used(&lost) || s.Used(&arrived) || len(s.UsedLinks(w.Key)) != 0 {
		t.Error("a link is used by an answer that nobody has acknowledged")
	}
	begin(&lost, "three", "one")
	if err := conn.Exec(t.Context(), "INSERT INTO answer_events (event_id, time, wave, answer_id, department) VALUES ('two', now(), '2026Q4', 'two', 'sales')"); err != nil {
		t.Fatal(err)
	}
	if err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Used(&lost) || !s.Used(&arrived) {
		t.Errorf("used: %v by the answer that is lost, %v by the one that arrived", s.Used(&lost), s.Used(&arrived))
	}
	text, err := os.ReadFile(filepath.Join(dir, "uses", "2026Q4.json"))
	if err != nil || strings.Contains(string(text), "two") || !strings.Contains(string(text), "one") {
		t.Errorf("kept: %s %v", text, err)
	}
	if err := s.Use(&lost); err != nil || !s.Used(&lost) {
		t.Errorf("not used: %v", err)
	}
	begin(&lost, "four", "four") // decided by Used, which comes before
	if text, err := os.ReadFile(filepath.Join(dir, "uses", "2026Q4.json")); err != nil || strings.Contains(string(text), "begun") {
		t.Errorf("kept: %s %v", text, err)
	}
}

// The file of used links is the same in whatever order they were used.
func TestFileHasNoOrder(t *testing.T) {
	conn := database(t)
	var made []invitation.Invitation
	for range 20 {
		made = append(made, invitation.New(invitation.Personal, "2026Q4", "sales"))
	}
	read := func(backwards bool) string {
		dir := t.TempDir()
		s := open(t, dir, conn)
		all := slices.Clone(made)
		if backwards {
			slices.Reverse(all)
		}
		for i := range all {
			if err := s.Use(&all[i]); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(filepath.Join(dir, "uses", "2026Q4.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if diff := cmp.Diff(read(false), read(true)); diff != "" {
		t.Error(diff)
	}
}

func TestOverdueWavesAreClosed(t *testing.T) {
	s := open(t, t.TempDir(), database(t))
	w := opened(t, s)
	due := time.Now().Add(50 * time.Millisecond)
	save(t, s)(w.Extended(due, by()))
	for {
		if err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, _ := s.Wave(w.Key)
		if got.State == wave.Closed {
			if time.Now().Before(due) || !got.Ended().Equal(due) || got.Change.By != "schedule" {
				t.Errorf("closed too early, or otherwise: %+v", got)
			}
			return
		}
	}
}

func TestCounts(t *testing.T) {
	conn := database(t)
	s := open(t, t.TempDir(), conn)
	for i, id := range []string{"a", "a", "b", "c"} {
		if err := conn.Exec(t.Context(), "INSERT INTO answer_events (event_id, time, wave, answer_id, department) VALUES (?, now(), '2026Q4', ?, ?)", strconv.Itoa(i), id, departments[i/3].Key); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := s.Counts(t.Context(), "2026Q4")
	if diff := cmp.Diff(map[string]uint64{"sales": 2, "legal": 1}, counts); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
