package analytics_test

import (
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics"
)

// benchEvents are five events a case, as an office of 1500 people has in ten years.
const benchEvents = 1_000_000

const fillSQL = `
INSERT INTO task_events (event_id, source, time, process, case_id, stage, action, department, class, topic_partition, topic_offset, produced_at)
SELECT
    toString(generateUUIDv4(number)), 'bench',
    toDateTime64('2024-10-01 00:00:00', 3, 'UTC') + toIntervalSecond(intHash64(intDiv(number, 5)) % (720 * 86400) + number % 5 * (intHash64(number) % 50000)),
    'approval', concat('case-', toString(intDiv(number, 5))),
    ['draft', 'review', 'countersign', 'sign_off', 'archive'][number % 5 + 1],
    ['submit', 'approve', 'approve', 'sign', 'archive'][number % 5 + 1],
    concat('department-', toString(intHash64(intDiv(number, 5)) % 30)), ['core', 'non_core'][intDiv(number, 5) % 2 + 1],
    0, number, now64(3)
FROM numbers({events:UInt64})`

// BenchmarkQuery asks for two years by quarter, of a million events.
func BenchmarkQuery(b *testing.B) {
	conn := store(b)
	if err := conn.Exec(b.Context(), fillSQL, clickhouse.Named("events", benchEvents)); err != nil {
		b.Fatal(err)
	}
	hb, cal := office(), workdays(b, "Asia/Shanghai")
	for _, bench := range []struct {
		name, metric string
		by           analytics.By
		clock        analytics.Clock
	}{
		{"lead_time", "lead_time", analytics.ByNone, analytics.ClockElapsed},
		{"lead_time_by_department", "lead_time", analytics.ByDepartment, analytics.ClockElapsed},
		{"lead_time_working", "lead_time", analytics.ByNone, analytics.ClockWorking},
		{"stage_time", "stage_time", analytics.ByStage, analytics.ClockElapsed},
		{"error_rate", "error_rate", analytics.ByNone, analytics.ClockElapsed},
		{"variants", "variants", analytics.ByNone, analytics.ClockElapsed},
		{"on_time_rate", "on_time_rate", analytics.ByLimit, analytics.ClockElapsed},
		{"deviations", "deviations", analytics.ByNone, analytics.ClockElapsed},
	} {
		b.Run(bench.name, func(b *testing.B) {
			q := analytics.Query{From: day(2024, time.October, 1), To: day(2026, time.October, 1), By: bench.by, Clock: bench.clock}
			if bench.metric != "variants" && bench.metric != "deviations" {
				q.Bucket = analytics.BucketQuarter
			}
			b.ReportAllocs()
			for b.Loop() {
				m := analytics.New(conn, hb, cal).Publishing(0, nil) // remembers nothing yet
				ask(b, m, bench.metric, q)
			}
			b.ReportMetric(benchEvents*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
