package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// caseList is the content of the page that lists the cases behind a figure.
type caseList struct {
	Title   string
	Facts   []labelled // what narrows the list down
	Back    string     // the page that the figure stands on
	Orders  []navigation
	Clock   navigation // the list on the other clock
	Head    []string
	Rows    []caseLine
	Range   string
	Empty   string
	Earlier string // URLs
	Later   string
	Export  exportMenu
}

// labelled is a value with its name.
type labelled struct{ Name, Value string }

// caseLine is a case in the list.
type caseLine struct {
	Href, ID string
	Process  string
	Cells    []labelled
}

func (s *server) casesPage(c *gin.Context) {
	t, ok := parseTrail(c.Request.URL.Query(), s.zone)
	if !ok {
		s.errorPage(c, http.StatusBadRequest, s.messages.In(language(c)).T("page.cases.bad_request"))
		return
	}
	if t.From.IsZero() {
		s.usualStretch(&t, c.Query("quarter"))
	}
	q := t.query(s.zone)
	list, err := s.Metrics.Cases(c.Request.Context(), q)
	if errors.Is(err, analytics.ErrQuery) {
		s.errorPage(c, http.StatusBadRequest, s.messages.In(language(c)).T("page.cases.bad_request"))
		return
	}
	if err != nil {
		s.pageError(c, fmt.Errorf("list cases: %w", err))
		return
	}
	v := s.view(s.messages.In(language(c)), t.filters(), t.Process, &figures{AsOf: list.AsOf})
	content := v.caseList(t, list)
	content.Export = v.exports("/api/v1/cases", withoutLimit(q), t.parameters())
	s.render(c, http.StatusOK, "cases", s.page(c, t.section(), content.Title, list.AsOf, content))
}

// usualStretch is a quarter's list or, without one, that of the newest complete
// quarter.
func (s *server) usualStretch(t *trail, label string) {
	q, ok := parseQuarter(label)
	if !ok {
		q = s.fiscal.of(s.Now()).add(-1)
	}
	t.From, t.To = s.fiscal.start(q), s.fiscal.end(q)
}

// withoutLimit is the question about the whole list.
func withoutLimit(q analytics.CaseQuery) analytics.Query {
	q.Limit = 0
	return q.Query
}

// parameters are those of the list in the API beside the shared ones.
func (t trail) parameters() url.Values {
	values := url.Values{}
	address, err := url.Parse(t.href())
	if err != nil {
		return values
	}
	given := address.Query()
	for _, name := range []string{"about", "kind", "variant", "first", "second", "at_least", "below", "order"} {
		if v := given.Get(name); v != "" {
			values.Set(name, v)
		}
	}
	return values
}

// filters are the page filters that the trail came from.
func (t trail) filters() filters {
	return filters{
		From: t.From, To: t.To, Process: t.Process, Department: t.Department, Class: t.Class, Stage: t.Stage, Clock: t.Clock, Language: t.Language,
	}
}

// section is the page whose figures the cases are behind.
func (t trail) section() string {
	switch t.About {
	case "error_rate", "faults":
		return "errors"
	default:
		return "approvals"
	}
}

func (v view) caseList(t trail, list *analytics.CaseList) caseList {
	content := caseList{
		Title: v.T("page.cases.about."+t.About, "n", count(list.Total)), Facts: v.trailFacts(t), Back: v.backTo(t),
		Empty: v.T("page.cases.empty"),
	}
	for _, order := range caseOrders {
		to := t
		to.Order, to.Page = analytics.CaseOrder(order), 1
		content.Orders = append(content.Orders, navigation{Name: v.T("page.cases.order." + order), Href: to.href(), Current: order == string(t.Order)})
	}
	other := t
	other.Clock, other.AtLeast, other.Below = otherClock(t.Clock), 0, 0
	content.Clock = navigation{Name: v.T("page.cases.other_clock", "clock", v.T("clock."+string(other.Clock))), Href: other.href()}
	for i := range list.Cases {
		content.Rows = append(content.Rows, v.caseLine(t, &list.Cases[i]))
	}
	content.Head = []string{
		v.T("table.case"), v.T("table.department"), v.T("table.class"), v.T("table.started"), v.T("table.completed"), v.timeHead(t),
		v.T("table.last_stage"), v.T("table.faults"), v.T("table.returns"),
	}
	v.turnPages(&content, t, list)
	return content
}

// timeHead is what the time of a case in the list is.
func (v view) timeHead(t trail) string {
	key := "lead_time"
	switch t.About {
	case "stage_time", "bottlenecks", "work_in_progress", "transitions", "handovers", "deviations":
		key = t.About
	}
	return v.T("page.cases.time."+key, "unit", v.unit(v.days))
}

