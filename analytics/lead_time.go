package analytics

import _ "embed"

//go:embed lead_time.sql
var leadTimeSQL string

// leadTime is how long cases took: one Point a series and bucket with n, mean,
// median, p75, p90, p95 and total, in seconds to the millisecond.
//
// Lead time is completion minus first event. Percentiles are R type 7, as
// numpy's default and Excel's PERCENTILE.INC (Hyndman and Fan, "Sample
// quantiles in statistical packages", 1996). On the working clock it is the
// office time between the two instants. A bucket without completed cases has
// no Point: no data is not zero.
var leadTime = metric{
	unit: "seconds",
	definition: "Lead time: from a case's first event to its completion, over the cases completed in the period. " +
		"Percentiles interpolate linearly (R type 7)." + caseDefinition,
	with: []string{casesSQL}, sql: leadTimeSQL,
	clocked: true, by: caseBy, filters: caseFilters,
	point: timed,
}
