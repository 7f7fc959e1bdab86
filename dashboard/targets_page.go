package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
)

// targetsContent is the page of all targets.
type targetsContent struct {
	overview

	Flash *remark
	Rows  []targetRow
	All   bool
	Other string // URL of the page with the others too, or without
}

// targetRow is a target in the table.
type targetRow struct {
	Key, Href, Name, Figure          string
	Light, Word                      string // class of the light, and its word
	Baseline, Goal, Actual, ActualOf string
	Progress, Scheduled              string
	Done, Tick                       int // of the bar, %
	Pace, Forecast, ForecastWhy      string
	Due, Owner, State                string
	Confidence                       string
}

// targetLights are the lights in the classes of the stylesheet.
var targetLights = map[target.Light]string{target.Green: lightFine, target.Yellow: lightAttention, target.Red: lightWrong, target.Unknown: lightUnknown}

func (s *server) targetsPage(c *gin.Context) {
	all := c.Query("state") == "all"
	list, err := s.targetList(c.Request.Context(), all)
	if err != nil {
		s.recordError(c, err)
		return
	}
	v, err := s.targetView(c)
	if err != nil {
		s.recordError(c, err)
		return
	}
	content := targetsContent{All: all, Other: "/targets?state=all", Flash: v.done(c.Query("done"))}
	if all {
		content.Other = "/targets"
	}
	content.Eyebrow, content.Heading = v.T("targets.eyebrow"), v.T("targets.title")
	var cards []card
	for i := range list {
		content.Rows = append(content.Rows, v.row(&list[i]))
		one, err := v.card(&list[i])
		if err != nil {
			s.pageError(c, fmt.Errorf("draw target %s: %w", list[i].Key, err))
			return
		}
		cards = append(cards, one)
	}
	for len(cards) > 0 {
		n := min(2, len(cards))
		content.Cards, cards = append(content.Cards, cards[:n]), cards[n:]
	}
	content.Sentences = v.sentences(list)
	s.render(c, http.StatusOK, "targets", s.recordFrame(c, "targets", v.T("targets.title"), "/targets", content))
}

// targetView writes about targets.
type targetView struct {
	recordView

	s       *server
	changes []*reform.Change // that charts mark
}

func (s *server) targetView(c *gin.Context) (targetView, error) {
	d, err := s.decidedNow(c.Request.Context())
	return targetView{s.recordView(language(c)), s, d.changes}, err
}

func (v targetView) done(what string) *remark {
	if what == "" || !v.Has("targets.done."+what) {
		return nil
	}
	return &remark{Light: lightFine, Claim: v.T("targets.done." + what)}
}

// sentences are the conclusion: how many are on course, and what is not.
func (v targetView) sentences(list []stood) []sentence {
	var fine, behind int
	var worst *stood
	for i := range list {
		t := &list[i]
		if t.State != target.Active && t.State != target.Scored {
			continue
		}
		switch t.Standing.Light {
		case target.Green:
			fine++
		case target.Red, target.Yellow:
			behind++
			if worst == nil {
				worst = t // the list begins with what needs a look
			}
		default:
		}
	}
	if fine+behind == 0 {
		return nil
	}
	first := sentence{Verdict: better, Claim: v.T("targets.sentence.all", "n", fine), Href: "#list"}
	if behind > 0 {
		first = sentence{Verdict: attention, Claim: v.T("targets.sentence.some", "fine", fine, "all", fine+behind, "behind", behind), Href: "#list"}
	}
	said := []sentence{first}
	if worst != nil {
		said = append(said, sentence{Verdict: attention, Claim: v.T("targets.sentence.worst", "name", v.text(worst.Name)), Evidence: v.finding(worst), Href: "#" + cardID(worst.Key)})
	}
	return said
}

