package analytics

import _ "embed"

var (
	//go:embed return_rate.sql
	returnRateSQL string
	//go:embed first_pass_yield.sql
	firstPassYieldSQL string
)

// returnRate is the share of completed cases that were sent back (退回率): one
// Point a series and bucket with n (completed), count (with at least one return
// before the end) and rate (0 to 1).
var returnRate = metric{
	unit: "rate",
	definition: "Return rate: of the cases completed in the period, the share that was returned at least once before its end." +
		caseDefinition,
	with: []string{casesSQL}, sql: returnRateSQL,
	by: caseBy, filters: caseFilters,
	point: rated,
}

// firstPassYield is the share of completed cases that went through at the first
// attempt (一次性通过率): one Point a series and bucket with n (completed), count
// (without return or rejection before the end) and rate (0 to 1).
var firstPassYield = metric{
	unit: "rate",
	definition: "First-pass yield: of the cases completed in the period, the share that was neither returned nor rejected before its end." +
		caseDefinition,
	with: []string{casesSQL}, sql: firstPassYieldSQL,
	by: caseBy, filters: caseFilters,
	point: rated,
}
