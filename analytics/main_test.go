package analytics_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// office is the handbook of the tests: two processes that most stories are
// about, and those that metrics of their own are about; others are foreign.
func office() *handbook.Handbook {
	step := func(stage, action string) handbook.Step { return handbook.Step{Stage: stage, Action: action} }
	from := func(stage, action string) *handbook.Step { return &handbook.Step{Stage: stage, Action: action} }
	const hour, day = handbook.Duration(time.Hour), handbook.Duration(24 * time.Hour)
	return &handbook.Handbook{
		Timezone: "Asia/Shanghai", FiscalYearStart: 1, OfficeHours: officeHours,
		Processes: []handbook.Process{
			{
				Key: "approval", Ends: handbook.Step{Stage: "sign_off", Action: "sign"},
				Stages: []handbook.Stage{{Key: "draft"}, {Key: "review"}, {Key: "countersign", Repeats: true}, {Key: "sign_off"}, {Key: "archive"}},
				Routes: []handbook.Route{
					{Class: "core", Stages: []string{"draft", "review", "countersign", "sign_off"}, MaySkip: []string{"countersign"}},
					{Stages: []string{"draft", "review", "sign_off"}, MayRepeat: []string{"review"}},
				},
				Limits: []handbook.Limit{
					{Key: "core", Class: "core", Within: 2 * day, Clock: calendar.Working},
					{Key: "other", Class: "non_core", Within: day, Clock: calendar.RollForward},
					{Key: "reviewed", From: from("draft", "submit"), To: handbook.Steps{step("review", "approve")}, EndOf: "day"},
				},
			},
			{
				Key: "purchase", Ends: handbook.Step{Stage: "archive", Action: "close"},
				Stages: []handbook.Stage{{Key: "draft"}, {Key: "review"}, {Key: "archive"}},
				Routes: []handbook.Route{{Class: "core", Stages: []string{"draft", "review", "archive"}}},
				Limits: []handbook.Limit{
					{Key: "original", DueAt: "original"},
					{Key: "current", DueAt: "current", Clock: calendar.RollForward, To: handbook.Steps{step("review", "approve")}},
					{Key: "quarter", EndOf: "quarter", Where: map[string]string{"order": "planned"}},
				},
			},
			{
				Key: "archive", Ends: step("paper", "archive"), Stages: []handbook.Stage{{Key: "electronic"}, {Key: "paper"}},
				Limits: []handbook.Limit{
					{Key: "both_copies", To: handbook.Steps{step("electronic", "archive"), step("paper", "archive")}, Within: day, Clock: calendar.RollForward},
				},
			},
			{
				Key: "meeting", Ends: step("minutes", "complete"), Stages: []handbook.Stage{{Key: "notice"}, {Key: "venue"}, {Key: "minutes"}},
				Limits: []handbook.Limit{
					{Key: "equipment_check", To: handbook.Steps{step("venue", "check")}, Before: hour, Planned: "meeting_start"},
				},
			},
			{
				Key: "supplies", Ends: step("issue", "complete"), Stages: []handbook.Stage{{Key: "plan"}, {Key: "issue"}},
				Routes: []handbook.Route{{Stages: []string{"plan", "issue"}}},
				Limits: []handbook.Limit{
					{Key: "fifth", DayOfMonth: 5, To: handbook.Steps{step("plan", "submit")}, Where: map[string]string{"order": "planned"}},
				},
			},
			{
				Key: "emergency", Ends: step("review", "complete"), Stages: []handbook.Stage{{Key: "report"}, {Key: "activate"}, {Key: "review"}},
				Limits: []handbook.Limit{
					{Key: "response", From: from("report", "submit"), To: handbook.Steps{step("activate", "start")}, Within: handbook.Duration(30 * time.Minute), Clock: calendar.Elapsed},
				},
			},
		},
		Questionnaires: []handbook.Questionnaire{
			{
				Key:    "service_v1",
				Levels: map[int]float64{5: 100, 4: 80, 3: 60, 2: 30, 1: 0},
				Items:  []handbook.Item{{Key: "speed", Weight: 3}, {Key: "tone", Weight: 1}, {Key: "result", Weight: 0.5}},
			},
			{Key: "plain_v1", Items: []handbook.Item{{Key: "speed", Weight: 2}, {Key: "tone", Weight: 1}}},
		},
	}
}

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// officeHours are of a length that no rounding hides.
var officeHours = []calendar.Slot{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18*3600 + 1}}

func workdays(tb testing.TB, zoneName string) *calendar.Calendar {
	tb.Helper()
	c, err := calendar.New(zone(tb, zoneName), officeHours)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// store is an empty warehouse of one test.
func store(tb testing.TB) driver.Conn {
	tb.Helper()
	conn, err := warehouse.Open(tb.Context(), enginetest.Database(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(tb.Context(), conn); err != nil {
		tb.Fatal(err)
	}
	return conn
}

const blockRows = 50_000

// insert stores records in the order given, in blocks.
func insert(tb testing.TB, conn driver.Conn, records []event.Record) {
	tb.Helper()
	w := warehouse.NewWriter(conn)
	for _, t := range event.Types() {
		var of []event.Record
		for _, r := range records {
			if r.Type == t {
				of = append(of, r)
			}
		}
		for block := range slices.Chunk(of, blockRows) {
			token := fmt.Sprintf("%s/%d", t, rand.Uint64())
			if err := w.Insert(tb.Context(), t, token, block); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

func ask(tb testing.TB, m *analytics.Metrics, metric string, q analytics.Query) *analytics.Result {
	tb.Helper()
	r, err := m.Query(tb.Context(), metric, q)
	if err != nil {
		tb.Fatalf("%s by %s in %s: %v", metric, q.By, q.Bucket, err)
	}
	return r
}

// shuffled returns the records in a random order.
func shuffled[T any](r *rand.Rand, in []T) []T {
	out := slices.Clone(in)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