func (v targetView) row(t *stood) targetRow {
	sc, st := v.scale(t.Figure), t.Standing
	r := targetRow{
		Key: t.Key, Href: targetPath(t.Key), Name: v.text(t.Name), Figure: v.figureName(t.Figure),
		Light: targetLights[st.Light], Word: v.word(t), Baseline: sc.number(t.Baseline.Value), Goal: sc.text(t.Goal), Actual: "—", Pace: "—",
		Progress: "—", Scheduled: number(100*st.Scheduled, 0) + "%", Tick: percentOf(st.Scheduled), Done: percentOf(st.Progress),
		Due: t.Due.String(), Owner: t.Owner, State: v.T("targets.state." + string(t.State)),
	}
	if a := st.Actual; a != nil {
		r.Actual, r.ActualOf, r.Progress = sc.text(a.Value), v.actualOf(a), number(100*st.Progress, 0)+"%"
	}
	if st.PaceNeeded != nil {
		r.Pace = v.T("targets.per_quarter", "change", sc.difference(v.Messages, *st.PaceNeeded))
	}
	r.Forecast, r.ForecastWhy = v.forecast(&st.Forecast)
	if n := len(t.CheckIns); n > 0 {
		r.Confidence = v.T("targets.confidence." + string(t.CheckIns[n-1].Confidence))
	}
	return r
}

// actualOf says of which quarter a figure is and on how many it rests.
func (v targetView) actualOf(a *target.Observation) string {
	text := a.Quarter.String() + v.T("list.dot") + v.T("card.n", "n", count(a.N))
	if a.Running {
		text += v.T("list.dot") + v.T("targets.running")
	}
	return text
}

func percentOf(share float64) int { return int(100 * max(0, min(1, share))) }

// word is the light in a word, which says more where the target is over.
func (v targetView) word(t *stood) string {
	switch {
	case t.Score != nil:
		return v.T("targets.outcome." + string(t.Score.Outcome))
	case t.Standing.Reached:
		return v.T("targets.reached")
	case t.Standing.Overdue:
		return v.T("targets.overdue")
	default:
		return v.T("targets.light." + string(t.Standing.Light))
	}
}

// forecast is the probability, or why there is none.
func (v targetView) forecast(f *target.Forecast) (text, why string) {
	if f.Probability == nil {
		return "—", v.T("targets.no_forecast." + string(f.Why))
	}
	switch p := *f.Probability; {
	case p < 0.01:
		return "< 1%", ""
	case p > 0.99:
		return "> 99%", ""
	default:
		return number(100*p, 0) + "%", ""
	}
}

// finding is how a target stands in a sentence.
func (v targetView) finding(t *stood) string {
	sc, st := v.scale(t.Figure), t.Standing
	if st.Actual == nil {
		return v.T("targets.caption.none", "baseline", sc.text(t.Baseline.Value), "goal", sc.text(t.Goal), "due", v.quarter(t.Due))
	}
	text := v.T("targets.caption.actual", "quarter", v.quarter(st.Actual.Quarter), "actual", sc.text(st.Actual.Value),
		"progress", number(100*st.Progress, 0)+"%", "scheduled", number(100*st.Scheduled, 0)+"%")
	switch {
	case st.Reached:
		text += v.T("targets.caption.reached", "goal", sc.text(t.Goal))
	case st.Overdue:
		text += v.T("targets.caption.overdue", "goal", sc.text(t.Goal), "due", v.quarter(t.Due))
	case st.PaceNeeded != nil:
		text += v.T("targets.caption.pace", "needed", sc.difference(v.Messages, *st.PaceNeeded), "pace", sc.difference(v.Messages, *st.Pace))
	}
	if f := &st.Forecast; f.Probability != nil && !st.Reached {
		probability, _ := v.forecast(f)
		text += v.T("targets.caption.forecast", "p", probability, "due", v.quarter(t.Due))
	}
	return text + v.T("caption.end")
}

func cardID(key string) string { return "target-" + key }

