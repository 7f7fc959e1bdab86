package analytics

import _ "embed"

//go:embed on_time_rate.sql
var onTimeRateSQL string

// onTimeRate is the share of limits kept (按时办结率): one Point a series and
// bucket with n (kept, broken, and open and already overdue), count (kept), rate
// (0 to 1) with its interval, and overdue (those of the n that are still open).
//
// The n are promises: a case for which two limits hold counts twice, unless one
// of them is asked for; by [ByLimit] a series is a limit, "process/limit". A
// promise belongs to the bucket in which what it asks for was done. One that was
// open and overdue at the end of a bucket counts there too, and in every bucket
// until it is done: so the figure of a quarter that is over stays what it was at
// its end, whenever the case is closed at last. A step that a completed case
// left out counts as broken in the bucket of the completion.
var onTimeRate = metric{
	unit: "rate",
	definition: "On-time rate: of the handbook's limits that fell to cases, the share kept: on time / (on time + late + open and already overdue). " +
		"A case is judged by the limits of the version in force when it started, and counts once for each." + promiseDefinition,
	with: promisesJudged, sql: onTimeRateSQL,
	promised: true,
	by:       []By{ByNone, ByProcess, ByDepartment, ByClass, ByLimit},
	filters:  []filter{filterProcess, filterDepartment, filterClass, filterLimit},
	point:    overdueRated,
}
