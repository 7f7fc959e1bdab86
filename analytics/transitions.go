package analytics

import (
	_ "embed"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed transitions.sql
var transitionsSQL string

// transitions is a table of what follows what in completed cases: one
// [Transition] a pair of stages whose steps follow each other directly, with
// the time between the two, the commonest first or, with [SortTotal], those
// that took the most time in all; then in the order of their stages. Result.N
// is the number of all such steps, also of the pairs beyond the limit.
var transitions = metric{
	unit: "seconds",
	definition: "Transitions: pairs of steps that follow each other directly in the cases completed in the period, and the time between the two. " +
		"Percentiles interpolate linearly (R type 7)." + stepDefinition + caseDefinition,
	with: []string{casesSQL}, sql: transitionsSQL,
	clocked: true, by: []By{ByNone}, filters: caseFilters,
	table: readTransitions,
}

func readTransitions(rows driver.Rows) (any, uint64, error) {
	table := []Transition{}
	var n uint64
	for rows.Next() {
		var t Transition
		if err := rows.Scan(&t.From, &t.To, &t.Count, &t.Mean, &t.Median, &t.P90, &t.Total, &n); err != nil {
			return nil, 0, fmt.Errorf("read a transition: %w", err)
		}
		table = append(table, t)
	}
	return table, n, rows.Err()
}
