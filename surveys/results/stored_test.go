package results_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/results/resultstest"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func template(t *testing.T) *questionnaire.Questionnaire {
	t.Helper()
	q, err := questionnaire.Template()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func level(department string, n float64) resultstest.Person {
	return resultstest.Person{Department: department, Answers: questionnaire.Answers{"meetings": event.Number(n), "improve": event.Text("会议通知")}}
}

var sales = []wave.Department{{Key: "sales", Name: questionnaire.Text{ZH: "销售", EN: "Sales"}, Headcount: 30, Expected: 20}}

// What counts is decided once, when the wave is closed and its last answer is
// stored: an answer that comes later, or comes again, changes no figure, whoever
// asks and after whatever restart.
func TestNothingChangesAfterwards(t *testing.T) {
	o := resultstest.New(t, anonymity.Default)
	q := template(t)
	o.Questionnaire(t, q)
	w := o.Open(t, "2026Q3", q, sales)
	early := time.Now().Add(-time.Hour)
	for i := range 8 {
		p := level("sales", float64(3+i%3))
		p.ID = fmt.Sprint("person ", i)
		o.Answer(t, w, early.Add(-48*time.Hour), p)
	}
	again := level("sales", 5) // somebody answers a second time, and the last counts
	again.ID = "person 0"
	o.Answer(t, w, early, again)
	if _, err := o.Results.Report(t.Context(), "2026Q3"); !errors.Is(err, results.ErrNotReady) {
		t.Fatalf("of an open wave: %v", err)
	}
	o.Close(t, w)
	o.Waiting = 1
	_, err := o.Results.Report(t.Context(), "2026Q3")
	behind, ok := errors.AsType[*results.BehindError](err)
	if !ok || behind.Waiting != 1 || !errors.Is(err, results.ErrNotReady) || o.Results.Ready("2026Q3") {
		t.Fatalf("while an answer is not stored: %v", err)
	}
	o.Waiting = 0
	mean := func(r *results.Results) (float64, uint64, int) {
		t.Helper()
		report, err := r.Report(t.Context(), "2026Q3")
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.Comments(t.Context(), "2026Q3", "improve", results.Search{})
		if err != nil {
			t.Fatal(err)
		}
		return *report.Questions[0].Mean, report.Questions[0].N, c.N
	}
	first, n, comments := mean(o.Results)
	if n != 8 || comments != 8 {
		t.Fatalf("%d answers and %d comments count, want 8 of each", n, comments)
	}
	if want := (100 + 80 + 100 + 60 + 80 + 100 + 60 + 80) / 8.0; first != want { // levels 5 4 5 3 4 5 3 4
		t.Errorf("mean %v, want %v", first, want)
	}
	o.Waiting = 5 // of another wave
	o.Answer(t, w, time.Now(), level("sales", 1), level("sales", 1))
	if err := o.Conn.Exec(t.Context(), "INSERT INTO answer_events SELECT * REPLACE (now64(3) + 3600 AS produced_at) FROM answer_events"); err != nil {
		t.Fatal(err)
	}
	if err := o.Conn.Exec(t.Context(), "OPTIMIZE TABLE answer_events FINAL"); err != nil {
		t.Fatal(err)
	}
	restarted, err := results.New(o.Store, o.Conn, anonymity.Default, o.Log())
	if err != nil {
		t.Fatal(err)
	}
	if second, n, comments := mean(restarted); second != first || n != 8 || comments != 8 {
		t.Errorf("%v of %d answers, %d comments; before %v of 8", second, n, comments, first)
	}
}

// identities are texts that name a link, and those that name an answer.
type identities map[string]bool

func (i identities) in(row []string) bool {
	return slices.ContainsFunc(row, func(value string) bool { return i[value] })
}

