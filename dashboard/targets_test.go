package dashboard

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
)

func planned(t *testing.T) (http.Handler, *fakeRecords[target.Target]) {
	t.Helper()
	held := heldTargets(t)
	return routerWith(t, Dependencies{Targets: held}), held
}

func post(t *testing.T, h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func holds(t *testing.T, w *httptest.ResponseRecorder, status int, want ...string) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("%d, want %d: %.600s", w.Code, status, w.Body)
	}
	for _, text := range want {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("the answer lacks %q", text)
		}
	}
}

func TestTargetsPage(t *testing.T) {
	h, _ := planned(t)
	// On 20 October 2026 the story is over: 1.4 days of 1.5, 4.2 % of 4.26 %, 92 points of 95.
	holds(t, fetch(t, h, "/targets?lang=en"), 200, "2 of 3 targets are reached or on course", "Satisfaction from 75 to 95 points needs a look first",
		"3.2 → 1.5 working days", "1.4 working days", "106%", "Not reached", "Q3 2026: 92.0 points, 85% of the way at 100% of the time; the goal of 95.0 points was missed", "Unsure",
		`id="target-approval-days-data"`)
	holds(t, fetch(t, h, "/targets?lang=zh"), 200, "3 项目标中 2 项达成或进展正常", "未达成", "序时进度 100%", "文件审批 3.2 → 1.5 个工作日")
	holds(t, fetch(t, h, "/targets/satisfaction?lang=zh"), 200, "会议室设备仍有抱怨", "评分后实际值即固定", "2025-07-01")
	holds(t, fetch(t, h, "/targets/nothing?lang=en"), 404, "There is no such entry")
	holds(t, fetch(t, h, "/targets/new?lang=en&metric=satisfaction/mean"), 200, `value="satisfaction/mean" selected`, `value="higher" checked`)
}

// Targets are drawn where metric, filter and clock agree, and nowhere else.
func TestTargetLines(t *testing.T) {
	h := routerWith(t, Dependencies{Targets: heldTargets(t), Metrics: storied{fake{quarters: 8}}})
	for path, want := range map[string]map[string]bool{
		"/?lang=en":                            {"Target (Mean) 1.5": true, "Target 4.3": true, "Target 95.0": true},
		"/?lang=en&clock=elapsed":              {"Target (Mean) 1.5": false, "Target 4.3": true},
		"/?lang=en&process=meeting":            {"Target (Mean) 1.5": false, "Target 4.3": false, "Target 95.0": true},
		"/?lang=en&department=sales":           {"Target (Mean) 1.5": false, "Target 4.3": false, "Target 95.0": false},
		"/approvals?lang=en":                   {"Target (Mean) 1.5": true},
		"/approvals?lang=en&class=core":        {"Target (Mean) 1.5": false},
		"/errors?lang=en":                      {"Target 4.3": true},
		"/errors?lang=en&process=doc_approval": {"Target 4.3": false},
	} {
		body := fetch(t, h, path).Body.String()
		for text, there := range want {
			if strings.Contains(body, text) != there {
				t.Errorf("%s: %q on the page: %v, want %v", path, text, !there, there)
			}
		}
	}
}

