package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

func decode(tb testing.TB, text []byte, into any) {
	tb.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		tb.Fatal(err)
	}
}

// contains checks that a page has all texts, as people read them.
func contains(t *testing.T, body string, texts ...string) {
	t.Helper()
	plain := html.UnescapeString(body)
	for _, text := range texts {
		if !strings.Contains(plain, text) {
			t.Errorf("%q is missing in the page", text)
		}
	}
}

func TestOverviewShowsTheMetrics(t *testing.T) {
	f := fake{quarters: 8}
	body := get(t, testRouter(t, f), "/?quarter=2026Q1&lang=zh").Body.String()
	values := map[string]string{}
	for _, m := range regexp.MustCompile(`data-metric="(\w+)"(?s:.*?)<span class="op-value">([^<]+)<`).FindAllStringSubmatch(body, -1) {
		values[m[1]] = m[2]
	}
	i := 5 // 2026Q1 in the story
	want := map[string]string{
		"error_rate": fmt.Sprintf("%.1f", storyErrors[i]), "lead_time": fmt.Sprintf("%.1f", storyDays[i]),
		"satisfaction": fmt.Sprintf("%.1f", storySatisfaction[i]), "throughput": count(throughputStory(1)(i).N),
	}
	for metric, value := range want {
		if values[metric] != value {
			t.Errorf("%s: the page says %q, the metrics %q", metric, values[metric], value)
		}
	}
	contains(t, body, "2026年第一季度", "<option value=\"2026Q1\" selected>", "核心文件", "会签", "附件缺失", "法务合规",
		"最新入库事件 2026-09-30 18:00", "仅监听本机 127.0.0.1")
}

func TestOverviewSpeaksBothLanguages(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	f := func(name, want, unwanted, target string, headers ...string) {
		t.Helper()
		w := get(t, router, target, headers...)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, unwanted) {
			t.Errorf("%s: got %d, want %q and not %q", name, w.Code, want, unwanted)
		}
		if strings.Contains(body, "⟦") || regexp.MustCompile(`>(?:metric|card|tile|sentence|filter|nav)\.[a-z_.]+<`).MatchString(body) {
			t.Errorf("%s: a message key shows", name)
		}
		if regexp.MustCompile(`\{[a-z_]+\}`).MatchString(strings.Split(body, "<script type=")[0]) {
			t.Errorf("%s: a placeholder shows", name)
		}
	}
	f("the office's own", `lang="zh-CN"`, "Conclusions", "/")
	f("the browser's", `lang="en"`, "本季结论", "/", "Accept-Language", "en-US,en;q=0.9")
	f("the one chosen before", `lang="en"`, "本季结论", "/", "Accept-Language", "zh", "Cookie", languageCookie+"=en")
	f("the URL's", `lang="zh-CN"`, "Conclusions", "/?lang=zh", "Accept-Language", "en", "Cookie", languageCookie+"=en")
	f("none we know", `lang="zh-CN"`, "Conclusions", "/?lang=xx")

	w := get(t, router, "/?quarter=2026Q1&department=sales&lang=en")
	if !strings.Contains(w.Header().Get("Set-Cookie"), languageCookie+"=en") {
		t.Error("the choice is not remembered")
	}
	contains(t, w.Body.String(), `href="/?department=sales&lang=zh&quarter=2026Q1"`)
}

func TestOverviewFilters(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	body := get(t, router, "/?process=meeting&department=sales&clock=elapsed&lang=zh").Body.String()
	contains(t, body, `<option value="meeting" selected>会议组织`, `<option value="sales" selected>销售`, `<option value="elapsed" selected>自然日`,
		"不分流程", "自然小时", "▸ 销售", `<option value="imported">imported`)
}

func TestDefaultQuarterIsCompleteOne(t *testing.T) {
	contains(t, get(t, testRouter(t, fake{quarters: 8}), "/?lang=zh").Body.String(), "<h1>2026年第三季度</h1>")
	contains(t, get(t, testRouter(t, fake{quarters: 1}), "/?lang=zh").Body.String(), "<h1>2024年第四季度</h1>", "尚无往期可比", "（无数据）")
}

// archive is an office that has imported a log of 2012 beside its own events.
type archive struct{ fake }

