package analytics

import (
	_ "embed"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed bottlenecks.sql
var bottlenecksSQL string

// bottlenecks is a table of where the time of completed cases goes: one
// [Bottleneck] a stage, that with the most time in all first, then in the order
// of their names. A stage that is slow but rare costs less than one that is
// merely slowish and always there; so the total ranks and not the mean. Visits
// and their times are those of the stage time. Result.N counts all visits.
var bottlenecks = metric{
	unit: "seconds",
	definition: "Bottlenecks: stages by the total time that the cases completed in the period spent in them, visits times their mean; " +
		"visits and times are those of the stage time. Percentiles interpolate linearly (R type 7)." + caseDefinition,
	with: []string{casesSQL, visitsSQL}, sql: bottlenecksSQL,
	clocked: true, by: []By{ByNone}, filters: caseFilters,
	table: readBottlenecks,
}

func readBottlenecks(rows driver.Rows) (any, uint64, error) {
	table := []Bottleneck{}
	var n uint64
	for rows.Next() {
		var b Bottleneck
		if err := rows.Scan(&b.Process, &b.Stage, &b.Count, &b.Cases, &b.Mean, &b.Median, &b.P90, &b.Total, &b.Share, &n); err != nil {
			return nil, 0, fmt.Errorf("read a bottleneck: %w", err)
		}
		table = append(table, b)
	}
	return table, n, rows.Err()
}
