package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

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
	for _, m := range regexp.MustCompile(`data-metric="(\w+)"(?s:.*?)<data class="op-value" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
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
		"数据截至 2026-09-30 18:00", "仅监听本机 127.0.0.1")
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

func TestRoutesNeedsDependencies(t *testing.T) {
	hb := testHandbook()
	hb.Timezone = "Mars/Olympus"
	for name, deps := range map[string]Dependencies{"nothing": {}, "unknown zone": withDefaults(Dependencies{Handbook: hb})} {
		if err := Routes(gin.New(), deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
