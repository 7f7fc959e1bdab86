package analytics

import _ "embed"

//go:embed notice_coverage.sql
var noticeCoverageSQL string

// noticeCoverage is the share of invitees whom the notice of their meeting
// reached (通知覆盖率, the other side of 通知遗漏率): one Point a series and bucket
// with n (invited), count (notified) and rate with its interval.
//
// Meetings say in the attribute invited how many were invited; one that does not
// say it does not count. How many were missed is the attribute missed of an
// event in the stage notice, else one for each counted fault notice_missed of
// the case, and never more than were invited.
var noticeCoverage = metric{
	unit: "rate",
	definition: "Notice coverage: of the people invited to the meetings completed in the period (attribute invited), the share that was notified. " +
		"Missed are as many as the attribute missed of the notice says, else one for each fault notice_missed whose latest report says confirmed or corrected." +
		caseDefinition,
	with: []string{casesSQL, invitationsSQL}, sql: noticeCoverageSQL,
	by: caseBy, filters: caseFilters,
	point: rated,
}
