package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	faults "github.com/pb33f/libopenapi-validator/errors"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/store"
)

func everyOperation() []openapi.Operation {
	return append(serviceOperations(), dashboard.APIOperations()...)
}

// description is the API's description as its validator reads it.
func description(t *testing.T, text []byte) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	text, err := apiDescription()
	if err != nil {
		t.Fatal(err)
	}
	if ok, wrong := description(t, text).ValidateDocument(); !ok {
		t.Error(told(wrong))
	}
	for _, o := range everyOperation() {
		for _, p := range o.Parameters {
			if p.Name == "" || p.Description == "" {
				t.Errorf("%s: the parameter %q is not described", o.ID, p.Name)
			}
		}
		if o.Summary == "" || len(o.Answers) == 0 {
			t.Errorf("%s has no summary or no answer", o.ID)
		}
	}
}

// Every route for programs is described, and nothing else.
func TestDescriptionHasEveryRoute(t *testing.T) {
	logger, registry := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	o := &office{config: Default(), logger: logger, registry: registry, durations: newDurations()}
	o.surveys = &surveys{Store: new(store.Store), secret: make([]byte, 32), results: new(results.Results)}
	o.door = gateway.New(gateway.DefaultConfig(), ingest.NewPublisher(nil, logger), registry, logger)
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	router, err := o.router(&promises{handbook: hb, calendar: cal, metrics: analytics.New(nil, hb, cal)})
	if err != nil {
		t.Fatal(err)
	}
	engine, ok := router.(*gin.Engine)
	if !ok {
		t.Fatalf("the router is a %T", router)
	}
	routes := make(map[string]bool)
	for _, r := range engine.Routes() {
		forPrograms := strings.HasPrefix(r.Path, "/api/") || slices.Contains([]string{"/healthz", "/readyz", "/metrics"}, r.Path)
		if forPrograms && (r.Path != eventsPath || r.Method == http.MethodPost) { // the gateway refuses other methods itself
			routes[r.Method+" "+r.Path] = true
		}
	}
	for _, d := range everyOperation() {
		name := d.Method + " " + d.Path
		if !routes[name] {
			t.Errorf("%s is described, and there is no such route", name)
		}
		delete(routes, name)
	}
	for name := range routes {
		t.Errorf("%s is not described", name)
	}
}

// contract asks a running service and holds its answers against the description.
type contract struct {
	*service
	check validator.Validator
	good  map[string]bool // operations by "METHOD path template" that answered as hoped
	bad   map[string]bool // and that refused
}

type exchange struct {
	method, path string // the path as in the description, {name} filled in from fill
	fill         []string
	query        string
	media, body  string
	stranger     bool // without the token
	want         int
}

