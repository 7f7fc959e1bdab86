package dashboard

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	reform "example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/record"
)

func reformed(t *testing.T) (http.Handler, *fakeRecords[reform.Change]) {
	t.Helper()
	held := heldChanges(t)
	return routerWith(t, Dependencies{Changes: held, Study: fakeStudy{fake{quarters: 8}}, Metrics: storied{fake{quarters: 8}}}), held
}

func TestChangesPage(t *testing.T) {
	h, _ := reformed(t)
	holds(t, fetch(t, h, "/changes?lang=en"), 200, "Approval simplified", "(Median) · Document approval fell by ", "working days (95%: ", " after 2 March 2026",
		"The whole hides a difference: non-core documents went from 3.2 to 1.1 working days, core documents only from 3.",
		"No detectable change of Approval lead time", "Too little data on Error rate", "Department satisfaction rose by 15.0 points")
	holds(t, fetch(t, h, "/changes?lang=zh"), 200, "在2026年3月2日之后下降", "总体数值掩盖了差别：非核心文件由 3.2 变为 1.1 工作日", "未见可辨变化", "数据太少", "文件审批 · 销售")
	holds(t, fetch(t, h, "/changes/simplified?lang=en"), 200, "Segmented regression", "Control chart", "Mix or rate", `id="verdict-1-chart-data"`, "26 weeks before", "非核心文件取消决策层签发",
		"Cases count in the week in which they began")
	holds(t, fetch(t, h, "/changes/soon?lang=en"), 200, "Too few weeks for a chart", "the change or its ramp lies ahead")
	holds(t, fetch(t, h, "/changes/none?lang=en"), 404)
	holds(t, fetch(t, h, "/changes/new?lang=en"), 200, "Approval lead time (Median)", `value="28"`)
}

// Changes are marked on the time charts of their scope, and nowhere else.
func TestChangeMarks(t *testing.T) {
	h, _ := reformed(t)
	for path, want := range map[string]map[string]int{
		"/?lang=en":                           {"Approval simplified": 3, "New stamps": 3, "One counter": 3},
		"/?lang=en&process=meeting":           {"Approval simplified": 1, "One counter": 3}, // satisfaction is not by process
		"/?lang=en&department=hr":             {"New stamps": 0, "One counter": 3},
		"/errors?lang=en":                     {"Approval simplified": 1},
		"/errors?lang=en&process=meeting":     {"Approval simplified": 0, "One counter": 1},
		"/approvals?lang=en":                  {"Approval simplified": 2},
		"/approvals?lang=en&process=supplies": {"Approval simplified": 0},
		"/approvals?lang=en&bucket=month":     {"Approval simplified": 2},
	} {
		body := fetch(t, h, path).Body.String()
		for name, n := range want {
			if got := strings.Count(body, `"name":"`+name+`"`); got != n {
				t.Errorf("%s: %q is marked on %d charts, want %d", path, name, got, n)
			}
		}
	}
}

func TestChangeForms(t *testing.T) {
	h, held := reformed(t)
	form := url.Values{
		"name_en": {"Digital stamps"}, "what": {"stamps are digital\r\nfor seals"}, "process": {"meeting"}, "from": {"2026-02-02"}, "ramp_days": {"14"}, "reason": {"decided"},
		"figure": {`{"metric":"error_rate","value":"rate","process":"*"}`, `{"metric":"lead_time","value":"median","clock":"working","process":"*"}`}, "department": {"sales", "hr"},
	}
	w := post(t, h, "/changes", form)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/changes/digital-stamps?done=create" {
		t.Fatalf("%d %s: %s", w.Code, w.Header(), w.Body)
	}
	made, err := held.Find(t.Context(), "digital-stamps")
	if err != nil || made.Figures[0].Process != "meeting" || made.RampDays != 14 || len(made.Departments) != 2 || made.Change.By != pageActor {
		t.Fatalf("%v %+v", err, made)
	}
	// The form shows what was recorded, also what it could not have put together.
	made.Figures[0].Class = "core"
	body := html.UnescapeString(fetch(t, h, "/changes/digital-stamps/edit").Body.String())
	for _, text := range []string{`value="{"metric":"error_rate","value":"rate","process":"meeting","class":"core"}" checked`, `value="{"metric":"lead_time","value":"median","clock":"working","process":"*"}" checked`, `value="sales" checked`} {
		if !strings.Contains(body, text) {
			t.Errorf("the form lacks %s", text)
		}
	}
	wrong := url.Values{"revision": {"1"}, "name_en": {"Digital <stamps>"}, "from": {"soon"}, "ramp_days": {"x"}}
	holds(t, post(t, h, "/changes/digital-stamps/edit?lang=en", wrong), 422, `href="#f-ramp_days"`, "Digital &lt;stamps&gt;", `value="x"`)
	wrong.Set("ramp_days", "7")
	holds(t, post(t, h, "/changes/digital-stamps/edit?lang=en", wrong), 422, `href="#f-from"`, `href="#f-what"`, `href="#f-figures"`, `href="#f-reason"`)
	form.Set("revision", "1")
	form.Set("key", "digital-stamps")
	if w := post(t, h, "/changes/digital-stamps/edit", form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	holds(t, post(t, h, "/changes/digital-stamps/edit?lang=en", form), 409)
	holds(t, post(t, h, "/changes/digital-stamps/withdraw?lang=en", url.Values{"revision": {"2"}, "reason": {" "}}), 422, `href="#f-reason"`)
	if w := post(t, h, "/changes/digital-stamps/withdraw", url.Values{"revision": {"2"}, "reason": {"it was not done"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	if strings.Contains(fetch(t, h, "/changes").Body.String(), "Digital stamps") || !strings.Contains(fetch(t, h, "/changes?state=all").Body.String(), "Digital stamps") {
		t.Error("a withdrawn record is listed among the others, or not kept")
	}
}

func TestChangesAPI(t *testing.T) {
	h, held := reformed(t)
	call := func(method, path, body string, status int, into any) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/changes"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+operatorToken)
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
	var list ChangeList
	call("GET", "", "", 200, &list)
	if len(list.Changes) != 3 || list.Changes[0].Key != "soon" {
		t.Errorf("%+v", list)
	}
	var full ChangeInFull
	call("GET", "/simplified", "", 200, &full)
	if len(full.Verdicts) != 3 || full.Verdicts[0].Outcome != reform.Shifted || full.Verdicts[0].Mix.Uneven.Least.Key != "core" || !strings.Contains(full.Verdicts[0].EN, "fell by") || !strings.Contains(full.Verdicts[0].ZH, "下降") {
		t.Errorf("%+v", full.Verdicts)
	}
	call("GET", "/none", "", 404, nil)
	call("GET", "?state=some", "", 400, nil)
	const draft = `{"key":"x","name":{"en":"X"},"what":"x","process":"meeting","from":"2026-02-02","ramp_days":7,"figures":[{"metric":"error_rate","value":"rate"}],"reason":"y"`
	call("POST", "", draft+"}", 200, &full)
	call("POST", "", draft+"}", 422, nil)
	call("POST", "/x/edit", draft+`,"revision":2}`, 409, nil)
	call("POST", "/x/edit", draft+`,"revision":1}`, 200, &full)
	call("POST", "/x/withdraw", `{"revision":2,"reason":"never happened"}`, 200, &full)
	if full.Change.State != reform.Withdrawn || len(full.Verdicts) != 0 || len(full.History) != 3 {
		t.Errorf("%+v", full)
	}
	held.fail = record.ErrAway
	call("GET", "", "", 503, nil)
}
