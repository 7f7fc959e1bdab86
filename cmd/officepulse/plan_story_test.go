package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/dashboard"
)

// api asks the service for a record, as an operator, and reads the answer.
func (s *service) api(t *testing.T, method, path string, body, into any) {
	t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token())
	resp, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", resp.Status, answer)
	}
	if err == nil {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

// promised holds the story's targets against what the story keeps: 3.2 to 1.5
// working days, 40 % fewer errors, 75 to 92 points.
func promised(t *testing.T, s *service) {
	t.Helper()
	var list dashboard.TargetList
	s.api(t, http.MethodGet, "/targets", nil, &list)
	got := make(map[string]dashboard.TargetShown)
	for _, one := range list.Targets {
		got[one.Target.Key] = one
	}
	for key, want := range map[string][3]float64{ // baseline, goal, figure of the due quarter at the latest
		"approval-days": {3.2 * workingDay, 1.5 * workingDay, 1.4 * workingDay}, "error-rate": {0.071, 0.0426, 0.041}, "satisfaction": {74.9, 92, 92.2},
	} {
		one := got[key]
		if one.Target == nil || one.Standing.Actual == nil {
			t.Errorf("%s is not set, or has no figure", key)
			continue
		}
		for i, value := range []float64{one.Target.Baseline.Value, one.Target.Goal, one.Standing.Actual.Value} {
			if off := value/want[i] - 1; off > 0.05 || off < -0.05 {
				t.Errorf("%s: %g at place %d, want about %g", key, value, i, want[i])
			}
		}
		if s := one.Standing; !s.Reached || s.Light != target.Green || s.Actual.Quarter.String() != "2026Q3" || one.Target.Revision != uint64(1+len(one.Target.CheckIns)) {
			t.Errorf("%s: %+v", key, s)
		}
	}
	if core := got["core-approval-days"]; core.Standing == nil || core.Standing.Reached || core.Standing.Light == target.Green {
		t.Errorf("the target of core documents: %+v", core.Standing)
	}
}

// worked holds each change's verdict against what the story put in.
func worked(t *testing.T, s *service) {
	t.Helper()
	for _, told := range demo.Changes(int(workingDay)) {
		var got dashboard.ChangeInFull
		s.api(t, http.MethodGet, "/changes/"+told.Draft.Key, nil, &got)
		if len(got.Verdicts) != len(told.Put) {
			t.Errorf("%s has %d verdicts, want %d", told.Draft.Key, len(got.Verdicts), len(told.Put))
			continue
		}
		for i, put := range told.Put {
			v := got.Verdicts[i]
			faint := put.Faint && v.Outcome == change.Unchanged && v.Why == change.NotSure
			if v.Outcome != put.Outcome && !faint {
				t.Errorf("%s: %s (%s), want %s", told.Draft.Key, v.EN, v.Why, put.Outcome)
				continue
			}
			if put.Outcome == change.Shifted {
				if size := v.Difference.Value; (size < 0) != put.Down || max(size, -size) < put.Least {
					t.Errorf("%s: %s", told.Draft.Key, v.EN)
				}
			}
			if put.Uneven != "" && (v.Mix == nil || v.Mix.Uneven == nil || v.Mix.Uneven.Least.Key != put.Uneven || !strings.Contains(v.EN, "The whole hides a difference") || !strings.Contains(v.ZH, "总体数值掩盖了差别")) {
				t.Errorf("%s does not name the trap of the mix: %s", told.Draft.Key, v.EN)
			}
		}
	}
}

// nothingHappened records changes at random where the story has none: so long
// before the first one that no window reaches it. At least 95 of 100 are none.
func nothingHappened(t *testing.T, s *service) {
	t.Helper()
	random := rand.New(rand.NewPCG(20260930, 1))
	first := time.Date(2024, 12, 16, 0, 0, 0, 0, time.UTC) // eight weeks of data lie before
	days := int(time.Date(2025, 7, 6, 0, 0, 0, 0, time.UTC).Sub(first).Hours() / 24)
	processes := []string{"doc_approval", "meeting", "seal", "supplies", "archive", "incoming", "data_request", ""}
	const places = 100
	var called []string
	for i := range places {
		process := processes[random.IntN(len(processes))]
		draft := dashboard.ChangeDraft{
			Key: fmt.Sprintf("nothing-%d", i), What: "nothing", Process: process, From: first.AddDate(0, 0, random.IntN(days)).Format(time.DateOnly), RampDays: 28, Reason: "a test",
			Figures: []figure.Figure{{Metric: "error_rate", Value: analytics.ValueRate, Process: process}},
		}
		draft.Name.EN = "Nothing"
		if process != "" { // times of different processes say nothing together
			draft.Figures = append(draft.Figures, figure.Figure{Metric: "lead_time", Value: analytics.ValueMedian, Clock: analytics.ClockWorking, Process: process})
		}
		var got dashboard.ChangeInFull
		s.api(t, http.MethodPost, "/changes", draft, &got)
		for _, v := range got.Verdicts {
			if v.Outcome == change.Shifted {
				called = append(called, v.EN)
				break
			}
			if v.Outcome == change.TooLittle {
				t.Errorf("%s: %s", draft.From, v.EN)
			}
		}
		s.api(t, http.MethodPost, "/changes/"+draft.Key+"/withdraw", dashboard.ChangeDeed{Revision: 1, Reason: "nothing happened"}, &got)
	}
	if len(called) > places*5/100 {
		t.Errorf("%d of %d placements are called a change:\n%s", len(called), places, strings.Join(called, "\n"))
	}
}
