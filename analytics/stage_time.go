package analytics

import _ "embed"

var (
	// visitsSQL defines what a visit to a stage is.
	//
	//go:embed visits.sql
	visitsSQL string
	//go:embed stage_time.sql
	stageTimeSQL string
)

// stageTime is where the time of completed cases went: one Point a series and
// bucket with n (visits), mean, median, p75, p90, p95 and total, in seconds.
//
// The time between two consecutive events belongs to the stage of the later
// one: it was waited for. A visit is a run of consecutive events in one stage,
// its time the sum over the run. Remarks and reminders move nothing and are
// left out. Up to completion, a case's visits add up to its lead time exactly,
// on either clock.
var stageTime = metric{
	unit: "seconds",
	definition: "Stage time: the time between two consecutive events of a case belongs to the stage of the later one; " +
		"consecutive events in one stage make one visit. Remarks and reminders are left out. " +
		"A case's visits up to its completion add up to its lead time. n counts visits. " +
		"Of visits in which a start and then another event is recorded, the time before the first start is waiting, that after it processing. Percentiles interpolate linearly (R type 7)." + caseDefinition,
	with: []string{casesSQL, visitsSQL}, sql: stageTimeSQL,
	clocked: true,
	by:      []By{ByNone, ByProcess, ByStage, ByDepartment, ByClass},
	filters: []filter{filterProcess, filterDepartment, filterStage, filterClass},
	point:   parted,
}
