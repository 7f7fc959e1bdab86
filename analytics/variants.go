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
var variants = metric{
	unit:       "cases",
	definition: "Variants: the cases completed in the period by the sequence of stages of their steps." + stepDefinition + caseDefinition,
	with:       []string{casesSQL}, sql: variantsSQL,
	by: []By{ByNone}, filters: caseFilters,
	table: readVariants,
}

func readVariants(rows driver.Rows) (any, uint64, error) {
	table := []Variant{}
	var n uint64
	for rows.Next() {
		var v Variant
		if err := rows.Scan(&v.Stages, &v.Count, &n); err != nil {
			return nil, 0, fmt.Errorf("read a variant: %w", err)
		}
		v.Share = float64(v.Count) / float64(n)
		table = append(table, v)
	}
	return table, n, rows.Err()
}
