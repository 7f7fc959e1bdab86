package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/record"
)

// changesContent is the page of all changes.
type changesContent struct {
	Flash *remark
	Rows  []changeRow
	All   bool
	Other string
}

type changeRow struct {
	Href, Name, From, Scope, State string
	Verdicts                       []verdictRow
}

// verdictRow is a verdict in a line.
type verdictRow struct{ Light, Word, Figure, Sentence string }

func (s *server) changesPage(c *gin.Context) {
	withdrawn := c.Query("state") == "all"
	ctx := c.Request.Context()
	list, all, err := s.changeList(ctx, withdrawn)
	var said []judged
	if err == nil {
		said, err = s.verdicts(ctx, list, all)
	}
	if err != nil {
		s.recordError(c, err)
		return
	}
	v := s.changeView(language(c), all)
	content := changesContent{All: withdrawn, Other: "/changes?state=all", Flash: v.changeDone(c.Query("done"))}
	if withdrawn {
		content.Other = "/changes"
	}
	for i := range said {
		content.Rows = append(content.Rows, v.row(&said[i]))
	}
	s.render(c, http.StatusOK, "changes", s.recordFrame(c, "changes", v.T("changes.title"), "/changes", content))
}

func (v changeView) changeDone(what string) *remark {
	if what == "" || !v.Has("changes.done."+what) {
		return nil
	}
	return &remark{Light: lightFine, Claim: v.T("changes.done." + what)}
}

func (v changeView) row(j *judged) changeRow {
	r := changeRow{Href: changePath(j.Key), Name: v.text(j.Name), From: j.From, Scope: v.scope(j.Change)}
	if j.State == reform.Withdrawn {
		r.State = v.T("changes.state.withdrawn")
	}
	for _, one := range j.Verdicts {
		light, word := v.judgement(one)
		if one.Outcome != reform.Shifted { // with which the sentence begins
			word = ""
		}
		r.Verdicts = append(r.Verdicts, verdictRow{light, word, v.figureName(one.Figure), v.sentence(j.Change, one)})
	}
	return r
}

func (v changeView) scope(c *reform.Change) string {
	parts := []string{v.T("filter.all_processes")}
	if c.Process != "" {
		parts[0] = v.recordView.names.process(c.Process)
	}
	for _, d := range c.Departments {
		parts = append(parts, v.recordView.names.department(d))
	}
	return strings.Join(parts, v.T("list.dot"))
}

// changeContent is the page of one change.
type changeContent struct {
	Name, Path, From, Scope string
	Revision                uint64
	Recorded                bool
	Flash                   *remark
	Problems                []problemShown
	What, Why               string
	Facts                   []fact
	Verdicts                []verdictShown
	Acts                    []actShown
	Reason                  string
}

// verdictShown is a verdict with its chart and what the methods found.
type verdictShown struct {
	verdictRow

	ID       string
	Card     card
	Notes    []string
	Disagree bool
	Methods  table
	Groups   table
}

func (s *server) foundChange(c *gin.Context) (found *reform.Change, all []*reform.Change, ok bool) {
	found, err := s.Changes.Find(c.Request.Context(), c.Param("key"))
	if err == nil {
		all, err = s.Changes.Newest(c.Request.Context())
	}
	if err != nil {
		s.recordError(c, err)
		return nil, nil, false
	}
	return found, all, true
}

func (s *server) changePage(c *gin.Context) {
	if found, all, ok := s.foundChange(c); ok {
		s.renderChange(c, http.StatusOK, found, all, nil, "")
	}
}

