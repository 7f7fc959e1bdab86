package dashboard

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/dashboard/i18n"
)

// storied is an office with an answer to every question of the analysis pages.
type storied struct{ fake }

func rateOf(hits, n uint64) analytics.Point {
	i := stats.Wilson(hits, n)
	return analytics.Point{N: n, Count: &hits, Rate: new(float64(hits) / float64(n)), Low: &i.Low, High: &i.High}
}

func (s storied) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := s.fake.Query(ctx, metric, q)
	if err != nil || s.quarters == 0 {
		return r, err
	}
	now := q.From.Year() == 2026
	one := func(key string, p analytics.Point) {
		p.Start, p.End = q.From, q.To
		r.Series = append(r.Series, analytics.Series{Key: key, Points: []analytics.Point{p}})
	}
	late := uint64(10)
	if now {
		late = 30
	}
	switch {
	case metric == "error_rate" && q.By == analytics.ByProcess:
		r.Series = nil
		one("doc_approval", rateOf(50, 400))
		one("meeting", rateOf(2, 5)) // too few to lead the ranking
		one("supplies", rateOf(6, 200))
	case metric == "error_rate" && q.By == analytics.ByDepartment:
		r.Series = nil
		one("sales", rateOf(20, 200))
		one(missing, rateOf(1, 20))
	case metric == "on_time_rate" && q.By == analytics.ByLimit:
		one("doc_approval/core", rateOf(70, 100))
		one("doc_approval/non_core", rateOf(190, 200))
	case metric == "on_time_rate":
		p := rateOf(200-late, 200)
		p.Overdue = new(uint64(4))
		one("all", p)
	case metric == "first_pass_yield":
		one("all", rateOf(180, 200))
	case metric == "work_in_progress":
		one("all", analytics.Point{N: 42, Median: new(28800.0 * 3), Mean: new(28800.0 * 4)})
	case metric == "bottlenecks":
		r.Rows = []analytics.Bottleneck{
			{Process: "doc_approval", Stage: "department_head", Count: 900, Cases: 880, Mean: 4 * 3600, P90: 9 * 3600, Total: 3600 * 3600, Share: 0.6},
			{Process: "doc_approval", Stage: "leadership_sign", Count: 880, Cases: 880, Mean: 2 * 3600, P90: 4 * 3600, Total: 2400 * 3600, Share: 0.4},
		}
	case metric == "variants":
		r.Rows, r.N = []analytics.Variant{
			{Stages: []string{"department_head", "leadership_sign"}, Count: 700, Share: 0.8},
			{Stages: []string{"department_head", "rework", "department_head", "leadership_sign"}, Count: 100, Share: 0.12},
		}, 880
	case metric == "deviations":
		r.Rows, r.N = []analytics.Deviation{
			{Kind: analytics.DeviationMissing, Process: "doc_approval", Stage: "countersign", Cases: 88, Count: 88},
			{Kind: analytics.DeviationRepeated, Process: "doc_approval", Stage: "department_head", Cases: 44, Count: 50, Mean: 7200, Total: 50 * 7200},
		}, 880
	case metric == "transitions":
		r.Rows, r.N = []analytics.Transition{
			{From: "department_head", To: "leadership_sign", Count: 700, Mean: 4 * 3600, Median: 3 * 3600, P90: 9 * 3600, Total: 2800 * 3600},
			{From: "department_head", To: "rework", Count: 100, Mean: 3600, Median: 1800, P90: 7200, Total: 100 * 3600},
		}, 800
	case metric == "handovers":
		r.Rows, r.N = []analytics.Handover{
			{From: "sales", To: "legal", Count: 120, Cases: 100, Mean: 7200, Total: 120 * 7200},
			{From: "legal", To: missing, Count: 4, Cases: 4, Mean: 3600, Total: 4 * 3600},
		}, 124
	}
	return r, nil
}

var analysisPages = []string{"/errors?quarter=2026Q3", "/approvals?quarter=2026Q3"}

