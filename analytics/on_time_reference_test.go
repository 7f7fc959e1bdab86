package analytics_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// compareOnTime compares the shares of cases that took no longer than some days.
// A process of which the handbook says limits but no end ends as any other log.
func compareOnTime(t *testing.T, conn driver.Conn, process string, section []byte) {
	t.Helper()
	var want struct {
		Cases  uint64
		Shares map[string]float64 `json:"sla_calendar_days_share_within"`
	}
	if err := json.Unmarshal(section, &want); err != nil {
		t.Fatal(err)
	}
	hb := office()
	hb.Processes = []handbook.Process{{Key: process}}
	for text := range want.Shares {
		days, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		hb.Processes[0].Limits = append(hb.Processes[0].Limits, handbook.Limit{
			Key: text, Within: handbook.Duration(time.Duration(days) * 24 * time.Hour), Clock: calendar.Elapsed,
		})
	}
	m := analytics.New(conn, hb, workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	q := analytics.Query{From: day(1948, time.January, 1), To: day(2021, time.January, 1), By: analytics.ByLimit}
	series := ask(t, m, "on_time_rate", q).Series
	equal(t, "limits", len(series), len(want.Shares))
	for _, s := range series {
		within := want.Shares[s.Key[len(process)+1:]]
		equal(t, s.Key+" cases", s.Points[0].N, want.Cases)
		if d := *s.Points[0].Rate - within; math.Abs(d) > 1e-6 {
			t.Errorf("%s: got %v, want %v", s.Key, *s.Points[0].Rate, within)
		}
	}
}
