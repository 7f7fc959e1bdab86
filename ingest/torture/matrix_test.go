package torture

import (
	"strconv"
	"testing"
	"time"
)

// row is a line of the matrix: a fault, and a run that does it to an office and
// judges what came of it.
type row struct {
	name  string // of the test
	fault string // as the table calls it
	run   func(*trial)
}

// trial is one run of a row.
type trial struct {
	*testing.T

	result result
}

// matrix is the fault matrix. What is expected of every row: no acknowledged
// event is lost, no copy is counted, committed offsets never go back, and every
// metric equals a recomputation from the events sent; what a row expects
// besides stands where it runs.
var matrix = []row{
	{"kill_sink_before_insert", "kill -9 of the sink before the insert", killSink(beforeInsert)},
	{"kill_sink_after_insert", "kill -9 of the sink after the insert and before the commit", killSink(afterInsert)},
	{"kill_sink_during_commit", "kill -9 of the sink during the commit", killSink(duringCommit)},
	{"kill_clickhouse", "kill -9 of ClickHouse during an insert", killClickHouse},
	{"broker_down_short", "broker killed, down 10 s", brokerDown(10*time.Second, 4*time.Second)},
	{"broker_down_long", "broker killed, down 2 min", brokerDown(2*time.Minute, 12*time.Second)},
	{"clickhouse_cut", "connection sink–ClickHouse cut", clickHouseCut},
	{"clickhouse_reply_cut", "only ClickHouse's reply cut", clickHouseReplyCut},
	{"clickhouse_latency", "2 s latency to ClickHouse", clickHouseLatency},
	{"clickhouse_half_open", "connection to ClickHouse half-open", clickHouseHalfOpen},
	{"kafka_cut", "connection sink–broker cut beyond the session timeout", kafkaCut},
	{"sink_frozen", "sink frozen beyond the session timeout with a batch in hand", sinkFrozen},
	{"two_sinks", "two sinks joining and leaving", sinksComeAndGo(2)},
	{"three_sinks", "three sinks joining and leaving", sinksComeAndGo(3)},
	{"outlasts_window", "an outage longer than the deduplication window", outlastsWindow},
	{"clickhouse_disk_full", "disk full, ClickHouse", clickHouseDiskFull},
	{"kafka_disk_full", "disk full, Kafka", kafkaDiskFull},
	{"clickhouse_disk_slow", "slow disk, ClickHouse", clickHouseDiskSlow},
	{"kafka_disk_slow", "slow disk, Kafka", kafkaDiskSlow},
	{"letters", "poison, oversize, wrong schema, wrong codec among good events", lettersAmongGood},
	{"disorder", "clocks off by an hour, wrong quarter, 2 % duplicates, full shuffle", disorder},
	{"burst", "burst of ten times the usual rate", burst},
	{"log_cut", "offsets below the log's start", logCut},
	{"sigterm", "SIGTERM under load", sigterm},
}

func TestMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("the matrix takes minutes")
	}
	for _, row := range matrix {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel() // rows wait far more than they work
			for n := range *runs {
				t.Run(strconv.Itoa(n+1), func(t *testing.T) {
					one := &trial{T: t}
					defer func() {
						one.result.failed = t.Failed()
						if !t.Skipped() {
							keep(row.name, one.result)
						}
					}()
					row.run(one)
				})
			}
		})
	}
}
