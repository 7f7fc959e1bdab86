package analytics

import _ "embed"

var (
	// askedLimitsSQL defines which of the handbook's limits a question is about.
	//
	//go:embed asked_limits.sql
	askedLimitsSQL string
	// routesSQL defines which way a case has to take and where a way leaves it.
	//
	//go:embed routes.sql
	routesSQL string
)

// promisesJudged are the expressions below a metric that judges by limits. They
// stand on the office's clock besides, see [metric.promised].
var promisesJudged = []string{limitSQL, promisesSQL, askedLimitsSQL, promisesMadeSQL}

// promiseDefinition says what a promise is and when it counts, for the metrics
// that judge by limits.
const promiseDefinition = " A limit runs from the first occurrence of its first step (else the case's first event) " +
	"to the first occurrence since then of every step that it asks for (else the case's completion). " +
	"It counts in the period in which that was done; a step that a completed case left out counts as late in the period of the completion, once its time has passed. " +
	"What is open and overdue at the end of a period (or now, where that is earlier) counts in that period as well, so in every one until it is done. " +
	"Withdrawn cases count nowhere. A case belongs to the last department and class that its events name."

// yardstickDefinition says by what a metric of one limit measures.
const yardstickDefinition = " The limit is that of the handbook's version in force when the case started; a case from before any version had it is measured by the first that has."

// overdueRated is the point of a share of promises kept: of the n, some are
// open and overdue.
func overdueRated(r row) Point {
	p := rated(r)
	p.Overdue = &r.Overdue
	return p
}
