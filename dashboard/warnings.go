package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/warning"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/dashboard/openapi"
)

// Warnings is what the dashboard needs of early warning.
type Warnings interface {
	List(ctx context.Context, limit int) ([]warning.Warning, error) // those that stand first, then the newest
	Open(ctx context.Context) ([]warning.Warning, error)            // those that stand, the newest first
	Scores(ctx context.Context) (*warning.ScoreCard, error)         // nil: the rules were never gone through
	// Past goes through a stretch of the past with the rules of now.
	Past(ctx context.Context, from, to time.Time) (*warning.ScoreCard, []warning.Past, error)
}

// mostWarnings a list has.
const mostWarnings = 1000

// longestReplay is how much of the past one request may go through.
const longestReplay = 3 * 366 * 24 * time.Hour

const tagWarnings = "warnings"

func (s *server) warningRoutes(pages, api *gin.RouterGroup) {
	if s.Warnings == nil {
		return
	}
	pages.GET("/warnings", s.warningsPage)
	api.GET("/warnings", s.listWarnings)
	api.GET("/warnings/rules", s.listWarningRules)
	api.GET("/warnings/replay", s.replayWarnings)
}

// warningWords say what a warning means to people, in one language.
type warningWords struct {
	i18n.Messages

	names names
	zone  *time.Location
}

// WarningText says a warning in one language: in a line, and in a few more.
func WarningText(hb *handbook.Handbook, language string, w *warning.Warning) (title string, lines []string, err error) {
	built, err := loadSite()
	if err != nil {
		return "", nil, err
	}
	zone, err := hb.Location()
	if err != nil {
		return "", nil, err
	}
	l, ok := i18n.Parse(language)
	if !ok {
		return "", nil, fmt.Errorf("there are no words in %q", language)
	}
	v := warningWords{built.messages.In(l), names{hb, string(l)}, zone}
	return v.T("warnings.notice.title", "rule", v.rule(w.Rule), "subject", v.subject(w.Rule, w.Subject)),
		[]string{v.says(w), v.T("warnings.notice.since", "time", v.stamp(w.Raised)), v.T("warnings.rules." + w.Rule + ".do")}, nil
}

func (v warningWords) rule(key string) string { return v.T("warnings.rules." + key + ".name") }

func (v warningWords) stamp(t time.Time) string { return t.In(v.zone).Format("2006-01-02 15:04") }

// subject names what a warning is about.
func (v warningWords) subject(rule, subject string) string {
	process, stage := warning.Process(rule, subject)
	switch {
	case process == "":
		return subject
	case stage == "":
		return v.names.process(process)
	default:
		return v.names.process(process) + v.T("list.dot") + v.names.stage(process, stage)
	}
}

// says is the reading that raised a warning. It never names a person.
func (v warningWords) says(w *warning.Warning) string {
	return v.T("warnings.rules."+w.Rule+".says", "value", v.value(w.Rule, w.Value), "threshold", v.value(w.Rule, w.Threshold), "n", count(w.N))
}

func (v warningWords) value(rule string, value float64) string {
	if rule == handbook.OnePerson || rule == handbook.ResponseLow {
		return number(value, 0) + "%"
	}
	if rule == handbook.P90Rising {
		return number(value, 2)
	}
	return number(value, 1)
}

// warningHref is where the reason of a warning can be looked into.
func warningHref(rule, subject string) string {
	process, _ := warning.Process(rule, subject)
	about := url.Values{"process": {process}}
	switch rule {
	case handbook.NearDue, handbook.P90Rising, handbook.ControlSignal:
		return hrefOf("/approvals", about)
	case handbook.OnePerson:
		return "/director/team"
	case handbook.ErrorCluster:
		return hrefOf("/errors", about)
	case handbook.ResponseLow:
		return wavePath(subject)
	default:
		return "/operations"
	}
}

// warningsContent is the page of warnings.
type warningsContent struct {
	Eyebrow, Heading, Against string
	Sentences                 []remark
	Standing                  []warningRow
	Rules                     []ruleRow
	Cleared                   []warningRow
	RuleChips                 []chip
	Chosen                    string
	Scored                    string
	Quiet                     string
	Heads                     [2][]string
	Files                     [2]exportMenu
}

// warningRow is a warning in a list.
type warningRow struct {
	Rule, Subject, Says, Href, Raised, Cleared, Do string
}

