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

// office is the handbook of the tests: two processes it defines; others are foreign.
func office() *handbook.Handbook {
	return &handbook.Handbook{
		Timezone: "Asia/Shanghai", FiscalYearStart: 1,
		Processes: []handbook.Process{
			{
				Key: "approval", Ends: handbook.Step{Stage: "sign_off", Action: "sign"},
				Stages: []handbook.Stage{{Key: "draft"}, {Key: "review"}, {Key: "countersign", Repeats: true}, {Key: "sign_off"}, {Key: "archive"}},
			},
			{
				Key: "purchase", Ends: handbook.Step{Stage: "archive", Action: "close"},
				Stages: []handbook.Stage{{Key: "draft"}, {Key: "review"}, {Key: "archive"}},
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

func workdays(tb testing.TB, zoneName string) *calendar.Calendar {
	tb.Helper()
	c, err := calendar.New(zone(tb, zoneName), []calendar.Slot{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18*3600 + 1}})
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
