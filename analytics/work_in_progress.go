package analytics

import _ "embed"

//go:embed work_in_progress.sql
var workInProgressSQL string

// workInProgress is how many cases are open at the end of each bucket (在办量) and
// how old they are by then: one Point a series and bucket with n (open) and mean,
// median, p75, p90, p95 and total of their ages, in seconds. The end of a bucket
// that is not over is the newest event stored.
//
// A case is open from its first event until it is completed or withdrawn. It
// belongs to the last department and class named so far.
var workInProgress = metric{
	unit: "seconds",
	definition: "Work in progress: the cases begun before the end of the period and neither completed nor withdrawn by then, with their ages at that moment; " +
		"the end of a period that is not over is the time of the newest event stored. Percentiles interpolate linearly (R type 7). " +
		"A case belongs to the last department and class that its events name.",
	with: []string{openCasesSQL}, sql: workInProgressSQL,
	clocked: true, by: caseBy, filters: caseFilters,
	point: timed,
}