// ruleRow is a rule with how it is set and how often it was right.
type ruleRow struct {
	Name, Help, Hit, Off string
	Cells                []labelled
}

func (s *server) warningsPage(c *gin.Context) {
	p := queryParser{values: c.Request.URL.Query()}
	chosen := p.word("rule", handbook.WarningKeys(), "")
	if len(p.faults) > 0 {
		s.errorPage(c, http.StatusBadRequest)
		return
	}
	ctx := c.Request.Context()
	list, err := s.Warnings.List(ctx, mostWarnings)
	if err != nil {
		s.pageError(c, fmt.Errorf("list the warnings: %w", err))
		return
	}
	card, err := s.Warnings.Scores(ctx)
	if err != nil {
		s.pageError(c, fmt.Errorf("ask how often the rules were right: %w", err))
		return
	}
	v := warningWords{s.messages.In(language(c)), names{s.Handbook, string(language(c))}, s.zone}
	content := v.warnings(list, card, chosen, s.Handbook)
	values := url.Values{"lang": {string(v.Language)}}
	for i, path := range []string{"/api/v1/warnings", "/api/v1/warnings/rules"} {
		in := func(f format) string {
			values.Set("format", string(f))
			return hrefOf(path, values)
		}
		content.Files[i] = exportMenu{CSV: in(formatCSV), XLSX: in(formatXLSX)}
	}
	s.render(c, http.StatusOK, "warnings", s.page(c, "warnings", v.T("warnings.nav"), s.asOf(c), content))
}

func (v warningWords) warnings(list []warning.Warning, card *warning.ScoreCard, chosen string, hb *handbook.Handbook) warningsContent {
	content := warningsContent{
		Eyebrow: v.T("warnings.eyebrow"), Heading: v.T("warnings.nav"), Chosen: chosen,
		Quiet: v.T("warnings.quiet." + map[bool]string{true: "never", false: "closed"}[hb.Warnings.Quiet == handbook.QuietNever]),
	}
	content.Heads = [2][]string{
		{v.T("warnings.column.warning"), v.T("warnings.column.reading"), v.T("warnings.column.raised"), v.T("warnings.column.cleared")},
		{v.T("warnings.column.rule"), v.T("warnings.column.raise"), v.T("warnings.column.clear"), v.T("warnings.column.min_n"), v.T("warnings.column.times"), v.T("warnings.column.hits"), v.T("warnings.column.wrong"), v.T("warnings.column.rate"), v.T("warnings.column.lead")},
	}
	n := map[string]uint64{}
	for i := range list {
		w := &list[i]
		n[""]++
		n[w.Rule]++
		if chosen != "" && w.Rule != chosen {
			continue
		}
		row := warningRow{
			Rule: v.rule(w.Rule), Subject: v.subject(w.Rule, w.Subject), Says: v.says(w), Href: warningHref(w.Rule, w.Subject), Raised: v.stamp(w.Raised), Do: v.T("warnings.rules." + w.Rule + ".do"),
		}
		if w.Cleared.IsZero() {
			content.Standing = append(content.Standing, row)
			continue
		}
		row.Cleared = v.stamp(w.Cleared)
		content.Cleared = append(content.Cleared, row)
	}
	content.RuleChips = append(content.RuleChips, chip{Name: v.T("warnings.all"), N: count(n[""]), Href: v.href(""), Chosen: chosen == ""})
	for _, key := range handbook.WarningKeys() {
		if n[key] > 0 || key == chosen {
			content.RuleChips = append(content.RuleChips, chip{Name: v.rule(key), N: count(n[key]), Href: v.href(key), Chosen: key == chosen})
		}
	}
	content.Rules, content.Scored = v.rules(card, hb), v.T("warnings.never_scored")
	if card != nil {
		content.Scored = v.T("warnings.scored", "from", card.From.In(v.zone).Format(time.DateOnly), "to", card.To.In(v.zone).Format(time.DateOnly), "time", v.stamp(card.Made))
	}
	content.Sentences = v.conclusions(list, card)
	return content
}

func (v warningWords) href(rule string) string {
	values := url.Values{}
	if rule != "" {
		values.Set("rule", rule)
	}
	return hrefOf("/warnings", values)
}

