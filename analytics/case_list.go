package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// CaseQuery asks for the cases behind a figure. Of Query, the period, the
// filters, the clock and Limit (how many cases, 1 to [MaxLimit]) are used; a
// point's cases are those of its own period with its series' key as a filter.
type CaseQuery struct {
	Query

	// About is the metric that the figure is of:
	//   - lead_time, throughput: the completed cases
	//   - stage_time, bottlenecks: those that visited one of Stage
	//   - work_in_progress: those open at To
	//   - error_rate, return_rate, rework_rate: those that are counted as such
	//   - first_pass_yield: those that were returned or rejected, the other ones
	//   - faults: those that faults found in the period are about, completed or not
	//   - on_time_rate, archive_on_time, equipment_check_on_time: those that broke a
	//     limit, the other ones
	//   - emergency_response: those with a response
	//   - adhoc_purchase_share: those that are counted as such
	//   - variants: those that took Variant
	//   - deviations: those that left their route in a way of Kind, at one of Stage
	//   - transitions, handovers: those in which the second of Pair followed the first
	About   string
	Kind    []string  // of faults or, a [DeviationKind], of deviations; empty: all
	Variant []string  // stages of the steps, in order
	Pair    [2]string // stages of transitions, departments of handovers

	// Bounds of the time on Clock, the lower included; 0: none. It is the lead
	// time, the age of an open case, the time of a visit (stage_time) or of
	// one that should not have been (deviations), the wait of a pair, or how long a limit has run.
	AtLeast, Below time.Duration

	Order  CaseOrder // "": OrderTime
	Offset int       // how many cases to leave out, 0 to MaxOffset
}

// MaxOffset is how far a list of cases can be turned over.
const MaxOffset = 100_000

// CaseOrder is what a list of cases is ordered by.
type CaseOrder string

// The orders. Cases that tie are in the order of their processes and ids.
const (
	OrderTime      CaseOrder = "time"      // that took longest first
	OrderCompleted CaseOrder = "completed" // that ended last first, open ones before
	OrderStarted   CaseOrder = "started"   // that began last first
)

// CaseRow is a case in a list.
type CaseRow struct {
	Process    string     `json:"process"`
	CaseID     string     `json:"case_id"`
	Department string     `json:"department"`
	Class      string     `json:"class"`
	Started    time.Time  `json:"started"`
	Completed  *time.Time `json:"completed,omitempty"` // nil: open or withdrawn
	Seconds    float64    `json:"seconds"`             // on the clock: lead time, age if it is open, or what it spent in the visits or pairs asked for
	Stage      string     `json:"stage"`               // in which it ended or, of a case that has not, of its last event
	Faults     uint64     `json:"faults"`              // that count
	Returns    uint64     `json:"returns"`             // before its end
}

// CaseList is a part of the cases behind a figure.
type CaseList struct {
	Header

	Total uint64    `json:"total"` // cases in all
	N     uint64    `json:"n"`     // what the figure counts in them: visits of stage_time, faults, deviations, pairs, limits broken; else cases. Faults without a case are not in it
	Cases []CaseRow `json:"cases"`
}

var (
	//go:embed case_list.sql
	caseListSQL string
	//go:embed case_details.sql
	caseDetailsSQL string
	//go:embed case_list_completed.sql
	listCompletedSQL string
	//go:embed case_list_faulty.sql
	listFaultySQL string
	//go:embed case_list_returned.sql
	listReturnedSQL string
	//go:embed case_list_failed.sql
	listFailedSQL string
	//go:embed case_list_reworked.sql
	listReworkedSQL string
	//go:embed case_list_variant.sql
	listVariantSQL string
	//go:embed case_list_deviations.sql
	listDeviationsSQL string
	//go:embed case_list_transition.sql
	listTransitionSQL string
	//go:embed case_list_handover.sql
	listHandoverSQL string
	//go:embed case_list_visits.sql
	listVisitsSQL string
	//go:embed case_list_open.sql
	listOpenSQL string
	//go:embed case_list_faults.sql
	listFaultsSQL string
	//go:embed case_list_late.sql
	listLateSQL string
	//go:embed case_list_response.sql
	listResponseSQL string
	//go:embed case_list_adhoc.sql
	listAdhocSQL string
)