func (s *server) renderChange(c *gin.Context, status int, found *reform.Change, all []*reform.Change, problems []problemShown, reason string) {
	ctx, v := c.Request.Context(), s.changeView(language(c), all)
	said, err := s.verdicts(ctx, []*reform.Change{found}, all)
	if err != nil {
		s.recordError(c, err)
		return
	}
	history, err := s.Changes.History(ctx, found.Key)
	if err != nil {
		s.recordError(c, err)
		return
	}
	content := changeContent{
		Name: v.text(found.Name), Path: changePath(found.Key), From: found.From, Scope: v.scope(found), Revision: found.Revision, Recorded: found.State == reform.Recorded,
		Flash: v.changeDone(c.Query("done")), Problems: problems, What: found.What, Why: found.Why, Reason: reason,
		Facts: []fact{
			{v.T("changes.scope"), v.scope(found)},
			{v.T("changes.from"), found.From},
			{v.T("changes.ramp"), v.T("changes.days", "n", found.RampDays)},
			{v.T("changes.state_is"), v.T("changes.state." + string(found.State))},
		},
	}
	for i, one := range said[0].Verdicts {
		shown, err := v.shown(found, one, i)
		if err != nil {
			s.pageError(c, fmt.Errorf("draw change %s: %w", found.Key, err))
			return
		}
		content.Verdicts = append(content.Verdicts, shown)
	}
	var acts []record.Act
	for _, h := range history {
		acts = append(acts, h.Change)
	}
	content.Acts = v.acts("changes", acts)
	s.render(c, status, "change", s.recordFrame(c, "changes", content.Name, content.Path, content))
}

func (v changeView) shown(c *reform.Change, of *reform.Verdict, i int) (verdictShown, error) {
	light, word := v.judgement(of)
	if of.Outcome != reform.Shifted { // with which the sentence begins
		word = ""
	}
	id := "verdict-" + strconv.Itoa(i+1)
	shown := verdictShown{
		verdictRow: verdictRow{light, word, v.figureName(of.Figure), v.sentence(c, of)}, ID: id, Notes: v.notes(of), Disagree: of.Disagree,
		Methods: v.methods(of), Groups: v.groups(of),
	}
	var err error
	shown.Card, err = v.card(c, of, id+"-chart")
	return shown, err
}

// card is the control chart of the weeks, with limits of before and of after.
func (v changeView) card(c *reform.Change, of *reform.Verdict, id string) (card, error) {
	sc := v.scale(of.Figure)
	k := card{
		ID: id, Title: v.T("changes.chart", "figure", v.figureName(of.Figure)), Unit: sc.unit, Definition: "/definitions#" + of.Figure.Metric,
		Empty: v.T("changes.no_chart"), Table: table{Caption: v.T("changes.chart", "figure", v.figureName(of.Figure))},
		Meta: v.T("changes.windows", "before", of.Before.Weeks, "before_n", count(of.Before.N), "after", of.After.Weeks, "after_n", count(of.After.N)),
	}
	if of.Control == nil || len(of.Control.Points) == 0 {
		return k, nil
	}
	k.Export = v.exports("/api/v1/changes/"+c.Key, "verdicts", v.text(c.Name))
	value := v.T("changes.weekly")
	k.Legend = []legendEntry{{"line-main", value}, {"line-dashed", v.T("chart.control.centre")}, {"band", v.T("chart.control.limits")}}
	k.Table.Head = []string{v.T("changes.week"), value, v.T("chart.control.centre"), v.T("chart.control.lower"), v.T("chart.control.upper"), "n"}
	var points []controlPoint
	for _, p := range of.Control.Points {
		points = append(points, controlPoint{
			period: p.Start.In(v.zone).Format("06-01-02"), value: p.Value * sc.by, centre: p.Centre * sc.by, low: max(0, p.Lower*sc.by), high: p.Upper * sc.by, base: !p.After,
		})
	}
	for i, p := range slices.Backward(of.Control.Points) {
		q := points[i]
		k.Table.Rows = append(k.Table.Rows, tableCells(p.Start.In(v.zone).Format("2006-01-02"), number(q.value, sc.decimals), number(q.centre, sc.decimals), number(q.low, sc.decimals), number(q.high, sc.decimals), count(p.N)))
	}
	k.Caption = v.T("changes.chart_caption", "date", v.date(c.Day(v.zone)), "outside", of.Control.Outside, "after", of.After.Weeks)
	drawn := control(strings.ReplaceAll(id, "-", "_"), controlNames{value, v.T("chart.control.centre"), clipTo(v.text(c.Name), markLength)}, points, sc.decimals)
	var err error
	k.Chart, err = encode(drawn, sc.unit, max(1, sc.decimals))
	return k, err
}

