package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// director works with the pages that administer surveys.
type director struct {
	*testing.T

	surveys *fakeSurveys
	handler http.Handler
}

func newDirector(t *testing.T) *director {
	t.Helper()
	hb := testHandbook()
	for i := range hb.Departments {
		hb.Departments[i].Headcount = 10 * (i + 1)
	}
	d := &director{T: t, surveys: &fakeSurveys{}}
	d.handler = routerWith(t, Dependencies{Surveys: d.surveys, Handbook: hb})
	return d
}

func (d *director) do(method, target, media, body string) (int, string, http.Header) {
	d.Helper()
	req := httptest.NewRequestWithContext(d.Context(), method, target, strings.NewReader(body))
	req.Header.Set("Accept-Language", "en")
	if body != "" {
		req.Header.Set("Content-Type", media)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, req)
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		d.Fatal(err)
	}
	return w.Code, string(text), w.Header()
}

const formMedia = "application/x-www-form-urlencoded"

// post wants a status and parts of the page, or of the address that it leads to.
func (d *director) post(target string, form url.Values, want int, parts ...string) string {
	d.Helper()
	status, text, header := d.do(http.MethodPost, target, formMedia, form.Encode())
	d.want(target, status, text+header.Get("Location"), want, parts...)
	return text
}

func (d *director) get(target string, want int, parts ...string) string {
	d.Helper()
	status, text, _ := d.do(http.MethodGet, target, "", "")
	d.want(target, status, text, want, parts...)
	return text
}

func (d *director) want(target string, status int, text string, want int, parts ...string) {
	d.Helper()
	if status != want {
		d.Errorf("%s: status %d, want %d\n%.400s", target, status, want, text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			d.Errorf("%s: %q is not in the page", target, part)
		}
	}
}

var inputs = regexp.MustCompile(`<(?:input|textarea)[^>]*?\bname="([^"]+)"[^>]*>`)

