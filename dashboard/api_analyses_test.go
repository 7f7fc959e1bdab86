package dashboard

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
)

// remembering keeps what was asked last of some analyses.
type remembering struct {
	fake
	cases   *analytics.CaseQuery
	control *analytics.ControlQuery
	before  *[2]time.Time
}

func (r remembering) Cases(ctx context.Context, q analytics.CaseQuery) (*analytics.CaseList, error) {
	*r.cases = q
	return r.fake.Cases(ctx, q)
}

func (r remembering) Control(ctx context.Context, metric string, q analytics.ControlQuery) (*analytics.Control, error) {
	*r.control = q
	return r.fake.Control(ctx, metric, q)
}

func (r remembering) Compare(ctx context.Context, metric string, q analytics.Query, from, to time.Time) (*analytics.Comparison, error) {
	*r.before = [2]time.Time{from, to}
	return r.fake.Compare(ctx, metric, q, from, to)
}

const quarterAsked = "from=2026-07-01&to=2026-10-01"

// Every analysis answers, says when and by which definition, and gives arrays
// and never null where a list is.
func TestAnalysesAPI(t *testing.T) {
	for _, quarters := range []int{0, 8} {
		router := testRouter(t, fake{quarters: quarters})
		for path, answer := range map[string]any{
			"/api/v1/cases?about=error_rate&" + quarterAsked:                                            new(analytics.CaseList),
			"/api/v1/distribution/lead_time?clock=working&" + quarterAsked:                              new(analytics.Distribution),
			"/api/v1/matrix/error_rate?rows=process&columns=department&" + quarterAsked:                 new(analytics.Matrix),
			"/api/v1/control/error_rate?from=2024-10-01&to=2026-10-01":                                  new(analytics.Control),
			"/api/v1/compare/lead_time?before_from=2026-04-01&before_to=2026-07-01&" + quarterAsked:     new(analytics.Comparison),
			"/api/v1/moves?before_from=2026-04-01&before_to=2026-07-01&" + quarterAsked:                 new(analytics.Moves),
			"/api/v1/ageing?by=process&limit=3&" + quarterAsked:                                         new(analytics.Ageing),
			"/api/v1/survival?process=doc_approval&class=core&timezone=Asia%2FShanghai&" + quarterAsked: new(analytics.Survival),
		} {
			w := get(t, router, path)
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), ":null") {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
				continue
			}
			if err := json.Unmarshal(w.Body.Bytes(), answer); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			h, ok := reflect.TypeAssert[analytics.Header](reflect.ValueOf(answer).Elem().FieldByName("Header"))
			if !ok || h.Metric == "" || h.Definition == "" || h.From.IsZero() || h.To.IsZero() {
				t.Errorf("%s says of itself %+v", path, h)
			}
		}
	}
}

func TestCaseAPI(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	w := get(t, router, "/api/v1/cases/doc_approval/DOC-2026-0001")
	var line analytics.CaseTimeline
	if err := json.Unmarshal(w.Body.Bytes(), &line); err != nil || w.Code != http.StatusOK || len(line.Events) != 3 {
		t.Errorf("%d, %v: %s", w.Code, err, w.Body)
	}
	for path, status := range map[string]int{
		"/api/v1/cases/meeting/M-1":                    http.StatusNotFound,
		"/api/v1/cases/doc_approval/DOC-1?clock=moon":  http.StatusBadRequest,
		"/api/v1/cases/doc_approval/a%2Fb":             http.StatusOK,
		"/api/v1/cases/doc_approval/DOC-1?from=1":      http.StatusBadRequest,
		"/api/v1/cases/doc_approval/%00?":              http.StatusOK, // analytics refuses it, the fake does not
		"/api/v1/cases/doc_approval/%E6%96%87-2026-01": http.StatusOK,
	} {
		if w := get(t, router, path); w.Code != status {
			t.Errorf("%s: got %d, want %d: %s", path, w.Code, status, w.Body)
		}
	}
}