func (v view) caseLine(t trail, r *analytics.CaseRow) caseLine {
	line := caseLine{Href: casePath(r.Process, r.CaseID), ID: r.CaseID, Process: v.names.process(r.Process)}
	if t.Language != "" {
		line.Href = withLanguage(line.Href, t.Language)
	}
	completed := v.T("page.cases.open")
	if r.Completed != nil {
		completed = v.stamp(*r.Completed)
	}
	class := "—"
	if r.Class != "" && r.Class != missing {
		class = v.names.class(r.Class)
	}
	department := "—"
	if r.Department != "" && r.Department != missing {
		department = v.names.department(r.Department)
	}
	number := func(n uint64) string {
		if n == 0 {
			return ""
		}
		return count(n)
	}
	line.Cells = []labelled{
		{v.T("table.department"), department},
		{v.T("table.class"), class},
		{v.T("table.started"), v.stamp(r.Started)},
		{v.T("table.completed"), completed},
		{v.timeHead(t), v.daysText(r.Seconds)},
		{v.T("table.last_stage"), v.names.stage(r.Process, r.Stage)},
		{v.T("table.faults"), number(r.Faults)},
		{v.T("table.returns"), number(r.Returns)},
	}
	return line
}

func withLanguage(address string, l i18n.Language) string {
	if strings.Contains(address, "?") {
		return address + "&lang=" + string(l)
	}
	return address + "?lang=" + string(l)
}

// daysText is a time in days of the chosen clock.
func (v view) daysText(seconds float64) string { return number(seconds/v.dayLength(), 2) }

// dayLength is a day of the chosen clock in seconds.
func (v view) dayLength() float64 {
	if v.filters.Clock == analytics.ClockElapsed {
		return elapsedDay
	}
	return v.daySeconds
}

// turnPages says which part of the list is shown and where the others are.
func (v view) turnPages(content *caseList, t trail, list *analytics.CaseList) {
	before := uint64(t.Page-1) * casesPerPage //nolint:gosec // a page is a number from 1
	shown := uint64(len(list.Cases))
	if shown > 0 {
		content.Range = v.T("page.cases.range", "from", count(before+1), "to", count(before+shown), "all", count(list.Total))
	}
	if t.Page > 1 {
		to := t
		to.Page--
		content.Earlier = to.href()
	}
	if before+shown < list.Total && t.Page < maxCasesPage {
		to := t
		to.Page++
		content.Later = to.href()
	}
}

// trailFacts say by what the list is narrowed down.
func (v view) trailFacts(t trail) []labelled {
	facts := []labelled{{v.T("table.period"), stretch{From: t.From, To: t.To}.label()}}
	if q := v.fiscal.of(t.From); v.fiscal.start(q).Equal(t.From) && v.fiscal.end(q).Equal(t.To) {
		facts[0].Value = quarterName(v.words, q)
	}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, labelled{v.T(key), value})
		}
	}
	if t.Process != "" {
		add("filter.process", v.names.process(t.Process))
	}
	if t.Department != "" {
		add("filter.department", v.names.department(t.Department))
	}
	if t.Class != "" {
		add("filter.class", v.names.class(t.Class))
	}
	if t.Stage != "" {
		add("filter.stage", v.names.stage(t.Process, t.Stage))
	}
	switch {
	case t.Kind != "" && t.About == "deviations":
		add("page.approvals.deviations.kind", v.deviationName(t.Kind))
	case t.Kind != "":
		add("table.kind", v.names.kind(t.Kind))
	}
	if t.Limit != "" {
		add("table.limit", v.limitName(t.Limit))
	}
	if len(t.Variant) > 0 {
		add("page.approvals.routes.way", v.wayText(t.Process, t.Variant))
	}
	if t.Pair != [2]string{} {
		if t.About == "transitions" {
			add("page.approvals.transitions.pair", v.wayText(t.Process, t.Pair[:]))
		} else {
			add("page.cases.pair", v.names.department(t.Pair[0])+" → "+v.names.department(t.Pair[1]))
		}
	}
	switch unit := following(v.unit(v.days)); {
	case t.AtLeast > 0 && t.Below > 0:
		add("page.cases.between", v.daysText(t.AtLeast)+"–"+v.daysText(t.Below)+unit)
	case t.AtLeast > 0:
		add("page.cases.between", "≥ "+v.daysText(t.AtLeast)+unit)
	case t.Below > 0:
		add("page.cases.between", "< "+v.daysText(t.Below)+unit)
	}
	return facts
}

func (v view) wayText(process string, stages []string) string {
	names := make([]string, len(stages))
	for i, key := range stages {
		names[i] = v.names.stage(process, key)
	}
	return strings.Join(names, " → ")
}

// backTo is the page that shows the figure.
func (v view) backTo(t trail) string {
	f := t.filters()
	f.Stage = ""
	if q := v.fiscal.of(t.From); v.fiscal.start(q).Equal(t.From) && v.fiscal.end(q).Equal(t.To) {
		f.Quarter, f.From, f.To = q, f.BeforeFrom, f.BeforeTo
	}
	return f.at("/" + t.section())
}

// casePath is the URL of a case's page. What a path cannot hold, since servers
// and browsers part it there, stands in the query.
func casePath(process, id string) string {
	if strings.ContainsRune(process+id, '/') || strings.Trim(process, ".") == "" || strings.Trim(id, ".") == "" {
		return "/cases/of/id?" + url.Values{"process": {process}, "case_id": {id}}.Encode()
	}
	return "/cases/" + url.PathEscape(process) + "/" + url.PathEscape(id)
}