// fields are those of a page's form, as a browser would send them.
func fields(page, form string) url.Values {
	_, page, _ = strings.Cut(page, `id="`+form+`"`)
	page, _, _ = strings.Cut(page, "</form>")
	values := url.Values{}
	attribute := func(tag, name string) string {
		if m := regexp.MustCompile(`\b` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;", "+").Replace(m[1])
		}
		return ""
	}
	for _, at := range inputs.FindAllStringSubmatchIndex(page, -1) {
		tag, name := page[at[0]:at[1]], page[at[2]:at[3]]
		switch kind := attribute(tag, "type"); {
		case strings.HasPrefix(tag, "<textarea"):
			text, _, _ := strings.Cut(page[at[1]:], "</textarea>")
			values.Set(name, strings.TrimPrefix(text, "\n"))
		case kind == "checkbox" || kind == "radio":
			if strings.Contains(tag, " checked") {
				values.Add(name, attribute(tag, "value"))
			}
		default:
			values.Set(name, attribute(tag, "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(page, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2]); chosen != nil {
			values.Set(m[1], chosen[1])
		} else if first := regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(m[2]); first != nil {
			values.Set(m[1], first[1])
		}
	}
	return values
}

func TestWavePages(t *testing.T) {
	d := newDirector(t)
	d.get("/surveys", http.StatusOK, "There is no wave yet")
	page := d.get("/surveys/waves/new", http.StatusOK, "Satisfaction with the office&#39;s services, Q4 2026")
	form := fields(page, "wave-form")
	bad := url.Values{"key": {"第四"}, "title_zh": {""}, "quarter": {"2026Q5"}, "days": {"2, 7"}, "opens": {"2026-12-01T00:00"}, "closes": {"2026-11-01T00:00"}, "reason": {""}}
	d.post("/surveys/waves", bad, http.StatusUnprocessableEntity, "is no key", "Say which quarter", "Give it a title", "Choose a questionnaire", "a later one of closing",
		"Choose at least one department", "the earliest first", "Say why", `value="2026Q5"`, `value="2, 7"`)
	d.post("/surveys/waves", form, http.StatusSeeOther, "/surveys/waves/2026Q4?done=create")
	d.post("/surveys/waves", form, http.StatusUnprocessableEntity, "There is a wave 2026Q4 already")
	if len(d.surveys.questionnaires) != 1 {
		t.Fatalf("the template was taken over %d times", len(d.surveys.questionnaires))
	}
	page = d.get("/surveys/waves/2026Q4", http.StatusOK, "Open the wave", "Draft")
	open := fields(page, "open")
	d.post("/surveys/waves/2026Q4/close", open, http.StatusUnprocessableEntity, "This wave is “Draft” now")
	d.post("/surveys/waves/2026Q4/open", open, http.StatusSeeOther, "?done=open")
	d.post("/surveys/waves/2026Q4/open", open, http.StatusConflict, "Somebody else has changed this meanwhile")
	w, _ := d.surveys.Wave("2026Q4")
	if len(w.Departments) != 12 || w.Departments[2].Headcount != 30 || w.Departments[2].Expected != 30 {
		t.Errorf("frozen: %+v", w.Departments)
	}
	d.surveys.counts = map[string]uint64{"sales": 10, "rnd": 3}
	d.get("/surveys/waves/2026Q4/counts", http.StatusOK, `>10</td>`, `50%`, `id="answers" data-label="Answers">13</td>`)

	d.post("/surveys/waves/2026Q4/links", url.Values{"recipients": {"Sales, a@example.com\n研发，b@example.com\nKitchen, c@example.com\nSales"}}, http.StatusUnprocessableEntity,
		"Line 3, “Kitchen, c@example.com”", "Line 4, “Sales”")
	d.post("/surveys/waves/2026Q4/links", url.Values{"n_sales": {"many"}}, http.StatusUnprocessableEntity, "The number for Sales is none")
	d.post("/surveys/waves/2026Q4/links", url.Values{"recipients": {"=Sales, a@example.com"}}, http.StatusUnprocessableEntity, "Line 1")
	d.post("/surveys/waves/2026Q4/links", url.Values{"n_sales": {"2"}, "recipients": {"研发，=b@example.com"}}, http.StatusSeeOther, "?done=links")
	d.get("/surveys/waves/2026Q4/links.csv", http.StatusOK, "\ufeffDepartment,Recipient,Link\n", "Sales,,http://here/s/0\n", "R&D,'=b@example.com,http://here/s/2\n")

	d.get("/surveys/waves/2026Q4/sheet", http.StatusOK, "http://here/s/of-sales", "无法保证一人一票", "cannot guarantee one person, one answer", "<svg")
	page = d.get("/surveys/waves/2026Q4", http.StatusOK, "The wave is open", "http://here/s/of-sales")
	closing := fields(page, "close")
	d.post("/surveys/waves/2026Q4/close", closing, http.StatusSeeOther, "?done=close")
	page = d.get("/surveys/waves/2026Q4", http.StatusOK, "Tell people what comes of it")
	publish := fields(page, "publish")
	d.post("/surveys/waves/2026Q4/publish", publish, http.StatusUnprocessableEntity, "Say in a sentence or two")
	publish.Set("outcome_zh", "已改进")
	d.surveys.fail = wave.ErrAway
	d.post("/surveys/waves/2026Q4/publish", publish, http.StatusServiceUnavailable, "The database does not answer")
	d.surveys.fail = nil
	d.post("/surveys/waves/2026Q4/publish", publish, http.StatusSeeOther, "?done=publish")
	d.post("/surveys/waves/next", url.Values{"from": {"2026Q4"}}, http.StatusSeeOther, "/surveys/waves/2027Q1?done=next")
	d.get("/surveys/waves/2027Q1/edit", http.StatusOK, `value="2027Q1"`)
	d.get("/surveys/waves/2031Q1", http.StatusNotFound, "There is no such wave")
	d.get("/surveys", http.StatusOK, "New wave of Q2 2027", "Published")
}

func TestQuestionnairePages(t *testing.T) {
	d := newDirector(t)
	page := d.get("/surveys/questionnaires/new", http.StatusOK, `value="office_services_2"`)
	form := fields(page, "editor")
	form.Set("key", "kitchen")
	act := func(do string, parts ...string) {
		t.Helper()
		form.Set("do", do)
		form = fields(d.post("/surveys/questionnaires", form, http.StatusOK, parts...), "editor")
	}
	act("add", `id="question-6"`)
	form.Set("q6_key", "channel")
	form.Set("q6_type", "single")
	act("check", "Options, one a line")
	form.Set("q6_options", "phone | 电话 | Telephone\nbroken line")
	form.Set("do", "save")
	d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "Question 7 (channel)", "line 2, “broken line”", `href="#question-6"`)
	form.Set("q6_options", "phone | 电话 | Telephone\nphone | 邮件 | Mail")
	form.Set("q6_if", `{"question": "meetings", "below": 2}`)
	d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "the condition cannot be read")
	form.Set("q6_if", `{"question": "meetings", "at_most": 2}`)
	d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "/questions/6/text/zh")
	form.Set("q6_text_zh", "渠道")
	form.Set("q6_text_en", "Channel")
	d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "/questions/6/options/1/key: key &#34;phone&#34; is taken")
	form.Set("q6_options", "phone | 电话 | Telephone\nmail ｜ 邮件 ｜ Mail")
	d.post("/surveys/questionnaires/preview", form, http.StatusOK, "preview of kitchen.v1 in en, 7 questions")
	act("up:6", `value="channel"`)
	if form.Get("q5_key") != "channel" || form.Get("q6_key") != "improve" || !strings.Contains(form.Get("q5_if"), "at_most") {
		t.Fatalf("moved up: %v", form)
	}
	act("copy:5", `value="channel_2"`)
	act("remove:6")
	form.Set("do", "save")
	d.post("/surveys/questionnaires", form, http.StatusSeeOther, "/surveys?done=questionnaire")
	q, ok := d.surveys.Questionnaire(wave.Version{Key: "kitchen", Number: 1})
	if !ok || len(q.Questions) != 7 || q.Questions[5].Options[1].Text.EN != "Mail" || q.Questions[5].VisibleIf.Question != "meetings" {
		t.Fatalf("saved: %+v", q)
	}

	// The next version: another scale is refused, other words have to be confirmed.
	page = d.get("/surveys/questionnaires/kitchen.v1/edit", http.StatusOK, "becomes version 2")
	form = fields(page, "editor")
	form.Set("reason", "shorter")
	form.Set("do", "save")
	form.Set("q0_levels", "1 | 100 | 好 | Good\n0 | 0 | 差 | Bad")
	d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "give it a new key")
	form.Set("q0_levels", fields(page, "editor").Get("q0_levels"))
	form.Set("q0_text_en", "Meetings?")
	text := d.post("/surveys/questionnaires", form, http.StatusUnprocessableEntity, "Question meetings is worded differently", "The questions mean the same")
	form = fields(text, "editor")
	form.Set("confirmed", "1")
	form.Set("do", "save")
	d.post("/surveys/questionnaires", form, http.StatusSeeOther)
	if _, ok := d.surveys.Questionnaire(wave.Version{Key: "kitchen", Number: 2}); !ok {
		t.Error("the second version is not there")
	}
	d.get("/surveys", http.StatusOK, "kitchen.v1", "kitchen.v2")
}

