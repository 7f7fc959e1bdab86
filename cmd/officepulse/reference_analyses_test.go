package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
)

// analysed are the reference figures of one log that are no plain metric.
type analysed struct {
	WorkTime struct {
		UTC   quantiles `json:"utc_mon_fri_09_17"`
		Local quantiles `json:"local_mon_fri_09_17_less_jan1_dec25_dec26"`
	} `json:"work_time_s"`
	LocalZone string `json:"local_tz"`
	Monthly   struct {
		Months  []string
		N       []uint64
		Medians []float64 `json:"median_lead_s"`
		XmR     struct {
			Centre     float64 `json:"cl"`
			MeanRange  float64 `json:"mr_bar"`
			Upper      float64 `json:"unpl"`
			Lower      float64 `json:"lnpl"`
			RangeHigh  float64 `json:"url"`
			Sigma      float64
			Outside    []int    `json:"points_outside_limits"`
			Ranges     []int    `json:"mr_above_url"`
			Runs       [][2]int `json:"runs_of_8_one_side"`
			Trends     [][2]int `json:"trends_of_6"`
			TwoOfThree []int    `json:"two_of_three_beyond_2sigma_ending_at"`
		} `json:"xmr_on_monthly_median_lead"`
		P struct {
			Centre       float64      `json:"p_bar"`
			Points       [][3]float64 `json:"points_p_lcl_ucl"`
			Outside      []int
			SigmaZ       float64 `json:"laney_sigma_z"`
			LaneyOutside []int   `json:"laney_outside"`
		} `json:"p_chart_rework"`
	}
}

type quantiles struct{ Mean, Median, P75, P90, P95 float64 }

