package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/dashboard/i18n"
)

// registerRoutes are the pages about coordination. The team's names persons: it
// has a group of its own, for whoever may see it.
func (s *server) registerRoutes(pages *gin.RouterGroup) {
	pages.GET("/registers", s.registersPage)
	pages.GET("/registers/:register", s.registerPage)
	s.directorRoutes(pages)
}

// directorRoutes are pages that name persons and are for the director only. Until
// there are accounts, whoever reaches this machine may be the director, as with
// the other pages that act (see [server.operationsRoutes]).
func (s *server) directorRoutes(pages *gin.RouterGroup) {
	director := pages.Group("/director")
	director.GET("/team", s.teamPage)
	director.GET("/team/file", s.chooseFormat, onlyFiles, s.teamFile)
}

// lit is a light with its word; its icon goes by the light.
type lit struct{ Light, Word string }

// lightWord says a light in words; the zero value where there is none.
func lightWord(words i18n.Messages, l register.Light) lit {
	if l == register.Unlit {
		return lit{}
	}
	return lit{string(l), words.T("registers.light." + string(l))}
}

// registersContent is the page of all registers.
type registersContent struct {
	Eyebrow, Heading string
	Against          string
	InProgress       bool
	Form             filterForm
	Sentences        []remark
	Registers        []registerCard
	Missing          []string // registers that are not kept, and how to keep them
	TeamHref         string
	Export           exportMenu
}

// registerCard is one register.
type registerCard struct {
	ID, Title, Subject string
	N, Href            string
	Light              lit
	Figures            []figureRow
	Meta               string
	Export             exportMenu
}

// figureRow is one figure of a register, with the cases behind it.
type figureRow struct {
	Name, Help, Value, Unit, Under, Href string
	Light                                lit
	Late                                 string // how many were not kept
	LateHref                             string
}

// remarkOf is a conclusion with the light of a register, in the words of a remark.
func remarkOf(l register.Light) string {
	return map[register.Light]string{register.Green: lightFine, register.Red: lightWrong, register.Yellow: lightAttention, register.Blue: lightAttention}[l]
}

// registerView writes the pages of registers.
type registerView struct {
	view

	asOf time.Time
	q    analytics.Query
}

// registerEnquiry reads a page's filters; ok is false when the answer has been sent.
func (s *server) registerEnquiry(c *gin.Context) (v registerView, ok bool) {
	e, ok := s.begin(c)
	if !ok {
		return v, false
	}
	i := inquiry{enquiry: e}
	i.filters.Process, i.filters.Class, i.filters.Stage, i.filters.Clock = "", "", "", analytics.ClockWorking
	asOf, departments, err := s.registerFrame(c.Request.Context(), i)
	if err != nil {
		s.pageError(c, fmt.Errorf("ask for what surrounds the registers: %w", err))
		return v, false
	}
	fig := &figures{First: e.first, Last: e.last, DepartmentKeys: departments, AsOf: asOf}
	v = registerView{view: s.view(s.messages.In(language(c)), i.filters, "", fig), asOf: asOf}
	v.q = analytics.Query{From: v.now.From, To: v.now.To, Zone: s.zone}
	if v.filters.Department != "" {
		v.q.Department = []string{v.filters.Department}
	}
	return v, true
}

func (s *server) registerFrame(ctx context.Context, i inquiry) (asOf time.Time, departments []string, err error) {
	if asOf, err = s.Metrics.AsOf(ctx); err != nil {
		return asOf, nil, err
	}
	departments, err = i.groups(ctx, analytics.ByDepartment)
	return asOf, departments, err
}

func (v registerView) form(path string) filterForm {
	form := filterForm{Action: path, Language: v.filters.Language, Dates: v.stretchDates()[:1]}
	for _, chosen := range []bool{v.filters.Department != "", !v.filters.From.IsZero()} {
		if chosen {
			form.Chosen++
		}
	}
	form.Fields = []selection{
		{Name: "quarter", Label: v.T("filter.quarter"), Options: v.quarterOptions()},
		{Name: "department", Label: v.T("filter.department"), Options: v.departmentOptions()},
	}
	return form
}

