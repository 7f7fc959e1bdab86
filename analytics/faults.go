package analytics

import _ "embed"

//go:embed faults.sql
var faultsSQL string

// faults is how many faults were found, by kind unless asked otherwise: one
// Point a series and bucket with n.
//
// A fault counts when the latest report about it says confirmed or corrected.
// It belongs to the bucket in which it was found: the first found_at that a
// report gives, else the time of the first report. Process and kind are those
// of the latest report, stage and department the latest that are known; the
// department is the one responsible for the fault.
var faults = metric{
	unit: "faults",
	definition: "Faults: those whose latest report says confirmed or corrected, in the period in which they were found " +
		"(the first time of finding that a report gives, else the time of the first report). The department is the one responsible for the fault.",
	with: []string{countedFaultsSQL}, sql: faultsSQL,
	by:      []By{ByNone, ByKind, ByProcess, ByStage, ByDepartment},
	filters: []filter{filterProcess, filterDepartment, filterStage},
	point:   counted,
}