// conclusions say what stands and how far rules can be trusted.
func (v warningWords) conclusions(list []warning.Warning, card *warning.ScoreCard) []remark {
	stand := 0
	var newest *warning.Warning
	for i := range list {
		if list[i].Cleared.IsZero() {
			if stand++; newest == nil {
				newest = &list[i]
			}
		}
	}
	first := remark{Light: lightFine, Claim: v.T("warnings.none"), Evidence: v.T("warnings.none_means")}
	if newest != nil {
		first = remark{
			Light: lightAttention, Claim: v.T("warnings.standing", "n", stand),
			Evidence: v.T("warnings.newest", "rule", v.rule(newest.Rule), "subject", v.subject(newest.Rule, newest.Subject), "says", v.says(newest)), Href: "#standing", Link: v.T("warnings.see"),
		}
	}
	if card == nil {
		return []remark{first}
	}
	var hits, wrong uint64
	for i := range card.Scores {
		hits, wrong = hits+card.Scores[i].Hits, wrong+card.Scores[i].False
	}
	trust := remark{Light: "unknown", Claim: v.T("warnings.trust_none"), Evidence: v.T("warnings.trust_evidence")}
	if hits+wrong > 0 {
		trust.Claim = v.T("warnings.trust", "hits", count(hits), "n", count(hits+wrong), "false", count(wrong))
	}
	trust.Href, trust.Link = "#rules", v.T("warnings.see")
	return []remark{first, trust}
}

func (v warningWords) rules(card *warning.ScoreCard, hb *handbook.Handbook) []ruleRow {
	var rows []ruleRow
	scores := map[string]warning.Score{}
	if card != nil {
		for _, s := range card.Scores {
			scores[s.Rule] = s
		}
	}
	heads := func(keys ...string) []string {
		list := make([]string, len(keys))
		for i, key := range keys {
			list[i] = v.T("warnings.column." + key)
		}
		return list
	}("raise", "clear", "min_n", "times", "hits", "wrong", "rate", "lead")
	for _, key := range handbook.WarningKeys() {
		setting, s := hb.Warnings.Setting(key), scores[key]
		row := ruleRow{Name: v.rule(key), Help: v.T("warnings.rules." + key + ".help"), Hit: v.T("warnings.rules." + key + ".hit")}
		if setting.Off {
			row.Off = v.T("warnings.off")
		}
		cells := []string{v.value(key, setting.Raise), v.value(key, setting.Clear), count(uint64(max(0, setting.MinN)))}
		if card == nil || key == handbook.ResponseLow { // nobody kept how many had answered on which day
			cells = append(cells, "—", "—", "—", "—", "—")
		} else {
			cells = append(cells, count(s.Raised), count(s.Hits), count(s.False), v.rate(&s), v.lead(&s))
		}
		for i, cell := range cells {
			row.Cells = append(row.Cells, labelled{heads[i], cell})
		}
		rows = append(rows, row)
	}
	return rows
}

func (v warningWords) rate(s *warning.Score) string {
	if s.Rate == nil {
		return "—"
	}
	return v.T("warnings.rate", "rate", number(100**s.Rate, 0), "low", number(100**s.Low, 0), "high", number(100**s.High, 0))
}

func (v warningWords) lead(s *warning.Score) string {
	if s.Lead == nil {
		return "—"
	}
	return v.T("warnings.lead", "days", number(*s.Lead/elapsedDay, 1))
}

// overviewNotice tells on the Overview of the warnings that stand; nil when none
// does, or when they cannot be read.
func (s *server) overviewNotice(c *gin.Context) *remark {
	if s.Warnings == nil {
		return nil
	}
	standing, err := s.Warnings.Open(c.Request.Context())
	if err != nil {
		s.Logger.WarnContext(c.Request.Context(), "no warnings on the overview", "error", err)
		return nil
	}
	if len(standing) == 0 {
		return nil
	}
	v := warningWords{s.messages.In(language(c)), names{s.Handbook, string(language(c))}, s.zone}
	var named []string
	for i := range min(len(standing), mostSentences) {
		named = append(named, v.T("warnings.notice.title", "rule", v.rule(standing[i].Rule), "subject", v.subject(standing[i].Rule, standing[i].Subject)))
	}
	evidence := strings.Join(named, v.T("list.sentence"))
	if more := len(standing) - len(named); more > 0 {
		evidence = v.T("warnings.and_more", "named", evidence, "n", more)
	}
	return &remark{Light: lightAttention, Claim: v.T("warnings.standing", "n", len(standing)), Evidence: evidence, Href: "/warnings", Link: v.T("warnings.open")}
}

