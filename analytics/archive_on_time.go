package analytics

// archiveOnTime is the share of documents of which both copies were filed within
// the handbook's limit (归档及时率): one Point a series and bucket with n, count
// (both in time), rate with its interval, and overdue, as of [onTimeRate].
var archiveOnTime = metric{
	unit: "rate",
	definition: "Archived on time: of the documents signed, the share of which both the electronic and the paper copy were filed within the handbook's limit archive/both_copies; " +
		"the later of the two decides." + yardstickDefinition + promiseDefinition,
	with: promisesJudged, sql: onTimeRateSQL,
	promised: true, yardstick: "archive/both_copies",
	by: caseBy, filters: caseFilters,
	point: overdueRated,
}