func TestQuestionnaireFiles(t *testing.T) {
	d := newDirector(t)
	send := func(text string, want int, parts ...string) {
		t.Helper()
		d.post("/surveys/questionnaires/import", url.Values{"text": {text}}, want, parts...)
	}
	send(`{"key": "a", "questions": [{"key": "Q", "type": "slider"}]}`, http.StatusUnprocessableEntity, "/questions/0/key", "/questions/0/type: value must be one of", "missing property")
	send("no JSON", http.StatusUnprocessableEntity, "this is no JSON")
	text := d.get("/surveys/questionnaires/office_services.v1/file", http.StatusOK)
	send(text, http.StatusSeeOther, "?done=import")
	send(text, http.StatusSeeOther, "?done=import") // the same again becomes the next version
	if newest, _ := d.surveys.Newest("office_services"); newest.Version != 2 {
		t.Errorf("version %d", newest.Version)
	}
	template, err := questionnaire.Template()
	if err != nil {
		t.Fatal(err)
	}
	template.Questions[0].Levels = template.Questions[0].Levels[:3]
	changed, err := template.Document()
	if err != nil {
		t.Fatal(err)
	}
	send(string(changed), http.StatusUnprocessableEntity, "/questions/0/key", "give it a new key")
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"q.json\"\r\n\r\n" + text + "\r\n--b--\r\n"
	status, page, header := d.do(http.MethodPost, "/surveys/questionnaires/import", "multipart/form-data; boundary=b", body)
	d.want("a file", status, page+header.Get("Location"), http.StatusSeeOther, "?done=import")
	d.get("/surveys/questionnaires/nothing.v1", http.StatusNotFound, "no such version")
}

// No other page acts through a director's browser.
func TestSurveysFromElsewhere(t *testing.T) {
	d := newDirector(t)
	for _, target := range []string{"/surveys/waves", "/surveys/waves/next", "/surveys/waves/a/open", "/surveys/questionnaires", "/surveys/questionnaires/import", "/surveys/waves/a/links"} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader("reason=x"))
		req.Header.Set("Content-Type", formMedia)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, req)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	if len(d.surveys.revisions)+len(d.surveys.questionnaires) > 0 {
		t.Error("something was changed")
	}
}
