package analytics

import _ "embed"

//go:embed place.sql
var placeSQL string

// caseBy and caseFilters are what every metric of cases can be asked for.
var (
	caseBy      = []By{ByNone, ByProcess, ByDepartment, ByClass}
	caseFilters = []filter{filterProcess, filterDepartment, filterClass}
)

// caseDefinition ends the definitions of the metrics of cases.
const caseDefinition = " A case is completed with the last occurrence of the step that the handbook names as its end; " +
	"a case of a process that the handbook does not define, with its last event once it is closed or said to be complete. " +
	"A case withdrawn after that is not completed. A case belongs to the period of its completion, " +
	"and to the last department and class that its events name."