func (s *server) withdrawChange(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	found, all, ok := s.foundChange(c)
	if !ok {
		return
	}
	if form.Get("revision") != strconv.FormatUint(found.Revision, 10) {
		s.recordError(c, record.ErrOvertaken)
		return
	}
	next, err := found.WithdrawnBy(s.actor(form.Get("reason")))
	if err == nil {
		err = s.Changes.Save(c.Request.Context(), next)
	}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, changePath(found.Key)+"?done=withdraw")
	case len(record.Refusals(err)) > 0:
		s.renderChange(c, http.StatusUnprocessableEntity, found, all, s.recordView(language(c)).problems(err), form.Get("reason"))
	default:
		s.recordError(c, err)
	}
}

// changeFormContent is the form of a change.
type changeFormContent struct {
	New                   bool
	Heading, Action, Back string
	Revision              uint64
	Problems              []problemShown
	Key                   string
	NameZH, NameEN        string
	What, Why             string
	Processes             []option
	Departments           []option
	From, Ramp            string
	Figures               []option
	Reason                string
}

func (s *server) newChangePage(c *gin.Context) {
	draft := &reform.Change{Process: s.Handbook.Headline, From: s.Now().In(s.zone).Format("2006-01-02"), RampDays: usualRamp}
	if query := c.Request.URL.Query(); query.Has("process") {
		draft.Process = query.Get("process")
	}
	draft.Figures = []figure.Figure{
		{Metric: "lead_time", Value: analytics.ValueMedian, Clock: analytics.ClockWorking, Process: draft.Process},
		{Metric: "error_rate", Value: analytics.ValueRate, Process: draft.Process},
	}
	content := s.changeForm(c, draft)
	s.asNewChange(c, &content)
	s.renderChangeForm(c, http.StatusOK, content)
}

// usualRamp is how long a change takes to hold everywhere: four weeks.
const usualRamp = 28

func (s *server) asNewChange(c *gin.Context, content *changeFormContent) {
	content.New, content.Heading, content.Action, content.Back = true, s.recordView(language(c)).T("changes.new"), "/changes", "/changes"
}

func (s *server) editChangePage(c *gin.Context) {
	if found, _, ok := s.foundChange(c); ok {
		s.renderChangeForm(c, http.StatusOK, s.editChangeForm(c, found, found))
	}
}

func (s *server) editChangeForm(c *gin.Context, found, shown *reform.Change) changeFormContent {
	content := s.changeForm(c, shown)
	v := s.recordView(language(c))
	content.Heading, content.Revision = v.T("targets.form.edit", "name", v.text(found.Name)), found.Revision
	content.Key, content.Action, content.Back = found.Key, changePath(found.Key)+"/edit", changePath(found.Key)
	return content
}

func (s *server) renderChangeForm(c *gin.Context, status int, content changeFormContent) {
	s.render(c, status, "change_form", s.recordFrame(c, "changes", content.Heading, content.Back, content))
}

// ofProcess stands in a form for the process that is chosen in it.
const ofProcess = "*"

