package main

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"example.com/officepulse/analytics"
)

// grouped are the reference figures of one log by department, by class, by
// stage and by how long a case may take.
type grouped struct {
	Cases      uint64
	Activities map[string]struct{ Cases uint64 } `json:"activity_counts"`
	Lead       struct{ Min, Max float64 }        `json:"lead_time_s"`
	Within     map[string]float64                `json:"sla_calendar_days_share_within"`
	ByCase     map[string]struct {
		Distinct    int
		Departments map[string]departmentFigures
	} `json:"by_case_department"`
	ByEvent map[string]struct {
		Handovers uint64
		Top       []transition `json:"handover_top10"`
	} `json:"by_event_department"`
}

type departmentFigures struct {
	N                                     uint64
	Mean, Median, P75, P90, P95, Min, Max float64
	ReworkCases                           uint64 `json:"rework_cases"`
	Quarters                              map[string]struct {
		N                 uint64
		Mean, Median, P90 float64
	}
}

// compareGroups asks for everything that the reference tells apart.
func (s *service) compareGroups(t *testing.T, process string, want grouped) {
	t.Helper()
	s.compareStageCases(t, process, want)
	s.compareWithin(t, process, want)
	d := analysis[analytics.Distribution](t, s, "distribution/lead_time", "process", process)
	if len(d.Percentiles) != 101 || !near(&d.Percentiles[0], want.Lead.Min) || !near(&d.Percentiles[100], want.Lead.Max) {
		t.Errorf("the shortest and the longest case are not %v and %v", want.Lead.Min, want.Lead.Max)
	}
	if groups, ok := want.ByCase["assignment_group"]; ok {
		s.compareDepartments(t, process, "department", groups.Distinct, groups.Departments)
	}
	if handed, ok := want.ByEvent["assignment_group"]; ok {
		s.compareHandovers(t, process, handed.Handovers, handed.Top)
	}
}

// everTime are the parameters of a question about all of a reference log.
func everTime(process string, more ...string) []string {
	return append([]string{"from", "1940-01-01", "to", "2026-01-01", "timezone", "UTC", "process", process}, more...)
}

// compareStageCases counts the cases that saw each stage, all stages at once.
func (s *service) compareStageCases(t *testing.T, process string, want grouped) {
	t.Helper()
	var rows []analytics.Bottleneck
	a := s.metric("bottlenecks", everTime(process, "limit", "1000")...)
	if err := json.Unmarshal(a.Rows, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(want.Activities) {
		t.Errorf("%d stages, want %d", len(rows), len(want.Activities))
	}
	for _, r := range rows {
		if r.Cases != want.Activities[r.Stage].Cases {
			t.Errorf("%d cases saw stage %q, want %d", r.Cases, r.Stage, want.Activities[r.Stage].Cases)
		}
	}
}

// compareWithin holds the shares of cases that took no longer than some days
// against the lists of those that took longer by a millisecond or more.
func (s *service) compareWithin(t *testing.T, process string, want grouped) {
	t.Helper()
	for days, share := range want.Within {
		n, err := strconv.Atoi(days)
		if err != nil {
			t.Fatal(err)
		}
		longer := analysis[analytics.CaseList](t, s, "cases", "process", process, "about", "lead_time", "limit", "1", "at_least", strconv.Itoa(n*86400)+".001")
		if got := 1 - float64(longer.Total)/float64(want.Cases); math.Abs(got-share) > 1e-6 {
			t.Errorf("within %s days: %v of the cases, want %v", days, got, share)
		}
	}
}

// compareDepartments compares groups of cases; by is department or class. The
// reference lists the largest of all.
func (s *service) compareDepartments(t *testing.T, process, by string, distinct int, want map[string]departmentFigures) {
	t.Helper()
	whole := s.metric("lead_time", everTime(process, "by", by)...)
	quarters := s.metric("lead_time", everTime(process, "by", by, "bucket", "quarter")...)
	reworked := s.metric("rework_rate", everTime(process, "by", by)...)
	if len(whole.Series) != distinct {
		t.Errorf("%d groups by %s, want %d", len(whole.Series), by, distinct)
	}
	for name, w := range want {
		got := whole.series(t, name)[""]
		if got.N != w.N || !near(got.Mean, w.Mean) || !near(got.Median, w.Median) || !near(got.P75, w.P75) || !near(got.P90, w.P90) || !near(got.P95, w.P95) {
			t.Errorf("%s: %s, want %+v", name, text(got), w)
		}
		if r := reworked.series(t, name)[""]; r.Count == nil || *r.Count != w.ReworkCases {
			t.Errorf("%s: rework %s, want %d", name, text(r), w.ReworkCases)
		}
		found := quarters.series(t, name)
		if len(found) != len(w.Quarters) {
			t.Errorf("%s: %d quarters, want %d", name, len(found), len(w.Quarters))
		}
		for q, w := range w.Quarters {
			if got := found[q]; got.N != w.N || !near(got.Mean, w.Mean) || !near(got.Median, w.Median) || !near(got.P90, w.P90) {
				t.Errorf("%s in %s: %s, want %+v", name, q, text(got), w)
			}
		}
	}
}

func (s *service) compareHandovers(t *testing.T, process string, all uint64, want []transition) {
	t.Helper()
	var rows []analytics.Handover
	a := s.metric("handovers", everTime(process, "limit", "1000")...)
	if err := json.Unmarshal(a.Rows, &rows); err != nil {
		t.Fatal(err)
	}
	total := uint64(0)
	for _, r := range rows {
		total += r.Count
	}
	if total != all {
		t.Errorf("%d handovers, want %d", total, all)
	}
	for i, w := range want {
		g := rows[i]
		if g.From != w.From || g.To != w.To || g.Count != w.Count || !near(&g.Mean, w.Mean) || !near(&g.Median, w.Median) || !near(&g.P90, w.P90) || !near(&g.Total, w.Total) {
			t.Errorf("handover %d: got %+v, want %+v", i, g, w)
		}
	}
}

// compareClasses imports the incidents once more, as a process whose classes are
// their priorities.
func (s *service) compareClasses(t *testing.T, want grouped) {
	t.Helper()
	const process = "uci498_by_priority"
	s.must("import", shared(t, "uci498_incident_sample.csv.gz"), "--process", process, "--assume-complete", "--map", "case_id=number,stage=incident_state,time=sys_updated_at,class=priority")
	groups := want.ByCase["priority"]
	s.compareDepartments(t, process, "class", groups.Distinct, groups.Departments)
}