func TestErrorsPage(t *testing.T) {
	body := get(t, testRouter(t, storied{fake{quarters: 8}}), "/errors?quarter=2026Q3&lang=zh").Body.String()
	contains(t, body,
		"<h1>2026年第三季度</h1>", "与2025年第三季度对比",
		"错漏率 4.2%，较2025年第三季度下降 2.9 个百分点", "变化的 95% 区间 −3.9 至 −1.9 个百分点",
		"前 3 类错漏占全部的", "自2026年1月起连续 9 个月低于基线均值", "基线 2024年10月至2025年9月（12 个月）",
		"95% 区间", "每百件错漏", "文件审批最高，12.5%",
		`id="heat-data"`, "（未注明）", "样本足够的格中", "按流程拆分",
		`href="/cases?about=error_rate&from=2026-07-01&lang=zh&to=2026-10-01"`,
		`/cases?about=faults&from=2026-07-01&kind=wrong_format&lang=zh&to=2026-10-01`)
	// The process with five cases has the highest rate and still stands last.
	chart := regexp.MustCompile(`(?s)id="processes-data">(.*?)</script>`).FindStringSubmatch(body)
	if len(chart) != 2 || !strings.Contains(chart[1], `["文件审批","后勤物资","会议组织"]`) {
		t.Errorf("the ranking is led by what rests on few cases: %s", chart)
	}
}

func TestApprovalsPage(t *testing.T) {
	body := get(t, testRouter(t, storied{fake{quarters: 8}}), "/approvals?quarter=2026Q3&lang=zh").Body.String()
	contains(t, body,
		"文件审批平均用时 1.4 工作日，较2025年第三季度缩短 1.8 个工作日", "会签缩短最多，每件少 8.5 工作小时 / 件",
		"按时率 85.0%，较2025年第三季度下降 10.0 个百分点", "200 件中 30 件逾期", "另有 4 件在办已逾期，计为未按时",
		"部门负责人占全部时间的 60%", "最常见的 2 种走法覆盖 92% 的事项", `class="op-again"`,
		"销售 → 法务合规等待最多，合计 240 小时，平均 2.0 小时", "最久的是 DOC-2026-0001", "Kaplan–Meier",
		"缺少环节：会签", "最常见的是“缺少环节：会签”，88 件，占 10.0%。", "耗时最多的是“重复环节：部门负责人”，合计 100.0 小时。", "880 件为分母",
		"部门负责人 → 决策层签发合计等待最多，共 350.0 工作日：700 次，平均 4.0 小时，一半在 3.0 小时以内。", `id="transitions-data"`,
		"什么变化最大", "影响总体", `id="curve-data"`, `id="histogram-data"`, `id="stages-data"`, `id="handovers-data"`, `id="ageing-data"`,
		"about=deviations", "kind=missing", "kind=repeated", "about=transitions", `first=department_head`, `second=rework`, `first=sales`, `variant=department_head%2Crework%2Cdepartment_head%2Cleadership_sign`)
}

// TestAnalysisPagesSpeakBothLanguages finds message keys and placeholders that show.
// A tighter promise that is kept less often is said, and not held against the
// office: the handbook's limits for documents changed with the manual.
func TestOnTimeUnderOtherLimits(t *testing.T) {
	router := routerWith(t, Dependencies{Metrics: storied{fake{quarters: 8}}, Handbook: handbook.Default()})
	changed := get(t, router, "/approvals?quarter=2026Q3&before=last_year&lang=en").Body.String()
	contains(t, changed, "10.0 percentage points less than Q3 2025, but the limits have changed", "the limits are others since 2026-04-01")
	if same := get(t, router, "/approvals?quarter=2025Q3&before=previous&lang=en").Body.String(); strings.Contains(same, "the limits are others since") {
		t.Error("limits that did not change are said to")
	}
}

