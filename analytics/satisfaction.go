package analytics

import _ "embed"

var (
	// scoresSQL defines what an answer is and what it is worth.
	//
	//go:embed scores.sql
	scoresSQL string
	//go:embed satisfaction.sql
	satisfactionSQL string
)

// satisfaction is what departments think of the office (满意度): one Point a
// series and bucket with n (answers) and mean (points, 0 to 100).
//
// An answer's score is the mean of its items weighted as its questionnaire
// says, over the items answered; a level is worth what the questionnaire says,
// and a level that it does not have counts as not answered. Of a questionnaire
// that the handbook does not define, every number from 0 to 100 counts as
// points with the same weight. An answer without any score does not count. A
// department's figure is the mean of its answers; that of all departments is
// the simple mean of theirs, so that a large department does not drown out the
// others. An answer belongs to the bucket of its survey's last answer, so that no
// choice of a period parts a survey: a survey is a wave within a calendar quarter.
//
// A department with too few answers in a survey has no Point, nor has the next
// smallest where the rest would give it away (analytics/anonymity). Of a survey
// that is held here the figures are those that surveys/results publishes.
var satisfaction = metric{
	unit: "points",
	definition: "Satisfaction: the mean score of a department's answers, 0 to 100; for all departments the simple mean of theirs. " +
		"An answer's score is the weighted mean of the items answered, each level worth the points that its questionnaire says " +
		"(of an unknown questionnaire, numbers from 0 to 100 are points). n counts answers. " +
		"A survey counts as a whole, in the period of its last answer; departments with too few answers in it are hidden and not counted.",
	with: []string{scoresSQL}, sql: satisfactionSQL,
	by:      []By{ByNone, ByDepartment},
	filters: []filter{filterDepartment},
	point:   scored,
}
