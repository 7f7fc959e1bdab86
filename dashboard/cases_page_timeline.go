package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// caseTimeline is the content of a case's page.
type caseTimeline struct {
	Process, ID string
	State       string
	Light       string
	Facts       []labelled
	Stages      []stageLine
	Limits      []limitLine
	Faults      []faultLine
	Events      []eventLine
}

// stageLine is a visit to a stage with its bar on the time of the whole case.
type stageLine struct {
	Name, Visit      string
	Entered, Left    string
	Working, Elapsed string
	Start, Width     float64 // of the bar, per cent of the case's calendar time
	Longest          bool
}

// limitLine is a promise and what became of it.
type limitLine struct{ Name, Due, Done, State, Light string }

// faultLine is a fault of the case.
type faultLine struct{ Kind, Department, Found, Stage string }

// eventLine is one event of the case.
type eventLine struct{ Time, Stage, Action, Actor, Since, Due string }

func (s *server) casePage(c *gin.Context) {
	words := s.messages.In(language(c))
	process, id := c.Param("process"), c.Param("case_id")
	if given := c.Query("case_id"); given != "" { // see casePath
		process, id = c.Query("process"), given
	}
	found, err := s.Metrics.Case(c.Request.Context(), process, id)
	if errors.Is(err, analytics.ErrNoCase) {
		s.errorPage(c, http.StatusNotFound, words.T("page.case.none"))
		return
	}
	if err != nil {
		s.pageError(c, fmt.Errorf("read a case: %w", err))
		return
	}
	f := filters{Process: found.Process, Clock: analytics.ClockWorking}
	v := s.view(words, f, found.Process, &figures{AsOf: found.AsOf})
	content := v.caseTimeline(found)
	s.render(c, http.StatusOK, "case", s.page(c, "approvals", content.Process+" "+content.ID, found.AsOf, content))
}

func (v view) caseTimeline(c *analytics.CaseTimeline) caseTimeline {
	content := caseTimeline{
		Process: v.names.process(c.Process), ID: c.CaseID, State: v.T("page.case.state." + string(c.State)), Light: stateLights[c.State],
		Facts: v.caseFacts(c), Stages: v.stageLines(c),
	}
	for _, l := range c.Limits {
		content.Limits = append(content.Limits, v.limitLine(c.Process, l))
	}
	for _, f := range c.Faults {
		content.Faults = append(content.Faults, faultLine{
			Kind: v.names.kind(f.Kind), Department: v.names.department(f.Department), Found: v.stamp(f.Found), Stage: v.names.stage(c.Process, f.Stage),
		})
	}
	for i := range c.Events {
		content.Events = append(content.Events, v.eventLine(c.Process, &c.Events[i], i == 0))
	}
	return content
}

var stateLights = map[analytics.CaseState]string{
	analytics.CaseOpen: lightAttention, analytics.CaseCompleted: lightFine, analytics.CaseWithdrawn: lightUnknown,
}

func (v view) caseFacts(c *analytics.CaseTimeline) []labelled {
	elapsed := days(analytics.ClockElapsed, v.daySeconds, mean)
	working := days(analytics.ClockWorking, v.daySeconds, mean)
	facts := []labelled{
		{v.T("page.case.working"), number(c.Working/v.daySeconds, 2) + following(v.unit(working))},
		{v.T("page.case.elapsed"), number(c.Elapsed/elapsedDay, 2) + following(v.unit(elapsed))},
		{v.T("table.started"), v.stamp(c.From)},
	}
	if c.State == analytics.CaseCompleted {
		facts = append(facts, labelled{v.T("table.completed"), v.stamp(c.To)})
	}
	if c.Department != "" && c.Department != missing {
		facts = append(facts, labelled{v.T("table.department"), v.names.department(c.Department)})
	}
	if c.Class != "" && c.Class != missing {
		facts = append(facts, labelled{v.T("table.class"), v.names.class(c.Class)})
	}
	return facts
}

// thinnest is how wide a bar is at least, so that it can be seen.
const thinnest = 0.4

// stageLines place each visit on the calendar time of the case.
func (v view) stageLines(c *analytics.CaseTimeline) []stageLine {
	if len(c.Stages) == 0 {
		return nil
	}
	begin, span := c.From, c.To.Sub(c.From).Seconds()
	longest := slices.MaxFunc(c.Stages, func(a, b analytics.TimelineStage) int { return int(a.Working - b.Working) })
	lines := make([]stageLine, len(c.Stages))
	for i, s := range c.Stages {
		lines[i] = stageLine{
			Name: v.names.stage(c.Process, s.Stage), Entered: v.stamp(s.Entered), Left: v.stamp(s.Left),
			Working: v.hours(s.Working), Elapsed: v.hours(s.Elapsed), Longest: s.Working == longest.Working && s.Working > 0,
		}
		if s.Visit > 1 {
			lines[i].Visit = v.T("page.case.visit", "n", s.Visit)
		}
		if span > 0 {
			lines[i].Start = rounded(100*s.Entered.Sub(begin).Seconds()/span, 2)
			lines[i].Width = rounded(max(thinnest, 100*s.Elapsed/span), 2)
			lines[i].Start = min(lines[i].Start, 100-lines[i].Width)
		}
	}
	return lines
}

// hours is a time as people say it in a case: hours, and days above many.
func (v view) hours(seconds float64) string {
	return v.T("page.case.hours", "n", number(seconds/hour, 1))
}

func (v view) limitLine(process string, l analytics.CaseLimit) limitLine {
	state, light := string(l.State), map[analytics.LimitState]string{
		analytics.LimitKept: lightFine, analytics.LimitLate: lightWrong, analytics.LimitOpen: lightUnknown,
	}[l.State]
	if l.State == analytics.LimitLate && l.Done == nil {
		state = "overdue"
	}
	line := limitLine{Name: v.limitName(process + "/" + l.Key), Due: v.stamp(l.Due), State: v.T("page.case.kept." + state), Light: light, Done: "—"}
	if l.Done != nil {
		line.Done = v.stamp(*l.Done)
	}
	return line
}

func (v view) eventLine(process string, e *analytics.TimelineEvent, first bool) eventLine {
	line := eventLine{Time: v.stamp(e.Time), Stage: v.names.stage(process, e.Stage), Action: e.Action, Actor: e.Actor}
	if v.words.Has("page.case.actions." + e.Action) {
		line.Action = v.T("page.case.actions." + e.Action)
	}
	if e.ActorDepartment != "" {
		if line.Actor != "" {
			line.Actor += v.T("list.dot")
		}
		line.Actor += v.names.department(e.ActorDepartment)
	}
	if !first {
		line.Since = v.T("page.case.since_both", "working", number(e.SinceWorking/hour, 1), "elapsed", number(e.SinceElapsed/hour, 1))
	}
	if e.DueAt != nil {
		line.Due = v.stamp(*e.DueAt)
	}
	return line
}