// card draws a target: history, baseline, path and what is to be expected.
func (v targetView) card(t *stood) (card, error) {
	sc, st := v.scale(t.Figure), t.Standing
	c := card{
		ID: cardID(t.Key), Title: v.text(t.Name), Subject: v.figureName(t.Figure), Unit: sc.unit, Definition: "/definitions#" + t.Figure.Metric,
		Caption: v.finding(t), Empty: v.T("targets.no_history"), Table: table{Caption: v.text(t.Name)},
		Meta: v.T("targets.meta", "owner", t.Owner, "due", t.Due.String()),
	}
	if f := &st.Forecast; f.Probability != nil {
		c.Meta = v.T("targets.method", "n", f.Points, "from", f.From, "to", f.To) + v.T("list.dot") + c.Meta
	}
	if len(st.History) == 0 {
		return c, nil
	}
	if st.Actual != nil {
		c.N = v.T("card.n", "n", count(st.Actual.N))
	}
	c.Export = v.exports("/api/v1/targets/"+t.Key, "quarters", c.Title)
	d := newTargetDrawing(t, sc)
	c.Legend = []legendEntry{{"line-main", v.T("targets.actual")}, {"line-dashed", v.T("targets.path")}}
	lines := []line{{v.T("targets.actual"), d.actual, strokeMain}}
	if len(st.Forecast.Band) > 0 {
		c.Legend = append(c.Legend, legendEntry{"line-dotted", v.T("targets.expected")}, legendEntry{"band", v.T("targets.band")})
		lines = append([]line{{v.T("targets.expected"), d.expected, strokeBetween}}, lines...)
	}
	floor := 0.0
	if sc.key == "score" {
		floor, _ = scoreRange(append(append([]*float64{}, d.actual...), d.path...)...)
		c.Caption += floorNote(v.Messages, floor)
	}
	drawn := trendChart(c.ID, d.labels, floor, lines...)
	addBand(drawn, d.low, d.high)
	addMarks(drawn, v.marks(v.changes, t.Figure.Process, t.Figure.Department, d.spans(v.s.recordFiscal())))
	addGoals(drawn, goalLine{name: v.T("targets.path"), values: d.path, label: v.T("targets.goal_label", "goal", sc.number(t.Goal))})
	c.Table.Head = []string{v.T("table.quarter"), v.T("targets.actual"), "n", v.T("targets.path"), v.T("targets.band")}
	c.Table.Rows = d.rows(sc)
	var err error
	c.Chart, err = encode(drawn, sc.unit, max(sc.decimals, trendDecimals))
	return c, err
}

// targetDrawing are the courses of a target's chart, by quarter, as they are shown.
type targetDrawing struct {
	quarters                          []quarters.Quarter
	labels                            []string
	actual, path, expected, low, high []*float64
	n                                 []string
}

func newTargetDrawing(t *stood, sc scale) *targetDrawing {
	st := t.Standing
	first, last := st.History[0].Quarter, t.Due
	if end := st.History[len(st.History)-1].Quarter; end.Minus(last) > 0 {
		last = end
	}
	if before := t.Start.Add(-1); before.Minus(first) < 0 {
		first = before
	}
	n := last.Minus(first) + 1
	d := &targetDrawing{actual: make([]*float64, n), path: make([]*float64, n), expected: make([]*float64, n), low: make([]*float64, n), high: make([]*float64, n), n: make([]string, n)}
	for i := range n {
		q := first.Add(i)
		d.quarters, d.labels = append(d.quarters, q), append(d.labels, q.String()[2:])
	}
	shown := func(v float64) *float64 { return new(v * sc.by) }
	for _, o := range st.History {
		i := o.Quarter.Minus(first)
		d.actual[i], d.n[i] = shown(o.Value), count(o.N)
	}
	for _, p := range st.Path {
		d.path[p.Quarter.Minus(first)] = shown(p.Value)
	}
	if len(st.Forecast.Band) > 0 { // what is expected goes on from what is known
		if i := st.Forecast.Band[0].Quarter.Minus(first) - 1; i >= 0 && d.actual[i] != nil {
			d.expected[i], d.low[i], d.high[i] = d.actual[i], d.actual[i], d.actual[i]
		}
	}
	for _, b := range st.Forecast.Band {
		i := b.Quarter.Minus(first)
		d.expected[i], d.low[i], d.high[i] = shown(b.Median), shown(b.Low), shown(b.High)
	}
	return d
}