// do sends a request and checks both it (where it is a good one) and its answer.
func (c *contract) do(t *testing.T, x exchange) {
	t.Helper()
	target := x.path
	for i := 0; i < len(x.fill); i += 2 {
		target = strings.ReplaceAll(target, "{"+x.fill[i]+"}", x.fill[i+1])
	}
	if x.query != "" {
		target += "?" + x.query
	}
	request := func() *http.Request {
		req, err := http.NewRequestWithContext(t.Context(), x.method, c.url+target, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		if !x.stranger {
			req.Header.Set("Authorization", "Bearer "+c.token())
		}
		if x.body != "" {
			req.Header.Set("Content-Type", x.media)
		}
		return req
	}
	resp, err := httpClient().Do(request())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	name := x.method + " " + target
	if resp.StatusCode != x.want {
		t.Errorf("%s: %d, want %d: %.300s", name, resp.StatusCode, x.want, body)
	}
	hoped := x.want < http.StatusBadRequest
	c.note(x, hoped)
	if hoped {
		if ok, wrong := c.check.ValidateHttpRequest(request()); !ok {
			t.Errorf("%s: the request is not as described: %s", name, told(wrong))
		}
	}
	answers := [][]byte{body}
	if resp.Header.Get("Content-Type") == linesMedia {
		answers = bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	}
	for _, answer := range answers {
		resp.Body = io.NopCloser(bytes.NewReader(answer))
		c.isAsDescribed(t, name, request(), resp)
	}
}

func (c *contract) isAsDescribed(t *testing.T, name string, req *http.Request, resp *http.Response) {
	t.Helper()
	if ok, wrong := c.check.ValidateHttpResponse(req, resp); !ok {
		t.Errorf("%s: the answer is not as described: %s", name, told(wrong))
	}
}

func (c *contract) note(x exchange, hoped bool) {
	if hoped {
		c.good[x.method+" "+x.path] = true
	} else {
		c.bad[x.method+" "+x.path] = true
	}
}

func told(list []*faults.ValidationError) string {
	var b strings.Builder
	for _, f := range list {
		_, _ = fmt.Fprintf(&b, "\n  %s: %s", f.Message, f.Reason)
		for _, s := range f.SchemaValidationErrors {
			_, _ = fmt.Fprintf(&b, "\n    %s %s", s.FieldPath, s.Reason)
		}
	}
	return b.String()
}

// TestAnswersAreAsDescribed asks every operation well and badly.
func TestAnswersAreAsDescribed(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, dir, "handbook.yaml", string(handbook.Example()))
	s := startService(t, filepath.Join(dir, "data"), "--handbook", file)
	text, err := apiDescription()
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{service: s, check: description(t, text), good: make(map[string]bool), bad: make(map[string]bool)}

	c.sendsEvents(t)
	s.produce(event.TypeTask, wrongEvent("a"), wrongEvent("b"), "no event")
	s.stored()
	c.asksFigures(t)
	c.handlesSurveys(t)
	c.handlesTargets(t)
	c.handlesChanges(t)
	c.coordinates(t)
	c.handlesLetters(t)
	c.keepsHouse(t, file, dir)

	for _, o := range everyOperation() {
		name := o.Method + " " + openapi.Template(o.Path)
		if !c.good[name] {
			t.Errorf("%s was never asked well", name)
		}
		if o.Problem != nil && !c.bad[name] {
			t.Errorf("%s was never asked badly", name)
		}
	}
}

func (c *contract) sendsEvents(t *testing.T) {
	t.Helper()
	const answered = `{"specversion":"1.0","id":"a1","source":"/t","type":"officepulse.answer.v1","time":"2026-10-09T10:00:00+08:00",
	 "data":{"answer_id":"a-1","wave":"2026Q3","questionnaire":"office_services.v1","department":"sales","answers":{"meetings":5,"attitude":3}}}`
	const path = eventsPath
	batch := "[" + strings.Join(append(slices.Clone(overTheHoliday), answered), ",") + "]"
	f := func(want int, media, body string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodPost, path: path, media: media, body: body, want: want})
	}
	f(http.StatusAccepted, event.MediaTypeBatch, batch)
	f(http.StatusAccepted, event.MediaType, overTheHoliday[0])
	f(http.StatusAccepted, event.MediaType, strings.NewReplacer(`"r1"`, `"open"`, "s-1", "s-open").Replace(overTheHoliday[0]))
	f(http.StatusBadRequest, event.MediaType, wrongEvent("c"))
	f(http.StatusBadRequest, event.MediaTypeBatch, "[{}")
	f(http.StatusUnsupportedMediaType, "text/plain", "hello")
	c.do(t, exchange{method: http.MethodPost, path: path, media: event.MediaType, body: overTheHoliday[0], stranger: true, want: http.StatusUnauthorized})
}