// caseLists are how the cases behind a metric are picked: common table
// expressions that end with picked, one row a case, visit, pair or fault.
var caseLists = map[string]metric{
	"lead_time":        {with: []string{casesSQL, listCompletedSQL}},
	"throughput":       {with: []string{casesSQL, listCompletedSQL}},
	"error_rate":       {with: []string{casesSQL, faultyCasesSQL, listFaultySQL}},
	"return_rate":      {with: []string{casesSQL, listReturnedSQL}},
	"first_pass_yield": {with: []string{casesSQL, listFailedSQL}},
	"rework_rate":      {with: []string{casesSQL, listReworkedSQL}},
	"variants":         {with: []string{casesSQL, listVariantSQL}},
	"deviations":       {with: slices.Concat(deviatingCases, []string{listDeviationsSQL}), classed: true},
	"transitions":      {with: []string{casesSQL, listTransitionSQL}},
	"handovers":        {with: []string{casesSQL, listHandoverSQL}, actors: true},
	"stage_time":       {with: []string{casesSQL, visitsSQL, listVisitsSQL}},
	"bottlenecks":      {with: []string{casesSQL, visitsSQL, listVisitsSQL}},
	"work_in_progress": {with: []string{openCasesSQL, listOpenSQL}},
	"faults":           {with: []string{openCasesSQL, countedFaultsSQL, listFaultsSQL}, ever: true},

	"on_time_rate":            judgedCases(onTimeRate, listLateSQL),
	"archive_on_time":         judgedCases(archiveOnTime, listLateSQL),
	"equipment_check_on_time": judgedCases(equipmentCheckOnTime, listLateSQL),
	"emergency_response":      judgedCases(emergencyResponse, listResponseSQL),
	"adhoc_purchase_share":    {with: []string{casesSQL, adhocCasesSQL, listAdhocSQL}},
}

// judgedCases are picked from the limits that a metric judges by.
func judgedCases(of metric, sql string) metric {
	return metric{with: slices.Concat(promisesJudged, []string{sql}), promised: true, yardstick: of.yardstick}
}

// CaseAbouts lists what [CaseQuery.About] may be, in order.
func CaseAbouts() []string { return slices.Sorted(maps.Keys(caseLists)) }

// Cases lists the cases behind a figure, one part of them at a time. The error
// matches [ErrQuery] when the question makes no sense.
func (m *Metrics) Cases(ctx context.Context, q CaseQuery) (*CaseList, error) {
	q = q.withDefaults(m.office)
	if err := q.check(); err != nil {
		return nil, err
	}
	return rememberOf(ctx, m, "cases|"+q.key(), []period{periodOf(q.About, q.Query)}, func(ctx context.Context) (*CaseList, error) {
		list, err := m.listCases(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the cases of %s: %w", q.About, err)
		}
		return list, nil
	})
}

func (q CaseQuery) withDefaults(office *time.Location) CaseQuery {
	q.Query = q.Query.withDefaults(office)
	q.Bucket, q.By = BucketNone, ByNone
	if q.Order == "" {
		q.Order = OrderTime
	}
	return q
}

func (q CaseQuery) key() string {
	return fmt.Sprintf("%s%s|%q|%q|%q|%d|%d|%s|%d", q.About, q.Query.key(), q.Kind, q.Variant, q.Pair, q.AtLeast, q.Below, q.Order, q.Offset)
}

