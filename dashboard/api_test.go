package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
)

func get(tb testing.TB, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	return getIn(tb.Context(), h, target, headers...)
}

func getIn(ctx context.Context, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// asked remembers the last question.
type asked struct {
	fake
	metric *string
	query  *analytics.Query
}

func (a asked) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	*a.metric, *a.query = metric, q
	return a.fake.Query(ctx, metric, q)
}

func TestMetricsAPI(t *testing.T) {
	a := asked{fake{quarters: 8}, new(string), new(analytics.Query)}
	router := testRouter(t, a)
	w := get(t, router, "/api/v1/metrics/lead_time?from=2026-01-01&to=2026-10-01&bucket=quarter&process=doc_approval&clock=working")
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var got analytics.Result
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want, err := a.fake.Query(t.Context(), *a.metric, *a.query)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&got, want); d != "" {
		t.Errorf("(-got +want)\n%s", d)
	}
	if len(got.Series) != 1 || len(got.Series[0].Points) != 3 {
		t.Errorf("want three quarters, got %+v", got.Series)
	}
}

func TestMetricsAPIWithoutPeriod(t *testing.T) {
	a := asked{fake{quarters: 8}, new(string), new(analytics.Query)}
	if w := get(t, testRouter(t, a), "/api/v1/metrics/throughput"); w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if got := a.query.From.Format(time.DateOnly) + " " + a.query.To.Format(time.DateOnly); got != "2024-10-01 2026-10-01" {
		t.Errorf("the period is %s, want that of the data", got)
	}
}

func TestMetricsList(t *testing.T) {
	w := get(t, testRouter(t, fake{}), "/api/v1/metrics")
	var body struct {
		Metrics []listed `json:"metrics"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Metrics) != len(analytics.Names()) {
		t.Fatalf("got %d metrics", len(body.Metrics))
	}
	for _, m := range body.Metrics {
		if m.Name == "" || strings.HasPrefix(m.Name, "metric.") || m.Href != "/api/v1/metrics/"+m.Metric {
			t.Errorf("badly listed: %+v", m)
		}
	}
	var described []analytics.Description
	for _, m := range body.Metrics {
		described = append(described, m.Description)
	}
	if d := cmp.Diff(described, analytics.Catalogue()); d != "" {
		t.Errorf("(-listed +catalogue)\n%s", d)
	}
}

func TestMetricsAPIProblems(t *testing.T) {
	nonsense := fake{fail: errors.Join(analytics.ErrQuery, errors.New("more than 1100 parts"))}
	tests := map[string]struct {
		metrics   Metrics
		target    string
		status    int
		parameter string
		text      string
	}{
		"unknown metric":        {fake{}, "/api/v1/metrics/luck?from=2026-01-01&to=2026-02-01", 404, "metric", "luck"},
		"unknown parameter":     {fake{}, "/api/v1/metrics/lead_time?colour=red", 400, "colour", "no such parameter"},
		"wrong word":            {fake{}, "/api/v1/metrics/lead_time?bucket=year", 400, "bucket", "quarter"},
		"parameter of the list": {fake{}, "/api/v1/metrics?x=1", 400, "", "no parameters"},
		"refused by analytics":  {nonsense, "/api/v1/metrics/lead_time?from=2026-01-01&to=2026-02-01", 400, "", "1100 parts"},
		"database away":         {fake{fail: errors.New("code: 210, message: secret host refused")}, "/api/v1/metrics/lead_time?from=2026-01-01&to=2026-02-01", 500, "", "log"},
		"too slow":              {fake{fail: context.DeadlineExceeded}, "/api/v1/metrics/lead_time?from=2026-01-01&to=2026-02-01", 504, "", "too long"},
		"outside the data":      {fake{quarters: 8}, "/api/v1/metrics/lead_time?from=2030-01-01", 400, "", "2026-09-30"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := get(t, testRouter(t, test.metrics), test.target)
			if w.Code != test.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("got %d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if p.Status != test.status || p.Title == "" || p.Type == "" || p.Detail == "" {
				t.Errorf("incomplete problem: %+v", p)
			}
			if test.parameter != "" && (len(p.Errors) != 1 || p.Errors[0].Parameter != test.parameter || len(p.Errors[0].Allowed) == 0) {
				t.Errorf("want an error about %s and what is allowed, got %+v", test.parameter, p.Errors)
			}
			if !strings.Contains(w.Body.String(), test.text) {
				t.Errorf("%q is missing in %s", test.text, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the driver's text came out: %s", w.Body)
			}
		})
	}
}