func (a archive) Span(ctx context.Context) (first, last time.Time, err error) {
	_, last, err = a.fake.Span(ctx)
	return a.fiscal().start(quarter{2012, 2}), last, err
}

func (a archive) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := a.fake.Query(ctx, metric, q)
	start := a.fiscal().start(quarter{2012, 2})
	if err == nil && metric == "throughput" && q.Bucket == analytics.BucketQuarter && len(q.Process) == 0 && !start.Before(q.From) {
		old := analytics.Point{Period: "2012Q2", Start: start, N: 5}
		if len(r.Series) == 0 {
			r.Series = []analytics.Series{{Key: "all"}}
		}
		r.Series[0].Points = append([]analytics.Point{old}, r.Series[0].Points...)
	}
	return r, err
}

// Old logs neither move the quarter that the page opens with nor get lost.
func TestOldLogsBesideTheStory(t *testing.T) {
	router := testRouter(t, archive{fake{quarters: 8}})
	contains(t, get(t, router, "/?lang=zh").Body.String(), "<h1>2026年第三季度</h1>", `<option value="2012Q2">`, `<option value="2026Q3" selected>`)
	body := get(t, router, "/?lang=zh&quarter=2012Q2").Body.String()
	contains(t, body, "<h1>2012年第二季度</h1>", `<span class="op-value">5</span>`, "本季度无数据")
	if strings.Contains(body, `"op-value">—</span><span class="op-unit">%`) {
		t.Error("what has no value has a unit")
	}
}

func TestOverviewWithoutData(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	f := func(target string, texts ...string) {
		t.Helper()
		w := get(t, router, target)
		if w.Code != http.StatusOK {
			t.Errorf("%s: got %d", target, w.Code)
		}
		contains(t, w.Body.String(), texts...)
		if strings.Contains(w.Body.String(), "data-metric") {
			t.Errorf("%s: tiles without data", target)
		}
	}
	f("/?quarter=2027Q2&lang=zh", "这里没有数据", `href="/?lang=zh&quarter=2026Q3"`, "查看2026年第三季度")
	f("/?quarter=2020Q1&lang=en", "No data here", `href="/?lang=en&quarter=2024Q4"`)
	f("/?quarter=2026Q3&process=nosuch&department=nosuch&lang=zh", "取消流程与部门筛选", `href="/?lang=zh&quarter=2026Q3"`)
}

func TestEmptyStore(t *testing.T) {
	router := testRouter(t, fake{})
	contains(t, get(t, router, "/?lang=zh").Body.String(), "还没有数据", "officepulse demo", "officepulse import FILE", "/api/v1/events")
	contains(t, get(t, router, "/?lang=en").Body.String(), "No data yet", "officepulse demo", "officepulse import FILE", "/api/v1/events")
}

// The page tells how to reach the server as the reader has reached it.
func TestEmptyStoreNamesItsAddress(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:9123/?lang=en", http.NoBody)
	w := httptest.NewRecorder()
	testRouter(t, fake{}).ServeHTTP(w, r)
	contains(t, w.Body.String(), "curl http://localhost:9123/api/v1/events")
}

// A per cent sign touches its number everywhere, in both languages.
func TestPercentIsWrittenOneWay(t *testing.T) {
	apart := regexp.MustCompile(`\d(?:</span>)?\s+(?:<span[^>]*>)?%`)
	for _, language := range []string{"zh", "en"} {
		body := get(t, testRouter(t, fake{quarters: 8}), "/?lang="+language).Body.String()
		if found := apart.FindString(body); found != "" {
			t.Errorf("%s: %q", language, found)
		}
		contains(t, body, `<span class="op-value">4.2</span><span class="op-unit">%</span>`, `"unit":"%"`)
	}
	contains(t, get(t, testRouter(t, fake{quarters: 8}), "/?lang=en").Body.String(),
		`<span class="op-value">1.4</span><span class="op-unit"> working days</span>`, `"unit":" working days"`)
}