func (s *server) changeForm(c *gin.Context, of *reform.Change) changeFormContent {
	v := s.recordView(language(c))
	content := changeFormContent{
		Key: of.Key, NameZH: of.Name.ZH, NameEN: of.Name.EN, What: of.What, Why: of.Why, From: of.From, Ramp: strconv.Itoa(of.RampDays),
		Processes: v.keyOptions("filter.all_processes", of.Process, keysIn(s.Handbook.Processes, processKey), v.names.process),
	}
	for _, d := range s.Handbook.Departments {
		content.Departments = append(content.Departments, option{d.Key, v.names.department(d.Key), slices.Contains(of.Departments, d.Key)})
	}
	chosen := slices.Clone(of.Figures)
	for _, metric := range figure.Metrics() {
		f := figure.Figure{Metric: metric, Value: figure.Values(metric)[0]}
		if metric == "lead_time" {
			f.Value = analytics.ValueMedian // which is compared by the start of cases
		}
		if figure.Timed(metric) {
			f.Clock = analytics.ClockWorking
		}
		filtered := slices.Contains(figure.Filters(metric), "process")
		if filtered {
			f.Process = of.Process
		}
		i := slices.Index(chosen, f)
		if i >= 0 {
			chosen = slices.Delete(chosen, i, i+1)
		}
		f.Process = ""
		name := v.figureName(f)
		if filtered {
			f.Process = ofProcess
		}
		content.Figures = append(content.Figures, option{figureKey(f), name, i >= 0})
	}
	for _, f := range chosen { // what the form cannot put together is kept
		content.Figures = append(content.Figures, option{figureKey(f), v.figureName(f), true})
	}
	return content
}

func figureKey(f figure.Figure) string {
	text, err := json.Marshal(f)
	if err != nil { // of texts
		return ""
	}
	return string(text)
}

// draftChange reads the form; the change's own checks name what is wrong.
func (s *server) draftChange(form map[string][]string) (*reform.Change, error) {
	get := func(name string) string { return firstOf(form, name) }
	draft := &reform.Change{
		Stamp: record.Stamp{Key: get("key")}, Name: record.Text{ZH: get("name_zh"), EN: get("name_en")}, What: unixLines(get("what")), Why: unixLines(get("why")),
		Process: get("process"), Departments: form["department"], From: get("from"),
	}
	if draft.Key == "" {
		draft.Key = newKey("change", draft.Name.EN, s.Now())
	}
	var check record.Check
	var ok bool
	if draft.RampDays, ok = bounded(get("ramp_days"), 0, reform.MaxRamp); !ok {
		check.That(false, reform.BadRamp, "ramp_days", "the ramp is 0 to %d days", reform.MaxRamp)
	}
	for _, key := range form["figure"] {
		var f figure.Figure
		if err := json.Unmarshal([]byte(key), &f); err != nil {
			check.That(false, record.Unreadable, "figures", "a figure cannot be read")
			continue
		}
		if f.Process == ofProcess {
			f.Process = draft.Process
		}
		draft.Figures = append(draft.Figures, f)
	}
	return draft, check.Err()
}

func (s *server) createChange(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	draft, err := s.draftChange(form)
	var made *reform.Change
	if err == nil {
		if made, err = reform.New(draft, s.actor(form.Get("reason"))); err == nil {
			err = s.Changes.Save(c.Request.Context(), made)
		}
	}
	s.afterChangeForm(c, form, draft.Key, "create", err, func() changeFormContent {
		content := s.changeForm(c, draft)
		s.asNewChange(c, &content)
		return content
	})
}

func (s *server) editChange(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	found, _, ok := s.foundChange(c)
	if !ok {
		return
	}
	if form.Get("revision") != strconv.FormatUint(found.Revision, 10) {
		s.recordError(c, record.ErrOvertaken)
		return
	}
	draft, err := s.draftChange(form)
	if err == nil {
		var next *reform.Change
		if next, err = found.Edited(draft, s.actor(form.Get("reason"))); err == nil {
			err = s.Changes.Save(c.Request.Context(), next)
		}
	}
	s.afterChangeForm(c, form, found.Key, "edit", err, func() changeFormContent { return s.editChangeForm(c, found, draft) })
}

func (s *server) afterChangeForm(c *gin.Context, form map[string][]string, key, done string, err error, again func() changeFormContent) {
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, changePath(key)+"?done="+done)
	case len(record.Refusals(err)) > 0:
		content := again()
		content.Problems = s.recordView(language(c)).problems(err)
		content.Key, content.Reason, content.Ramp = firstOf(form, "key"), firstOf(form, "reason"), firstOf(form, "ramp_days")
		s.renderChangeForm(c, http.StatusUnprocessableEntity, content)
	default:
		s.recordError(c, err)
	}
}