func TestAnalysisPagesSpeakBothLanguages(t *testing.T) {
	router := testRouter(t, storied{fake{quarters: 8}})
	pages := append([]string{
		"/cases?about=faults&kind=wrong_format&quarter=2026Q3", "/cases?about=handovers&first=sales&second=legal&quarter=2026Q3",
		"/cases?about=deviations&kind=repeated&stage=rework&process=doc_approval&quarter=2026Q3", "/cases?about=transitions&first=rework&second=office_review&process=doc_approval&quarter=2026Q3",
		"/cases?about=work_in_progress&at_least=3600&below=7200&quarter=2026Q3", "/cases/doc_approval/DOC-1?",
		"/approvals?quarter=2026Q3&stage=countersign&bucket=month&class=core", "/errors?from=2026-07-01&to=2026-10-01&before=previous",
	}, analysisPages...)
	key := regexp.MustCompile(`>(?:page|chart|table|metric|card|filter|nav|measure|stretch|month)\.[a-z_.]+<`)
	placeholder := regexp.MustCompile(`\{[a-z_]+\}`)
	chart := regexp.MustCompile(`(?s)<script type="application/json".*?</script>|<template.*?</template>`) // for the browser
	for _, target := range pages {
		for _, l := range []string{"zh", "en"} {
			w := get(t, router, target+"&lang="+l)
			text := chart.ReplaceAllString(w.Body.String(), "")
			if w.Code != http.StatusOK {
				t.Errorf("%s: got %d", target, w.Code)
			}
			if found := key.FindString(text); found != "" {
				t.Errorf("%s in %s: a key shows: %s", target, l, found)
			}
			if found := placeholder.FindString(text); found != "" {
				t.Errorf("%s in %s: a placeholder shows: %s", target, l, found)
			}
		}
	}
}

// TestEveryFigureLeadsToItsCases follows every link to cases on the pages, in
// tables and charts, and the way back.
func TestEveryFigureLeadsToItsCases(t *testing.T) {
	router := testRouter(t, storied{fake{quarters: 8}})
	link := regexp.MustCompile(`"(/cases[^"]*)"`)
	for _, target := range append([]string{"/?quarter=2026Q3"}, analysisPages...) {
		body := get(t, router, target+"&lang=en&department=sales").Body.String()
		body = strings.ReplaceAll(html.UnescapeString(body), `\u0026`, "&")
		seen := map[string]bool{}
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if seen[m[1]] {
				continue
			}
			seen[m[1]] = true
			w := get(t, router, m[1])
			if w.Code != http.StatusOK {
				t.Errorf("%s leads to %s: %d", target, m[1], w.Code)
			}
		}
		if len(seen) < 8 {
			t.Errorf("%s: only %d links to cases", target, len(seen))
		}
	}
	body := get(t, router, "/cases?about=faults&kind=wrong_format&from=2026-07-01&to=2026-10-01&department=sales&lang=en").Body.String()
	contains(t, body, `href="/errors?department=sales&lang=en&quarter=2026Q3"`, "Cases with faults found in the period: 137", "1–50 of 137", "Wrong format or type",
		`/cases/doc_approval/DOC-2026-0001?lang=en`, `rel="next"`, "/api/v1/cases?")
	contains(t, get(t, router, "/cases?about=on_time_rate&limit=doc_approval%2Fcore&quarter=2026Q3&lang=en").Body.String(), "Cases not on time: 137", "limit_key=doc_approval%2Fcore")
	contains(t, get(t, router, "/cases?about=deviations&kind=out_of_order&stage=rework&process=doc_approval&quarter=2026Q3&lang=zh").Body.String(),
		"偏离路线的事项：137 件", "次序颠倒", "退回重做", "偏离所耗（工作日）", "kind=out_of_order")
	contains(t, get(t, router, "/cases?about=transitions&first=rework&second=office_review&process=doc_approval&quarter=2026Q3&lang=zh").Body.String(),
		"相继两步", "退回重做 → 办公室复核")
	contains(t, get(t, router, "/cases?about=faults&quarter=2026Q3&page=3&lang=en").Body.String(), "101–137 of 137", `rel="prev"`)
}

func TestCaseTimeline(t *testing.T) {
	router := testRouter(t, storied{fake{quarters: 8}})
	contains(t, get(t, router, casePath("doc_approval", "DOC/1")+"&lang=zh").Body.String(), "DOC/1", "已办结", "2.12 工作日", "2.04 自然日",
		"部门负责人", "46.0 小时", "14.0 小时", "按时", "附件缺失", "提交", "签发", "距上一步 14.0 工作小时（自然 46.0 小时）")
	if w := get(t, router, "/cases/meeting/none?lang=zh"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "没有此编号的事项") {
		t.Errorf("a case that is not there: %d", w.Code)
	}
}

