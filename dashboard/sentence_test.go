package dashboard

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// testView is the Overview of a quarter with the story's figures, changed by edit.
func testView(tb testing.TB, l i18n.Language, f filters, edit func(*figures)) view {
	tb.Helper()
	s, err := newServer(withDelivery(Dependencies{
		Metrics: fake{quarters: 8}, Handbook: testHandbook(), Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return testNow },
	}))
	if err != nil {
		tb.Fatal(err)
	}
	e := enquiry{metrics: s.Metrics, fiscal: s.fiscal, filters: f, lead: s.lead(f), first: storyStart, last: storyStart.add(7)}
	fig, err := e.gather(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if edit != nil {
		edit(fig)
	}
	return s.view(s.messages.In(l), f, e.lead, fig)
}

func TestSentences(t *testing.T) {
	latest := filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}
	type said struct {
		Verdict         verdict
		Claim, Evidence string
	}
	tests := map[string]struct {
		filters filters
		edit    func(*figures)
		zh, en  []said
	}{
		"all went well, but the mean hides a class": {
			filters: latest,
			zh: []said{
				{better, "文件审批平均用时 1.4 工作日，较上年同期缩短 1.8 个工作日", "一半在 1.1 工作日内办结，九成在 2.7 工作日内（n\u00a0=\u00a0897）；但核心文件平均仍需 2.7 工作日"},
				{better, "错漏率 4.2%，较上年同期下降 2.9 个百分点", "办结 4,103 件，172 件有已确认的错漏；“格式或文种错误”最多，49 起"},
				{better, "部门满意度 92.0 分，较上年同期提高 17.2 分", "答卷 148 份；12 个可比部门中 12 个高于上季度；生产最低，86.9 分"},
			},
			en: []said{
				{better, "Document approval: 1.4 working days on average, 1.8 working days less than a year earlier", "Half took up to 1.1 working days, nine in ten up to 2.7 working days (n\u00a0=\u00a0897); the mean for core documents is still 2.7 working days"},
				{better, "The error rate is 4.2%, 2.9 percentage points lower than a year earlier", "Of 4,103 completed cases, 172 had a confirmed fault; most frequent kind: Wrong format or type (49)"},
				{better, "Department satisfaction is 92.0 points, 17.2 points higher than a year earlier", "148 answers; 12 of 12 comparable departments above the previous quarter; Production is lowest at 86.9 points"},
			},
		},
		"worse, unchanged and missing": {
			filters: latest,
			edit: func(f *figures) {
				f.Classes, f.ClassKeys, f.Faults = nil, nil, nil
				f.Lead[trend-1] = &analytics.Point{N: 7, Mean: new(4.0 * 28800), Median: new(28800.0), P90: new(9.0 * 28800)}
				f.Errors[trend-1] = &analytics.Point{N: 100, Count: new(uint64(7)), Rate: new(0.0712)}
				f.Satisfaction[trend-1] = nil
			},
			zh: []said{
				{unclear, "文件审批平均用时 4.0 工作日，与上年同期相比变化不明显", "一半在 1.0 工作日内办结，九成在 9.0 工作日内（n\u00a0=\u00a07）（样本仅 7，仅供参考）"},
				{same, "错漏率 7.1%，与上年同期持平", "办结 100 件，7 件有已确认的错漏"},
				{unknown, "2026年第三季度没有收到问卷，无法评价满意度", ""},
			},
			en: []said{
				{unclear, "Document approval: 4.0 working days on average, no clear change from a year earlier", "Half took up to 1.0 working days, nine in ten up to 9.0 working days (n\u00a0=\u00a07) (only 7: indicative)"},
				{same, "The error rate is 7.1%, unchanged from a year earlier", "Of 100 completed cases, 7 had a confirmed fault"},
				{unknown, "No answers came in for Q3 2026, so satisfaction cannot be judged", ""},
			},
		},
		"a young office compares with the previous quarter, or with nothing": {
			filters: latest,
			edit: func(f *figures) {
				for i := range trend - 2 {
					f.Lead[i], f.Errors[i], f.Satisfaction[i] = nil, nil, nil
				}
				f.Errors[trend-2] = nil
				f.Classes, f.ClassKeys, f.Faults, f.Departments = nil, nil, nil, nil
			},
			zh: []said{
				{better, "文件审批平均用时 1.4 工作日，较上季度缩短 0.1 个工作日", "一半在 1.1 工作日内办结，九成在 2.7 工作日内（n\u00a0=\u00a0897）"},
				{unknown, "错漏率 4.2%，尚无往期可比", "办结 4,103 件，172 件有已确认的错漏"},
				{better, "部门满意度 92.0 分，较上季度提高 4.0 分", "答卷 148 份"},
			},
			en: []said{
				{better, "Document approval: 1.4 working days on average, 0.1 working days less than the previous quarter", "Half took up to 1.1 working days, nine in ten up to 2.7 working days (n\u00a0=\u00a0897)"},
				{unknown, "The error rate is 4.2%; no earlier period to compare with", "Of 4,103 completed cases, 172 had a confirmed fault"},
				{better, "Department satisfaction is 92.0 points, 4.0 points higher than the previous quarter", "148 answers"},
			},
		},
		"nothing was completed": {
			filters: filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockElapsed, Process: "meeting", Department: "sales"},
			edit: func(f *figures) {
				f.Lead[trend-1], f.Errors[trend-1] = nil, nil
			},
			zh: []said{
				{unknown, "2026年第三季度没有办结的会议组织，无法评价用时", ""},
				{unknown, "2026年第三季度没有办结的事项，无法计算错漏率", ""},
				{better, "销售满意度 92.0 分，较上年同期提高 17.2 分", "答卷 14 份"},
			},
			en: []said{
				{unknown, "Meetings: no case was completed in Q3 2026, so its time cannot be judged", ""},
				{unknown, "No case was completed in Q3 2026, so there is no error rate", ""},
				{better, "Satisfaction (Sales) is 92.0 points, 17.2 points higher than a year earlier", "14 answers"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for l, want := range map[i18n.Language][]said{i18n.Chinese: test.zh, i18n.English: test.en} {
				var got []said
				for _, s := range testView(t, l, test.filters, test.edit).sentences() {
					got = append(got, said{s.Verdict, s.Claim, s.Evidence})
				}
				if d := cmp.Diff(got, want); d != "" {
					t.Errorf("%s (-got +want)\n%s", l, d)
				}
			}
		})
	}
}

