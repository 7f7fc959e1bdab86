package analytics

import (
	_ "embed"
	"strings"
)

// source is where a figure is read from. All give the same figures: the events are
// what they are defined by, the facts are how they are found fast.
type source int

// The sources.
const (
	fromEvents source = iota // the events themselves
	fromFacts                // case_facts and fault_facts, one row a case and fault
	forNodes                 // the facts, every case once for each node of metric_points that it belongs to
)

// What statements stand on that is read from either source. In a metric's
// expressions these names stand for the expressions below.
const (
	casesSQL         = "cases"         // completed cases, and chosen: those that the question is about
	openCasesSQL     = "open cases"    // lives: all cases; open_cases: those open at the end of a bucket
	promisesMadeSQL  = "promises made" // limits that hold for cases, and judged: whether they were kept
	faultyCasesSQL   = "faulty cases"  // those with a fault that counts
	adhocCasesSQL    = "ad-hoc cases"  // supplies bought out of turn
	invitationsSQL   = "invitations"   // to meetings
	countedFaultsSQL = "faults"        // that count
)

var (
	// casesEventsSQL defines what a case is, when it is completed and whose it is.
	//
	//go:embed cases.sql
	casesEventsSQL string
	//go:embed cases_facts.sql
	casesFactsSQL string
	//go:embed chosen.sql
	chosenSQL string

	// livesEventsSQL defines what has become of a case.
	//
	//go:embed lives.sql
	livesEventsSQL string
	//go:embed lives_facts.sql
	livesFactsSQL string
	//go:embed open_cases.sql
	openSQL string

	// limitCasesEventsSQL defines what limits go by.
	//
	//go:embed limit_cases.sql
	limitCasesEventsSQL string
	//go:embed limit_cases_facts.sql
	limitCasesFactsSQL string
	// judgedSQL defines for which cases a limit holds and whether it was kept.
	//
	//go:embed promises_made.sql
	judgedSQL string

	// faultsEventsSQL defines what a fault is and which faults count.
	//
	//go:embed counted_faults.sql
	faultsEventsSQL string
	//go:embed counted_faults_facts.sql
	faultsFactsSQL string

	//go:embed faulty_cases.sql
	faultyCasesEventsSQL string
	//go:embed faulty_cases_facts.sql
	faultyCasesFactsSQL string
	//go:embed adhoc_cases.sql
	adhocCasesEventsSQL string
	//go:embed adhoc_cases_facts.sql
	adhocCasesFactsSQL string
	//go:embed invitations.sql
	invitationsEventsSQL string
	//go:embed invitations_facts.sql
	invitationsFactsSQL string
)

// expressions are what the names stand for, by source.
var expressions = map[string][3][]string{
	casesSQL:         {fromEvents: {casesEventsSQL, chosenSQL}, fromFacts: {casesFactsSQL, chosenSQL}, forNodes: {casesFactsSQL, byNode(chosenSQL, "chosen")}},
	openCasesSQL:     {fromEvents: {livesEventsSQL, openSQL}, fromFacts: {livesFactsSQL, openSQL}, forNodes: {livesFactsSQL, byNode(openSQL, "open_cases")}},
	promisesMadeSQL:  {fromEvents: {limitCasesEventsSQL, judgedSQL}, fromFacts: {limitCasesFactsSQL, judgedSQL}, forNodes: {limitCasesFactsSQL, byNode(judgedSQL, "judged")}},
	faultyCasesSQL:   {fromEvents: {faultsEventsSQL, faultyCasesEventsSQL}, fromFacts: {faultyCasesFactsSQL}, forNodes: {faultyCasesFactsSQL}},
	adhocCasesSQL:    {fromEvents: {adhocCasesEventsSQL}, fromFacts: {adhocCasesFactsSQL}, forNodes: {adhocCasesFactsSQL}},
	invitationsSQL:   {fromEvents: {faultsEventsSQL, invitationsEventsSQL}, fromFacts: {invitationsFactsSQL}, forNodes: {invitationsFactsSQL}},
	countedFaultsSQL: {fromEvents: {faultsEventsSQL}, fromFacts: {faultsFactsSQL}, forNodes: {faultsFactsSQL}},
}

// byNode has a table expression that ends with name hold each of its rows once for
// every node that it belongs to, with the node as its key.
func byNode(text, name string) string {
	one := strings.Replace(text, "\n"+name+" AS\n", "\n"+name+"_once AS\n", 1)
	return strings.TrimSpace(one) + ",\n" + name + " AS (SELECT * REPLACE (arrayJoin(nodes_of(process, department, class)) AS key) FROM " + name + "_once)"
}

// compose puts a statement together from common table expressions, read from a
// source, and what is asked of them. The texts are this package's own; values
// are parameters.
func compose(from source, with []string, sql string) string {
	var parts []string
	for _, name := range with {
		if texts, ok := expressions[name]; ok {
			parts = append(parts, texts[from]...)
		} else {
			parts = append(parts, name)
		}
	}
	for i, text := range parts {
		parts[i] = strings.TrimSpace(text)
	}
	if len(parts) == 0 {
		return sql
	}
	return "WITH\n" + strings.Join(parts, ",\n") + "\n" + sql
}