func (d *targetDrawing) spans(fiscal quarters.Fiscal) []span {
	list := make([]span, len(d.quarters))
	for i, q := range d.quarters {
		list[i] = span{d.labels[i], fiscal.Start(q), fiscal.End(q)}
	}
	return list
}

// rows are the table behind the chart, the newest quarter first.
func (d *targetDrawing) rows(sc scale) (rows [][]tableCell) {
	text := func(v *float64) string {
		if v == nil {
			return "—"
		}
		return number(*v, max(sc.decimals, 1))
	}
	for i, q := range slices.Backward(d.quarters) {
		band := "—"
		if d.low[i] != nil && d.low[i] != d.high[i] {
			band = text(d.low[i]) + " – " + text(d.high[i])
		}
		rows = append(rows, tableCells(q.String(), text(d.actual[i]), d.n[i], text(d.path[i]), band))
	}
	return rows
}

// targetContent is the page of one target.
type targetContent struct {
	Row      targetRow
	Path     string
	Revision uint64
	Active   bool
	Over     bool // it can be scored
	Carry    bool // it can be carried over
	NextDue  string
	Flash    *remark
	Problems []problemShown
	Card     card
	Facts    []fact
	CheckIns []checkInShown
	Acts     []actShown

	Deed, Comment, Reason string // as given to a form that was refused
	Confidences           []option
}

type checkInShown struct{ At, By, Comment, Confidence, Light string }

var confidenceLights = map[target.Confidence]string{target.Sure: lightFine, target.Unsure: lightAttention, target.Doubtful: lightWrong}

// foundTarget is that of the address; ok is false when the request has been answered.
func (s *server) foundTarget(c *gin.Context) (*target.Target, bool) {
	t, err := s.Targets.Find(c.Request.Context(), c.Param("key"))
	if err != nil {
		s.recordError(c, err)
		return nil, false
	}
	return t, true
}

func (s *server) targetPage(c *gin.Context) {
	if t, ok := s.foundTarget(c); ok {
		s.renderTarget(c, http.StatusOK, t, nil)
	}
}

// renderTarget shows a target; fill changes what is shown of its forms.
func (s *server) renderTarget(c *gin.Context, status int, t *target.Target, fill func(*targetContent)) {
	ctx := c.Request.Context()
	v, err := s.targetView(c)
	if err != nil {
		s.recordError(c, err)
		return
	}
	one, err := s.standing(ctx, t)
	if err != nil {
		s.recordError(c, err)
		return
	}
	history, err := s.Targets.History(ctx, t.Key)
	if err != nil {
		s.recordError(c, err)
		return
	}
	content := targetContent{
		Row: v.row(&one), Path: targetPath(t.Key), Revision: t.Revision, Active: t.State == target.Active, Flash: v.done(c.Query("done")), Facts: v.facts(&one),
		NextDue: t.Due.Add(1).String(), Carry: t.State == target.Scored && (t.Score.Outcome == target.Missed || t.Score.Outcome == target.Partly),
	}
	_, over := t.DueIn(one.history, s.Now(), s.recordFiscal())
	content.Over = over && content.Active
	if content.Card, err = v.card(&one); err != nil {
		s.pageError(c, fmt.Errorf("draw target %s: %w", t.Key, err))
		return
	}
	content.Card.Title = v.T("targets.chart")
	for _, in := range t.CheckIns {
		content.CheckIns = append([]checkInShown{{v.stamp(in.At), in.By, in.Comment, v.T("targets.confidence." + string(in.Confidence)), confidenceLights[in.Confidence]}}, content.CheckIns...)
	}
	var acts []record.Act
	for _, h := range history {
		acts = append(acts, h.Change)
	}
	content.Acts = v.acts("targets", acts)
	for _, k := range target.Confidences() {
		content.Confidences = append(content.Confidences, option{string(k), v.T("targets.confidence." + string(k)), k == target.Sure})
	}
	if fill != nil {
		fill(&content)
	}
	s.render(c, status, "target", s.recordFrame(c, "targets", content.Row.Name, content.Path, content))
}