func (q CaseQuery) check() error {
	if _, ok := caseLists[q.About]; !ok {
		return fmt.Errorf("%w: there are no cases behind %q; there are behind %s", ErrQuery, q.About, list(CaseAbouts()))
	}
	of := metrics[q.About]
	if q.About == "bottlenecks" { // a row of the table is of one stage
		of = metrics["stage_time"]
	}
	if err := q.Query.check(q.About, of); err != nil {
		return err
	}
	for _, values := range [][]string{q.Kind, q.Variant, q.Pair[:]} {
		if slices.ContainsFunc(values, isBroken) {
			return fmt.Errorf("%w: a kind, a stage or a department contains a control character", ErrQuery)
		}
	}
	switch {
	case !q.From.Before(q.To):
		return fmt.Errorf("%w: the period is empty or reversed: from %s to %s", ErrQuery, q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	case !slices.Contains([]CaseOrder{OrderTime, OrderCompleted, OrderStarted}, q.Order):
		return fmt.Errorf("%w: cases cannot be ordered by %q; they can be by time, completed, started", ErrQuery, q.Order)
	case q.Offset < 0 || q.Offset > MaxOffset:
		return fmt.Errorf("%w: a list can be turned over to %d cases, not to %d", ErrQuery, MaxOffset, q.Offset)
	case q.AtLeast < 0 || q.Below < 0 || (q.Below > 0 && q.Below <= q.AtLeast):
		return fmt.Errorf("%w: no time is at least %s and below %s", ErrQuery, q.AtLeast, q.Below)
	case len(q.Kind) > 0 && q.About != "faults" && q.About != "deviations":
		return fmt.Errorf("%w: only the cases of faults and of deviations can be picked by a kind", ErrQuery)
	case q.About == "deviations" && !areDeviations(q.Kind):
		return fmt.Errorf("%w: a case leaves its route in one of these ways: %s", ErrQuery, list(DeviationKinds()))
	case len(q.Variant) == 0 && q.About == "variants":
		return fmt.Errorf("%w: the stages of the variant are missing", ErrQuery)
	case q.Pair == [2]string{} && (q.About == "transitions" || q.About == "handovers"):
		return fmt.Errorf("%w: the two between which something was passed on are missing", ErrQuery)
	}
	return nil
}

// areDeviations reports whether there are such kinds of deviations.
func areDeviations(kinds []string) bool {
	return !slices.ContainsFunc(kinds, func(k string) bool { return !slices.Contains(DeviationKinds(), DeviationKind(k)) })
}

// casePage is a row of the list as it is picked, before its details are known.
type casePage struct {
	Process string `ch:"process"`
	CaseID  string `ch:"case_id"`
	Spent   int64  `ch:"taken"` // milliseconds
	Total   uint64 `ch:"total"`
	N       uint64 `ch:"n"`
}

// listCases first picks a page of cases, then reads what else is known of them.
func (m *Metrics) listCases(ctx context.Context, q CaseQuery) (*CaseList, error) {
	of := metrics[q.About]
	of.clocked = true // the time of each case is shown, whatever the figure is
	header, err := m.header(ctx, q.About, of, q.Query)
	if err != nil {
		return nil, err
	}
	page, err := m.pickCases(ctx, q, header.AsOf)
	if err != nil {
		return nil, err
	}
	answer := &CaseList{Header: header, Cases: []CaseRow{}}
	if len(page) == 0 && q.Offset > 0 {
		// Behind the last page: there is no row to say how many there are.
		first := q
		first.Offset, first.Limit = 0, 1
		rows, err := m.pickCases(ctx, first, header.AsOf)
		if err != nil || len(rows) == 0 {
			return answer, err
		}
		answer.Total, answer.N = rows[0].Total, rows[0].N
		return answer, nil
	}
	if len(page) == 0 {
		return answer, nil
	}
	answer.Total, answer.N = page[0].Total, page[0].N
	answer.Cases, err = m.describeCases(ctx, q, page)
	return answer, err
}

func (m *Metrics) pickCases(ctx context.Context, q CaseQuery, asOf time.Time) (page []casePage, err error) {
	from := caseLists[q.About]
	from.sql = caseListSQL
	statement, parameters := m.run(ctx, from, q.Query, asOf,
		clickhouse.Named("kind", q.Kind),
		clickhouse.Named("variant", q.Variant),
		clickhouse.Named("first", q.Pair[0]),
		clickhouse.Named("second", q.Pair[1]),
		clickhouse.Named("at_least", q.AtLeast.Milliseconds()),
		clickhouse.Named("below", q.Below.Milliseconds()),
		clickhouse.Named("order", string(q.Order)),
		clickhouse.Named("offset", q.Offset),
	)
	return page, m.conn.Select(ctx, &page, statement, parameters...)
}

// caseDetail is what is known of a case whatever the question is.
type caseDetail struct {
	Process     string `ch:"process"`
	CaseID      string `ch:"case_id"`
	Started     int64  `ch:"started"` // milliseconds since 1970
	Department  string `ch:"department"`
	Class       string `ch:"class"`
	IsCompleted bool   `ch:"is_completed"`
	Completed   int64  `ch:"completed"` // milliseconds since 1970
	Stage       string `ch:"stage"`
	Returns     uint64 `ch:"returns"`
	Faults      uint64 `ch:"faults"`
}

func (m *Metrics) describeCases(ctx context.Context, q CaseQuery, page []casePage) ([]CaseRow, error) {
	asked := Query{Zone: q.Zone} // no filter: a case's faults count whatever the list is narrowed down to
	ids := clickhouse.ArraySet{}
	for _, c := range page {
		ids = append(ids, tuple(c.Process, c.CaseID))
		if !slices.Contains(asked.Process, c.Process) {
			asked.Process = append(asked.Process, c.Process)
		}
	}
	of := metric{with: []string{casesSQL, openCasesSQL, countedFaultsSQL}, sql: caseDetailsSQL}
	statement, parameters := m.run(ctx, of, asked, time.Time{}, clickhouse.Named("ids", ids))
	var details []caseDetail
	if err := m.conn.Select(ctx, &details, statement, parameters...); err != nil {
		return nil, err
	}
	known := make(map[[2]string]caseDetail, len(details))
	for _, d := range details {
		known[[2]string{d.Process, d.CaseID}] = d
	}
	rows := make([]CaseRow, 0, len(page))
	for _, c := range page {
		d, ok := known[[2]string{c.Process, c.CaseID}]
		if !ok {
			return nil, errors.New("a case is gone between two questions")
		}
		rows = append(rows, d.row(c, q.Zone))
	}
	return rows, nil
}

func (d caseDetail) row(c casePage, zone *time.Location) CaseRow {
	r := CaseRow{
		Process: c.Process, CaseID: c.CaseID, Department: d.Department, Class: d.Class, Stage: d.Stage, Faults: d.Faults, Returns: d.Returns,
		Started: time.UnixMilli(d.Started).In(zone), Seconds: float64(c.Spent) / 1000,
	}
	if d.IsCompleted {
		r.Completed = new(time.UnixMilli(d.Completed).In(zone))
	}
	return r
}
