package analytics

import _ "embed"

//go:embed error_rate.sql
var errorRateSQL string

// errorRate is the share of completed cases with an error or omission (错漏率):
// one Point a series and bucket with n (completed), count (with at least one
// counted fault) and rate (0 to 1).
//
// A fault counts when the latest report about it says confirmed or corrected,
// whenever it was found. The stage filter narrows the faults, not the cases.
var errorRate = metric{
	unit: "rate",
	definition: "Error rate: of the cases completed in the period, the share with at least one fault whose latest report says confirmed or corrected. " +
		"A filter by stage narrows the faults." + caseDefinition,
	with: []string{casesSQL, faultyCasesSQL}, sql: errorRateSQL,
	by:      caseBy,
	filters: []filter{filterProcess, filterDepartment, filterStage, filterClass},
	point:   rated,
}