func (v targetView) facts(t *stood) []fact {
	sc := v.scale(t.Figure)
	baseline := sc.text(t.Baseline.Value)
	if t.Baseline.From != "" {
		baseline += v.T("targets.measured", "from", t.Baseline.From, "to", t.Baseline.To, "n", count(t.Baseline.N))
	} else {
		baseline += v.T("targets.typed", "reason", t.Baseline.Reason)
	}
	list := []fact{
		{v.T("targets.figure"), v.figureName(t.Figure)},
		{v.T("targets.direction"), v.T("targets.direction_is." + string(t.Direction))},
		{v.T("targets.baseline"), baseline},
		{v.T("targets.goal"), sc.text(t.Goal)},
	}
	if t.Stretch != nil {
		list = append(list, fact{v.T("targets.stretch"), sc.text(*t.Stretch)})
	}
	list = append(list, fact{v.T("targets.span"), t.Start.String() + " – " + t.Due.String()}, fact{v.T("targets.owner"), t.Owner},
		fact{v.T("targets.state_is"), v.T("targets.state." + string(t.State))})
	if t.Score != nil {
		list = append(list, fact{v.T("targets.score"), v.T("targets.score_is", "score", number(t.Score.Score, 2), "value", sc.text(t.Score.Value), "n", count(t.Score.N))})
	}
	for name, key := range map[string]string{"targets.carried_from": t.CarriedFrom, "targets.carried_to": t.CarriedTo} {
		if key != "" {
			list = append(list, fact{v.T(name), key})
		}
	}
	return list
}

// targetDeed does something with a target as it was seen.
func (s *server) targetDeed(do func(c *gin.Context, t *target.Target, form map[string][]string) (string, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		form, ok := s.surveyForm(c)
		if !ok {
			return
		}
		t, ok := s.foundTarget(c)
		if !ok {
			return
		}
		to, err := "", record.ErrOvertaken
		if form.Get("revision") == strconv.FormatUint(t.Revision, 10) {
			to, err = do(c, t, form)
		}
		switch {
		case err == nil:
			c.Redirect(http.StatusSeeOther, to)
		case len(record.Refusals(err)) > 0:
			s.renderTarget(c, http.StatusUnprocessableEntity, t, func(content *targetContent) {
				content.Problems = s.recordView(language(c)).problems(err)
				content.Deed, content.Comment, content.Reason = form.Get("deed"), form.Get("comment"), form.Get("reason")
				for i := range content.Confidences {
					content.Confidences[i].Chosen = content.Confidences[i].Key == form.Get("confidence")
				}
			})
		default:
			s.recordError(c, err)
		}
	}
}