func TestUnfinishedQuarter(t *testing.T) {
	running := filters{Quarter: quarter{2026, 4}, Clock: analytics.ClockWorking}
	v := testView(t, i18n.Chinese, running, func(f *figures) {
		f.Lead[trend-1] = &analytics.Point{N: 30, Mean: new(1.5 * 28800)}
		f.Completed[trend-1] = &analytics.Point{N: 400}
	})
	if got, want := v.sentences()[0].Claim, "截至目前，文件审批平均用时 1.5 工作日，较上年同期缩短 1.7 个工作日"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := v.completedTile(); got.Previous.Text != "—" || got.LastYear.Text != "—" || got.Value != "400" {
		t.Errorf("a growing count was compared: %+v", got)
	}
}

func TestTiles(t *testing.T) {
	v := testView(t, i18n.Chinese, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, nil)
	type shown struct{ Value, Unit, Previous, LastYear string }
	want := map[string]shown{
		"error_rate":   {"4.2", "%", "−0.2 个百分点", "−2.9 个百分点"},
		"lead_time":    {"1.4", " 工作日", "−0.1 工作日", "−1.8 工作日"},
		"satisfaction": {"92.0", " 分", "+4.0 分", "+17.2 分"},
		"throughput":   {"4,103", " 件", "+0.7%", "+2.9%"},
	}
	got := map[string]shown{}
	for _, tile := range v.tiles() {
		got[tile.Key] = shown{tile.Value, tile.Unit, tile.Previous.Text, tile.LastYear.Text}
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("(-got +want)\n%s", d)
	}
}

func TestSparkBreaksAtGaps(t *testing.T) {
	v := testView(t, i18n.Chinese, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, nil)
	c := v.figures.Errors
	c[2], c[trend-1] = nil, nil
	s := v.spark(v.percent, c)
	if len(s.Lines) != 2 || s.End != "" {
		t.Errorf("want two lines and no end, got %+v", s)
	}
	if s := v.spark(v.percent, course{}); len(s.Lines) != 0 {
		t.Errorf("no data: got %+v", s)
	}
	if s := v.spark(v.percent, course{trend - 1: v.figures.Errors.now()}); len(s.Lines) != 1 || s.End == "" {
		t.Errorf("one point: got %+v", s)
	}
}

// TestManyDepartments checks that a chart keeps to what can be read, and that
// its table has everyone.
func TestManyDepartments(t *testing.T) {
	v := testView(t, i18n.Chinese, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, func(f *figures) {
		f.Departments = nil
		for i := range 40 {
			f.Departments = append(f.Departments, pair{Key: string(rune('a' + i)), Now: &analytics.Point{N: 9, Mean: new(50 + float64(i))}})
		}
	})
	c, err := v.departmentCard()
	if err != nil {
		t.Fatal(err)
	}
	var drawn struct {
		Option struct {
			YAxis []struct{ Data []string }
		}
	}
	decode(t, c.Chart, &drawn)
	if got := len(drawn.Option.YAxis[0].Data); got != maxDepartmentRows/2*2 {
		t.Errorf("drawn: %d departments", got)
	}
	if len(c.Table.Rows) != 40 {
		t.Errorf("in the table: %d departments", len(c.Table.Rows))
	}
}