// A figure leads to what shows it: the count of cases is in no chart.
func TestTilesLeadSomewhere(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	body, defined := get(t, router, "/").Body.String(), get(t, router, "/definitions").Body.String()
	links := regexp.MustCompile(`data-metric="(\w+)">\s*<h2><a href="([^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(links) != 4 {
		t.Fatalf("%d tiles with links, want 4", len(links))
	}
	for _, link := range links {
		page, anchor, _ := strings.Cut(link[2], "#")
		on := body
		if page == "/definitions" {
			on = defined
		}
		if !strings.Contains(on, `id="`+anchor+`"`) {
			t.Errorf("%s leads nowhere: %s", link[1], link[2])
		}
		if link[1] == "throughput" && link[2] != "/definitions#throughput" {
			t.Errorf("throughput leads to %s", link[2])
		}
	}
}

// An address that there is says which methods it is for.
func TestNoMethod(t *testing.T) {
	router := testRouter(t, fake{})
	f := func(method, target, contentType string, texts ...string) {
		t.Helper()
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Content-Type") != contentType || w.Header().Get("Allow") != http.MethodGet {
			t.Errorf("%s %s: got %d %s, allowed %q", method, target, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Allow"))
		}
		contains(t, w.Body.String(), texts...)
	}
	f(http.MethodDelete, "/api/v1/metrics/lead_time?from=1", "application/problem+json", `"status":405`, "/api/v1/metrics/lead_time is not for DELETE; it is for GET")
	f(http.MethodPost, "/approvals", "text/plain; charset=utf-8", "GET only")
}

func TestNoRoute(t *testing.T) {
	router := testRouter(t, fake{})
	f := func(target, contentType string, texts ...string) {
		t.Helper()
		w := get(t, router, target)
		if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: got %d %s", target, w.Code, w.Header().Get("Content-Type"))
		}
		contains(t, w.Body.String(), texts...)
	}
	page, program := "text/html; charset=utf-8", "application/problem+json"
	f("/api/v1/metric", program, `"status":404`, "/api/v1/metrics")
	f("/api/v1/metric/x?from=1", program, `"title":"Not Found"`)
	f("/nowhere?lang=zh", page, "没有这个页面", "回到总览", "404", `href="/"`)
	f("/nowhere?lang=en", page, "There is no such page", "404")
	f("/apiary?lang=en", page, "There is no such page")
	w := get(t, router, "/<script>alert(1)</script>?lang=en")
	if strings.Contains(w.Body.String(), "<script>alert") || w.Header().Get("Content-Security-Policy") != policy {
		t.Error("the page for what is not there is not strict")
	}
}

func TestFailedQuery(t *testing.T) {
	router := testRouter(t, fake{quarters: 8, fail: errors.New("dial tcp 10.1.2.3:9000: secret")})
	w := get(t, router, "/?quarter=2026Q1&lang=zh")
	if w.Code != http.StatusInternalServerError {
		t.Errorf("got %d", w.Code)
	}
	contains(t, w.Body.String(), "暂时读不到数据", `href="/?quarter=2026Q1&lang=zh"`)
	if strings.Contains(w.Body.String(), "secret") {
		t.Error("the driver's text came out")
	}
	w = get(t, testRouter(t, fake{quarters: 8}), "/?quarter=soon&lang=en")
	if w.Code != http.StatusBadRequest {
		t.Errorf("got %d", w.Code)
	}
	contains(t, w.Body.String(), "The filters in the address cannot be understood")
}

func TestDefinitions(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		body := get(t, testRouter(t, fake{quarters: 8}), "/definitions?lang="+language).Body.String()
		for _, metric := range analytics.Names() {
			contains(t, body, `id="`+metric+`"`, `href="#`+metric+`"`)
		}
		if strings.Contains(body, "metric.") {
			t.Error("a message key shows")
		}
	}
}

// The API says of a metric what the page says, in both languages, under the same
// version.
func TestDefinitionsAreTheSameEverywhere(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	var list metricList
	if err := json.Unmarshal(get(t, router, "/api/v1/metrics").Body.Bytes(), &list); err != nil || len(list.Metrics) != len(analytics.Names()) {
		t.Fatalf("%d metrics: %v", len(list.Metrics), err)
	}
	zh, en := html.UnescapeString(get(t, router, "/definitions?lang=zh").Body.String()), html.UnescapeString(get(t, router, "/definitions?lang=en").Body.String())
	versions := map[string]bool{}
	for _, m := range list.Metrics {
		contains(t, zh, m.ZH.Name, m.ZH.Definition, m.ZH.Formula, m.ZH.Unit, m.ZH.Source, m.Version)
		contains(t, en, m.EN.Name, m.EN.Definition, m.EN.Formula, m.EN.Unit, m.EN.Source, m.Version)
		versions[m.Version] = true
	}
	file := get(t, router, "/api/v1/metrics?format=csv&lang=zh")
	contains(t, file.Body.String(), "口径版本", "中文 · 公式", list.Metrics[0].Version, list.Metrics[0].ZH.Formula)
	if len(versions) != len(list.Metrics) {
		t.Errorf("%d metrics have %d versions", len(list.Metrics), len(versions))
	}
}

// TestPagesAreStrict checks what keeps a page safe: headers, and no script,
// style or handler that stands in it.
func TestPagesAreStrict(t *testing.T) {
	pages := map[string]http.Handler{
		"/": testRouter(t, fake{quarters: 8}), "/?quarter=2027Q2": testRouter(t, fake{quarters: 8}), "/definitions": testRouter(t, fake{quarters: 8}),
		"/?lang=en": testRouter(t, fake{}), "/?lang=zh": testRouter(t, fake{fail: errors.New("away")}),
	}
	inline := regexp.MustCompile(`(?i)<script(?:>| type="text/javascript"| defer>)|<style|\sstyle=|\son\w+=|javascript:`)
	for target, router := range pages {
		w := get(t, router, target)
		if got := w.Header().Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: policy %q", target, got)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", target, w.Header())
		}
		if found := inline.FindString(w.Body.String()); found != "" {
			t.Errorf("%s: %q stands in the page", target, found)
		}
	}
}

func TestNamesCannotBecomeCode(t *testing.T) {
	evil := `</script><script>alert(1)</script>"onclick="x`
	hb := testHandbook()
	hb.Departments[0].Name.ZH, hb.Processes[0].Name.ZH, hb.FaultKinds[0].Name.ZH = evil, evil, evil
	router := routerWith(t, Dependencies{Metrics: fake{quarters: 8}, Handbook: hb})
	body := get(t, router, "/?lang=zh").Body.String()
	if strings.Contains(body, "<script>alert") || strings.Contains(body, `"onclick="x`) {
		t.Error("a name came through as markup")
	}
}

// strangers have keys that no handbook chose: as long as events allow, of markup
// and of what go-echarts takes for a function.
type strangers struct{ fake }

var strangeKeys = []string{
	`</script><script>alert(1)</script>`, `__f__alert(1)__f__`, `"><img src=x onerror=alert(1)>`, strings.Repeat("w", maxValueBytes),
}

func (s strangers) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	q.Process, q.Department = nil, nil // so that strangers have figures too
	r, err := s.fake.Query(ctx, metric, q)
	if err != nil || q.By == analytics.ByNone {
		return r, err
	}
	for i := range r.Series {
		if i < len(strangeKeys) {
			r.Series[i].Key = strangeKeys[i]
		}
	}
	return r, nil
}

func TestKeysCannotBecomeCode(t *testing.T) {
	router := testRouter(t, strangers{fake{quarters: 8}})
	for _, key := range append([]string{""}, strangeKeys...) {
		w := get(t, router, "/?process="+url.QueryEscape(key)+"&department="+url.QueryEscape(key))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `data-metric="lead_time"`) {
			t.Errorf("%.40s: got %d", key, w.Code)
		}
		for _, bad := range []string{"<script>alert", "<img"} {
			if strings.Contains(w.Body.String(), bad) {
				t.Errorf("%.40s: %q came through", key, bad)
			}
		}
		for _, chart := range regexp.MustCompile(`(?s)<script type="application/json"[^>]*>(.*?)</script>`).FindAllString(w.Body.String(), -1) {
			if strings.Contains(chart, "__f__") {
				t.Errorf("%.40s: a function in a chart: %s", key, chart)
			}
		}
	}
}

func TestRoutesNeedsDependencies(t *testing.T) {
	hb := testHandbook()
	hb.Timezone = "Mars/Olympus"
	for name, deps := range map[string]Dependencies{"nothing": {}, "unknown zone": withDefaults(Dependencies{Handbook: hb})} {
		if err := Routes(gin.New(), deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