func firstOf(form map[string][]string, name string) string {
	if list := form[name]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// saved keeps a revision and says where to go then.
func (s *server) saved(c *gin.Context, t *target.Target, err error, done string) (string, error) {
	if err == nil {
		err = s.Targets.Save(c.Request.Context(), t)
	}
	if err != nil {
		return "", err
	}
	return targetPath(t.Key) + "?done=" + done, nil
}

func (s *server) checkIn(c *gin.Context, t *target.Target, form map[string][]string) (string, error) {
	next, err := t.CheckedIn(firstOf(form, "comment"), target.Confidence(firstOf(form, "confidence")), s.actor(""))
	return s.saved(c, next, err, target.CheckedI)
}

func (s *server) scoreTarget(c *gin.Context, t *target.Target, _ map[string][]string) (string, error) {
	next, err := s.scored(c, t, s.actor(""))
	return s.saved(c, next, err, target.ScoreIt)
}

// scored freezes the figure of the due quarter as it is now.
func (s *server) scored(c *gin.Context, t *target.Target, by record.By) (*target.Target, error) {
	one, err := s.standing(c.Request.Context(), t)
	if err != nil {
		return nil, err
	}
	due, over := t.DueIn(one.history, s.Now(), s.recordFiscal())
	return t.ScoredBy(due, over, by)
}

func (s *server) withdrawTarget(c *gin.Context, t *target.Target, form map[string][]string) (string, error) {
	next, err := t.WithdrawnBy(s.actor(firstOf(form, "reason")))
	return s.saved(c, next, err, target.Withdraw)
}

func (s *server) carryTarget(c *gin.Context, t *target.Target, form map[string][]string) (string, error) {
	due, _ := quarters.Parse(firstOf(form, "due"))
	return s.carried(c, t, due, s.actor(firstOf(form, "reason")))
}

// carried keeps the new target first: should the second step fail, the old one can
// be carried over again, and the key says that it was done.
func (s *server) carried(c *gin.Context, t *target.Target, due quarters.Quarter, by record.By) (string, error) {
	old, next, err := t.CarriedOver(carriedKey(t.Key, due), due, by)
	if err == nil {
		err = s.Targets.Save(c.Request.Context(), next)
	}
	if err == nil {
		err = s.Targets.Save(c.Request.Context(), old)
	}
	if err != nil {
		return "", err
	}
	return targetPath(next.Key) + "?done=" + target.CarryOn, nil
}

// carriedKey names the target that goes on with another.
func carriedKey(key string, due quarters.Quarter) string {
	const suffix = len("-2026q4")
	return fmt.Sprintf("%s-%04dq%d", key[:min(len(key), 63-suffix)], due.Year, due.Number)
}

// targetFormContent is the form of a target.
type targetFormContent struct {
	New                   bool
	Heading, Action, Back string
	Revision              uint64
	Problems              []problemShown
	Key                   string
	NameZH, NameEN        string
	Fields                figureFields
	Lower                 bool
	Measured              bool // the baseline is taken from a period
	From, Through         string
	Baseline, BaseReason  string
	Goal, Stretch         string
	Start, Due            string
	Owner, Reason         string
	Unit                  string
}

func (s *server) newTargetPage(c *gin.Context) {
	f := figure.Figure{Metric: "lead_time", Value: "mean", Clock: "working", Process: s.Handbook.Headline}
	query := c.Request.URL.Query()
	if query.Has("metric") { // another page names the figure
		f = figureOf(query)
	}
	now := s.recordFiscal().Of(s.Now())
	start := s.recordFiscal().Start(now)
	draft := &target.Target{
		Figure: f, Direction: target.Lower, Start: now, Due: now.Add(2),
		Baseline: target.Baseline{From: start.AddDate(0, -6, 0).Format("2006-01-02"), To: start.Format("2006-01-02")},
	}
	if !figure.LowerIsBetter(f.Metric) {
		draft.Direction = target.Higher
	}
	content := s.targetForm(c, draft)
	content.Baseline, content.Goal = "", ""
	s.asNew(c, &content)
	s.renderTargetForm(c, http.StatusOK, content)
}

func (s *server) asNew(c *gin.Context, content *targetFormContent) {
	content.New, content.Heading, content.Action, content.Back = true, s.recordView(language(c)).T("targets.form.new"), "/targets", "/targets"
}

func (s *server) editTargetPage(c *gin.Context) {
	if t, ok := s.foundTarget(c); ok {
		s.renderTargetForm(c, http.StatusOK, s.editTargetForm(c, t, t))
	}
}

// editTargetForm is the form that changes a target, with a draft shown.
func (s *server) editTargetForm(c *gin.Context, t, shown *target.Target) targetFormContent {
	content := s.targetForm(c, shown)
	v := s.recordView(language(c))
	content.Heading, content.Revision = v.T("targets.form.edit", "name", v.text(t.Name)), t.Revision
	content.Key, content.Action, content.Back = t.Key, targetPath(t.Key)+"/edit", targetPath(t.Key)
	return content
}

func (s *server) renderTargetForm(c *gin.Context, status int, content targetFormContent) {
	s.render(c, status, "target_form", s.recordFrame(c, "targets", content.Heading, content.Back, content))
}

func (s *server) targetForm(c *gin.Context, t *target.Target) targetFormContent {
	v := s.recordView(language(c))
	sc := v.scale(t.Figure)
	content := targetFormContent{
		Key: t.Key, NameZH: t.Name.ZH, NameEN: t.Name.EN, Fields: v.figureFields(t.Figure), Lower: t.Direction != target.Higher,
		Measured: t.Baseline.From != "", From: t.Baseline.From, Baseline: sc.exact(t.Baseline.Value), BaseReason: t.Baseline.Reason,
		Goal: sc.exact(t.Goal), Start: t.Start.String(), Due: t.Due.String(), Owner: t.Owner, Unit: sc.unit,
	}
	if to, fault := day(t.Baseline.To, s.zone); !fault {
		content.Through = to.AddDate(0, 0, -1).Format("2006-01-02")
	}
	if t.Stretch != nil {
		content.Stretch = sc.exact(*t.Stretch)
	}
	return content
}

// draftTarget reads the form. The refusals are about what cannot be read; the
// target's own checks name the rest.
func (s *server) draftTarget(c *gin.Context, form map[string][]string) (*target.Target, error) {
	var check record.Check
	get := func(name string) string { return firstOf(form, name) }
	f := figureOf(form)
	sc := s.recordView(language(c)).scale(f)
	value := func(name string) float64 {
		v, ok := typed(get(name))
		check.That(ok, record.Unreadable, name, "%s is no number", name)
		return v / sc.by
	}
	t := &target.Target{Stamp: record.Stamp{Key: get("key")}, Figure: f, Direction: target.Direction(get("direction")), Owner: get("owner")}
	t.Name.ZH, t.Name.EN = get("name_zh"), get("name_en")
	t.Goal = value("goal")
	if get("stretch") != "" {
		t.Stretch = new(value("stretch"))
	}
	t.Start, _ = quarters.Parse(get("start"))
	t.Due, _ = quarters.Parse(get("due"))
	if t.Key == "" {
		t.Key = newKey("target", t.Name.EN, s.Now())
	}
	if get("baseline_by") == "typed" {
		t.Baseline = target.Baseline{Value: value("baseline"), Reason: get("baseline_reason")}
		return t, check.Err()
	}
	t.Baseline.From = get("from")
	if through, fault := day(get("through"), s.zone); !fault {
		t.Baseline.To = through.AddDate(0, 0, 1).Format("2006-01-02")
	}
	if err := check.Err(); err != nil {
		return t, err
	}
	return t, s.measured(c.Request.Context(), f, &t.Baseline)
}

func (s *server) createTarget(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	draft, err := s.draftTarget(c, form)
	to := ""
	if err == nil {
		var t *target.Target
		t, err = target.New(draft, s.actor(form.Get("reason")))
		to, err = s.saved(c, t, err, target.Create)
	}
	s.afterForm(c, form, to, err, func() targetFormContent {
		content := s.targetForm(c, draft)
		s.asNew(c, &content)
		return content
	})
}

func (s *server) editTarget(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	t, ok := s.foundTarget(c)
	if !ok {
		return
	}
	if form.Get("revision") != strconv.FormatUint(t.Revision, 10) {
		s.recordError(c, record.ErrOvertaken)
		return
	}
	draft, err := s.draftTarget(c, form)
	to := ""
	if err == nil {
		var next *target.Target
		next, err = t.Edited(draft, s.actor(form.Get("reason")))
		to, err = s.saved(c, next, err, target.Edit)
	}
	s.afterForm(c, form, to, err, func() targetFormContent { return s.editTargetForm(c, t, draft) })
}

// afterForm goes on, or shows the form as it was filled in with all that is wrong.
func (s *server) afterForm(c *gin.Context, form map[string][]string, to string, err error, again func() targetFormContent) {
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, to)
	case len(record.Refusals(err)) > 0:
		content := again()
		get := func(name string) string { return firstOf(form, name) }
		content.Problems = s.recordView(language(c)).problems(err)
		content.Measured = get("baseline_by") != "typed"
		content.Key = get("key")
		content.From, content.Through, content.Baseline, content.BaseReason = get("from"), get("through"), get("baseline"), get("baseline_reason")
		content.Goal, content.Stretch, content.Start, content.Due, content.Reason = get("goal"), get("stretch"), get("start"), get("due"), get("reason")
		s.renderTargetForm(c, http.StatusUnprocessableEntity, content)
	default:
		s.recordError(c, err)
	}
}
