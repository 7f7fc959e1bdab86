package analytics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/warehouse"
)

func warehouseOf(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := warehouse.Open(t.Context(), enginetest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// column runs a statement that returns one column.
func column[T any](t *testing.T, conn driver.Conn, statement string, parameters ...any) []T {
	t.Helper()
	rows, err := conn.Query(t.Context(), statement, parameters...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		var one T
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// versatile is a handbook whose calendar has everything that a calendar can
// have: hours that change with the versions, days off, half days, longer days,
// alternating Saturdays; and its limits every form on every clock.
const versatile = `version: "1"
timezone: %s
fiscal_year_start: %d
office_hours: [08:30-12:00, 13:30-18:00]
headline: p
departments: [{key: a, name: {zh: 甲, en: A}}]
classes: [{key: core, name: {zh: 核心, en: Core}}]
fault_kinds: [{key: late, name: {zh: 超时, en: Late}}]
questionnaires:
  - {key: q, name: {zh: 问卷, en: Survey}, levels: {1: 100}, items: [{key: i, name: {zh: 项, en: Item}, weight: 1}]}
processes:
  - key: p
    name: {zh: 流程, en: Process}
    ends: {stage: t, action: close}
    stages: [{key: s, name: {zh: 一, en: S}}, {key: t, name: {zh: 二, en: T}, repeats: true}, {key: u, name: {zh: 三, en: U}}]
    routes:
      - {stages: [s, t, u], may_skip: [t], may_repeat: [u]}
      - {class: core, stages: [s, t]}
    limits:
      - {key: within_elapsed, name: {zh: 限, en: L}, within: 30h, clock: elapsed}
      - {key: within_working, name: {zh: 限, en: L}, within: 1d3h, clock: working, class: core, where: {type: "it's \\ odd", order: planned}}
      - {key: within_rolled, name: {zh: 限, en: L}, within: 24h, clock: elapsed_roll_forward, to: [{stage: s, action: submit}, {stage: t, action: archive}]}
      - {key: before, name: {zh: 限, en: L}, before: 90m, planned: meeting_start, to: {stage: t, action: check}}
      - {key: fifth, name: {zh: 限, en: L}, day_of_month: 5, from: {stage: s, action: submit}}
      - {key: fifth_elapsed, name: {zh: 限, en: L}, day_of_month: 5, clock: elapsed}
      - {key: day, name: {zh: 限, en: L}, end_of: day}
      - {key: week, name: {zh: 限, en: L}, end_of: week}
      - {key: month, name: {zh: 限, en: L}, end_of: month, clock: elapsed}
      - {key: quarter, name: {zh: 限, en: L}, end_of: quarter}
      - {key: year, name: {zh: 限, en: L}, end_of: year}
      - {key: due, name: {zh: 限, en: L}, due_at: original}
      - {key: due_rolled, name: {zh: 限, en: L}, due_at: current, clock: elapsed_roll_forward}
calendar:
  off:
    - {day: 2026-03-09, to: 2026-03-13, name: {zh: 检修, en: Overhaul}}
  work:
    - {day: 2026-03-21, name: {zh: 盘点, en: Stocktaking}}
    - {day: 2026-12-31, name: {zh: 半天, en: Half a day}, hours: [08:30-12:00]}
    - {day: 2026-02-17, name: {zh: 值班, en: On duty}, hours: [00:00-24:00]}
  alternate_saturdays:
    - {from: 2025-11-08, to: 2026-06-30, name: {zh: 大小周, en: Alternate Saturdays}}
---
version: "2"
from: 2026-04-01
office_hours: [09:00-17:30]
processes:
  - key: p
    limits:
      - {key: within_working, name: {zh: 限, en: L}, within: 2d, clock: working}
      - {key: day, removed: true}
`

func versatileHistory(t *testing.T, zone string, fiscal int) (*handbook.History, *calendar.Calendar) {
	t.Helper()
	history, err := handbook.ParseHistory(fmt.Appendf(nil, versatile, zone, fiscal), nil)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := history.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return history, cal
}

// near is mostly a time in the years around the versions, often at the turn of a
// quarter of an hour, where limits and office hours meet.
func near(r *rand.Rand) time.Time {
	at := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(450*24*4)) * 15 * time.Minute)
	switch r.IntN(12) {
	case 0:
		at = at.Add(time.Duration(r.IntN(900_000)) * time.Millisecond)
	case 1:
		at = at.Add(time.Duration(r.IntN(3)-1) * time.Millisecond)
	case 2:
		at = at.AddDate(r.IntN(100)-60, 0, 0)
	}
	return at
}

// TestClockInTheWarehouse reads the office's clock at random instants in
// ClickHouse and in Go.
func TestClockInTheWarehouse(t *testing.T) {
	conn := warehouseOf(t)
	for i, zone := range []string{"Asia/Shanghai", "America/New_York", "UTC"} {
		_, cal := versatileHistory(t, zone, 1)
		clockInTheWarehouse(t, conn, cal, rand.New(rand.NewPCG(uint64(i), 1)))
	}
	odd, err := calendar.New(time.UTC, []calendar.Slot{{From: 8*3600 + 1, To: 12 * 3600}, {From: 12*3600 + 17, To: 18*3600 + 7}})
	if err != nil {
		t.Fatal(err)
	}
	clockInTheWarehouse(t, conn, odd, rand.New(rand.NewPCG(4, 1)))
}

func clockInTheWarehouse(t *testing.T, conn driver.Conn, cal *calendar.Calendar, r *rand.Rand) {
	t.Helper()
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	instants, want := []int64{}, []int64{}
	for range 20_000 {
		at := near(r)
		instants = append(instants, at.UnixMilli())
		want = append(want, cal.Between(base, at).Milliseconds())
	}
	statement := compose(fromEvents, []string{clocks[ClockWorking]},
		"SELECT reading(instant) - reading({base:Int64}) FROM (SELECT arrayJoin(arrayZip({instants:Array(Int64)}, arrayEnumerate({instants:Array(Int64)}))) AS one, one.1 AS instant) ORDER BY one.2")
	got := column[int64](t, conn, statement, append(calendarParameters(cal), clickhouse.Named("instants", instants), clickhouse.Named("base", base.UnixMilli()))...)
	for j := range want {
		if got[j] != want[j] {
			t.Fatalf("%s: working time from %v to %v is %d ms, want %d", cal.Zone(), base, time.UnixMilli(instants[j]).UTC(), got[j], want[j])
		}
	}
}

// TestLimitsInTheWarehouse asks for every limit of every version whether random
// cases kept it, in ClickHouse and in Go.
func TestLimitsInTheWarehouse(t *testing.T) {
	conn := warehouseOf(t)
	for i, zone := range []string{"Asia/Shanghai", "America/New_York"} {
		history, cal := versatileHistory(t, zone, 1+i*3)
		r := rand.New(rand.NewPCG(uint64(i), 2))
		begun, ended, promised := []int64{}, []int64{}, []int64{}
		for range 2000 {
			b := near(r)
			begun = append(begun, b.UnixMilli())
			ended = append(ended, b.Add(time.Duration(r.IntN(40*24*4)/(1+r.IntN(40)))*15*time.Minute).UnixMilli())
			promised = append(promised, b.Add(time.Duration(r.IntN(20*24*4)/(1+r.IntN(20)))*15*time.Minute).UnixMilli())
		}
		statement := compose(fromEvents, []string{clockOffice, limitSQL, promisesSQL}, `
SELECT groupArray(limit_kept(form, clock, amount, one.1, one.2, one.3))
FROM
(
    SELECT *, arrayJoin(arrayZip({begun:Array(Int64)}, {ended:Array(Int64)}, {promised:Array(Int64)}, arrayEnumerate({begun:Array(Int64)}))) AS one
    FROM process_limits
    ORDER BY limit_key, version_from, one.4
)
WHERE limit_key = {key:String} AND version_from = {version:Int64}
`)
		for n, v := range history.Versions() {
			from := int64(math.MinInt64)
			if n > 0 {
				from = v.Begins().UnixMilli()
			}
			for _, l := range v.Processes[0].Limits {
				got := column[[]uint8](t, conn, statement, append(append(handbookParameters(history.Latest()), calendarParameters(cal)...),
					clickhouse.Named("begun", begun), clickhouse.Named("ended", ended), clickhouse.Named("promised", promised),
					clickhouse.Named("key", l.Key), clickhouse.Named("version", from))...)[0]
				kept := 0
				for j := range begun {
					b, e, p := time.UnixMilli(begun[j]).UTC(), time.UnixMilli(ended[j]).UTC(), time.UnixMilli(promised[j]).UTC()
					want := v.OnTime(&l, cal, b, e, p)
					if got[j] == 1 != want {
						t.Fatalf("%s, version %s, %s: from %v to %v, promised %v: kept is %d, want %v", zone, v.Version, l.Key, b.In(cal.Zone()), e.In(cal.Zone()), p.In(cal.Zone()), got[j], want)
					}
					if want {
						kept++
					}
				}
				if kept == 0 || kept == len(begun) {
					t.Errorf("%s: kept by %d of %d, which tells nothing", l.Key, kept, len(begun))
				}
			}
		}
	}
}

// TestPromisesInTheWarehouse reads limits and routes back as tables.
func TestPromisesInTheWarehouse(t *testing.T) {
	conn := warehouseOf(t)
	history, _ := versatileHistory(t, "Asia/Shanghai", 1)
	parameters := handbookParameters(history.Latest())
	manual := history.Latest().Begins().UnixMilli()
	read := func(statement string, parameters ...any) []string {
		t.Helper()
		return column[string](t, conn, compose(fromEvents, []string{promisesSQL}, statement), parameters...)
	}
	const limits = "SELECT toString(tuple(* EXCEPT (process, version_from, version_to))) FROM process_limits WHERE limit_key IN ('within_working', 'within_rolled', 'before', 'quarter', 'due', 'day', 'fifth') ORDER BY version_from, limit_key"
	want := []string{
		`('before','',[],('',''),[('t','check')],'before','elapsed',5400000,'meeting_start')`,
		`('day','',[],('',''),[],'end_of_day','elapsed_roll_forward',0,'')`,
		`('due','',[],('',''),[],'due_at','elapsed',0,'original')`,
		`('fifth','',[],('s','submit'),[],'day_of_month','elapsed_roll_forward',5,'')`,
		`('quarter','',[],('',''),[],'end_of_months','elapsed_roll_forward',3,'')`,
		`('within_rolled','',[],('',''),[('s','submit'),('t','archive')],'within','elapsed_roll_forward',86400000,'')`,
		`('within_working','core',[('order','planned'),('type','it\'s \\ odd')],('',''),[],'within','working',39600000,'')`,
		`('before','',[],('',''),[('t','check')],'before','elapsed',5400000,'meeting_start')`,
		`('due','',[],('',''),[],'due_at','elapsed',0,'original')`,
		`('fifth','',[],('s','submit'),[],'day_of_month','elapsed_roll_forward',5,'')`,
		`('quarter','',[],('',''),[],'end_of_months','elapsed_roll_forward',3,'')`,
		`('within_rolled','',[],('',''),[('s','submit'),('t','archive')],'within','elapsed_roll_forward',86400000,'')`,
		`('within_working','',[],('',''),[],'within','working',61200000,'')`, // two days of 8.5 hours
	}
	if diff := cmp.Diff(want, read(limits, parameters...)); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	const routes = "SELECT toString(tuple(process, class, stages, may_skip, may_repeat)) FROM process_routes WHERE version_to > {manual:Int64} ORDER BY class"
	want = []string{`('p','',['s','t','u'],['t'],['u','t'])`, `('p','core',['s','t'],[],['t'])`}
	if diff := cmp.Diff(want, read(routes, append(parameters, clickhouse.Named("manual", manual))...)); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	const versions = "SELECT concat(toString(version_from), ' ', toString(version_to)) FROM process_limits GROUP BY version_from, version_to ORDER BY version_from"
	want = []string{fmt.Sprintf("%d %d", math.MinInt64, manual), fmt.Sprintf("%d %d", manual, math.MaxInt64)}
	if diff := cmp.Diff(want, read(versions, parameters...)); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if got := read("SELECT limit_key FROM process_limits", handbookParameters(&handbook.Handbook{})...); len(got) != 0 {
		t.Errorf("a handbook without promises has %v", got)
	}
}

// TestGivenUpProcessesStillEnd: what the latest version took out keeps its end and its worth.
func TestGivenUpProcessesStillEnd(t *testing.T) {
	conn := warehouseOf(t)
	text := fmt.Sprintf(versatile, "UTC", 1) + `  - {key: r, name: {zh: 新, en: New}, ends: {stage: s, action: close}, stages: [{key: s, name: {zh: 一, en: S}}]}
headline: r
questionnaires: [{key: q, removed: true}, {key: q2, name: {zh: 问卷, en: Survey}, levels: {1: 100}, items: [{key: i, name: {zh: 项, en: Item}, weight: 1}]}]
---
version: "3"
from: 2026-07-01
processes: [{key: p, removed: true}]
`
	hb, err := handbook.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := column[string](t, conn, "SELECT toString(({defined:Array(String)}, arraySort(mapKeys({weights:Map(String, Map(String, Float64))}))))", handbookParameters(hb)...)
	if want := `(['p','r'],['q','q2'])`; got[0] != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
}
