package analytics

import (
	_ "embed"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed handovers.sql
var handoversSQL string

// handovers is a table of who passes cases on to whom: one [Handover] a pair of
// departments of which the second did the next event of a completed case, with
// the time between the two, the commonest first or, with [SortTotal], those
// that took the most time in all; then in the order of their names. Result.N is
// the number of all handovers, also of the pairs beyond the limit.
//
// A department is that of the event's actor, else the one that the event names;
// "(missing)" where neither is known, which is a department like any other.
var handovers = metric{
	unit: "seconds",
	definition: "Handovers: consecutive events of the cases completed in the period that different departments did, and the time between the two. " +
		"The department is the actor's, else the one that the event names. Percentiles interpolate linearly (R type 7)." + caseDefinition,
	with: []string{casesSQL}, sql: handoversSQL,
	clocked: true, by: []By{ByNone}, filters: caseFilters,
	actors: true,
	table:  readHandovers,
}

func readHandovers(rows driver.Rows) (any, uint64, error) {
	table := []Handover{}
	var n uint64
	for rows.Next() {
		var h Handover
		if err := rows.Scan(&h.From, &h.To, &h.Count, &h.Cases, &h.Mean, &h.Median, &h.P90, &h.Total, &n); err != nil {
			return nil, 0, fmt.Errorf("read a handover: %w", err)
		}
		table = append(table, h)
	}
	return table, n, rows.Err()
}
