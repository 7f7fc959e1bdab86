package main

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/dashboard/browsertest"
)

const workingDay = 8 * 3600.0 // seconds

// The story is told through the front door and read from the metrics API.
func TestDemoStory(t *testing.T) {
	s := startService(t, t.TempDir(), "--demo", "M")
	s.waitFor("the story", func() bool {
		var st Status
		return json.Unmarshal([]byte(s.must("status", "--json")), &st) == nil && st.Lag == 0 && !st.AsOf.IsZero() && !exists(s.data, storyFile)
	})
	period := []string{"from", "2024-10-01", "to", "2026-10-01", "bucket", "quarter"}
	errorRate := s.metric("error_rate", period...)
	lead := s.metric("lead_time", append(period, "process", "doc_approval", "clock", "working")...)
	satisfaction := s.metric("satisfaction", period...)
	rates, leads, scores := errorRate.series(t, "all"), lead.series(t, "all"), satisfaction.series(t, "all")
	for _, want := range demo.Path() {
		if got := *rates[want.Name].Rate * 100; math.Abs(got-want.ErrorRate) > 0.8 {
			t.Errorf("%s: error rate %.2f %%, want %.1f ± 0.8", want.Name, got, want.ErrorRate)
		}
		if got := *leads[want.Name].Mean / workingDay; math.Abs(got-want.Approval) > 0.2 {
			t.Errorf("%s: approval takes %.2f working days, want %.1f ± 0.2", want.Name, got, want.Approval)
		}
		if got := *scores[want.Name].Mean; math.Abs(got-want.Satisfaction) > 1 {
			t.Errorf("%s: satisfaction %.2f points, want %.1f ± 1", want.Name, got, want.Satisfaction)
		}
	}
	before := s.metric("error_rate", "from", "2025-07-01", "to", "2026-01-01", "bucket", "none")
	after := s.metric("error_rate", "from", "2026-04-01", "to", "2026-10-01", "bucket", "none")
	b, a := *before.series(t, "all")[""].Rate, *after.series(t, "all")[""].Rate
	if change := (a - b) / b * 100; math.Abs(change+40) > 2 {
		t.Errorf("error rate changed by %.1f %% in half a year, want -40 ± 2", change)
	}

	t.Run("page", func(t *testing.T) { overview(t, s) })
	t.Run("cases", func(t *testing.T) { behindTheFigures(t, s) })
	t.Run("targets", func(t *testing.T) { promised(t, s) })
	t.Run("changes", func(t *testing.T) { worked(t, s) })
	t.Run("nothing happened", func(t *testing.T) { nothingHappened(t, s) })

	figures := func() string {
		var all []byte
		for _, m := range []string{"throughput", "error_rate", "lead_time", "satisfaction", "rework_rate", "faults", "stage_time"} {
			r := s.metric(m, period...)
			text, err := json.Marshal(r.Series)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text...)
		}
		return string(all)
	}
	once := figures()
	s.must("demo", "--preset", "M")
	if figures() != once {
		t.Error("telling the story a second time changed a figure")
	}
}

// overview opens the page as a leader would and holds what it says against the API.
func overview(t *testing.T, s *service) {
	t.Helper()
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	ctx := browsertest.Start(t)
	wrong := browsertest.Watch(ctx, t, address.Host)
	agrees := func(quarter, from, to string) {
		t.Helper()
		period := []string{"from", from, "to", to, "bucket", "none"}
		rate, lead := s.metric("error_rate", period...), s.metric("lead_time", append(period, "process", "doc_approval", "clock", "working")...)
		score, cases := s.metric("satisfaction", period...), s.metric("throughput", period...)
		for metric, want := range map[string]float64{
			"error_rate":   *rate.series(t, "all")[""].Rate * 100,
			"lead_time":    *lead.series(t, "all")[""].Mean / workingDay,
			"satisfaction": *score.series(t, "all")[""].Mean,
			"throughput":   float64(cases.series(t, "all")[""].N),
		} {
			digits := 1
			if metric == "throughput" {
				digits = 0
			}
			got := browsertest.Evaluate[string](ctx, t, `document.querySelector("[data-metric=`+metric+`] .op-value").textContent`)
			if want := strconv.FormatFloat(want, 'f', digits, 64); strings.ReplaceAll(got, ",", "") != want {
				t.Errorf("%s of %s: the page says %s, the API %s", metric, quarter, got, want)
			}
		}
	}
	browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.url+"/?lang=zh"))
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if got := browsertest.Evaluate[string](ctx, t, `document.querySelector("h1").textContent`); !strings.Contains(got, "2026年第三季度") {
		t.Errorf("the page opens with %q, want the newest complete quarter", got)
	}
	agrees("2026Q3", "2026-07-01", "2026-10-01")

	browsertest.Choose(ctx, t, "filter-quarter", "2025Q4")
	browsertest.Until(ctx, t, `document.querySelector("h1").textContent.includes("2025年第四季度") && `+browsertest.AllDrawn)
	agrees("2025Q4", "2025-10-01", "2026-01-01")

	browsertest.Do(ctx, t, chromedp.Click("#language"))
	browsertest.Until(ctx, t, `document.documentElement.lang === "en" && document.querySelector("h1").textContent.includes("Q4 2025") && `+browsertest.AllDrawn)
	agrees("2025Q4", "2025-10-01", "2026-01-01")
	wrong.Report(t)
}
