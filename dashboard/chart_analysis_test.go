package dashboard

import (
	"strings"
	"testing"
)

// analysisCharts are the charts of the analysis pages with a name in every place
// where one can stand.
func analysisCharts(name string) map[string]chart {
	p := func(v float64) *float64 { return &v }
	return map[string]chart{
		"pareto": pareto("fault_kinds", name, name, []paretoRow{
			{name: name, text: "9", href: "/cases?kind=a", share: 60, sum: 60}, {name: "b", text: "6", href: "/cases?kind=b", share: 40, sum: 100},
		}),
		"heat": heat("error_heat", name, []string{name, "p2"}, []string{"d1", name}, []heatCell{
			{column: 0, row: 0, value: 2, label: "2.0", text: name, href: "/cases?process=a"},
			{column: 1, row: 0, value: 10, label: "10.0", text: "t", href: "/cases?process=b"},
			{column: 1, row: 1, value: 50, label: "50.0", text: "t", href: "/cases?process=c", few: true},
		}),
		"control": control("control_error_rate", controlNames{name, name, name}, []controlPoint{
			{period: "2026-01", value: 7, centre: 7, low: 5, high: 9, href: "/cases?from=2026-01-01", label: true, base: true},
			{period: "2026-02", value: 7.4, centre: 7, low: 4.8, high: 9.2, href: "/cases?from=2026-02-01", base: true},
			{period: "2026-03", value: 4, centre: 7, low: 5, high: 9, signal: true, good: true},
			{period: "2026-04", value: 9.5, centre: 7, low: 5, high: 9, signal: true, label: true},
		}, 1),
		"intervals": intervals("error_processes", []ranged{
			{name: name, now: p(5), low: p(3), high: p(8), before: p(9), href: "/cases?process=a"}, {name: "b", now: p(0), low: p(0), high: p(60), few: true}, {name: "c", before: p(4)},
		}, name, name),
		"histogram":   histogram("time_histogram", name, []bin{{label: "0", n: 5, href: "/cases?below=3600"}, {label: "1", n: 0}, {label: "≥ 2", n: 2, open: true}}),
		"percentiles": percentileCurve("time_percentiles", name, []float64{0, 1, 1.5, 4}, []int{2, 90}, 1),
		"waterfall": waterfall("stage_waterfall", name, []step{
			{name: name, value: 10, whole: true, href: "/cases?a"}, {name: "less", value: -4, href: "/cases?b"}, {name: "more", value: 1.5}, {name: "now", value: 7.5, whole: true},
		}, 1),
		"single_bars": singleBars("ageing", name, []oneBar{{name: name, value: 12, text: "12", href: "/cases?at_least=1"}, {name: "b", value: 1, text: "1", few: true}}),
	}
}

func TestAnalysisChartsGolden(t *testing.T) {
	for name, c := range analysisCharts("名称") {
		t.Run(name, func(t *testing.T) {
			got, err := encodeLinked(c, "%", 1, []string{"/cases?first", ""})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, got)
		})
	}
}

func TestAnalysisChartNamesCannotBecomeCode(t *testing.T) {
	for name, c := range analysisCharts("__f__alert(1)__f__</script><script>alert(2)</script>") {
		got, err := encode(c, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(got), "__f__") || strings.Contains(string(got), "</script") {
			t.Errorf("%s: a name came through as code: %s", name, got)
		}
	}
}

func TestHeatSteps(t *testing.T) {
	f := func(want int, value, highest float64) {
		t.Helper()
		if got := heatStep(value, highest); got != want {
			t.Errorf("%v of %v: got %d, want %d", value, highest, got, want)
		}
	}
	f(0, 0, 10)
	f(0, 1.9, 10)
	f(2, 5, 10)
	f(4, 10, 10)
	f(4, 50, 10) // rests on too little to count for the range
	f(0, 0, 0)
}

// TestWaterfallEndsWhereItSays checks that the hidden bars carry each change from
// the level that the one before has left.
func TestWaterfallEndsWhereItSays(t *testing.T) {
	c := waterfall("w", "n", []step{{value: 10, whole: true}, {value: -4}, {value: 1.5}, {value: 7.5, whole: true}}, 1)
	hidden, ok := c.MultiSeries[0].Data.([]mark)
	if !ok {
		t.Fatal("the hidden bars are no marks")
	}
	for i, want := range []float64{0, 6, 6, 0} {
		if got := hidden[i].Value; got != want && !(want == 0 && got == 0) {
			t.Errorf("bar %d begins at %v, want %v", i, got, want)
		}
	}
}