func (c *contract) asksFigures(t *testing.T) {
	t.Helper()
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want, stranger: true})
	}
	get(http.StatusOK, "/api/v1/metrics", "")
	get(http.StatusBadRequest, "/api/v1/metrics", "colour=red")
	const metric = "/api/v1/metrics/{metric}"
	for _, d := range analytics.Catalogue() {
		for _, by := range d.By {
			get(http.StatusOK, metric, "from=2026-07-01&to=2026-11-01&by="+string(by), "metric", d.Metric)
		}
		if len(d.Clocks) > 0 {
			get(http.StatusOK, metric, "from=2026-07-01&to=2027-03-01&clock=working", "metric", d.Metric)
		}
		get(http.StatusOK, metric, "bucket="+string(d.Buckets[0]), "metric", d.Metric)
		get(http.StatusBadRequest, metric, "bucket=year&limit=x&colour=red", "metric", d.Metric)
	}
	get(http.StatusOK, metric, "from=2027-01-01&to=2027-02-01&clock=working", "metric", "lead_time")
	get(http.StatusOK, metric, "format=csv&lang=zh", "metric", "lead_time")
	get(http.StatusOK, metric, "format=xlsx", "metric", "variants")
	get(http.StatusBadRequest, metric, "from=2026-02-01&to=2026-01-01", "metric", "lead_time")
	get(http.StatusNotFound, metric, "", "metric", "no_such_metric")
	c.asksWhy(t, get)
}

// asksWhy asks the analyses.
func (c *contract) asksWhy(t *testing.T, get func(want int, path, query string, fill ...string)) {
	t.Helper()
	const period = "from=2026-09-01&to=2026-11-01"
	const earlier = "&before_from=2026-07-01&before_to=2026-09-01"
	for _, about := range analytics.CaseAbouts() {
		query := "about=" + about + "&" + period
		if about == "transitions" || about == "handovers" {
			query += "&first=application&second=register"
		}
		if about == "variants" {
			query += "&variant=application,register"
		}
		if about == "stage_time" || about == "bottlenecks" {
			query += "&stage=register"
		}
		get(http.StatusOK, "/api/v1/cases", query)
	}
	get(http.StatusOK, "/api/v1/cases", "about=deviations&kind=missing&kind=foreign&clock=working&"+period)
	get(http.StatusBadRequest, "/api/v1/cases", "about=deviations&kind=detour&"+period)
	get(http.StatusBadRequest, "/api/v1/cases", "about=nothing")
	const one = "/api/v1/cases/{process}/{case_id}"
	get(http.StatusOK, one, "", "process", "seal", "case_id", "s-1")
	get(http.StatusOK, one, "", "process", "seal", "case_id", "s-open")
	get(http.StatusNotFound, one, "", "process", "seal", "case_id", "s-2")
	const metric = "/{metric}"
	for _, name := range []string{"distribution", "matrix", "control", "compare"} {
		query := period
		if name == "compare" {
			query += earlier
		}
		get(http.StatusOK, "/api/v1/"+name+metric, query+"&clock=working", "metric", "lead_time")
		get(http.StatusNotFound, "/api/v1/"+name+metric, "", "metric", "variants")
		if name != "distribution" {
			get(http.StatusOK, "/api/v1/"+name+metric, query, "metric", "error_rate")
		}
	}
	get(http.StatusOK, "/api/v1/moves", period+earlier)
	get(http.StatusBadRequest, "/api/v1/moves", period)
	for _, path := range []string{"/api/v1/ageing", "/api/v1/survival"} {
		get(http.StatusOK, path, period+"&clock=working")
		get(http.StatusBadRequest, path, "colour=red")
	}
}