// TestFiltersStayInTheURL checks that a question put together survives the
// switch of language, the navigation and the way to another page.
func TestFiltersStayInTheURL(t *testing.T) {
	router := testRouter(t, storied{fake{quarters: 8}})
	body := get(t, router, "/approvals?from=2026-07-01&through=2026-09-30&process=meeting&department=sales&class=core&clock=elapsed&bucket=month&before_from=2026-01-01&before_through=2026-03-31&lang=zh").Body.String()
	contains(t, body, `href="/approvals?before_from=2026-01-01&before_through=2026-03-31&bucket=month&class=core&clock=elapsed&department=sales&from=2026-07-01&lang=en&process=meeting&through=2026-09-30"`,
		`href="/errors?before_from=2026-01-01&before_to=2026-04-01&class=core&clock=elapsed&department=sales&from=2026-07-01&process=meeting&to=2026-10-01"`,
		"2026-07-01 至 2026-09-30", "与2026-01-01 至 2026-03-31对比", `name="through" value="2026-09-30"`, `name="before_from" value="2026-01-01"`,
		`<option value="core" selected>`, `<option value="elapsed" selected>`, `<option value="month" selected>`)
}

func TestAnalysisPagesWithoutData(t *testing.T) {
	router := testRouter(t, storied{fake{quarters: 8}})
	f := func(target string, status int, texts ...string) {
		t.Helper()
		w := get(t, router, target)
		if w.Code != status {
			t.Errorf("%s: got %d", target, w.Code)
		}
		contains(t, w.Body.String(), texts...)
	}
	f("/errors?quarter=2027Q2&lang=zh", http.StatusOK, "这里没有数据", `href="/errors?lang=zh&quarter=2026Q3"`)
	f("/errors?process=supplies&quarter=2026Q3&lang=zh", http.StatusOK, "无错漏上报")
	f("/errors?from=2026-03-01&to=2026-01-01&lang=zh", http.StatusBadRequest, "网址中的筛选条件无法识别")
	f("/approvals?before=once&lang=en", http.StatusBadRequest, "The filters in the address cannot be understood")
	f("/cases?about=faults&at_least=much&lang=en", http.StatusBadRequest, "come here from a chart")
	empty := testRouter(t, storied{fake{}})
	for _, target := range analysisPages {
		contains(t, get(t, empty, target+"&lang=en").Body.String(), "No data yet")
	}
}

// TestAnalysisPagesAreStrict looks for scripts and styles in the pages, also
// where keys are hostile.
func TestAnalysisPagesAreStrict(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script(?:>| type="text/javascript"| defer>)|<style|\sstyle=|javascript:|<img`)
	router := testRouter(t, storied{fake{quarters: 8}})
	for _, target := range append([]string{"/cases?quarter=2026Q3", "/cases/doc_approval/A?"}, analysisPages...) {
		for _, key := range strangeKeys {
			w := get(t, router, target+"&department="+url.QueryEscape(key)+"&class="+url.QueryEscape(key))
			if found := inline.FindString(w.Body.String()); found != "" || strings.Contains(w.Body.String(), "__f__alert") && strings.Contains(w.Body.String(), `:"__f__`) {
				t.Errorf("%s with %.20s: %q stands in the page", target, key, found)
			}
			if got := w.Header().Get("Content-Security-Policy"); got != policy {
				t.Errorf("%s: policy %q", target, got)
			}
		}
	}
}

