package oracle_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

var until = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)

// office is the one that comes with the program.
func office(t *testing.T) (*handbook.Handbook, *calendar.Calendar) {
	t.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return hb, cal
}

func story(seed uint64) oracle.Story {
	return oracle.Story{Dice: rand.New(rand.NewPCG(seed, 1)), Handbook: handbook.Default(), Until: until, Name: "n-"}
}

// asker answers like an oracle, and then changes the answer.
type asker struct {
	*oracle.Oracle

	change func(*analytics.Result)
}

func (a asker) Query(_ context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := a.Result(metric, q)
	if err == nil {
		a.change(r)
	}
	return r, err
}

func TestStoryIsValidAndRepeatable(t *testing.T) {
	events := story(1).Tell(60)
	seen := make(map[string]bool)
	for _, e := range events {
		if err := e.Validate(until); err != nil || e.Time.After(until) || seen[e.ID] || !strings.HasPrefix(e.ID, "n-") {
			t.Errorf("%+v: %v", e, err)
		}
		seen[e.ID] = true
	}
	if diff := cmp.Diff(events, story(1).Tell(60), cmp.AllowUnexported(event.Value{})); diff != "" {
		t.Errorf("the same seed tells another story:\n%s", diff)
	}
}

// A case worked out by hand.
func TestResult(t *testing.T) {
	hb, cal := office(t)
	at := func(hour int) time.Time { return time.Date(2026, 9, 21, hour, 0, 0, 0, cal.Zone()) }
	step := func(id, stage string, action event.Action, hour int) event.Event {
		return event.Event{ID: id, Source: "/test", Type: event.TypeTask, Time: at(hour), Task: &event.Task{
			Process: "doc_approval", CaseID: "c", Stage: stage, Action: action, Department: "sales",
		}}
	}
	records := oracle.Log([]event.Event{step("b", "sign", event.Sign, 14), step("a", "draft", event.Submit, 9), step("b", "sign", event.Sign, 15)})
	o := oracle.New(hb, cal, append(records, records[0])) // sign was sent again with a later time, and then Kafka delivered the first again
	for clock, want := range map[analytics.Clock]float64{analytics.ClockElapsed: 6 * 3600, analytics.ClockWorking: 4.5 * 3600} {
		r, err := o.Result("lead_time", analytics.Query{From: at(0), To: at(24), Bucket: analytics.BucketQuarter, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Series) != 1 || len(r.Series[0].Points) != 1 || r.Series[0].Points[0].Period != "2026Q3" || *r.Series[0].Points[0].Median != want {
			t.Errorf("%s: %+v, want one case of %v seconds", clock, r.Series, want)
		}
	}
	for metric, q := range map[string]analytics.Query{"leadtime": {}, "lead_time": {By: analytics.ByKind}, "variants": {Bucket: analytics.BucketDay}} {
		if _, err := o.Result(metric, q); !errors.Is(err, analytics.ErrQuery) {
			t.Errorf("%s %+v: got %v, want ErrQuery", metric, q, err)
		}
	}
}

// The questions are allowed, and not about nothing.
func TestQuestions(t *testing.T) {
	hb, cal := office(t)
	o := oracle.New(hb, cal, oracle.Log(story(2).Tell(600)))
	answered := make(map[string]int)
	for _, q := range o.Questions() {
		r, err := o.Result(q.Metric, q.Query)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if r.N > 0 || len(r.Series) > 0 {
			answered[q.Metric]++
		}
	}
	for _, metric := range analytics.Names() {
		if answered[metric] == 0 {
			t.Errorf("no question about %s has an answer: %v", metric, answered)
		}
	}
	if empty := oracle.New(hb, cal, nil); len(empty.Questions()) != len(o.Questions()) {
		t.Error("of nothing there are other questions")
	}
}

func TestCheck(t *testing.T) {
	hb, cal := office(t)
	o := oracle.New(hb, cal, oracle.Log(story(3).Tell(200)))
	f := func(name, want string, change func(*analytics.Result)) {
		t.Helper()
		found := o.Check(t.Context(), asker{o, change})
		if want == "" && found != nil || want != "" && !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, want) }) {
			t.Errorf("%s: got %d differences without %q, the first: %.3q", name, len(found), want, found)
		}
	}
	point := func(change func(*analytics.Point)) func(*analytics.Result) {
		return func(r *analytics.Result) {
			if len(r.Series) > 0 {
				change(&r.Series[0].Points[0])
			}
		}
	}
	f("nothing", "", func(*analytics.Result) {})
	f("less than a millisecond", "", point(func(p *analytics.Point) {
		if p.Median != nil {
			*p.Median += 0.001
		}
	}))
	f("two milliseconds", "median is", point(func(p *analytics.Point) {
		if p.Median != nil {
			*p.Median += 0.002
		}
	}))
	f("one case more", "n is", point(func(p *analytics.Point) { p.N++ }))
	f("one fault more", "count is", point(func(p *analytics.Point) {
		if p.Count != nil {
			*p.Count++
		}
	}))
	f("no rate", "rate is missing, want", point(func(p *analytics.Point) { p.Rate = nil }))
	f("another period", "want nothing", point(func(p *analytics.Point) { p.Period = "1999Q1" }))
	f("another clock", "clock is", func(r *analytics.Result) { r.Clock = "sidereal" })
	f("nothing at all", "is missing, want", func(r *analytics.Result) { r.Series, r.Rows = nil, nil })
	f("backwards", "in another order or twice", func(r *analytics.Result) { slices.Reverse(r.Series) })
	f("twice", "in another order or twice", func(r *analytics.Result) { r.Series = append(r.Series, r.Series...) })
	f("rows nobody can read", "type of rows is []string", func(r *analytics.Result) {
		if r.Rows != nil {
			r.Rows = []string{"x"}
		}
	})
	f("one row less", "variant [", func(r *analytics.Result) {
		if rows, ok := r.Rows.([]analytics.Variant); ok {
			r.Rows = rows[1:]
		}
	})
	f("one pair more", "transition \"", func(r *analytics.Result) {
		if rows, ok := r.Rows.([]analytics.Transition); ok {
			rows[0].Count++
		}
	})
}