// What is asked arrives as it was asked.
func TestAnalysesAPIParameters(t *testing.T) {
	r := remembering{fake{quarters: 8}, new(analytics.CaseQuery), new(analytics.ControlQuery), new([2]time.Time)}
	router := testRouter(t, r)
	ok := func(path string) {
		t.Helper()
		if w := get(t, router, path); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ok(`/api/v1/cases?about=variants&variant=draft,"a,b",draft&process=doc_approval&at_least=3600&below=7200.5&order=started&offset=20&limit=10&clock=working&` + quarterAsked)
	want := analytics.CaseQuery{
		Query: analytics.Query{
			From: r.cases.From, To: r.cases.To, Zone: r.cases.Zone, Clock: analytics.ClockWorking, Process: []string{"doc_approval"}, Limit: 10,
		},
		About: "variants", Variant: []string{"draft", "a,b", "draft"}, AtLeast: time.Hour, Below: 7200500 * time.Millisecond, Order: analytics.OrderStarted, Offset: 20,
	}
	if diff := cmp.Diff(want, *r.cases, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	ok("/api/v1/cases?about=transitions&first=draft&second=review&kind=wrong_format&" + quarterAsked)
	if r.cases.Pair != [2]string{"draft", "review"} || len(r.cases.Kind) != 1 {
		t.Errorf("got %+v", *r.cases)
	}
	ok("/api/v1/control/lead_time?chart=xmr&value=p90&bucket=quarter&min_n=20&baseline_from=2025-01-01&baseline_to=2026-01-01&" + quarterAsked)
	if c := r.control; c.Chart != analytics.ChartXmR || c.Value != analytics.ValueP90 || c.Bucket != analytics.BucketQuarter || c.MinN != 20 || c.BaselineTo.Sub(c.BaselineFrom) != 365*24*time.Hour {
		t.Errorf("got %+v", *c)
	}
	ok("/api/v1/compare/error_rate?before_from=2025-07-01&before_to=2026-01-01&" + quarterAsked)
	if got := r.before[0].Format(time.DateOnly) + " " + r.before[1].Format(time.DateOnly); got != "2025-07-01 2026-01-01" {
		t.Errorf("before is %s", got)
	}
}

func TestAnalysesAPIProblems(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/api/v1/distribution/error_rate":           {404, "lead_time"},
		"/api/v1/matrix/variants":                   {404, "error_rate"},
		"/api/v1/control/luck":                      {404, "error_rate"},
		"/api/v1/compare/lead_time?" + quarterAsked: {400, "before_from"},
		"/api/v1/moves?before_from=2026-02-01&before_to=2026-01-01&" + quarterAsked: {400, "later than before_from"},
		"/api/v1/cases?about=luck":                                                     {400, "work_in_progress"},
		"/api/v1/cases?bucket=day":                                                     {400, "at_least"},
		"/api/v1/cases?at_least=soon":                                                  {400, "seconds"},
		`/api/v1/cases?about=variants&variant="a`:                                      {400, "quotation"},
		"/api/v1/cases?variant=a&variant=b":                                            {400, "quotation"},
		"/api/v1/cases?offset=-1":                                                      {400, "offset"},
		"/api/v1/control/lead_time?bucket=day":                                         {400, "quarter"},
		"/api/v1/control/lead_time?baseline_from=2026-01-01&" + quarterAsked:           {400, "baseline_to"},
		"/api/v1/matrix/lead_time?rows=stage":                                          {400, "department"},
		"/api/v1/ageing?before_from=2026-01-01":                                        {400, "no such parameter"},
		"/api/v1/survival?by=process":                                                  {400, "no such parameter"},
		"/api/v1/distribution/lead_time?limit=3":                                       {400, "no such parameter"},
		"/api/v1/cases?from=2030-01-01":                                                {400, "no data"},
		"/api/v1/cases?department=" + strings.Repeat("x", 300) + "&" + quarterAsked:    {400, "longer"},
		"/api/v1/compare/lead_time?before_from=x&before_to=2026-01-01&" + quarterAsked: {400, "no day"},
	} {
		w := get(t, router, path)
		if w.Code != want.status || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%s: got %d %s, want %d with %q", path, w.Code, w.Body, want.status, want.text)
		}
	}
	// What analytics cannot do comes out as its own status.
	for status, err := range map[int]error{400: analytics.ErrQuery, 504: context.DeadlineExceeded} {
		if w := get(t, testRouter(t, fake{quarters: 8, fail: err}), "/api/v1/ageing?"+quarterAsked); w.Code != status {
			t.Errorf("%v: %d", err, w.Code)
		}
	}
}