func TestStretches(t *testing.T) {
	f := fiscal{zone: shanghai, first: time.January}
	day := func(s string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, s, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	old := day("2020-01-01")
	check := func(name string, of filters, first time.Time, want string) {
		t.Helper()
		now := f.chosen(of)
		if got := now.label() + " | " + f.before(of, now, first).label(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	q := filters{Quarter: quarter{2026, 3}}
	check("a quarter", q, old, "2026Q3 | 2025Q3")
	check("without data a year ago", q, day("2026-01-15"), "2026Q3 | 2026Q2")
	q.Before = beforePrevious
	check("the one before", q, old, "2026Q3 | 2026Q2")
	q.Before = "2024Q1"
	check("another quarter", q, old, "2026Q3 | 2024Q1")
	days := filters{From: day("2026-02-10"), To: day("2026-02-20")}
	check("days", days, old, "2026-02-10 – 2026-02-19 | 2025-02-10 – 2025-02-19")
	days.Before = beforePrevious
	check("as many days before", days, old, "2026-02-10 – 2026-02-19 | 2026-01-31 – 2026-02-09")
	days.Before, days.BeforeFrom, days.BeforeTo = "", day("2025-01-01"), day("2025-01-02")
	check("chosen days", days, old, "2026-02-10 – 2026-02-19 | 2025-01-01 – 2025-01-01")
}

// TestTrailsComeBack reads a trail's own URL.
func TestTrailsComeBack(t *testing.T) {
	from, to := time.Date(2026, 7, 1, 0, 0, 0, 0, shanghai), time.Date(2026, 10, 1, 0, 0, 0, 0, shanghai)
	for name, want := range map[string]trail{
		"a way with doubles": {About: "variants", From: from, To: to, Process: "p", Variant: []string{"a,b", "", `c"d`, "a,b"}, Clock: analytics.ClockWorking, Order: analytics.OrderTime, Page: 1},
		"bounds": {
			About: "work_in_progress", From: from, To: to, AtLeast: 28800, Below: 57600.5, Clock: analytics.ClockElapsed, Order: analytics.OrderStarted, Page: 4, Language: i18n.English,
		},
		"a pair": {About: "handovers", From: from, To: to, Department: "__f__", Pair: [2]string{"a&b", "(missing)"}, Clock: analytics.ClockWorking, Order: analytics.OrderTime, Page: 1},
	} {
		address, err := url.Parse(want.href())
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parseTrail(address.Query(), shanghai)
		gotJSON, _ := json.Marshal(got)
		wantJSON, _ := json.Marshal(want)
		if !ok || string(gotJSON) != string(wantJSON) {
			t.Errorf("%s: %s became %s", name, wantJSON, gotJSON)
		}
	}
}

// TestSignalsInWords explains signals as people would.
func TestSignalsInWords(t *testing.T) {
	s, err := newServer(withDefaults(Dependencies{}))
	if err != nil {
		t.Fatal(err)
	}
	points := []analytics.ControlPoint{{Period: "2026-04"}, {Period: "2026-05"}, {Period: "2026-06"}, {Period: "2026-07"}}
	single := func(period string, above bool) analytics.ControlSignal {
		return analytics.ControlSignal{Rule: stats.Outside, From: period, To: period, Points: 1, Above: above}
	}
	f := func(good direction, zh, en string, want verdict, signals ...analytics.ControlSignal) {
		t.Helper()
		c := &analytics.Control{Points: points, Signals: signals, Baseline: analytics.ControlBaseline{From: "2026-04", To: "2026-05", Points: 2}}
		for l, claim := range map[i18n.Language]string{i18n.Chinese: zh, i18n.English: en} {
			r := report{view: s.view(s.messages.In(l), filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, "doc_approval", &figures{})}
			if got := r.controlSentence("page.errors.steady", "#control", c, good); got.Claim != claim || got.Verdict != want {
				t.Errorf("got %q (%s), want %q (%s)", got.Claim, got.Verdict, claim, want)
			}
		}
	}
	f(lowerBetter, "自2026年4月起连续 8 个月低于基线均值", "8 months in a row below the baseline mean since April 2026", better,
		analytics.ControlSignal{Rule: stats.Run, From: "2026-04", To: "2026-07", Points: 8})
	f(lowerBetter, "自2026年5月起连续 2 个月高于控制上限", "2 months in a row above the upper limit since May 2026", worse, single("2026-05", true), single("2026-06", true))
	f(higherBetter, "2026年7月高于控制上限", "July 2026 lies above the upper limit", better, single("2026-05", false), single("2026-07", true))
	f(lowerBetter, "错漏率没有异常信号：起伏在平常范围内", "The error rate shows no signal: it varies as it always did", same)
}

// refusing answers that a question cannot be asked, and fails at nothing else.
type refusing struct{ storied }

func (r refusing) Compare(context.Context, string, analytics.Query, time.Time, time.Time) (*analytics.Comparison, error) {
	return nil, analytics.ErrQuery
}

func (r refusing) Control(context.Context, string, analytics.ControlQuery) (*analytics.Control, error) {
	return nil, analytics.ErrQuery
}

// TestWhatCannotBeAskedIsLeftOut shows a page with the rest of its figures.
func TestWhatCannotBeAskedIsLeftOut(t *testing.T) {
	router := testRouter(t, refusing{storied{fake{quarters: 8}}})
	for _, target := range analysisPages {
		w := get(t, router, target+"&lang=zh")
		if w.Code != http.StatusOK {
			t.Errorf("%s: got %d", target, w.Code)
		}
		contains(t, w.Body.String(), "没有足够的月份可画控制图", "op-value")
	}
}