// TestAPI goes over HTTP and back; every parameter is one that the API has.
func TestAPI(t *testing.T) {
	hb, cal := office(t)
	o := oracle.New(hb, cal, oracle.Log(story(4).Tell(100)))
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		metric, v := strings.TrimPrefix(r.URL.Path, "/api/v1/metrics/"), r.URL.Query()
		zone, err := time.LoadLocation(v.Get("timezone"))
		if err != nil || r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		day := func(name string) time.Time {
			at, err := time.ParseInLocation(time.DateOnly, v.Get(name), zone)
			if err != nil {
				t.Error(err)
			}
			return at
		}
		limit := analytics.MaxLimit
		if v.Get("limit") != "1000" {
			limit = 0
		}
		result, err := o.Result(metric, analytics.Query{
			From: day("from"), To: day("to"), Zone: zone, Bucket: analytics.Bucket(v.Get("bucket")), By: analytics.By(v.Get("by")),
			Clock: analytics.Clock(v.Get("clock")), Sort: analytics.Sort(v.Get("sort")), Limit: limit,
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := json.NewEncoder(w).Encode(result); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	api := oracle.API{URL: server.URL + "/", Token: "secret"}
	if found := o.Check(t.Context(), api); found != nil {
		t.Errorf("over HTTP the same figures are others: %.5q", found)
	}

	q := o.Questions()[0].Query
	q.Department, q.Class = []string{"a,b", `say "x"`, "plain"}, []string{"core"}
	if _, err := api.Query(t.Context(), "lead_time", q); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`"a,b"`, `"say ""x"""`, "plain"}, got.URL.Query()["department"]); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
	q.By = analytics.ByKind
	if _, err := api.Query(t.Context(), "lead_time", q); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("a question that is refused: %v", err)
	}
	if _, err := (oracle.API{URL: server.URL}).Query(t.Context(), "lead_time", q); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("without the token: %v", err)
	}
}