// warningList is the answer of GET /api/v1/warnings.
type warningList struct {
	Metric   string          `json:"metric"`
	Warnings []warningListed `json:"warnings"`
}

type warningListed struct {
	Rule      string     `json:"rule"`
	Subject   string     `json:"subject"` // process, process/stage, source or wave
	Number    uint32     `json:"number"`  // of those about this subject, from 1
	State     string     `json:"state"`
	Raised    time.Time  `json:"raised"`
	Noted     time.Time  `json:"noted"`
	Cleared   *time.Time `json:"cleared,omitempty"`
	Value     float64    `json:"value"` // that raised it, in the rule's unit
	Threshold float64    `json:"threshold"`
	N         uint64     `json:"n"`
	Text      string     `json:"text"` // in the language asked for
}

// The states of a warning.
const (
	warningStands  = "standing"
	warningCleared = "cleared"
)

var warningStates = []string{warningStands, warningCleared}

func (s *server) listWarnings(c *gin.Context) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown("rule", "state", "limit")
	rule, state, limit := p.word("rule", handbook.WarningKeys(), ""), p.word("state", warningStates, ""), p.number("limit", mostWarnings)
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return
	}
	list, err := s.Warnings.List(c.Request.Context(), mostWarnings)
	if err != nil {
		s.apiError(c, fmt.Errorf("list the warnings: %w", err))
		return
	}
	words := s.messages.In(i18n.Accepted(c.GetHeader("Accept-Language")))
	if w, ok := wished(c); ok {
		words = s.messages.In(w.language)
	}
	v := warningWords{words, names{s.Handbook, string(words.Language)}, s.zone}
	answer := warningList{Metric: "warnings", Warnings: []warningListed{}}
	for i := range list {
		w := &list[i]
		one := warningListed{
			Rule: w.Rule, Subject: w.Subject, Number: w.Number, State: warningStands, Raised: w.Raised.In(s.zone), Noted: w.Noted.In(s.zone),
			Value: w.Value, Threshold: w.Threshold, N: w.N, Text: v.says(w),
		}
		if !w.Cleared.IsZero() {
			cleared := w.Cleared.In(s.zone)
			one.State, one.Cleared = warningCleared, &cleared
		}
		if (rule == "" || rule == w.Rule) && (state == "" || state == one.State) && (limit == 0 || len(answer.Warnings) < limit) {
			answer.Warnings = append(answer.Warnings, one)
		}
	}
	s.sendJSON(c, answer)
}

// ruleList is the answer of GET /api/v1/warnings/rules and of a replay.
type ruleList struct {
	Metric string        `json:"metric"`
	From   *time.Time    `json:"from,omitempty"` // the stretch that was gone through
	To     *time.Time    `json:"to,omitempty"`
	MadeAt *time.Time    `json:"made_at,omitempty"`
	Rules  []ruleScored  `json:"rules"`
	Past   []warningPast `json:"past,omitempty"` // of a replay: every warning
}

type ruleScored struct {
	Rule        string   `json:"rule"`
	Raise       float64  `json:"raise"`
	Clear       float64  `json:"clear"`
	MinN        int      `json:"min_n"`
	Off         bool     `json:"off"`
	Raised      *uint64  `json:"raised,omitempty"` // absent where the rule was not gone through
	Hits        *uint64  `json:"hits,omitempty"`
	FalseAlarms *uint64  `json:"false_alarms,omitempty"`
	Pending     *uint64  `json:"pending,omitempty"`
	HitRate     *float64 `json:"hit_rate,omitempty"` // hits of those that are not pending
	Low         *float64 `json:"low,omitempty"`
	High        *float64 `json:"high,omitempty"`
	Lead        *float64 `json:"lead_seconds,omitempty"` // median of the hits
	Means       string   `json:"means"`                  // what the rule reads
	HitMeans    string   `json:"hit_means"`              // and when it was right
}

type warningPast struct {
	Rule    string          `json:"rule"`
	Subject string          `json:"subject"`
	Raised  time.Time       `json:"raised"`
	Cleared *time.Time      `json:"cleared,omitempty"`
	Value   float64         `json:"value"`
	N       uint64          `json:"n"`
	Outcome warning.Outcome `json:"outcome"`
	Lead    *float64        `json:"lead_seconds,omitempty"`
}

