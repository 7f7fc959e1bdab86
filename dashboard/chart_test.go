package dashboard

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares options with a file, indented so that a change can be read.
func golden(t *testing.T, name string, got json.RawMessage) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b.String(), string(want)); d != "" {
		t.Errorf("%s (-got +want); -update writes it anew\n%s", file, d)
	}
}

func TestChartsGolden(t *testing.T) {
	p := func(v float64) *float64 { return &v }
	tests := map[string]struct {
		chart chart
		unit  string
	}{
		"trend": {trendChart("lead_time", []string{"25Q3", "25Q4", "26Q1", "26Q2", "26Q3"}, 0,
			line{"P90", []*float64{p(5.1), p(5.1), nil, p(2.9), p(2.8)}, strokeSecond},
			line{"均值", []*float64{p(3.2), p(3.2), p(3.1), p(1.5), p(1.4)}, strokeMain},
			line{"中位数", []*float64{p(2.8), nil, p(2.1), nil, p(1.1)}, strokeDotted}), "工作日"},
		"bars":     {pairedBars("stage_time", []bars{{"会签", p(9.4), p(0.9)}, {"退回重做", nil, p(0.6)}, {"旧环节", p(1), nil}}, "2025Q3", "2026Q3", 1), "工作小时 / 件"},
		"dumbbell": {dumbbell("departments", []bars{{"法务", p(92), p(94.2)}, {"生产", p(88), p(86)}, {"新部门", nil, p(80)}}, "2026Q2", "2026Q3", 75, 100, 1, 1), "分"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := encode(test.chart, test.unit, 1)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, got)
		})
	}
}

// TestChartsAreRepeatable guards against the random ids that go-echarts makes up.
func TestChartsAreRepeatable(t *testing.T) {
	draw := func() string {
		got, err := encode(pairedBars("stage_time", []bars{{"a", nil, new(1.0)}}, "b", "n", 1), "h", 1)
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	if a, b := draw(), draw(); a != b {
		t.Errorf("two drawings differ:\n%s\n%s", a, b)
	}
}

func TestChartNamesCannotBecomeCode(t *testing.T) {
	evil := "__f__alert(1)__f__</script><script>alert(2)</script>"
	p := new(1.0)
	for _, c := range []chart{
		trendChart("t", []string{"26Q3"}, 0, line{evil, []*float64{p}, strokeMain}),
		pairedBars("b", []bars{{evil, p, p}}, evil, evil, 1),
		dumbbell("d", []bars{{evil, p, p}}, evil, evil, 0, 100, 1, -1),
	} {
		got, err := encode(c, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(got), "__f__") || strings.Contains(string(got), "</script") {
			t.Errorf("a name came through as code: %s", got)
		}
	}
}

func TestScoreRange(t *testing.T) {
	f := func(wantFloor, wantCeiling float64, values ...float64) {
		t.Helper()
		list := []*float64{nil}
		for i := range values {
			list = append(list, &values[i])
		}
		floor, ceiling := scoreRange(list...)
		if floor != wantFloor || ceiling != wantCeiling {
			t.Errorf("%v: got %v to %v, want %v to %v", values, floor, ceiling, wantFloor, wantCeiling)
		}
	}
	f(0, 100)
	f(75, 100, 77.5, 94.2)
	f(95, 100, 99, 100)
	f(0, 5, 0, 1)
	f(70, 75, 72.5)
}