// From everything that is stored, row by row and value by value, no answer can be
// tied to a link: no row has both, and they share no value but the wave, the
// department and days that are the same for all.
func TestLinksAndAnswersShareNothing(t *testing.T) {
	o := resultstest.New(t, anonymity.Default)
	q := template(t)
	o.Questionnaire(t, q)
	w := o.Open(t, "2026Q3", q, resultstest.Departments())
	secret := invitation.NewSecret()
	links, answers := identities{}, identities{}
	var made []store.Link
	var invitations []invitation.Invitation
	for _, d := range resultstest.Departments() {
		for i := range d.Expected {
			seed := invitation.NewSeed()
			one := invitation.Again(secret, invitation.Personal, w.Key, d.Key, seed)
			l := store.LinkOf(&one, seed, fmt.Sprintf("%s%d@example.com", d.Key, i), "director", time.Now())
			made, invitations = append(made, l), append(invitations, one)
			links[l.Hash], links[seed], links[l.Recipient], links[one.Code(secret)] = true, true, true, true
		}
	}
	common := map[string]bool{"": true, "0": true, w.Key: true, "personal": true}
	for _, d := range resultstest.Departments() {
		common[d.Key] = true
	}
	check := func() { t.Helper(); shareNothing(t, o.Conn, links, answers, common) }
	if err := o.Store.AddLinks(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	for i := range invitations {
		if i%3 == 0 {
			continue // does not answer
		}
		p := level(invitations[i].Department, float64(1+i%5))
		p.ID = fmt.Sprintf("answer-%04d", i)
		answers[p.ID] = true
		o.Answer(t, w, time.Now().Add(-time.Duration(i)*time.Minute), p)
		if err := o.Store.Use(&invitations[i]); err != nil {
			t.Fatal(err)
		}
		if i%20 == 0 {
			if err := o.Store.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(everything(t, o.Conn, "survey_link_uses")); n < 50 {
		t.Errorf("only %d uses of links are stored", n)
	}
	check()
	o.Close(t, w)
	if err := o.Store.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Results.Report(t.Context(), w.Key); err != nil {
		t.Fatal(err)
	}
	if n := len(everything(t, o.Conn, "survey_link_uses")); n != 0 {
		t.Errorf("%d uses of links are kept after the closing", n)
	}
	check()
	var parts, instants uint64
	const ask = "SELECT (SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 'answer_events' AND active), " +
		"countIf(produced_at != toStartOfDay(produced_at) OR stored_at != toStartOfDay(stored_at) OR time != toStartOfDay(time)) FROM answer_events"
	if err := o.Conn.QueryRow(t.Context(), ask).Scan(&parts, &instants); err != nil || parts != 1 || instants != 0 {
		t.Errorf("answers lie in %d parts, which says which came together; %d tell the time of day (%v)", parts, instants, err)
	}
	var offsets uint64
	if err := o.Conn.QueryRow(t.Context(), "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = 'answer_events' AND name LIKE '%offset%'").Scan(&offsets); err != nil || offsets != 0 {
		t.Errorf("answers have an offset, which says in which order they came (%v)", err)
	}
}

// shareNothing compares every row of every table: none has a link and an answer,
// and what stands beside one and beside the other is nothing but common.
func shareNothing(t *testing.T, conn driver.Conn, links, answers identities, common map[string]bool) {
	t.Helper()
	answers = maps.Clone(answers)
	for _, row := range everything(t, conn, "answer_events") {
		answers[row[0]] = true // event ids
	}
	ofLinks, ofAnswers := make(map[string]string), make(map[string]string)
	rows := 0
	for _, table := range tables(t, conn) {
		for _, row := range everything(t, conn, table) {
			rows++
			link, answer := links.in(row), answers.in(row)
			if link && answer {
				t.Fatalf("%s has a row with a link and an answer: %v", table, row)
			}
			for _, value := range row {
				if link {
					ofLinks[value] = table
				}
				if answer {
					ofAnswers[value] = table
				}
			}
		}
	}
	if rows < 200 || len(ofLinks) < 100 || len(ofAnswers) < 100 {
		t.Fatalf("only %d rows were seen, %d values of links, %d of answers", rows, len(ofLinks), len(ofAnswers))
	}
	today := time.Now().UTC().Format("2006-01-02 00:00:00")
	for value, table := range ofLinks {
		if other, both := ofAnswers[value]; both && !common[value] && !strings.HasPrefix(value, today) {
			t.Errorf("%q stands beside a link in %s and beside an answer in %s", value, table, other)
		}
	}
}

func tables(t *testing.T, conn driver.Conn) (names []string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// everything are all rows of a table with every value as text, in stored order.
func everything(t *testing.T, conn driver.Conn, table string) (all [][]string) {
	t.Helper()
	query := "SELECT * FROM " + table
	if table == "survey_link_uses" {
		query = "SELECT * FROM (SELECT * FROM survey_link_uses FINAL)"
	}
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		if strings.Contains(err.Error(), "AggregateFunction") {
			return nil
		}
		t.Fatalf("%s: %v", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var cells []any
		for _, column := range rows.ColumnTypes() {
			if strings.HasPrefix(column.DatabaseTypeName(), "AggregateFunction") {
				return all // bitmaps of offsets, of all events together
			}
			cells = append(cells, reflect.New(column.ScanType()).Interface())
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		row := make([]string, len(cells))
		for i, cell := range cells {
			row[i] = fmt.Sprint(reflect.ValueOf(cell).Elem().Interface())
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