func (s *server) registersPage(c *gin.Context) {
	v, ok := s.registerEnquiry(c)
	if !ok {
		return
	}
	all, err := s.Metrics.Registers(c.Request.Context(), v.q)
	if err != nil {
		s.pageError(c, fmt.Errorf("tell the registers: %w", err))
		return
	}
	content := registersContent{
		Eyebrow: v.T("registers.eyebrow"), Heading: v.thisQuarter(), InProgress: v.begun && !v.complete, Form: v.form("/registers"),
		Sentences: v.sentences(all), TeamHref: v.filters.at("/director/team"), Export: v.exports("/api/v1/registers", v.q, nil),
	}
	if v.filters.Department != "" {
		content.Against = v.departmentName()
	}
	for i := range all.Registers {
		content.Registers = append(content.Registers, v.card(&all.Registers[i]))
	}
	for _, key := range all.Missing {
		content.Missing = append(content.Missing, v.T("registers.missing", "register", v.T("registers."+key+".title"), "key", key))
	}
	s.render(c, http.StatusOK, "registers", s.page(c, "registers", v.T("registers.nav")+" · "+content.Heading, v.asOf, content))
}

// href is the page of a register's cases, with a figure and state if given.
func (v registerView) href(key, figure string, state register.State) string {
	values := v.filters.values()
	if figure != "" {
		values.Set("figure", figure)
	}
	if state != "" {
		values.Set("state", string(state))
	}
	return hrefOf("/registers/"+url.PathEscape(key), values)
}

func (v registerView) card(r *register.Register) registerCard {
	key := r.Key
	c := registerCard{
		ID: key, Title: v.T("registers." + key + ".title"), Subject: v.T("registers." + key + ".subject"),
		N: v.T("card.n", "n", count(r.N)), Href: v.href(key, "", ""), Light: lightWord(v.words, r.Light),
		Meta: v.T("card.as_of", "time", v.stamp(v.asOf)), Export: v.exports("/api/v1/registers/"+key, v.q, nil),
	}
	for i := range r.Figures {
		c.Figures = append(c.Figures, v.figureRow(key, &r.Figures[i]))
	}
	return c
}

// ownWords are the message of a figure: the register's own or that of all.
func (v registerView) ownWords(key, figure, part string) string {
	if own := "registers." + key + "." + part + "." + figure; v.words.Has(own) {
		return v.T(own)
	}
	return v.T("registers." + part + "." + figure)
}

func (v registerView) figureRow(key string, f *register.Figure) figureRow {
	row := figureRow{Name: v.ownWords(key, f.Figure, "figure"), Help: v.ownWords(key, f.Figure, "help"), Light: lightWord(v.words, f.Light), Value: "—"}
	if f.N > 0 && f.Figure != register.Rated && f.Figure != register.Covered && f.Figure != register.SyncKept {
		row.Href = v.href(key, f.Figure, "") // those three are of suppliers and weeks, not of cases
	}
	switch f.Unit {
	case "rate":
		row.Unit = "%"
		if f.Rate == nil {
			row.Unit = ""
			row.Under = v.T("registers.nothing")
			return row
		}
		row.Value = number(100**f.Rate, 1)
		row.Under = v.T("registers.share", "kept", count(*f.Count), "n", count(f.N), "low", number(100**f.Low, 0), "high", number(100**f.High, 0))
		if n := f.N - *f.Count; n > 0 && row.Href != "" && f.Figure != register.Returned && f.Figure != register.OnTheSpot {
			row.Late, row.LateHref = v.T("registers.late", "n", count(n)), v.href(key, f.Figure, missed)
		}
	case "seconds":
		if f.Median == nil {
			row.Under = v.T("registers.nothing")
			return row
		}
		var p90 string
		row.Value, row.Unit, p90 = v.lasting(f)
		row.Under = v.T("registers.time", "p90", p90, "n", count(f.N))
	default:
		row.Value, row.Unit = count(*f.Count), v.T("registers.unit."+map[bool]string{true: "suppliers", false: "cases"}[f.Figure == register.Rated || f.Figure == register.HighRisk])
	}
	return row
}

// lasting writes a time in the unit that fits it: days of its clock, hours or minutes.
func (v registerView) lasting(f *register.Figure) (median, unit, p90 string) {
	day, key := float64(elapsedDay), "days_elapsed"
	if f.Clock == string(analytics.ClockWorking) {
		day, key = v.daySeconds, "days_working"
	}
	length, unit := day, v.T("measure."+key+".unit")
	switch {
	case *f.Median < hour:
		length, unit = 60, v.T("registers.unit.minutes")
	case *f.Median < day:
		length, unit = hour, v.T("unit.hours."+f.Clock)
	}
	return number(*f.Median/length, 1), unit, number(*f.P90/length, 1)
}