func (s *server) ruleList(c *gin.Context, card *warning.ScoreCard) ruleList {
	words := s.messages.In(i18n.Accepted(c.GetHeader("Accept-Language")))
	if w, ok := wished(c); ok {
		words = s.messages.In(w.language)
	}
	list := ruleList{Metric: "warning_rules", Rules: []ruleScored{}}
	if card != nil {
		from, to, made := card.From.In(s.zone), card.To.In(s.zone), card.Made.In(s.zone)
		list.From, list.To = &from, &to
		if !card.Made.IsZero() {
			list.MadeAt = &made
		}
	}
	for _, key := range handbook.WarningKeys() {
		setting := s.Handbook.Warnings.Setting(key)
		r := ruleScored{
			Rule: key, Raise: setting.Raise, Clear: setting.Clear, MinN: setting.MinN, Off: setting.Off,
			Means: words.T("warnings.rules." + key + ".help"), HitMeans: words.T("warnings.rules." + key + ".hit"),
		}
		if card != nil && key != handbook.ResponseLow {
			if i := slices.IndexFunc(card.Scores, func(v warning.Score) bool { return v.Rule == key }); i >= 0 {
				v := &card.Scores[i]
				r.Raised, r.Hits, r.FalseAlarms, r.Pending, r.HitRate, r.Low, r.High, r.Lead = &v.Raised, &v.Hits, &v.False, &v.Pending, v.Rate, v.Low, v.High, v.Lead
			}
		}
		list.Rules = append(list.Rules, r)
	}
	return list
}

func (s *server) listWarningRules(c *gin.Context) {
	if faults := onlyParameters(c.Request.URL.Query()); len(faults) > 0 {
		newProblem(http.StatusBadRequest, "the list of rules takes no parameters", faults...).send(c)
		return
	}
	card, err := s.Warnings.Scores(c.Request.Context())
	if err != nil {
		s.apiError(c, fmt.Errorf("ask how often the rules were right: %w", err))
		return
	}
	s.sendJSON(c, s.ruleList(c, card))
}

func (s *server) replayWarnings(c *gin.Context) {
	q, ok := s.registerQuestion(c, []string{"from", "to", "timezone"}, nothingElse)
	if !ok {
		return
	}
	if q.To.Sub(q.From) > longestReplay {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", fault{Parameter: "from", Detail: "a replay goes through three years at most; ask for a shorter stretch"}).send(c)
		return
	}
	card, past, err := s.Warnings.Past(c.Request.Context(), q.From, q.To)
	if err != nil {
		s.apiError(c, fmt.Errorf("go through the past: %w", err))
		return
	}
	list := s.ruleList(c, card)
	for i := range past {
		w := &past[i]
		one := warningPast{Rule: w.Rule, Subject: w.Subject, Raised: w.Raised.In(s.zone), Value: w.Value, N: w.N, Outcome: w.Outcome}
		if !w.Cleared.IsZero() {
			cleared := w.Cleared.In(s.zone)
			one.Cleared = &cleared
		}
		if w.Outcome == warning.Hit {
			lead := w.Lead.Seconds()
			one.Lead = &lead
		}
		list.Past = append(list.Past, one)
	}
	s.sendJSON(c, list)
}

func warningOperations() []openapi.Operation {
	get := func(path, id, summary, description string, answer any, own ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/warnings" + path, ID: id, Tag: tagWarnings, Open: true, Summary: summary, Description: description,
			Parameters: append(own, exportParameters()...), Answers: fileAnswer("The answer.", answer), Problem: problem{},
		}
	}
	return []openapi.Operation{
		get("", "listWarnings", "Warnings, those that stand first", "", warningList{},
			openapi.Parameter{Name: "rule", Description: "Only of this rule.", Enum: handbook.WarningKeys()}, openapi.Parameter{Name: "state", Description: "Only these.", Enum: warningStates},
			openapi.Parameter{Name: "limit", Description: "How many at most.", Type: "integer"}),
		get("/rules", "listWarningRules", "The rules, how they are set, and how often they were right in the year before", "Gone through once a day.", ruleList{}),
		get("/replay", "replayWarnings", "What the rules of now would have said in the past, and whether they would have been right", "Three years at most.", ruleList{}, documented("from", "to", "timezone")...),
	}
}
