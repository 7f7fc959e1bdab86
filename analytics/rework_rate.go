package analytics

import _ "embed"

//go:embed rework_rate.sql
var reworkRateSQL string

// stepDefinition says what a step is, for the metrics of steps.
const stepDefinition = " Steps are the events that finish something: submit, complete, approve, return, reject, sign, archive, notify, check, close."

// reworkRate is the share of completed cases in which something was done again:
// one Point a series and bucket with n (completed), count (with rework) and
// rate (0 to 1).
//
// A case has rework when a stage occurs twice or more among its steps, unless
// the handbook says that the stage repeats. All steps that the case ever saw
// count, those after its completion too.
var reworkRate = metric{
	unit: "rate",
	definition: "Rework rate: of the cases completed in the period, the share in which a stage occurs twice or more among the steps; " +
		"stages that the handbook expects to repeat are left out." + stepDefinition + caseDefinition,
	with: []string{casesSQL}, sql: reworkRateSQL,
	by: caseBy, filters: caseFilters,
	point: rated,
}
