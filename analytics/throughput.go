package analytics

import _ "embed"

//go:embed throughput.sql
var throughputSQL string

// throughput is how many cases were completed: one Point a series and bucket
// with n.
var throughput = metric{
	unit:       "cases",
	definition: "Throughput: the cases completed in the period." + caseDefinition,
	with:       []string{casesSQL}, sql: throughputSQL,
	by: caseBy, filters: caseFilters,
	point: counted,
}