// sentences name the registers that want to be looked at, the worst first, or say
// that none does.
func (v registerView) sentences(all *analytics.Registers) []remark {
	var list []remark
	for _, light := range []register.Light{register.Red, register.Yellow} {
		for i := range all.Registers {
			r := &all.Registers[i]
			if r.Light == light && len(list) < mostSentences {
				list = append(list, v.sentence(r, light))
			}
		}
	}
	list = append(list, v.supervised(all)...)
	if len(list) > mostSentences {
		list = list[:mostSentences]
	}
	if len(list) == 0 {
		light := lightFine
		if !slices.ContainsFunc(all.Registers, func(r register.Register) bool { return r.Light != register.Unlit }) {
			light = "unknown"
		}
		list = append(list, remark{Light: light, Claim: v.T("registers.sentence.calm." + light), Evidence: v.T("registers.sentence.calm.evidence")})
	}
	return list
}

// mostSentences a page opens with.
const mostSentences = 3

// sentence names the worst figure of a register.
func (v registerView) sentence(r *register.Register, light register.Light) remark {
	worst := slices.IndexFunc(r.Figures, func(f register.Figure) bool { return f.Light == light })
	f := &r.Figures[worst]
	row := v.figureRow(r.Key, f)
	return remark{
		Light:    remarkOf(light),
		Claim:    v.T("registers.sentence.claim", "register", v.T("registers."+r.Key+".title"), "figure", row.Name, "value", row.Value+following(row.Unit)),
		Evidence: v.T("registers.sentence.evidence", "under", row.Under), Href: "#" + r.Key, Link: v.T("warnings.see"),
	}
}

// supervised tells how many items under supervision are red or yellow.
func (v registerView) supervised(all *analytics.Registers) []remark {
	for i := range all.Registers {
		r := &all.Registers[i]
		if r.Key != register.Supervision {
			continue
		}
		n := map[string]uint64{}
		for j := range r.Figures {
			if c := r.Figures[j].Count; c != nil {
				n[r.Figures[j].Figure] = *c
			}
		}
		if n[register.LightRed]+n[register.LightYellow] == 0 {
			return nil
		}
		light := lightAttention
		if n[register.LightRed] > 0 {
			light = lightWrong
		}
		return []remark{{
			Light:    light,
			Claim:    v.T("registers.sentence.supervision", "red", count(n[register.LightRed]), "yellow", count(n[register.LightYellow]), "blue", count(n[register.LightBlue])),
			Evidence: v.T("registers.sentence.open", "n", count(n[register.Open])), Href: "#" + register.Supervision, Link: v.T("warnings.see"),
		}}
	}
	return nil
}

// registerItems is the page of one register's cases.
type registerItems struct {
	Eyebrow, Heading, Title string
	Back                    string
	Form                    filterForm
	Facts                   []labelled
	Figures, States         []chip
	Head                    []string
	Rows                    []itemRow
	Range                   string
	Empty                   string
	Earlier, Later          string
	Export                  exportMenu
}

// itemRow is a case of a register.
type itemRow struct {
	Href, ID, Process string
	Light             lit
	Cells             []labelled
}

// itemsPerPage is how many cases a page lists.
const itemsPerPage = 50

func (s *server) registerPage(c *gin.Context) {
	key := c.Param("register")
	if !isRegister(key) {
		s.errorPage(c, http.StatusNotFound)
		return
	}
	values := c.Request.URL.Query()
	p := queryParser{values: values}
	figure, state, page := p.single("figure"), register.State(p.word("state", stateChoices(), "")), max(1, p.number("page", maxItemsPage))
	if len(p.faults) > 0 {
		s.errorPage(c, http.StatusBadRequest)
		return
	}
	v, ok := s.registerEnquiry(c)
	if !ok {
		return
	}
	answer, err := s.Metrics.Register(c.Request.Context(), key, v.q)
	switch {
	case errors.Is(err, analytics.ErrQuery):
		s.errorPage(c, http.StatusNotFound, v.T("registers.missing", "register", v.T("registers."+key+".title"), "key", key))
		return
	case err != nil:
		s.pageError(c, fmt.Errorf("tell a register: %w", err))
		return
	case figure != "" && !hasFigure(answer, figure):
		s.errorPage(c, http.StatusBadRequest)
		return
	}
	content := v.items(answer, figure, state, page)
	s.render(c, http.StatusOK, "register", s.page(c, "registers", content.Title+" · "+content.Heading, v.asOf, content))
}

