package dashboard

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/results/resultstest"
	"example.com/officepulse/surveys/wave"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// measured knows how much of each process was on time.
type measured struct{ fake }

func (m measured) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := m.fake.Query(ctx, metric, q)
	if err != nil || metric != "on_time_rate" || len(q.Process) == 0 {
		return r, err
	}
	hits := map[string]uint64{"doc_approval": 190, "meeting": 188, "supplies": 150}[q.Process[0]]
	r.Series = []analytics.Series{{Key: "all", Points: []analytics.Point{rateOf(hits, 200)}}}
	return r, nil
}

func surveyed(t *testing.T) (http.Handler, *resultstest.Office) {
	t.Helper()
	o := resultstest.Story(t)
	return routerWith(t, Dependencies{Metrics: measured{fake{quarters: 8}}, Satisfaction: o.Results}), o
}

func fetch(t *testing.T, h http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
	return w
}

// Where the answers to a wave are not all stored its page says how many are not;
// until then the wave before is shown, and that it is.
func TestResultsThatWait(t *testing.T) {
	h, o := surveyed(t)
	fetch(t, h, "/satisfaction") // of the waves so far it is decided which answers count
	q, _ := o.Store.Newest("office_services")
	w := o.Open(t, "2026Q4", q, resultstest.Departments())
	o.Close(t, w)
	o.Waiting = 7
	for target, want := range map[string][]string{
		"/satisfaction?lang=en":             {"7 answers are in the log and not stored yet", "What is shown is 2026Q3.", "Satisfaction, 2026Q3"},
		"/satisfaction?wave=2026Q4&lang=zh": {"还有 7 份答卷没有入库"},
		"/api/v1/satisfaction/2026Q4":       {"7 answers in the log are not stored yet"},
		"/satisfaction?wave=2026Q3&lang=en": {"Satisfaction, 2026Q3"},
	} {
		w := fetch(t, h, target)
		if api := strings.HasPrefix(target, "/api"); api != (w.Code == http.StatusConflict) || !api && w.Code != http.StatusOK {
			t.Errorf("%s: %d", target, w.Code)
		}
		for _, part := range want {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s: %q is not in the page\n%.1500s", target, part, w.Body)
			}
		}
	}
	o.Waiting = 0
	if w := fetch(t, h, "/api/v1/satisfaction/2026Q4"); w.Code != http.StatusOK {
		t.Errorf("once they are stored: %d %s", w.Code, w.Body)
	}
}

func TestSatisfactionPage(t *testing.T) {
	h, _ := surveyed(t)
	for language, want := range map[string][]string{
		"zh": {"2026年第3季度满意度调查", "满意度", "按人数加权", "隐藏：少于 5 份答卷", "避免由此推算出", "快而不满意", "大家写了什么", "会议室", "仅供参考", "收缩后"},
		"en": {"Satisfaction, 2026Q3", "by headcount", "hidden: fewer than 5 answers", "would give away", "fast but unhappy", "What did people write?", "indicative", "Shrunk"},
	} {
		w := fetch(t, h, "/satisfaction?lang="+language)
		if w.Code != http.StatusOK {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: the page lacks %q", language, text)
			}
		}
		if strings.Contains(w.Body.String(), "page.satisfaction") {
			t.Errorf("%s: a message is missing", language)
		}
	}
	for target, status := range map[string]int{
		"/satisfaction?wave=2026Q1": 200, "/satisfaction?wave=2026Q3&before=2025Q4": 200, "/satisfaction?wave=2025Q4": 200, "/satisfaction?wave=2030Q1": 404,
		"/satisfaction?wave=a&wave=b": 400, "/satisfaction?wave=2026Q3&text=会议室&tag=x": 200, "/satisfaction?wave=2026Q3&before=nothing": 404,
	} {
		if w := fetch(t, h, target); w.Code != status {
			t.Errorf("%s: %d, want %d", target, w.Code, status)
		}
	}
	bare := routerWith(t, Dependencies{})
	if w := fetch(t, bare, "/satisfaction"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "还没有已结束的调查") {
		t.Errorf("without surveys: %d", w.Code)
	}
	if w := fetch(t, bare, "/api/v1/satisfaction"); w.Code != http.StatusNotFound {
		t.Errorf("the API without surveys: %d", w.Code)
	}
}

