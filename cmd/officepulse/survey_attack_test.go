package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/gateway"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/store"
)

// everyGet are the paths of all routes that somebody can look at.
func everyGet(t *testing.T) []string {
	t.Helper()
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
	var paths []string
	for _, r := range engine.Routes() {
		if r.Method == http.MethodGet {
			paths = append(paths, r.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// onlySearched are routes whose answers are not the same twice, whatever people
// answer: in them the answers' texts are looked for and nothing else.
var onlySearched = []string{"/metrics", "/readyz", "/api/v1/status", "/api/v1/audit", "/operations", "/export/audit", "/export/deadletters"}

// addresses are what is asked for: every route, with parameters filled in in every
// way that has to do with the survey.
func addresses(t *testing.T, wave string) []string {
	t.Helper()
	fill := strings.NewReplacer(":wave", wave, ":question", "improve", ":questionnaire", "office_services", "/questionnaires/:id", "/questionnaires/office_services.v1")
	span := "from=2020-01-01&to=2100-01-01"
	var all []string
	for _, path := range everyGet(t) {
		switch {
		case strings.HasPrefix(path, "/static/"), strings.HasPrefix(path, "/s/"), strings.HasPrefix(path, "/survey-form/"), path == openAPIPath, strings.Contains(path, "links.csv"):
			// No answers can be in these, or the test has them another way.
		case strings.HasSuffix(path, "/:metric"):
			for _, metric := range []string{"satisfaction", "response_rate"} {
				for _, by := range []string{"none", "department"} {
					for _, bucket := range []string{"none", "quarter", "day"} {
						all = append(all, strings.Replace(path, ":metric", metric, 1)+"?"+span+"&by="+by+"&bucket="+bucket)
					}
				}
			}
		default:
			path = fill.Replace(path)
			if strings.ContainsAny(path, ":*") {
				continue // one case, one dead letter: there is none
			}
			all = append(all, path)
			if strings.HasPrefix(path, "/api/v1/satisfaction/") {
				all = append(all, path+"?format=csv")
				for _, d := range []string{"sales", "marketing", "legal", "sales,legal", "marketing,legal", "sales,marketing"} {
					all = append(all, path+"?department="+url.QueryEscape(d))
				}
			}
		}
	}
	if len(all) < 50 {
		t.Fatalf("only %d addresses: %v", len(all), all)
	}
	return all
}

// varying is what differs from one answer of a server to the next without saying
// anything: instants, addresses of forms, numbers used once.
var varying = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?|\d\d:\d\d(:\d\d)?|127\.0\.0\.1:\d+|/s/[\w.-]+|nonce[-="]+[\w+/=]+|<path d="M4,4[^"]*"|[0-9.]+ ?(ms|毫秒)`)

// seen is everything that can be asked for at this moment by somebody who holds
// the operator's token, which is the most that anybody holds.
func (s *service) seen(addresses []string) map[string]string {
	s.tb.Helper()
	all, token := make(map[string]string), s.token()
	for _, address := range addresses {
		req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodGet, s.url+address, nil)
		if err != nil {
			s.tb.Error(err)
			return nil
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.tb.Error(err)
			return nil
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode >= http.StatusInternalServerError {
			s.tb.Errorf("%s: %d %v %.300s", address, resp.StatusCode, err, text)
		}
		all[address] = fmt.Sprint(resp.StatusCode, "\n", varying.ReplaceAllString(string(text), "…"))
	}
	return all
}

// universe is a service in which the same people answer in the same order, each of
// them something of their own.
type universe struct {
	*service

	name  string
	links map[string][]string
	level func(person int) int
}

func newUniverse(t *testing.T, name string, level func(int) int) *universe {
	t.Helper()
	u := &universe{service: startService(t, t.TempDir(), "--partitions", "1"), name: name, level: level}
	post := func(path string, form url.Values) {
		t.Helper()
		if text, status := u.fetchText(http.MethodPost, u.url+path, form); status != http.StatusOK {
			t.Fatalf("%s: %d %.500s", path, status, text)
		}
	}
	post("/surveys/waves", url.Values{
		"key": {"attacked"}, "quarter": {"2026Q4"}, "title_zh": {"满意度调查"}, "title_en": {"Survey"}, "questionnaire": {"office_services.v1"}, "privacy": {"anonymous"},
		"opens": {"2026-01-01T00:00"}, "closes": {"2099-01-01T00:00"}, "department": {"sales", "marketing", "legal"}, "at_most": {"0"}, "reason": {"test"},
	})
	post("/surveys/waves/attacked/open", url.Values{"revision": {"1"}, "reason": {"test"}})
	post("/surveys/waves/attacked/links", url.Values{"n_sales": {"8"}, "n_marketing": {"8"}, "n_legal": {"8"}})
	u.links = u.surveyLinks("/surveys/waves/attacked", 24)
	return u
}

// remark is in what every person writes.
const remark = "我想说的话"

// give has a person of a department answer, and waits until that is stored.
func (u *universe) give(person int, department string, so int) {
	u.tb.Helper()
	link := u.links[department][so]
	page, _ := u.fetchText(http.MethodGet, link, nil)
	m := surveyTicket.FindStringSubmatch(page)
	if m == nil {
		u.tb.Fatalf("no form: %.300s", page)
	}
	level := strconv.Itoa(u.level(person))
	page, status := u.fetchText(http.MethodPost, link, url.Values{
		"_ticket": {m[1]}, "meetings": {level}, "doc_approval": {level}, "supplies": {level}, "coordination": {level}, "attitude": {level}, "improve": {fmt.Sprint(u.name, person, remark)},
	})
	if status != http.StatusOK {
		u.tb.Fatalf("not taken: %d %.300s", status, page)
	}
	u.wait()
}

func (u *universe) wait() {
	u.tb.Helper()
	c := &client{server: u.url, token: u.token(), http: httpClient()}
	if err := c.waitStored(u.tb.Context()); err != nil {
		u.tb.Fatal(err)
	}
}

// What anybody can ask for before and after each answer depends on who has answered
// and not on what: in two services where the same people answer differently, in the
// same order, everything is the same at each step. After the closing nothing changes
// any more, whatever comes; and no choice of departments is about fewer people than
// the threshold, alone or as the difference to another.
func TestSurveyAttackOverHTTP(t *testing.T) {
	const threshold = 5
	order := []string{"sales", "legal", "sales", "marketing", "sales", "marketing", "sales", "marketing", "legal", "marketing", "sales", "marketing", "sales"}
	one := newUniverse(t, "甲", func(person int) int { return 1 + person%5 })
	other := newUniverse(t, "乙", func(person int) int { return 5 - person%5 })
	ask := addresses(t, "attacked")
	aboutSurveys := slices.DeleteFunc(slices.Clone(ask), func(address string) bool {
		return !strings.Contains(address, "attacked") && !strings.Contains(address, "satisfaction") && !strings.Contains(address, "response_rate")
	})
	so := make(map[string]int)
	for person := -1; person < len(order); person++ {
		if person >= 0 {
			for _, u := range []*universe{one, other} {
				u.give(person, order[person], so[order[person]])
			}
			so[order[person]]++
		}
		now := ask
		if person > 0 && person < len(order)-1 { // in between, where surveys are; all else before, after the first and after the last
			now = aboutSurveys
		}
		var a, b map[string]string
		var both sync.WaitGroup
		both.Go(func() { a = one.seen(now) })
		both.Go(func() { b = other.seen(now) })
		both.Wait()
		for _, address := range now {
			if strings.Contains(a[address]+b[address], remark) {
				t.Fatalf("%s shows what somebody wrote while the wave is open, after %d answers", address, person+1)
			}
			path, _, _ := strings.Cut(address, "?")
			if !slices.Contains(onlySearched, path) && a[address] != b[address] {
				t.Fatalf("after %d answers %s says what was answered:\n%s", person+1, address, differing(a[address], b[address]))
			}
		}
	}

	// The results, and what a late answer does to them.
	if text, status := one.fetchText(http.MethodPost, one.url+"/surveys/waves/attacked/close", url.Values{"revision": {"2"}, "reason": {"test"}}); status != http.StatusOK {
		t.Fatalf("close: %d %.300s", status, text)
	}
	one.waitFor("the results", func() bool {
		_, status := one.fetchText(http.MethodGet, one.url+"/api/v1/satisfaction/attacked", nil)
		return status == http.StatusOK
	})
	var figures []string
	for _, address := range ask {
		if strings.Contains(address, "satisfaction") {
			figures = append(figures, address)
		}
	}
	before := one.seen(figures)
	late := `{"specversion":"1.0","id":"late","source":"/late","type":"officepulse.answer.v1","time":"2026-11-01T00:00:00+08:00","data":{"answer_id":"late","wave":"attacked",
		"questionnaire":"office_services.v1","department":"legal","answers":{"meetings":5,"doc_approval":5,"supplies":5,"coordination":5,"attitude":5,"improve":"来晚了"}}}`
	for i := range 3 {
		if status := one.send(strings.ReplaceAll(late, `"late"`, fmt.Sprintf(`"late%d"`, i))); status != http.StatusAccepted {
			t.Fatalf("late: %d", status)
		}
	}
	one.wait()
	for address, text := range one.seen(figures) {
		if text != before[address] {
			t.Errorf("%s changes by an answer that came after the closing:\n%s", address, differing(before[address], text))
		}
	}

	// Every choice of departments.
	n := make(map[string]int)
	for _, chosen := range []string{"sales", "marketing", "legal", "sales,marketing", "sales,legal", "marketing,legal", "sales,marketing,legal", ""} {
		text, _ := one.fetchText(http.MethodGet, one.url+"/api/v1/satisfaction/attacked?department="+url.QueryEscape(chosen), nil)
		if chosen == "" {
			text, _ = one.fetchText(http.MethodGet, one.url+"/api/v1/satisfaction/attacked", nil)
			chosen = "sales,marketing,legal,all"
		}
		var report struct {
			Overall     struct{ N int }
			Departments []struct {
				Department, Hidden string
				N                  int
				Mean               *float64
			}
		}
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatalf("%v: %.300s", err, text)
		}
		n[chosen] = report.Overall.N
		for _, d := range report.Departments {
			if d.Department == "legal" && (d.Mean != nil || d.Hidden == "") || d.Mean != nil && d.N < threshold {
				t.Errorf("chosen %q: shown %+v", chosen, d)
			}
		}
	}
	if n["sales,marketing,legal"] < threshold {
		t.Fatalf("nothing is shown: %v", n)
	}
	for small, few := range n {
		for large, many := range n {
			within := !slices.ContainsFunc(strings.Split(small, ","), func(d string) bool { return !slices.Contains(strings.Split(large, ","), d) })
			if rest := many - few; within && rest != 0 && rest < threshold || few != 0 && few < threshold {
				t.Errorf("%q is about %d and %q about %d people", small, few, large, many)
			}
		}
	}
	one.nothingOnDisk()
}

// nothingOnDisk: after the closing the data directory has nothing of who has used a link.
func (u *universe) nothingOnDisk() {
	u.tb.Helper()
	u.waitFor("the uses to be forgotten", func() bool {
		files, err := filepath.Glob(filepath.Join(u.data, surveysDir, "uses", "*"))
		return err == nil && len(files) == 0
	})
}

// differing are the first lines in which two texts differ.
func differing(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("- %.400s\n+ %.400s", left[i], right[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(left), len(right))
}