// maxItemsPage bounds how far a register can be turned over.
const maxItemsPage = 10_000

func (v registerView) items(r *analytics.RegisterAnswer, figure string, state register.State, page int) registerItems {
	key := r.Key
	few := fewerItems(r, figure, state).Items
	content := registerItems{
		Eyebrow: v.T("registers.eyebrow"), Heading: v.thisQuarter(), Title: v.T("registers." + key + ".title"), Back: v.filters.at("/registers"),
		Form: v.form("/registers/" + key), Empty: v.T("registers.empty"),
		Facts: []labelled{{v.T("filter.quarter"), v.thisQuarter()}, {v.T("filter.department"), v.departmentName()}},
		Head: []string{
			v.T("table.case"), v.T("registers.column.light"), v.T("table.department"), v.T("registers.column.subject"), v.T("table.started"), v.T("registers.column.due"),
			v.T("registers.column.closed"), v.T("registers.column.outcome"),
		},
	}
	content.Figures = append(content.Figures, chip{Name: v.T("registers.all"), N: count(uint64(len(r.Items))), Href: v.href(key, "", ""), Chosen: figure == ""})
	for i := range r.Figures {
		f := &r.Figures[i]
		if n := len(fewerItems(r, f.Figure, "").Items); n > 0 || f.Figure == figure {
			content.Figures = append(content.Figures, chip{
				Name: v.ownWords(key, f.Figure, "figure"), Help: v.ownWords(key, f.Figure, "help"), N: count(uint64(n)),
				Href: v.href(key, f.Figure, ""), Chosen: f.Figure == figure,
			})
		}
	}
	if figure != "" {
		content.States = v.states(r, figure, state)
	}
	more := url.Values{}
	for name, value := range map[string]string{"figure": figure, "state": string(state)} {
		if value != "" {
			more.Set(name, value)
		}
	}
	content.Export = v.exports("/api/v1/registers/"+key, v.q, more)
	from := min((page-1)*itemsPerPage, len(few))
	to := min(from+itemsPerPage, len(few))
	for i := from; i < to; i++ {
		content.Rows = append(content.Rows, v.itemRow(key, figure, &few[i]))
	}
	if len(few) > 0 {
		content.Range = v.T("registers.range", "from", from+1, "to", to, "n", count(uint64(len(few))))
	}
	turn := func(page int) string {
		address := v.href(key, figure, state)
		mark := "?"
		if strings.Contains(address, "?") {
			mark = "&"
		}
		return fmt.Sprintf("%s%spage=%d", address, mark, page)
	}
	if page > 1 {
		content.Earlier = turn(page - 1)
	}
	if to < len(few) {
		content.Later = turn(page + 1)
	}
	return content
}

// states are the filters by what cases are to the chosen figure.
func (v registerView) states(r *analytics.RegisterAnswer, figure string, chosen register.State) []chip {
	key := r.Key
	list := []chip{{Name: v.T("registers.all_states"), N: count(uint64(len(fewerItems(r, figure, "").Items))), Href: v.href(key, figure, ""), Chosen: chosen == ""}}
	for _, state := range append(register.States(), missed) {
		if n := len(fewerItems(r, figure, state).Items); (n > 0 || state == chosen) && state != register.Counted {
			list = append(list, chip{Name: v.T("registers.state." + string(state)), N: count(uint64(n)), Href: v.href(key, figure, state), Chosen: state == chosen})
		}
	}
	if len(list) == 1 {
		return nil
	}
	return list
}

func (v registerView) itemRow(key, figure string, i *register.Item) itemRow {
	stamp := func(t *time.Time) string {
		if t == nil {
			return "—"
		}
		return v.stamp(*t)
	}
	due := stamp(i.Due)
	if i.Due != nil && i.Original != nil && !i.Due.Equal(*i.Original) {
		due = v.T("registers.extended", "due", due, "original", stamp(i.Original))
	}
	closed := stamp(i.Closed)
	if i.Closed == nil {
		closed = v.T("registers.open")
	}
	var outcomes []string
	for _, o := range i.Outcomes {
		if o.State != register.Counted && (figure == "" || o.Figure == figure) {
			outcomes = append(outcomes, v.T("registers.outcome", "figure", v.ownWords(key, o.Figure, "figure"), "state", v.T("registers.state."+string(o.State))))
		}
	}
	outcome := strings.Join(outcomes, v.T("list.sentence"))
	if outcome == "" {
		outcome = "—"
	}
	subject := i.Subject
	if subject == "" {
		subject = "—"
	}
	return itemRow{
		Href: casePath(i.Process, i.CaseID), ID: i.CaseID, Process: v.names.process(i.Process), Light: lightWord(v.words, i.Light),
		Cells: []labelled{
			{v.T("table.department"), v.names.department(i.Department)},
			{v.T("registers.column.subject"), subject},
			{v.T("table.started"), v.stamp(i.Started)},
			{v.T("registers.column.due"), due},
			{v.T("registers.column.closed"), closed},
			{v.T("registers.column.outcome"), outcome},
		},
	}
}