func TestSatisfactionAPI(t *testing.T) {
	h, o := surveyed(t)
	get := func(target string, status int, into any) {
		t.Helper()
		w := fetch(t, h, target)
		if w.Code != status {
			t.Fatalf("%s: %d %s", target, w.Code, w.Body)
		}
		if into != nil {
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
				t.Fatal(err)
			}
		}
	}
	var list waveList
	get("/api/v1/satisfaction", 200, &list)
	if len(list.Waves) != 4 || list.Waves[0].Wave != "2026Q3" {
		t.Errorf("waves %+v", list.Waves)
	}
	var all, some results.Report
	get("/api/v1/satisfaction/2026Q3", 200, &all)
	get("/api/v1/satisfaction/2026Q3?department=sales,legal,hr", 200, &some)
	if all.Overall.Departments != 6 || all.Overall.Hidden != 2 || all.Response.Answered != 89 || len(all.Questions) != 5 || len(all.Cells) != 40 {
		t.Errorf("all: %+v, %d questions, %d cells", all.Overall, len(all.Questions), len(all.Cells))
	}
	if some.Overall.Departments != 1 || some.Overall.Hidden != 2 || len(some.Questions) != 0 || *some.Overall.Mean != *some.Departments[0].Mean {
		t.Errorf("some: %+v", some.Overall)
	}
	var c results.WaveComparison
	get("/api/v1/satisfaction/2026Q3/comparison", 200, &c)
	if c.Before != "2026Q2" || !c.SameBasis || len(c.Departments) != 6 || c.Overall == nil || *c.Overall.Mean < 0 {
		t.Errorf("comparison: %+v", c)
	}
	var comments results.Comments
	get("/api/v1/satisfaction/2026Q3/comments/improve?text="+url.QueryEscape("会议"), 200, &comments)
	if comments.N < 30 || len(comments.List) == 0 || len(comments.List) == comments.N || len(comments.Words) == 0 {
		t.Errorf("%d comments, %d found, words %v", comments.N, len(comments.List), comments.Words)
	}
	var trend results.Trend
	get("/api/v1/satisfaction-trend/office_services", 200, &trend)
	if len(trend.Series[0].Points) != 4 {
		t.Errorf("trend %+v", trend.Series[0])
	}
	var q quadrant
	get("/api/v1/satisfaction/2026Q3/quadrant", 200, &q)
	standings := map[string]standing{}
	for _, one := range q.Services {
		standings[one.Service] = one.Standing
	}
	if standings["doc_approval"] != fastUnhappy || standings["meetings"] != fastHappy || standings["attitude"] != "" {
		t.Errorf("standings %v", standings)
	}
	for target, status := range map[string]int{
		"/api/v1/satisfaction/2030Q1": 404, "/api/v1/satisfaction/2026Q3?by=x": 400, "/api/v1/satisfaction/2026Q3/comments/meetings": 404,
		"/api/v1/satisfaction/2025Q4/comparison": 404, "/api/v1/satisfaction-trend/nothing": 404,
		"/api/v1/satisfaction/2026Q3?format=csv": 200, "/api/v1/satisfaction/2026Q3?format=xlsx": 200, "/api/v1/satisfaction/2026Q3/comments/improve?format=csv&part=words": 200,
		"/api/v1/satisfaction/2026Q3/comparison?format=xlsx": 200, "/api/v1/satisfaction/2026Q3/quadrant?format=csv": 200, "/api/v1/satisfaction-trend/office_services?format=csv": 200,
	} {
		get(target, status, nil)
	}
	file := fetch(t, h, "/api/v1/satisfaction/2026Q3?format=csv&part=departments&lang=zh").Body.String()
	if !strings.HasPrefix(file, "\ufeff") || !strings.Contains(file, "too_few") || strings.Count(file, "\r\n") != 9 {
		t.Errorf("CSV:\n%s", file)
	}
	w := o.Open(t, "2026Q4", officeServices(t), resultstest.Departments())
	get("/api/v1/satisfaction/2026Q4", 409, nil)
	get("/api/v1/satisfaction/2026Q4/comments/improve", 409, nil)
	o.Close(t, w)
	get("/api/v1/satisfaction/2026Q4", 200, nil)
}