// handlesSurveys imports a small survey and asks what came of it.
func (c *contract) handlesSurveys(t *testing.T) {
	t.Helper()
	post := func(want int, path, body string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodPost, path: path, media: openapi.JSON, body: body, fill: fill, want: want})
	}
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want, stranger: true})
	}
	const wave = `{"wave":"2020Q2","quarter":"2020Q2","title":{"zh":"调查","en":"Survey"},"anonymous":true,"closes":"2020-07-01T00:00:00+08:00",
	 "departments":[{"key":"sales","name":{"zh":"销售","en":"Sales"},"headcount":20,"expected":10}],"questionnaire":%s}`
	body := fmt.Sprintf(wave, questionnaire.TemplateText())
	post(http.StatusOK, surveyImportPath, body)
	post(http.StatusBadRequest, surveyImportPath, "[]")
	for i := range 9 {
		c.do(t, exchange{method: http.MethodPost, path: eventsPath, media: event.MediaType, want: http.StatusAccepted, body: fmt.Sprintf(
			`{"specversion":"1.0","id":"w%d","source":"/t","type":"officepulse.answer.v1","time":"2020-06-30T00:00:00Z","data":{"answer_id":"w-%d","wave":"2020Q2",
			"questionnaire":"office_services.v1","department":"sales","answers":{"meetings":%d,"doc_approval":4,"improve":"会议通知太晚 %d"}}}`, i, i, 3+i%3, i)})
	}
	c.stored()
	const one, closing = "/api/v1/satisfaction/{wave}", surveyImportPath + "/{wave}/close"
	get(http.StatusConflict, one, "", "wave", "2020Q2")
	post(http.StatusOK, closing, "", "wave", "2020Q2")
	post(http.StatusUnprocessableEntity, closing, "", "wave", "2020Q3")
	get(http.StatusOK, "/api/v1/satisfaction", "")
	get(http.StatusBadRequest, "/api/v1/satisfaction", "colour=red")
	get(http.StatusOK, one, "", "wave", "2020Q2")
	get(http.StatusOK, one, "department=sales&format=csv", "wave", "2020Q2")
	get(http.StatusNotFound, one, "", "wave", "2020Q3")
	const comments = one + "/comments/{question}"
	get(http.StatusOK, comments, "text=x", "wave", "2020Q2", "question", "improve")
	get(http.StatusNotFound, comments, "", "wave", "2020Q2", "question", "meetings")
	get(http.StatusOK, one+"/comparison", "before=2020Q2", "wave", "2020Q2")
	get(http.StatusNotFound, one+"/comparison", "", "wave", "2020Q2")
	get(http.StatusOK, one+"/quadrant", "", "wave", "2020Q2")
	get(http.StatusBadRequest, one+"/quadrant", "colour=red", "wave", "2020Q2")
	get(http.StatusOK, "/api/v1/satisfaction-trend/{questionnaire}", "", "questionnaire", "office_services")
	get(http.StatusNotFound, "/api/v1/satisfaction-trend/{questionnaire}", "", "questionnaire", "nothing")
}

func (c *contract) handlesLetters(t *testing.T) {
	t.Helper()
	letters := c.letters(3)
	const path = "/api/v1/deadletters"
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want})
	}
	post := func(want int, path, body string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodPost, path: path, media: openapi.JSON, body: body, fill: fill, want: want})
	}
	for _, id := range []string{letters[0].ID, letters[1].ID, letters[2].ID} {
		get(http.StatusOK, path+"/{id}", "", "id", id)
		get(http.StatusOK, path+"/{id}/value", "", "id", id)
	}
	get(http.StatusOK, path, "state=open&limit=2")
	get(http.StatusBadRequest, path, "state=sleeping")
	get(http.StatusOK, "/api/v1/audit", "")
	get(http.StatusBadRequest, "/api/v1/audit", "colour=red")
	const nobody = "0123456789abcdef"
	get(http.StatusNotFound, path+"/{id}", "", "id", nobody)
	get(http.StatusNotFound, path+"/{id}/value", "", "id", nobody)
	i := slices.IndexFunc(letters, func(l dashboard.Letter) bool { return strings.Contains(l.Preview, `"id":"a"`) })
	if i < 0 {
		t.Fatalf("no letter of event a among %+v", letters)
	}
	id := letters[i].ID
	mended := strings.Replace(wrongEvent("a"), "clsoe", "close", 1)
	post(http.StatusOK, path+"/{id}/edit", fmt.Sprintf(`{"text":%q,"reason":"a typing error"}`, mended), "id", id)
	post(http.StatusOK, path+"/{id}/dry-run", "", "id", id)
	post(http.StatusOK, path+"/{id}/replay", `{"reason":"mended"}`, "id", id)
	post(http.StatusOK, path+"/replay", `{"filter":{},"reason":"all of them"}`)
	post(http.StatusBadRequest, path+"/replay", `{}`)
	other := letters[(i+1)%len(letters)].ID
	post(http.StatusOK, path+"/{id}/discard", `{"reason":"not needed"}`, "id", other)
	for _, deed := range []string{"edit", "dry-run", "replay", "discard"} {
		body := `{"text":"{}","reason":"none"}`
		if deed != "edit" {
			body = `{"reason":"none"}`
		}
		if deed == "dry-run" {
			body = ""
		}
		post(http.StatusNotFound, path+"/{id}/"+deed, body, "id", nobody)
	}
}

