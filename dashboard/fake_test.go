package dashboard

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// testNow is after the story's last quarter, in the next one.
var testNow = time.Date(2026, 10, 20, 9, 0, 0, 0, shanghai)

func testHandbook() *handbook.Handbook {
	text := func(zh, en string) handbook.Text { return handbook.Text{ZH: zh, EN: en} }
	return &handbook.Handbook{
		Version: "2026-04-01", Timezone: "Asia/Shanghai", FiscalYearStart: 1, Headline: "doc_approval",
		OfficeHours: handbook.Hours{{From: 30600, To: 43200}, {From: 48600, To: 64800}},
		Departments: []handbook.Department{
			{Key: "production", Name: text("生产", "Production")},
			{Key: "sales", Name: text("销售", "Sales")},
			{Key: "rnd", Name: text("研发", "R&D")},
			{Key: "warehouse", Name: text("仓储物流", "Warehousing")},
			{Key: "quality", Name: text("质量", "Quality")},
			{Key: "engineering", Name: text("技术", "Engineering")},
			{Key: "purchasing", Name: text("采购", "Purchasing")},
			{Key: "marketing", Name: text("市场", "Marketing")},
			{Key: "finance", Name: text("财务", "Finance")},
			{Key: "safety", Name: text("安全环保", "Safety")},
			{Key: "hr", Name: text("人力资源", "HR")},
			{Key: "legal", Name: text("法务合规", "Legal")},
		},
		Processes: []handbook.Process{
			{Key: "doc_approval", Name: text("文件审批", "Document approval"), Stages: []handbook.Stage{
				{Key: "department_head", Name: text("部门负责人", "Department head")},
				{Key: "countersign", Name: text("会签", "Countersigning"), Repeats: true},
				{Key: "office_review", Name: text("办公室复核", "Office review")},
				{Key: "leadership_sign", Name: text("决策层签发", "Leadership signature")},
				{Key: "rework", Name: text("退回重做", "Rework")},
			}},
			{Key: "meeting", Name: text("会议组织", "Meetings"), Services: []string{"meetings"}},
			{Key: "supplies", Name: text("后勤物资", "Supplies")},
		},
		FaultKinds: []handbook.Named{
			{Key: "missing_attachment", Name: text("附件缺失", "Missing attachment")},
			{Key: "wrong_format", Name: text("格式或文种错误", "Wrong format or type")},
			{Key: "missed_notice", Name: text("通知遗漏", "Missed notice")},
			{Key: "missing_paper_copy", Name: text("缺纸质档", "Missing paper copy")},
			{Key: "wrong_specification", Name: text("规格错误", "Wrong specification")},
			{Key: "equipment_failure", Name: text("设备故障", "Equipment failure")},
		},
		Classes: []handbook.Named{{Key: "core", Name: text("核心文件", "core documents")}, {Key: "non_core", Name: text("非核心文件", "non-core documents")}},
	}
}

// storyStart is the first of the eight quarters of the story.
var storyStart = quarter{2024, 4}

// The story that the demo data tells, by quarter.
var (
	storyErrors       = []float64{7.0, 7.0, 7.1, 7.1, 7.1, 6.5, 4.4, 4.2} // %
	storyDays         = []float64{3.2, 3.2, 3.2, 3.2, 3.2, 2.6, 1.5, 1.4} // working days
	storySatisfaction = []float64{75.6, 75.2, 74.4, 74.8, 75.0, 81.5, 88.0, 92.0}
)

// story is a group's figures in one quarter (0 to 7), before it becomes a point.
type story func(i int) analytics.Point

// fake answers like analytics, from the story. It is empty until it has quarters.
type fake struct {
	quarters int // how many of the story's have happened
	fail     error
}

func (f fake) fiscal() fiscal { return fiscal{zone: shanghai, first: time.January} }

func (f fake) AsOf(context.Context) (time.Time, error) {
	if f.quarters == 0 {
		return time.Time{}, f.fail
	}
	return f.fiscal().end(storyStart.add(f.quarters - 1)).Add(-6 * time.Hour), f.fail
}

func (f fake) Span(context.Context) (first, last time.Time, err error) {
	if f.quarters == 0 || f.fail != nil {
		return first, last, f.fail
	}
	return f.fiscal().start(storyStart), f.fiscal().end(storyStart.add(f.quarters - 1)).Add(-time.Second), nil
}

// FaultProcesses is all of the handbook but the last, of which nobody reports any.
func (f fake) FaultProcesses(context.Context) ([]string, error) {
	return []string{"doc_approval", "meeting"}, f.fail
}

func (f fake) Query(_ context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	if f.fail != nil {
		return nil, f.fail
	}
	r := &analytics.Result{Metric: metric, Clock: q.Clock, Timezone: q.Zone.String(), From: q.From, To: q.To}
	groups := f.groups(metric, q)
	for _, key := range sortedKeys(groups) {
		s := analytics.Series{Key: key}
		for i := range f.quarters {
			start, end := f.fiscal().start(storyStart.add(i)), f.fiscal().end(storyStart.add(i))
			if start.Before(q.From) || end.After(q.To) {
				continue
			}
			p := groups[key](i)
			p.Period, p.Start, p.End = storyStart.add(i).String(), start, end
			s.Points = append(s.Points, p)
		}
		if len(s.Points) > 0 {
			r.Series = append(r.Series, s)
		}
	}
	return r, nil
}