// teamContent is the page about the office's own people.
type teamContent struct {
	Eyebrow, Heading string
	InProgress       bool
	Form             filterForm
	Missing          string
	Rule             string
	Processes        []teamRow
	Persons          []teamRow
	Heads            [2][]string
	Export           [2]exportMenu
}

type teamRow struct {
	Name  string
	Light lit
	Cells []labelled
}

func (s *server) teamPage(c *gin.Context) {
	v, ok := s.registerEnquiry(c)
	if !ok {
		return
	}
	v.filters.Department, v.q.Department = "", nil
	content := teamContent{Eyebrow: v.T("team.eyebrow"), Heading: v.thisQuarter(), InProgress: v.begun && !v.complete, Form: v.form("/director/team")}
	content.Form.Fields = content.Form.Fields[:1]
	team, err := s.Metrics.Team(c.Request.Context(), v.q)
	switch {
	case errors.Is(err, analytics.ErrNoTeam):
		content.Missing = v.T("team.missing")
	case err != nil:
		s.pageError(c, fmt.Errorf("tell of the team: %w", err))
		return
	default:
		v.team(&content, team)
	}
	s.render(c, http.StatusOK, "team", s.page(c, "registers", v.T("team.title")+" · "+content.Heading, v.asOf, content))
}

func (v registerView) team(content *teamContent, t *analytics.Team) {
	content.Rule = v.T("team.rule", "persons", t.Persons, "steps", t.Steps, "share", number(100*t.Share, 0))
	heads := func(keys ...string) []string {
		list := make([]string, len(keys))
		for i, key := range keys {
			list[i] = v.T("team.column." + key)
		}
		return list
	}
	content.Heads = [2][]string{heads("process", "cover", "persons", "most", "steps"), heads("person", "steps", "share", "cases", "processes", "per_week")}
	for i := range t.Processes {
		p := &t.Processes[i]
		content.Processes = append(content.Processes, teamRow{Name: v.names.process(p.Process), Light: v.coverWord(p.Light), Cells: []labelled{
			{content.Heads[0][2], count(uint64(p.Persons))}, {content.Heads[0][3], number(100*p.Most, 0) + "%"}, {content.Heads[0][4], count(p.Steps)}, //nolint:gosec // persons
		}})
	}
	for i := range t.Workload {
		p := &t.Workload[i]
		content.Persons = append(content.Persons, teamRow{Name: p.Person, Cells: []labelled{
			{content.Heads[1][1], count(p.Steps)},
			{content.Heads[1][2], number(100*p.Share, 1) + "%"},
			{content.Heads[1][3], count(p.Cases)},
			{content.Heads[1][4], count(uint64(p.Processes))}, //nolint:gosec // as many as there are
			{content.Heads[1][5], number(p.PerWeek, 1)},
		}})
	}
	for i, part := range []string{"processes", "workload"} {
		values := v.filters.values()
		values.Set("lang", string(v.words.Language))
		values.Set("part", part)
		in := func(f format) string {
			values.Set("format", string(f))
			return hrefOf("/director/team/file", values)
		}
		content.Export[i] = exportMenu{CSV: in(formatCSV), XLSX: in(formatXLSX), File: v.T("team.title")}
	}
}

func (v registerView) coverWord(l register.Light) lit {
	if l == register.Unlit {
		return lit{}
	}
	return lit{string(l), v.T("team.cover." + string(l))}
}

// teamFile sends the page's tables as a file.
func (s *server) teamFile(c *gin.Context) {
	v, ok := s.registerEnquiry(c)
	if !ok {
		return
	}
	v.q.Department = nil
	team, err := s.Metrics.Team(c.Request.Context(), v.q)
	if err != nil {
		s.apiError(c, fmt.Errorf("tell of the team: %w", err))
		return
	}
	s.sendFile(c, team)
}