func TestTargetForms(t *testing.T) {
	h, held := planned(t)
	form := url.Values{
		"name_en": {"Fewer returns"}, "name_zh": {"减少退回"}, "metric": {"error_rate/rate"}, "clock": {"working"}, "process": {"doc_approval"}, "direction": {"lower"},
		"baseline_by": {"typed"}, "baseline": {"8.5"}, "baseline_reason": {"by the audit"}, "goal": {"4.25"}, "stretch": {"3"}, "start": {"2026Q4"}, "due": {"2027Q1"},
		"owner": {"Ms Li"}, "reason": {"agreed in the review"},
	}
	w := post(t, h, "/targets", form)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/targets/fewer-returns?done=create" {
		t.Fatalf("%d %s: %s", w.Code, w.Header(), w.Body)
	}
	made, err := held.Find(t.Context(), "fewer-returns")
	if err != nil || made.Goal != 0.0425 || *made.Stretch != 0.03 || made.Baseline.Value != 0.085 || made.Figure.Clock != "" || made.Change.By != pageActor || made.Change.Reason != "agreed in the review" {
		t.Fatalf("%v %+v", err, made)
	}
	// What is wrong is listed, each with a link to its field, and nothing that was typed is lost.
	form.Set("goal", "nine")
	form.Set("owner", "Mr <Zhao>")
	holds(t, post(t, h, "/targets?lang=en", form), 422, `href="#f-goal"`, `value="nine"`, "Mr &lt;Zhao&gt;", `value="error_rate/rate" selected`)
	form.Set("goal", "9")
	form.Set("reason", " ")
	holds(t, post(t, h, "/targets?lang=en", form), 422, `href="#f-reason"`, "good side of the baseline", `href="#f-goal"`)
	// A baseline from a period: the story's 3.2 working days.
	form = url.Values{
		"name_en": {"Approvals"}, "metric": {"lead_time/mean"}, "clock": {"working"}, "process": {"doc_approval"}, "direction": {"lower"}, "baseline_by": {"period"},
		"from": {"2025-07-01"}, "through": {"2025-09-30"}, "goal": {"2"}, "start": {"2026Q4"}, "due": {"2026Q4"}, "owner": {"Ms Li"}, "reason": {"why"},
	}
	if w := post(t, h, "/targets", form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	made, err = held.Find(t.Context(), "approvals")
	if err != nil || made.Baseline.From != "2025-07-01" || made.Baseline.To != "2025-10-01" || made.Baseline.N == 0 || made.Baseline.Value/28800 < 3.19 || made.Baseline.Value/28800 > 3.21 {
		t.Fatalf("%v %+v", err, made.Baseline)
	}

	path := "/targets/satisfaction"
	if w := post(t, h, path+"/check-in", url.Values{"revision": {"2"}, "comment": {"better now"}, "confidence": {"sure"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	holds(t, post(t, h, path+"/check-in?lang=en", url.Values{"revision": {"2"}, "comment": {"late"}, "confidence": {"sure"}}), 409, "Somebody else has changed this")
	holds(t, post(t, h, path+"/check-in?lang=en", url.Values{"revision": {"3"}, "deed": {"check_in"}, "comment": {"unsure?"}, "confidence": {"very"}}), 422, `href="#f-confidence"`, "unsure?")
	if w := post(t, h, path+"/score", url.Values{"revision": {"3"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	holds(t, fetch(t, h, path+"?lang=en"), 200, "Partly reached", "0.85 of 1", "Carry over")
	holds(t, post(t, h, path+"/carry-over?lang=en", url.Values{"revision": {"4"}, "deed": {"carry_over"}, "due": {"2026Q4"}, "reason": {""}}), 422, `href="#f-reason"`)
	w = post(t, h, path+"/carry-over", url.Values{"revision": {"4"}, "due": {"2026Q4"}, "reason": {"the rooms are rebuilt in November"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/targets/satisfaction-2026q4?done=carry_over" {
		t.Fatalf("%d %s: %s", w.Code, w.Header(), w.Body)
	}
	if body := fetch(t, h, "/targets?lang=en").Body.String(); strings.Contains(body, `href="/targets/satisfaction"`) {
		t.Error("a target that was carried over is listed among the current ones")
	}
	holds(t, fetch(t, h, "/targets?lang=en&state=all"), 200, `href="/targets/satisfaction"`)
	holds(t, post(t, h, "/targets/error-rate/withdraw", url.Values{"revision": {"1"}, "deed": {"withdraw"}, "reason": {""}}), 422)

	foreign := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/targets", strings.NewReader(form.Encode()))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	answer := httptest.NewRecorder()
	if h.ServeHTTP(answer, foreign); answer.Code != http.StatusForbidden {
		t.Errorf("another site set a target: %d", answer.Code)
	}
}

func TestTargetsAPI(t *testing.T) {
	h, held := planned(t)
	call := func(method, path, body string, status int, into any) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+operatorToken)
		r.Header.Set("X-Actor", "review bot")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
		}
		if into != nil {
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
		}
	}
	var list TargetList
	call("GET", "/targets", "", 200, &list)
	if len(list.Targets) != 3 || list.Targets[0].Target.Key != "satisfaction" || list.Targets[0].Standing.Light != target.Red || list.Targets[1].Standing.Light != target.Green {
		t.Errorf("%+v", list)
	}
	call("GET", "/targets?state=some", "", 400, nil)
	holds(t, fetch(t, h, "/api/v1/targets/error-rate?format=csv&part=quarters&lang=en"), 200, "Quarter,", "2026Q3,0.042")
	holds(t, fetch(t, h, "/api/v1/targets?format=csv&lang=zh"), 200, "完成进度", "序时进度")
	call("GET", "/targets/none", "", 404, nil)
	const draft = `{"key":"less-wait","name":{"zh":"少等待"},"figure":{"metric":"lead_time","value":"median","clock":"working","process":"meeting"},"direction":"lower",
		"baseline":{"value":57600,"reason":"known"},"goal":28800,"start":"2026Q4","due":"2027Q1","owner":"Li","reason":"asked for"}`
	var full TargetInFull
	call("POST", "/targets", draft, 200, &full)
	if full.Target.Change.By != "review bot" || full.Target.Goal != 28800 || full.Unit != "seconds" || len(full.History) != 1 {
		t.Errorf("%+v", full.Target)
	}
	call("POST", "/targets", draft, 422, nil)
	var refused problem
	call("POST", "/targets", strings.NewReplacer(`"goal":28800`, `"goal":99999`, "less-wait", "x").Replace(draft), 422, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Parameter != "goal" {
		t.Errorf("%+v", refused)
	}
	call("POST", "/targets", `{"goals":1}`, 400, nil)
	call("POST", "/targets/less-wait/check-in", `{"revision":1,"comment":"begun","confidence":"sure"}`, 200, &full)
	call("POST", "/targets/less-wait/check-in", `{"revision":1,"comment":"begun","confidence":"sure"}`, 409, nil)
	call("POST", "/targets/less-wait/score", `{"revision":2}`, 422, nil)
	call("POST", "/targets/less-wait/edit", strings.Replace(draft, `"goal":28800`, `"goal":30000,"revision":2`, 1), 200, &full)
	if full.Target.Revision != 3 || full.Target.Goal != 30000 || len(full.Target.CheckIns) != 1 {
		t.Errorf("%+v", full.Target)
	}
	call("POST", "/targets/less-wait/withdraw", `{"revision":3,"reason":"not needed"}`, 200, &full)
	call("POST", "/targets/satisfaction/score", `{"revision":2}`, 200, &full)
	call("POST", "/targets/satisfaction/carry-over", `{"revision":3,"due":"2026Q4","reason":"rooms"}`, 200, &full)
	if full.Target.CarriedTo != "satisfaction-2026q4" {
		t.Errorf("%+v", full.Target)
	}
	held.fail = record.ErrAway
	call("GET", "/targets", "", 503, nil)
}