// keepsHouse asks for what is about the service itself.
func (c *contract) keepsHouse(t *testing.T, file, dir string) {
	t.Helper()
	for _, path := range []string{"/api/v1/status", openAPIPath, "/healthz", "/readyz", "/metrics"} {
		c.do(t, exchange{method: http.MethodGet, path: path, want: http.StatusOK})
	}
	c.do(t, exchange{method: http.MethodGet, path: "/api/v1/status", stranger: true, want: http.StatusUnauthorized})
	const reload, backup = "/api/v1/handbook/reload", "/api/v1/backup"
	c.do(t, exchange{method: http.MethodPost, path: reload, want: http.StatusOK})
	writeFile(t, filepath.Dir(file), filepath.Base(file), "colour: red\n")
	c.do(t, exchange{method: http.MethodPost, path: reload, want: http.StatusUnprocessableEntity})
	c.do(t, exchange{method: http.MethodPost, path: backup, media: openapi.JSON, body: fmt.Sprintf(`{"target":%q}`, filepath.Join(dir, "backup")), want: http.StatusOK})
	c.do(t, exchange{method: http.MethodPost, path: backup, media: openapi.JSON, body: `{"target":"not/absolute"}`, want: http.StatusBadRequest})
}

// handlesTargets sets targets and does everything that can be done with them.
func (c *contract) handlesTargets(t *testing.T) {
	t.Helper()
	post := func(want int, path, body string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodPost, path: path, media: openapi.JSON, body: body, fill: fill, want: want})
	}
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want, stranger: true})
	}
	for i, at := range []string{"2020-05-06T09:00:00+08:00", "2020-05-08T09:00:00+08:00"} {
		step := []string{`"stage":"application","action":"submit"`, `"stage":"register","action":"complete"`}[i]
		c.do(t, exchange{method: http.MethodPost, path: eventsPath, media: event.MediaType, want: http.StatusAccepted, body: fmt.Sprintf(
			`{"specversion":"1.0","id":"old%d","source":"/t","type":"officepulse.task.v1","time":%q,"data":{"process":"seal","case_id":"s-old",%s,"department":"sales"}}`, i, at, step)})
	}
	c.stored()
	const all, one = "/api/v1/targets", "/api/v1/targets/{key}"
	const draft = `{"key":"%s","name":{"zh":"少等待","en":"Less waiting"},"figure":{"metric":"lead_time","value":"mean","clock":"elapsed"},"direction":"lower",
	 "baseline":%s,"goal":%d,"start":"%s","due":"%[4]s","owner":"Li","reason":"asked for"%s}`
	const typed = `{"value":1000000000,"reason":"guessed"}`
	post(http.StatusOK, all, fmt.Sprintf(draft, "a", typed, 1, "2020Q2", ""))
	post(http.StatusOK, all, fmt.Sprintf(draft, "b", `{"from":"2020-04-01","to":"2020-07-01"}`, 1, "2090Q3", ""))
	post(http.StatusUnprocessableEntity, all, fmt.Sprintf(draft, "a", typed, 1, "2020Q2", ""))
	get(http.StatusOK, all, "")
	get(http.StatusBadRequest, all, "state=lost")
	get(http.StatusOK, one, "", "key", "a")
	get(http.StatusNotFound, one, "", "key", "c")
	post(http.StatusOK, one+"/edit", fmt.Sprintf(draft, "b", typed, 2, "2090Q3", `,"revision":1`), "key", "b")
	post(http.StatusConflict, one+"/edit", fmt.Sprintf(draft, "b", typed, 2, "2090Q3", `,"revision":1`), "key", "b")
	post(http.StatusOK, one+"/check-in", `{"revision":2,"comment":"it goes","confidence":"sure"}`, "key", "b")
	post(http.StatusUnprocessableEntity, one+"/check-in", `{"revision":3,"comment":"","confidence":"sure"}`, "key", "b")
	post(http.StatusUnprocessableEntity, one+"/score", `{"revision":3}`, "key", "b")
	post(http.StatusOK, one+"/withdraw", `{"revision":3,"reason":"not needed"}`, "key", "b")
	post(http.StatusUnprocessableEntity, one+"/withdraw", `{"revision":4,"reason":"again"}`, "key", "b")
	post(http.StatusOK, one+"/score", `{"revision":1}`, "key", "a")
	post(http.StatusUnprocessableEntity, one+"/carry-over", `{"revision":2,"due":"2020Q1","reason":"x"}`, "key", "a")
	post(http.StatusOK, one+"/carry-over", `{"revision":2,"due":"2020Q4","reason":"it takes longer"}`, "key", "a")
}

