package analytics

import (
	_ "embed"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var (
	//go:embed deviations.sql
	deviationsSQL string
	// deviatingSQL finds where cases left their routes.
	//
	//go:embed deviating.sql
	deviatingSQL string
)

// DeviationKind is a way to leave the handbook's route.
type DeviationKind string

// The kinds. A visit is at fault once at most.
const (
	DeviationMissing    DeviationKind = "missing"      // a stage of the route was left out
	DeviationRepeated   DeviationKind = "repeated"     // a stage was visited again
	DeviationOutOfOrder DeviationKind = "out_of_order" // a stage was visited first after one that comes later in the route
	DeviationForeign    DeviationKind = "foreign"      // a stage that is not in the route was visited
)

// Deviation is what completed cases did otherwise than their route says, at one
// stage.
type Deviation struct {
	Kind    DeviationKind `json:"kind"`
	Process string        `json:"process"`
	Stage   string        `json:"stage"`
	Cases   uint64        `json:"cases"` // in which it happened
	Count   uint64        `json:"count"` // how often
	Mean    float64       `json:"mean"`  // seconds that one took; 0 for what is missing
	Total   float64       `json:"total"` // seconds
}

// DeviationKinds lists the kinds in the order in which they are told.
func DeviationKinds() []DeviationKind {
	return []DeviationKind{DeviationMissing, DeviationRepeated, DeviationOutOfOrder, DeviationForeign}
}

// deviatingCases is what a question about deviations stands on.
var deviatingCases = []string{promisesSQL, routesSQL, casesSQL, deviatingSQL}

// deviations is a table of where completed cases left the handbook's route: one
// [Deviation] a kind, process and stage, the commonest first or, with
// [SortTotal], those that took the most time in all; then in the order of their
// kinds, processes and stages. Result.N is how many completed cases have a
// route, also those that kept to it.
//
// The route is that of the case's class, else that of every class, in the
// version in force when the case started. Visits and their times are those of
// the stage time. What a deviation costs is the time of the visit that should
// not have been, or not then: of a repetition that of the visits after the
// first. What is missing costs nothing here; what it leads to is found in
// faults. Source of the idea: van der Aalst (2016), Process Mining, chapter 8
// (conformance checking).
var deviations = metric{
	unit: "seconds",
	definition: "Deviations: where the cases completed in the period left the handbook's route of their class (else of every class) in the version in force when they started: " +
		"a stage missing that may not be skipped, repeated that may not be, visited first after a stage that comes later in the route (out_of_order), or not in the route (foreign). " +
		"Visits and times are those of the stage time; the cost is the time of the repeated, late or foreign visits, and none of missing ones." + caseDefinition,
	with: deviatingCases, sql: deviationsSQL,
	clocked: true, classed: true,
	by:      []By{ByNone},
	filters: []filter{filterProcess, filterDepartment, filterStage, filterClass},
	table:   readDeviations,
}

// readDeviations reads the rows, of which the first, of no kind, stands for all
// cases that have a route.
func readDeviations(rows driver.Rows) (any, uint64, error) {
	table := []Deviation{}
	var n uint64
	for rows.Next() {
		var (
			d    Deviation
			kind string
		)
		if err := rows.Scan(&kind, &d.Process, &d.Stage, &d.Cases, &d.Count, &d.Mean, &d.Total); err != nil {
			return nil, 0, fmt.Errorf("read a deviation: %w", err)
		}
		if kind == "" {
			n = d.Cases
			continue
		}
		d.Kind = DeviationKind(kind)
		table = append(table, d)
	}
	return table, n, rows.Err()
}