func officeServices(t *testing.T) *questionnaire.Questionnaire {
	t.Helper()
	q, err := questionnaire.Template()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestTags(t *testing.T) {
	h, o := surveyed(t)
	found, err := o.Results.Comments(t.Context(), "2026Q3", "improve", results.Search{})
	if err != nil {
		t.Fatal(err)
	}
	id := found.List[0].ID
	post := func(target string, form url.Values, site string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	at := "/satisfaction/2026Q3/comments/improve/" + id
	tag := url.Values{"tag": {"审批 <b>"}}
	if got := post(at, tag, "cross-site"); got != http.StatusForbidden {
		t.Errorf("from another site: %d", got)
	}
	if got := post(at, tag, "same-origin"); got != http.StatusSeeOther {
		t.Fatalf("tag: %d", got)
	}
	page := fetch(t, h, "/satisfaction?wave=2026Q3&tag="+url.QueryEscape("审批 <b>")).Body.String()
	if !strings.Contains(page, "审批 &lt;b&gt;") || !strings.Contains(page, "comment-"+id) || strings.Count(page, "<blockquote>") != 1 {
		t.Error("the tag does not lead to the comment")
	}
	if got := post(at, url.Values{"tag": {"审批 <b>"}, "take_off": {"1"}}, "same-origin"); got != http.StatusSeeOther {
		t.Errorf("take off: %d", got)
	}
	if found, err = o.Results.Comments(t.Context(), "2026Q3", "improve", results.Search{Tag: "审批 <b>"}); err != nil || len(found.List) != 0 {
		t.Errorf("after taking it off: %v %v", found.List, err)
	}
	for target, want := range map[string]int{"/satisfaction/2026Q3/comments/improve/" + strings.Repeat("0", 24): 404, "/satisfaction/2026Q3/comments/meetings/" + id: 404} {
		if got := post(target, tag, "same-origin"); got != want {
			t.Errorf("%s: %d", target, got)
		}
	}
	if got := post(at, url.Values{"tag": {strings.Repeat("长", 31)}}, "same-origin"); got != http.StatusBadRequest {
		t.Errorf("a long tag: %d", got)
	}
}

// Nothing of a wave is shown that is being answered, or whose answers have not all arrived.
func TestNothingBeforeClosing(t *testing.T) {
	o := resultstest.New(t, anonymity.Default)
	q := officeServices(t)
	o.Questionnaire(t, q)
	w := o.Open(t, "2026Q3", q, resultstest.Departments())
	h := routerWith(t, Dependencies{Satisfaction: o.Results})
	if page := fetch(t, h, "/satisfaction").Body.String(); !strings.Contains(page, "还没有已结束的调查") {
		t.Error("the page of an open wave shows something")
	}
	closed, err := w.ClosedNow(byNow())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Store.Save(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	o.Waiting = 3
	if page := fetch(t, h, "/satisfaction").Body.String(); !strings.Contains(page, "还有 3 份答卷没有入库") {
		t.Error("the page does not say that answers are on their way")
	}
	if w := fetch(t, h, "/api/v1/satisfaction/2026Q3"); w.Code != http.StatusConflict {
		t.Errorf("with answers on their way: %d %s", w.Code, w.Body)
	}
	o.Waiting = 0
	if w := fetch(t, h, "/api/v1/satisfaction/2026Q3"); w.Code != http.StatusOK {
		t.Errorf("with all answers: %d %s", w.Code, w.Body)
	}
}

func byNow() wave.By { return wave.By{Author: "director", Reason: "test", At: time.Now()} }

// Where nothing but chance lies between the departments, none is called the last.
func TestNobodyIsLastByChance(t *testing.T) {
	o := resultstest.New(t, anonymity.Default)
	q := officeServices(t)
	o.Questionnaire(t, q)
	departments := resultstest.Departments()[:2]
	w := o.Open(t, "2026Q3", q, departments)
	var people []resultstest.Person
	for i := range 12 {
		people = append(people, resultstest.Person{Department: departments[i%2].Key, Answers: questionnaire.Answers{"meetings": event.Number(float64(3 + i/2%3))}})
	}
	o.Answer(t, w, time.Now().Add(-time.Hour), people...)
	o.Close(t, w)
	page := fetch(t, routerWith(t, Dependencies{Satisfaction: o.Results}), "/satisfaction?lang=en").Body.String()
	if !strings.Contains(page, "do not differ beyond chance") || strings.Contains(page, "is satisfied least") {
		t.Error("a department is called the last")
	}
}