// coordinates asks about registers, the team and early warning.
func (c *contract) coordinates(t *testing.T) {
	t.Helper()
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want})
	}
	const period = "from=2026-07-01&to=2026-11-01"
	get(http.StatusOK, "/api/v1/registers", period)
	get(http.StatusBadRequest, "/api/v1/registers", "colour=red")
	for _, key := range register.Keys() {
		get(http.StatusOK, "/api/v1/registers/{register}", period, "register", key)
	}
	get(http.StatusNotFound, "/api/v1/registers/{register}", period, "register", "no_such")
	get(http.StatusBadRequest, "/api/v1/registers/{register}", period+"&state=late", "register", register.Keys()[0])
	get(http.StatusOK, "/api/v1/team", period)
	get(http.StatusBadRequest, "/api/v1/team", "state=late")
	get(http.StatusOK, "/api/v1/warnings", "")
	get(http.StatusBadRequest, "/api/v1/warnings", "rule=no_such")
	get(http.StatusOK, "/api/v1/warnings/rules", "")
	get(http.StatusBadRequest, "/api/v1/warnings/rules", "colour=red")
	get(http.StatusOK, "/api/v1/warnings/replay", period)
	get(http.StatusBadRequest, "/api/v1/warnings/replay", "from=2020-01-01&to=2026-11-01")
}

// handlesChanges records process changes and does everything that can be done with them.
func (c *contract) handlesChanges(t *testing.T) {
	t.Helper()
	post := func(want int, path, body string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodPost, path: path, media: openapi.JSON, body: body, fill: fill, want: want})
	}
	get := func(want int, path, query string, fill ...string) {
		t.Helper()
		c.do(t, exchange{method: http.MethodGet, path: path, query: query, fill: fill, want: want, stranger: true})
	}
	const all, one = "/api/v1/changes", "/api/v1/changes/{key}"
	const draft = `{"key":"simpler","name":{"zh":"简化","en":"Simpler"},"what":"one step less","process":"seal","from":"%s","ramp_days":14,
	 "figures":[{"metric":"lead_time","value":"median","clock":"working"},{"metric":"error_rate","value":"rate","process":"seal"},{"metric":"satisfaction","value":"mean"},
	 {"metric":"throughput","value":"n"},{"metric":"on_time_rate","value":"rate"}],"reason":"agreed"%s}`
	post(http.StatusOK, all, fmt.Sprintf(draft, "2020-05-07", ""))
	post(http.StatusUnprocessableEntity, all, fmt.Sprintf(draft, "2020-05-07", ""))
	get(http.StatusOK, all, "state=all")
	get(http.StatusBadRequest, all, "state=lost")
	get(http.StatusOK, one, "", "key", "simpler")
	get(http.StatusNotFound, one, "", "key", "none")
	post(http.StatusOK, one+"/edit", fmt.Sprintf(draft, "2026-10-01", `,"revision":1`), "key", "simpler")
	post(http.StatusConflict, one+"/edit", fmt.Sprintf(draft, "2026-10-01", `,"revision":1`), "key", "simpler")
	post(http.StatusOK, one+"/withdraw", `{"revision":2,"reason":"never done"}`, "key", "simpler")
	post(http.StatusUnprocessableEntity, one+"/withdraw", `{"revision":3,"reason":"again"}`, "key", "simpler")
}
