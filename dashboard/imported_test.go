package dashboard

import (
	"context"
	"slices"
	"strings"
	"testing"

	"example.com/officepulse/analytics"
)

// imports is an office that has imported helpdesk, which its handbook does not
// know: cases of the story's first three quarters, in the first of which the
// headline process had none. Nobody reports faults of helpdesk.
type imports struct{ fake }

func (i imports) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	of := q.Process
	if slices.Equal(of, []string{"helpdesk"}) {
		q.Process = nil
	}
	r, err := i.fake.Query(ctx, metric, q)
	if err != nil {
		return nil, err
	}
	switch {
	case slices.Equal(of, []string{"helpdesk"}):
		keep(r, func(q quarter) bool { return q.minus(storyStart) < 3 })
	case slices.Equal(of, []string{"doc_approval"}):
		keep(r, func(q quarter) bool { return q != storyStart })
	case metric == "throughput" && q.By == analytics.ByProcess:
		keep(r, func(q quarter) bool { return q != storyStart })
		if own, err := i.Query(ctx, metric, narrowed(q)); err == nil {
			for _, s := range own.Series {
				r.Series = append(r.Series, analytics.Series{Key: "helpdesk", Points: s.Points})
			}
		}
	}
	return r, nil
}

func narrowed(q analytics.Query) analytics.Query {
	q.Process, q.By = []string{"helpdesk"}, analytics.ByNone
	return q
}

// keep leaves out the quarters without data, and series without any.
func keep(r *analytics.Result, has func(quarter) bool) {
	for i := range r.Series {
		r.Series[i].Points = slices.DeleteFunc(r.Series[i].Points, func(p analytics.Point) bool {
			q, _ := parseQuarter(p.Period)
			return !has(q)
		})
	}
	r.Series = slices.DeleteFunc(r.Series, func(s analytics.Series) bool { return len(s.Points) == 0 })
}

func TestImportedProcess(t *testing.T) {
	router := testRouter(t, imports{fake{quarters: 8}})
	f := func(name, target string, texts ...string) {
		t.Helper()
		w := get(t, router, target)
		if w.Code != 200 {
			t.Errorf("%s: got %d", name, w.Code)
		}
		contains(t, w.Body.String(), texts...)
	}
	f("is offered whatever the quarter", "/?lang=zh&quarter=2026Q3", `<option value="helpdesk">helpdesk`, `<option value="2024Q4">`)
	f("opens with its own newest quarter", "/?lang=en&process=helpdesk", "<h1>Q2 2025", `<option value="helpdesk" selected>`)
	f("is absent where only answers came in", "/?lang=en&process=helpdesk&quarter=2026Q2",
		"No data here", `href="/?lang=en&process=helpdesk&quarter=2025Q2"`)
	f("is named where the headline has none", "/?lang=en&quarter=2024Q4",
		"Document approval: no case was completed in Q4 2024.", "Look at helpdesk", `href="/?lang=en&process=helpdesk&quarter=2024Q4"`)
	f("unknown", "/?lang=en&process=nosuch", "No process “nosuch” is known", "Show all processes", `href="/?lang=en&quarter=2026Q3"`)
	f("unused", "/?lang=zh&process=meeting&department=nosuch", "手册中有“会议组织”")
}

// No reports are not no faults.
func TestUnreportedFaults(t *testing.T) {
	router := testRouter(t, imports{fake{quarters: 8}})
	for language, text := range map[string]string{"zh": "无错漏上报", "en": "No faults reported"} {
		body := get(t, router, "/?process=helpdesk&lang="+language).Body.String()
		contains(t, body, text)
		if strings.Contains(body, "0.0%") {
			t.Errorf("%s: an error rate of what nobody reports", language)
		}
		_, tile, _ := strings.Cut(body, `data-metric="error_rate"`)
		tile, _, _ = strings.Cut(tile, "</article>")
		contains(t, tile, `<span class="op-value">—</span>`, text)
		if strings.Contains(get(t, router, "/?lang="+language).Body.String(), text) {
			t.Errorf("%s: all processes together have reports", language)
		}
	}
}
