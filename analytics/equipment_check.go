package analytics

// equipmentCheckOnTime is the share of meetings whose equipment was checked early
// enough (设备按时检查率): one Point a series and bucket with n (meetings), count
// (first check no later than the limit before the attribute meeting_start), rate
// with its interval, and overdue, as of [onTimeRate].
//
// The start of a meeting that was moved is the last that an event gives; a
// meeting without one does not count.
var equipmentCheckOnTime = metric{
	unit: "rate",
	definition: "Equipment checked on time: of the meetings held, the share whose first equipment check came no later than the handbook's limit meeting/equipment_check (an hour) before the start, " +
		"which is the last attribute meeting_start. A meeting without a start does not count." + yardstickDefinition + promiseDefinition,
	with: promisesJudged, sql: onTimeRateSQL,
	promised: true, yardstick: "meeting/equipment_check",
	by: caseBy, filters: caseFilters,
	point: overdueRated,
}