func sortedKeys(groups map[string]story) []string {
	list := make([]string, 0, len(groups))
	for key := range groups {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// groups are the stories of a question. Only the processes and departments of
// the handbook have data.
func (f fake) groups(metric string, q analytics.Query) map[string]story {
	hb, share := testHandbook(), 1.0
	if len(q.Department) > 0 {
		share = 0.1
		if !slices.ContainsFunc(hb.Departments, func(d handbook.Department) bool { return d.Key == q.Department[0] }) {
			return nil
		}
	}
	if len(q.Process) > 0 && !slices.ContainsFunc(hb.Processes, func(p handbook.Process) bool { return p.Key == q.Process[0] }) {
		return nil
	}
	switch {
	case metric == "lead_time" && q.By == analytics.ByClass:
		return map[string]story{"core": leadStory(q.Clock, 0.2*share, 1.9), "non_core": leadStory(q.Clock, 0.8*share, 0.78)}
	case metric == "lead_time":
		return map[string]story{"all": leadStory(q.Clock, share, 1)}
	case metric == "stage_time":
		return stageStories(q.Clock, share)
	case metric == "error_rate":
		return map[string]story{"all": errorStory(share)}
	case metric == "throughput" && q.By == analytics.ByProcess:
		return map[string]story{"doc_approval": throughputStory(0.2), "imported": throughputStory(0.01)}
	case metric == "throughput" && q.By == analytics.ByDepartment:
		return map[string]story{"sales": throughputStory(0.1)}
	case metric == "throughput":
		return map[string]story{"all": throughputStory(share)}
	case metric == "faults":
		return faultStories(share)
	case metric == "satisfaction" && q.By == analytics.ByDepartment:
		return satisfactionStories(hb)
	case metric == "satisfaction":
		return map[string]story{"all": func(i int) analytics.Point {
			return analytics.Point{N: uint64(148 * share), Mean: new(storySatisfaction[i])}
		}}
	}
	return nil
}

func leadStory(clock analytics.Clock, share, slow float64) story {
	return func(i int) analytics.Point {
		day := 28800.0
		if clock == analytics.ClockElapsed {
			day = 86400 * 1.46
		}
		mean := storyDays[i] * day * slow
		return analytics.Point{
			N: uint64(float64(862+5*i) * share), Mean: &mean, Median: new(mean * 0.78), P75: new(mean * 1.2),
			P90: new(mean * 1.96), P95: new(mean * 2.3),
		}
	}
}

func stageStories(clock analytics.Clock, share float64) map[string]story {
	before := map[string]float64{"department_head": 4.5, "countersign": 9.4, "office_review": 3.2, "leadership_sign": 7.4, "rework": 1.1}
	after := map[string]float64{"department_head": 4.4, "countersign": 0.9, "office_review": 4.1, "leadership_sign": 1.6, "rework": 0.6}
	stories := map[string]story{}
	for key := range before {
		stories[key] = func(i int) analytics.Point {
			hours := after[key]
			if i < 5 {
				hours = before[key]
			}
			if clock == analytics.ClockElapsed {
				hours *= 4.4
			}
			n := uint64(float64(862+5*i) * share)
			total := hours * 3600 * float64(n)
			return analytics.Point{N: n, Total: &total, Mean: new(hours * 3600)}
		}
	}
	return stories
}

func errorStory(share float64) story {
	return func(i int) analytics.Point {
		n := uint64(float64(3900+29*i) * share)
		faulty := uint64(math.Round(storyErrors[i] / 100 * float64(n)))
		return analytics.Point{N: n, Count: &faulty, Rate: new(storyErrors[i] / 100)}
	}
}

func throughputStory(share float64) story {
	return func(i int) analytics.Point { return analytics.Point{N: uint64(float64(3900+29*i) * share)} }
}

func faultStories(share float64) map[string]story {
	stories := map[string]story{}
	for at, key := range []string{"missing_paper_copy", "missing_attachment", "wrong_format", "wrong_specification", "missed_notice", "equipment_failure"} {
		stories[key] = func(i int) analytics.Point {
			return analytics.Point{N: uint64((float64(48-7*at) + storyErrors[i]*4*float64(at%3+1)/2 - 10) * share)}
		}
	}
	return stories
}

func satisfactionStories(hb *handbook.Handbook) map[string]story {
	stories := map[string]story{}
	for at, d := range hb.Departments {
		stories[d.Key] = func(i int) analytics.Point {
			late := 0.0
			if at == 0 { // production improves late
				late = []float64{-4, -4, -4, -4, -4, -7, -8, -2.4}[i]
			}
			score := storySatisfaction[i] + late + float64(at-6)*0.45*(1+float64(7-i)*0.06)
			return analytics.Point{N: uint64(8 + at%5*2), Mean: &score}
		}
	}
	return stories
}

// testRouter serves the dashboard over metrics at testNow.
func testRouter(tb testing.TB, metrics Metrics) http.Handler {
	tb.Helper()
	return routerWith(tb, Dependencies{Metrics: metrics, Version: "test", Notice: "仅监听本机 127.0.0.1"})
}

func routerWith(tb testing.TB, deps Dependencies) http.Handler {
	tb.Helper()
	gin.SetMode(gin.TestMode)
	router := gin.New()
	if err := Routes(router, withDefaults(deps)); err != nil {
		tb.Fatal(err)
	}
	router.NoRoute(NoRoute)
	router.HandleMethodNotAllowed = true
	router.NoMethod(NoMethod)
	return router
}

// withDefaults fills in what a test does not care about.
func withDefaults(deps Dependencies) Dependencies {
	if deps.Metrics == nil {
		deps.Metrics = fake{quarters: 8}
	}
	if deps.Handbook == nil {
		deps.Handbook = testHandbook()
	}
	deps = withDelivery(deps)
	deps.Logger = slog.New(slog.DiscardHandler)
	deps.Now = func() time.Time { return testNow }
	return deps
}