// TestManyStages checks that the longest stages are shown and the rest together,
// and that no time gets lost on the way.
func TestManyStages(t *testing.T) {
	v := testView(t, i18n.English, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, func(f *figures) {
		f.Stages = nil
		for i := range 42 {
			f.Stages = append(f.Stages, pair{
				Key: strconv.Itoa(i), Now: &analytics.Point{N: 9, Total: new(float64(i%21+1) * hour * float64(f.Lead.now().N))},
			})
		}
	})
	c, err := v.stageCard()
	if err != nil {
		t.Fatal(err)
	}
	shown := v.stageBars(v.stageRows())
	var sum float64
	for _, b := range shown {
		sum += *b.now
	}
	if len(shown) != maxStageRows+1 || shown[maxStageRows].name != "other (32 stages)" || rounded(sum, 6) != 2*21*22/2 {
		t.Errorf("%d bars with %v hours, the last named %q", len(shown), sum, shown[len(shown)-1].name)
	}
	if len(c.Table.Rows) != 42 || !strings.HasPrefix(c.Caption, "“20” takes longest, 21.0 working hours") {
		t.Errorf("%d rows in the table, caption %q", len(c.Table.Rows), c.Caption)
	}
}

func TestFirstQuarterHasNothingToCompare(t *testing.T) {
	v := testView(t, i18n.English, filters{Quarter: storyStart, Clock: analytics.ClockWorking}, nil)
	c, err := v.departmentCard()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Caption, "There is nothing to compare with") {
		t.Errorf("got %q", c.Caption)
	}
}

// Only kinds of the chosen quarter are counted.
func TestManyKinds(t *testing.T) {
	v := testView(t, i18n.English, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, func(f *figures) {
		f.Faults = []pair{{Key: "gone", Before: &analytics.Point{N: 99}}}
		for i := range 31 {
			f.Faults = append(f.Faults, pair{Key: strconv.Itoa(i), Now: &analytics.Point{N: uint64(i + 1)}})
		}
	})
	c, err := v.faultCard()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.Caption, "8 most frequent of 31 kinds") || len(c.Table.Rows) != 32 {
		t.Errorf("got %q and %d rows", c.Caption, len(c.Table.Rows))
	}
}

// A change of a rate that may be chance is no verdict.
func TestNoiseIsNoChange(t *testing.T) {
	rate := func(faulty, n uint64) *analytics.Point {
		return &analytics.Point{N: n, Count: &faulty, Rate: new(float64(faulty) / float64(n))}
	}
	f := func(name string, now, before *analytics.Point, want verdict, claim string) {
		t.Helper()
		v := testView(t, i18n.English, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, func(f *figures) {
			f.Errors[trend-1], f.Errors[trend-5] = now, before
		})
		s := v.errorSentence()
		if s.Verdict != want || s.Claim != claim || v.errorTile().LastYear.Verdict != want {
			t.Errorf("%s: got %q %q", name, s.Verdict, s.Claim)
		}
	}
	f("noise", rate(248, 3499), rate(245, 3499), unclear, "The error rate is 7.1%, no clear change from a year earlier")
	f("more than noise", rate(400, 3499), rate(245, 3499), worse, "The error rate is 11.4%, 4.4 percentage points higher than a year earlier")
	f("fewer cases", rate(2, 20), rate(4, 20), unclear, "The error rate is 10.0%, no clear change from a year earlier")
}

// A sparkline of what hardly moves is nearly flat.
func TestSparkOfNoise(t *testing.T) {
	v := testView(t, i18n.English, filters{Quarter: quarter{2026, 3}, Clock: analytics.ClockWorking}, nil)
	c := course{trend - 2: {Rate: new(0.070)}, trend - 1: {Rate: new(0.071)}}
	s := v.spark(v.percent, c)
	if d := cmp.Diff(s.Lines, []string{"134.3,19.0 156.0,17.0"}); d != "" {
		t.Errorf("(-got +want)\n%s", d)
	}
	if s := v.spark(v.percent, course{trend - 1: {Rate: new(0.0)}}); s.End != "156.0,18.0" {
		t.Errorf("nothing but zero: %+v", s)
	}
}