// TestReferenceAnalyses asks a running program, over HTTP, for the control
// charts, the groups (departments, classes, stages, handovers, shares within some
// days) and the working times of the reference logs. The
// handbook is changed under it, for the reference has its own office hours and
// holidays.
func TestReferenceAnalyses(t *testing.T) {
	want := make(map[string]analysed)
	text, err := os.ReadFile(shared(t, "reference-figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(text, &sections); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := referenceHandbook(t, dir, "UTC", nil)
	s := startService(t, t.TempDir(), "--handbook", file)
	for _, log := range logs {
		var figures analysed
		if err := json.Unmarshal(sections[log.name], &figures); err != nil {
			t.Fatal(err)
		}
		want[log.name] = figures
		s.must(append([]string{"import", shared(t, log.file), "--process", log.name, "--assume-complete"}, log.args...)...)
		var groups grouped
		if err := json.Unmarshal(sections[log.name], &groups); err != nil {
			t.Fatal(err)
		}
		t.Run(log.name, func(t *testing.T) {
			s.compareCharts(t, log.name, figures)
			s.compareGroups(t, log.name, groups)
			if len(groups.ByCase["priority"].Departments) > 0 {
				s.compareClasses(t, groups)
			}
			s.compareWorkTime(t, log.name, figures.WorkTime.UTC)
		})
	}
	holidays := []string{"01-01", "12-25", "12-26"}
	for _, zone := range []string{"UTC", "Europe/Rome"} {
		referenceHandbook(t, dir, zone, holidays)
		s.must("reload")
		for name, figures := range want {
			if figures.LocalZone == zone {
				t.Run(name+" in "+zone, func(t *testing.T) { s.compareWorkTime(t, name, figures.WorkTime.Local) })
			}
		}
	}
}

// referenceHandbook is the shipped handbook with other office hours, Monday to
// Friday without any holiday but the days given.
func referenceHandbook(t *testing.T, dir, zone string, holidays []string) string {
	t.Helper()
	var years []string
	for year := 1940; year <= 2030; year++ {
		// A year file takes the place of all statutory days; one day it has to name: a Saturday.
		june := time.Date(year, time.June, 1, 0, 0, 0, 0, time.UTC)
		saturday := june.AddDate(0, 0, int(time.Saturday-june.Weekday()))
		days := []string{offDay(saturday.Format(time.DateOnly))}
		for _, day := range holidays {
			days = append(days, offDay(fmt.Sprintf("%d-%s", year, day)))
		}
		name := fmt.Sprintf("%d.json", year)
		writeFile(t, dir, name, fmt.Sprintf(`{"year":%d,"papers":["reference"],"days":[%s]}`, year, strings.Join(days, ",")))
		years = append(years, name)
	}
	text := strings.NewReplacer("timezone: Asia/Shanghai", "timezone: "+zone, "office_hours: [08:30-12:00, 13:30-18:00]", "office_hours: [09:00-17:00]").
		Replace(string(handbook.Example()))
	text = strings.Replace(text, "headline:", "calendar: {year_files: ["+strings.Join(years, ", ")+"]}\nheadline:", 1)
	return writeFile(t, dir, "handbook.yaml", text)
}

func offDay(date string) string { return fmt.Sprintf(`{"name":"-","date":%q,"isOffDay":true}`, date) }

// analysis asks one of the analyses; the arguments are name and value in turn.
func analysis[T any](t *testing.T, s *service, path string, params ...string) T {
	t.Helper()
	values := url.Values{"from": {"1940-01-01"}, "to": {"2026-01-01"}, "timezone": {"UTC"}}
	for i := 0; i < len(params); i += 2 {
		values.Set(params[i], params[i+1])
	}
	status, body := s.get("/api/v1/" + path + "?" + values.Encode())
	var answer T
	if err := json.Unmarshal(body, &answer); status != http.StatusOK || err != nil {
		t.Fatalf("%s %v: %d %s", path, values, status, body)
	}
	return answer
}

// ofAll are the parameters of a chart whose limits rest on all months that have
// twenty cases or more.
func ofAll(process string, more ...string) []string {
	return append([]string{"process", process, "bucket", "month", "min_n", "20", "baseline_from", "1940-01-01", "baseline_to", "2026-01-01"}, more...)
}

func (s *service) compareCharts(t *testing.T, process string, want analysed) {
	t.Helper()
	months := want.Monthly
	c := analysis[analytics.Control](t, s, "control/lead_time", ofAll(process)...)
	if len(c.Points) != len(months.Months) {
		t.Fatalf("%d months, want %d", len(c.Points), len(months.Months))
	}
	at := make(map[string]int)
	x := months.XmR
	for i, p := range c.Points {
		at[p.Period] = i
		if p.Period != months.Months[i] || p.N != months.N[i] || !near(&p.Value, months.Medians[i]) ||
			!near(&p.Centre, x.Centre) || !near(&p.Lower, x.Lower) || !near(&p.Upper, x.Upper) || !near(&p.Sigma, x.Sigma) {
			t.Errorf("XmR chart: point %d is %+v, want %s with %d cases, %v between %v and %v", i, p, months.Months[i], months.N[i], months.Medians[i], x.Lower, x.Upper)
		}
	}
	if !near(&c.MeanRange, x.MeanRange) || !near(&c.RangeHigh, x.RangeHigh) {
		t.Errorf("XmR chart: ranges of %v up to %v, want %v and %v", c.MeanRange, c.RangeHigh, x.MeanRange, x.RangeHigh)
	}
	found := spans(c.Signals, at)
	equalSpans(t, "points outside", found[stats.Outside], single(x.Outside))
	equalSpans(t, "ranges", found[stats.Range], single(x.Ranges))
	equalSpans(t, "runs", found[stats.Run], x.Runs)
	equalSpans(t, "trends", found[stats.Trend], x.Trends)
	var ends []int
	for _, two := range found[stats.TwoOfThree] {
		if !slices.Contains(ends, two[1]) {
			ends = append(ends, two[1])
		}
	}
	equalSpans(t, "two of three", single(ends), single(x.TwoOfThree))

	p := analysis[analytics.Control](t, s, "control/rework_rate", ofAll(process, "chart", "p")...)
	for i, w := range months.P.Points {
		if got := p.Points[i]; !close6(got.Value, w[0]) || !close6(got.Lower, w[1]) || !close6(got.Upper, w[2]) || !close6(got.Centre, months.P.Centre) {
			t.Errorf("p chart: point %d is %+v, want %v around %v", i, got, w, months.P.Centre)
		}
	}
	equalSpans(t, "shares outside", spans(p.Signals, at)[stats.Outside], single(months.P.Outside))
	laney := analysis[analytics.Control](t, s, "control/rework_rate", ofAll(process, "chart", "laney_p")...)
	if math.Abs(laney.SigmaZ-months.P.SigmaZ) > 0.0005 {
		t.Errorf("Laney's sigma z is %v, want %v", laney.SigmaZ, months.P.SigmaZ)
	}
	equalSpans(t, "shares outside Laney's limits", spans(laney.Signals, at)[stats.Outside], single(months.P.LaneyOutside))
}

// spans are the signals of each rule by the numbers of their first and last point.
func spans(signals []analytics.ControlSignal, at map[string]int) map[stats.Rule][][2]int {
	found := make(map[stats.Rule][][2]int)
	for _, s := range signals {
		found[s.Rule] = append(found[s.Rule], [2]int{at[s.From], at[s.To]})
	}
	return found
}

func single(points []int) [][2]int {
	var all [][2]int
	for _, p := range points {
		all = append(all, [2]int{p, p})
	}
	return all
}

func equalSpans(t *testing.T, what string, got, want [][2]int) {
	t.Helper()
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// close6 accepts the rounding of shares in the reference file, six decimals.
func close6(got, want float64) bool { return math.Abs(got-want) <= 0.5e-6+1e-12 }

func (s *service) compareWorkTime(t *testing.T, process string, want quantiles) {
	t.Helper()
	a := s.metric("lead_time", "from", "1940-01-01", "to", "2026-01-01", "timezone", "UTC", "process", process, "clock", "working")
	p := a.series(t, "all")[""]
	if !near(p.Mean, want.Mean) || !near(p.Median, want.Median) || !near(p.P75, want.P75) || !near(p.P90, want.P90) || !near(p.P95, want.P95) {
		t.Errorf("working time: got %s, want %+v", text(p), want)
	}
}
