package analytics

import (
	_ "embed"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed variants.sql
var variantsSQL string

// variants is a table of the ways that completed cases took: one [Variant] a
// sequence of stages, the commonest first, then in the order of their stages.
// Result.N is how many cases were completed, also by the ways beyond the limit.
//
// Whether the route allows a way goes by its steps, several of which in a stage
// are one visit; what a case did in between without finishing anything is found
// in the [deviations].
var variants = metric{
	unit: "cases",
	definition: "Variants: the cases completed in the period by the sequence of stages of their steps, with the share of cases covered so far, " +
		"and whether the handbook's routes of these cases (of their class and of the version in force when they started) allow it." + stepDefinition + caseDefinition,
	with: []string{promisesSQL, routesSQL, casesSQL}, sql: variantsSQL,
	classed: true, by: []By{ByNone}, filters: caseFilters,
	table: readVariants,
}

func readVariants(rows driver.Rows) (any, uint64, error) {
	table := []Variant{}
	var n uint64
	for rows.Next() {
		var (
			v                       Variant
			covered, routes, broken uint64
		)
		if err := rows.Scan(&v.Stages, &v.Count, &n, &covered, &routes, &broken); err != nil {
			return nil, 0, fmt.Errorf("read a variant: %w", err)
		}
		v.Share, v.Coverage = float64(v.Count)/float64(n), float64(covered)/float64(n)
		if routes > 0 {
			v.Allowed = new(broken == 0)
		}
		table = append(table, v)
	}
	return table, n, rows.Err()
}
