package analytics

import _ "embed"

//go:embed emergency_response.sql
var emergencyResponseSQL string

// emergencyResponse is how long it took from the report of an emergency until
// the plan was activated (应急响应时长): one Point a series and bucket with n
// (activated), mean, median, p75, p90, p95 and total in seconds, and count and
// rate of those within the handbook's limit, with the rate's interval.
//
// The steps and the limit are those of emergency/response. An emergency that
// nobody has reacted to has no time yet: the on-time rate of this limit counts
// it, once it is overdue.
var emergencyResponse = metric{
	unit: "seconds",
	definition: "Emergency response: from the report of an emergency to the activation of its plan, in the period of the activation, with the share within the handbook's limit emergency/response. " +
		"One without an activation has no time; the on-time rate counts it. Percentiles interpolate linearly (R type 7). " +
		"Withdrawn cases count nowhere. A case belongs to the last department and class that its events name." + yardstickDefinition,
	with: promisesJudged, sql: emergencyResponseSQL,
	clocked: true, promised: true, yardstick: "emergency/response",
	by: caseBy, filters: caseFilters,
	point: func(r row) Point {
		p, share := timed(r), rated(r)
		p.Count, p.Rate, p.Low, p.High = share.Count, share.Rate, share.Low, share.High
		return p
	},
}
