package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/wave"
)

// satisfactionPages are the page about surveys and what the director does on it.
func (s *server) satisfactionPages(pages *gin.RouterGroup) {
	pages.GET("/satisfaction", s.satisfactionPage)
	if s.Satisfaction != nil {
		pages.Group("/satisfaction", s.sameOrigin).POST("/:wave/comments/:question/:comment", s.tagComment)
	}
}

// satisfactionContent is the page's content.
type satisfactionContent struct {
	overview
	Comments *commentsShown
	Missing  string  // why there is nothing to show, and what to do
	Waiting  *remark // likewise for the latest wave, where an earlier one is shown
}

// satisfactionAsked is what the page's URL says.
type satisfactionAsked struct {
	wave, before, question, department, text, tag string
	page                                          int // of comments, from 0
	language                                      i18n.Language
}

func (s *server) satisfactionAsked(values url.Values) (a satisfactionAsked, ok bool) {
	p := queryParser{values: values}
	a = satisfactionAsked{
		wave: p.single("wave"), before: p.single("before"), question: p.single("question"),
		department: p.single("department"), text: p.single("text"), tag: p.single("tag"), page: p.whole("page", maxCommentPage),
	}
	if l, known := i18n.Parse(values.Get("lang")); known {
		a.language = l
	}
	return a, len(p.faults) == 0
}

// maxCommentPage bounds how far comments can be turned over.
const maxCommentPage = 10_000

// href is the page with these choices.
func (a satisfactionAsked) href() string {
	values := url.Values{}
	for name, value := range map[string]string{
		"wave": a.wave, "before": a.before, "question": a.question, "department": a.department, "text": a.text, "tag": a.tag, "lang": string(a.language),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if a.page > 0 {
		values.Set("page", strconv.Itoa(a.page))
	}
	return hrefOf("/satisfaction", values)
}

// satisfactionReport writes the page.
type satisfactionReport struct {
	*server
	words i18n.Messages
	asked satisfactionAsked
	waves []*wave.Wave
	now   *results.Report
	since *results.WaveComparison // nil without a wave to compare with
	was   *results.Report         // likewise
	trend *results.Trend
	stood *quadrant
	asOf  time.Time

	waiting error // why the latest wave is not shown
	decided decided
}

func (r *satisfactionReport) T(key string, pairs ...any) string { return r.words.T(key, pairs...) }

func (s *server) satisfactionPage(c *gin.Context) {
	asked, ok := s.satisfactionAsked(c.Request.URL.Query())
	if !ok {
		s.errorPage(c, http.StatusBadRequest)
		return
	}
	r := &satisfactionReport{server: s, words: s.messages.In(language(c)), asked: asked, asOf: s.asOf(c)}
	if s.Satisfaction != nil {
		r.waves = s.Satisfaction.Answered()
	}
	if len(r.waves) == 0 {
		r.absent(c, r.T("page.satisfaction.none"))
		return
	}
	err := r.gather(c.Request.Context())
	switch {
	case errors.Is(err, results.ErrNotReady):
		r.absent(c, r.notReady(err))
		return
	case errors.Is(err, results.ErrUnknown):
		s.errorPage(c, http.StatusNotFound, r.T("page.satisfaction.unknown"))
		return
	case err != nil:
		s.pageError(c, fmt.Errorf("ask what came of a survey: %w", err))
		return
	}
	content := satisfactionContent{overview: overview{
		Eyebrow: r.T("page.satisfaction.eyebrow"), Heading: r.now.Title.In(string(r.words.Language)), Against: r.against(), Form: r.form(),
	}}
	if content.Cards, err = r.cards(); err != nil {
		s.pageError(c, fmt.Errorf("draw what came of a survey: %w", err))
		return
	}
	if content.Comments, err = r.comments(c.Request.Context()); err != nil {
		s.pageError(c, fmt.Errorf("list comments: %w", err))
		return
	}
	if r.waiting != nil {
		content.Waiting = &remark{Light: lightAttention, Claim: r.notReady(r.waiting), Evidence: r.T("page.satisfaction.earlier", "wave", r.now.Wave)}
	}
	content.Sentences, content.Tiles = r.sentences(), r.tiles(content.Comments)
	s.render(c, http.StatusOK, "satisfaction", s.page(c, "satisfaction", r.T("nav.satisfaction")+" · "+content.Heading, r.asOf, content))
}

// notReady says what the results wait for.
func (r *satisfactionReport) notReady(err error) string {
	behind, ok := errors.AsType[*results.BehindError](err)
	switch {
	case !ok:
		return r.T("page.satisfaction.not_ready")
	case behind.Err != nil:
		return r.T("page.satisfaction.log_away")
	default:
		return r.T("page.satisfaction.behind", "n", count(uint64(behind.Waiting))) //nolint:gosec // as many as there are
	}
}

// absent says why there is nothing to show.
func (r *satisfactionReport) absent(c *gin.Context, why string) {
	content := satisfactionContent{overview: overview{Eyebrow: r.T("page.satisfaction.eyebrow"), Heading: r.T("nav.satisfaction")}, Missing: why}
	r.render(c, http.StatusOK, "satisfaction", r.page(c, "satisfaction", r.T("nav.satisfaction"), r.asOf, content))
}

// gather asks for all that the page shows. Without a wave in the URL it is the
// latest whose results are ready.
func (r *satisfactionReport) gather(ctx context.Context) error {
	ask := r.Satisfaction
	var err error
	if r.asked.wave != "" {
		r.now, err = ask.Report(ctx, r.asked.wave)
	} else {
		for _, w := range r.waves {
			if r.now, err = ask.Report(ctx, w.Key); !errors.Is(err, results.ErrNotReady) {
				break
			}
			if r.waiting == nil {
				r.waiting = err
			}
		}
	}
	if err != nil {
		return err
	}
	before := r.asked.before
	if before == "" {
		before, _ = ask.Previous(r.now.Wave)
	}
	if before != "" && before != r.now.Wave {
		if r.since, err = ask.Compare(ctx, r.now.Wave, before); err != nil {
			return err
		}
		if r.was, err = ask.Report(ctx, before); err != nil {
			return err
		}
	}
	name, _, _ := strings.Cut(r.now.Questionnaire, ".v")
	if r.trend, err = ask.Trend(ctx, name); err != nil {
		return err
	}
	if r.decided, err = r.decidedNow(ctx); err != nil {
		return err
	}
	r.stood, err = r.quadrant(ctx, r.now.Wave)
	return err
}

// against says what is asked and compared, and by which rule groups are hidden.
func (r *satisfactionReport) against() string {
	parts := []string{r.T("page.satisfaction.wave", "wave", r.now.Wave, "closed", r.now.Closes.In(r.zone).Format(time.DateOnly))}
	if r.now.Anonymous {
		parts = append(parts, r.T("page.satisfaction.anonymous"))
	} else {
		parts = append(parts, r.T("page.satisfaction.named"))
	}
	if r.since != nil {
		parts = append(parts, r.T("page.satisfaction.against", "before", r.since.Before))
	}
	return strings.Join(parts, r.T("list.dot"))
}

func (r *satisfactionReport) form() filterForm {
	waves, before := selection{Name: "wave", Label: r.T("page.satisfaction.choose")}, selection{Name: "before", Label: r.T("page.satisfaction.compare")}
	before.Options = append(before.Options, option{"", r.T("page.satisfaction.previous"), r.asked.before == ""})
	for _, w := range r.waves {
		waves.Options = append(waves.Options, option{w.Key, w.Key, w.Key == r.now.Wave})
		if w.Key != r.now.Wave {
			before.Options = append(before.Options, option{w.Key, w.Key, w.Key == r.asked.before})
		}
	}
	return filterForm{Action: "/satisfaction", Language: r.asked.language, Fields: []selection{waves, before}}
}

// departmentName is what a department was called at the opening.
func (r *satisfactionReport) departmentName(key string) string {
	for i := range r.now.Departments {
		if d := &r.now.Departments[i]; d.Department == key {
			if name := d.Name.In(string(r.words.Language)); name != "" {
				return name
			}
		}
	}
	return names{r.Handbook, string(r.words.Language)}.department(key)
}

// hidden is a group's name with why it has no figures.
func (r *satisfactionReport) hidden(reason anonymity.Reason) string {
	return r.T("page.satisfaction.hidden."+string(reason), "n", count(uint64(r.now.Rule.Scores))) //nolint:gosec // a threshold
}

// mostTiles fit into a row.
const mostTiles = 6

// tiles are the figures of the whole.
func (r *satisfactionReport) tiles(comments *commentsShown) []tile {
	o := &r.now.Overall
	percent := func(v *float64) *float64 { return scaled(v, 100) }
	t := []tile{
		r.tile("mean", r.T("page.satisfaction.tile.mean"), o.Mean, r.T("measure.score.unit"), "#departments"),
		r.tile("weighted", r.T("page.satisfaction.tile.weighted"), o.Weighted, r.T("measure.score.unit"), "#departments"),
		r.tile("share", r.T("page.satisfaction.tile.share"), percent(o.Share), "%", "#questions"),
		r.tile("response", r.T("page.satisfaction.tile.response"), new(100*r.now.Response.Rate), "%", "#response"),
	}
	t[0].Under = r.interval(o.MeanLow, o.MeanHigh, 1, r.T("measure.score.unit"), o.N)
	t[1].Under = r.interval(o.WeightedLow, o.WeightedHigh, 1, r.T("measure.score.unit"), o.N)
	t[2].Under = r.interval(o.ShareLow, o.ShareHigh, 100, "%", o.N)
	t[3].Under = []string{r.T("page.satisfaction.tile.answered", "answered", count(uint64(r.now.Response.Answered)), "expected", count(uint64(r.now.Response.Expected)))} //nolint:gosec // people
	if r.since != nil && r.since.Overall != nil {
		t[0].Previous = r.change(r.since.Overall.Mean, r.since.Overall.MeanLow, r.since.Overall.MeanHigh, "score")
	}
	if r.was != nil {
		t[3].Previous = r.change(new(100*(r.now.Response.Rate-r.was.Response.Rate)), nil, nil, "percent")
	}
	for i := range r.now.Questions {
		if q := &r.now.Questions[i]; q.NPS != nil {
			n := r.tile("nps", r.T("page.satisfaction.tile.nps"), q.NPS, "", "#questions")
			n.Under = r.interval(q.NPSLow, q.NPSHigh, 1, "", q.N)
			if c := r.questionChange(q.Question); c != nil {
				n.Previous = r.change(c.NPS, c.NPSLow, c.NPSHigh, "score")
			}
			t = append(t, n)
			break
		}
	}
	shown := r.tile("shown", r.T("page.satisfaction.tile.shown"), new(float64(o.Departments)), r.T("page.satisfaction.tile.of", "n", count(uint64(o.Departments+o.Hidden))), "#departments") //nolint:gosec // departments
	shown.Value = number(float64(o.Departments), 0)
	shown.Under = []string{r.T("page.satisfaction.tile.rule", "n", count(uint64(r.now.Rule.Scores)))} //nolint:gosec // a threshold
	t = append(t, shown)
	if comments == nil || len(t) == mostTiles {
		return t
	}
	written := r.tile("comments", r.T("page.satisfaction.tile.comments"), nil, "", "#comments")
	if comments.Hidden == "" {
		written.Value = count(uint64(comments.All)) //nolint:gosec // comments
	}
	written.Under = []string{r.T("page.satisfaction.tile.comments_rule", "n", count(uint64(r.now.Rule.Comments)))} //nolint:gosec // a threshold
	return append(t, written)
}

func (r *satisfactionReport) tile(key, name string, v *float64, unit, href string) tile {
	t := tile{Key: key, Name: name, Value: "—", Href: href, Against: r.T("page.satisfaction.no_before"), Previous: change{Text: "—"}}
	if v != nil {
		t.Value, t.Unit = number(*v, 1), following(unit)
	}
	if r.since != nil {
		t.Against = r.T("page.satisfaction.since", "before", r.since.Before)
	}
	return t
}

// interval is what stands below a figure.
func (r *satisfactionReport) interval(low, high *float64, by float64, unit string, n uint64) []string {
	under := []string{}
	if low != nil && high != nil {
		under = append(under, r.T("page.interval", "low", number(*low*by, 1), "high", number(*high*by, 1)+strings.TrimRight(following(unit), " ")))
	}
	if n > 0 {
		under = append(under, r.T("card.n", "n", count(n)))
	}
	if n > 0 && n < results.Indicative {
		under = append(under, r.T("page.satisfaction.indicative"))
	}
	return under
}

// change is a difference in words; with an interval that holds zero it may be chance.
func (r *satisfactionReport) change(v, low, high *float64, measure string) change {
	if v == nil {
		return change{Text: "—"}
	}
	c := change{Text: r.T("measure."+measure+".difference", "value", signed(*v, 1)), Size: r.T("measure."+measure+".size", "value", number(max(*v, -*v), 1)), Verdict: same}
	switch {
	case rounded(*v, 1) == 0:
	case low != nil && high != nil && *low <= 0 && *high >= 0:
		c.Verdict = unclear
	case *v > 0:
		c.Verdict = better
	default:
		c.Verdict = worse
	}
	return c
}

func (r *satisfactionReport) questionChange(key string) *results.WaveChange {
	if r.since == nil {
		return nil
	}
	i := slices.IndexFunc(r.since.Questions, func(q results.QuestionChange) bool { return q.Question == key })
	if i < 0 {
		return nil
	}
	return &r.since.Questions[i].WaveChange
}

func (r *satisfactionReport) departmentChange(key string) *results.WaveChange {
	if r.since == nil {
		return nil
	}
	i := slices.IndexFunc(r.since.Departments, func(d results.DepartmentChange) bool { return d.Department == key })
	if i < 0 {
		return nil
	}
	return &r.since.Departments[i].WaveChange
}

// sentences say in three sentences what came of the wave.
func (r *satisfactionReport) sentences() []sentence {
	return append([]sentence{r.overallSentence(), r.departmentSentence()}, r.serviceSentence())
}

func (r *satisfactionReport) overallSentence() sentence {
	o := &r.now.Overall
	s := sentence{Href: "#departments"}
	if o.Mean == nil {
		s.Claim = r.T("page.satisfaction.sentence.too_few", "n", count(uint64(r.now.Rule.Scores))) //nolint:gosec // a threshold
		return s
	}
	c := change{Verdict: unknown}
	if r.since != nil && r.since.Overall != nil {
		c = r.change(r.since.Overall.Mean, r.since.Overall.MeanLow, r.since.Overall.MeanHigh, "score")
	}
	ending := string(c.Verdict)
	if c.Verdict == unknown {
		ending = "alone"
	}
	before := ""
	if r.since != nil {
		before = r.since.Before
	}
	s.Claim = r.T("page.satisfaction.sentence.overall."+ending, "figure", number(*o.Mean, 1), "size", c.Size, "before", before)
	s.Verdict = c.Verdict
	if o.MeanLow != nil && o.MeanHigh != nil {
		s.Evidence = r.T("page.satisfaction.sentence.evidence", "low", number(*o.MeanLow, 1), "high", number(*o.MeanHigh, 1), "weighted", number(*o.Weighted, 1),
			"n", count(o.N), "rate", number(100*r.now.Response.Rate, 1))
	}
	return s
}

// departmentSentence names the department that needs a talk: the last of the
// shrunk ranking, which is so not by the luck of a few answers.
func (r *satisfactionReport) departmentSentence() sentence {
	s := sentence{Href: "#ranking"}
	var last *results.Department
	lowest := 0 // rank
	for i := range r.now.Departments {
		if d := &r.now.Departments[i]; d.Shrunk != nil && (last == nil || *d.Shrunk < *last.Shrunk) {
			last = d
		}
		lowest = max(lowest, r.now.Departments[i].Rank)
	}
	if last != nil && lowest == 1 && r.now.Overall.Departments > 1 { // no more than chance lies between them
		s.Claim = r.T("page.satisfaction.sentence.alike", "n", count(uint64(r.now.Overall.Departments)))
		return s
	}
	if last == nil || r.now.Overall.Departments < 2 {
		s.Claim = r.T("page.satisfaction.sentence.no_ranking")
		return s
	}
	s.Claim = r.T("page.satisfaction.sentence.last", "department", r.departmentName(last.Department), "figure", number(*last.Mean, 1),
		"size", number(*r.now.Overall.Mean-*last.Mean, 1))
	if last.MeanHigh != nil && *last.MeanHigh < *r.now.Overall.Mean {
		s.Verdict = attention
	}
	if last.MeanLow != nil && last.MeanHigh != nil {
		s.Evidence = r.T("page.satisfaction.sentence.last_evidence", "low", number(*last.MeanLow, 1), "high", number(*last.MeanHigh, 1), "shrunk", number(*last.Shrunk, 1), "n", count(last.N))
	}
	if last.Indicative {
		s.Evidence += r.T("page.satisfaction.sentence.few", "n", count(last.N))
	}
	return s
}

// serviceSentence names the service that is fast and liked least, or else the one liked least.
func (r *satisfactionReport) serviceSentence() sentence {
	s := sentence{Href: "#quadrant"}
	var least, most, odd *serviceStands
	for i := range r.stood.Services {
		one := &r.stood.Services[i]
		if one.Score == nil {
			continue
		}
		if least == nil || *one.Score < *least.Score {
			least = one
		}
		if most == nil || *one.Score > *most.Score {
			most = one
		}
		if one.Standing == fastUnhappy && (odd == nil || *one.Score < *odd.Score) {
			odd = one
		}
	}
	switch {
	case odd != nil:
		s.Verdict = attention
		s.Claim = r.T("page.satisfaction.sentence.fast_unhappy", "service", r.serviceName(r.words, r.now, odd))
		s.Evidence = r.T("page.satisfaction.sentence.service_evidence", "rate", number(100**odd.OnTime, 1), "figure", number(*odd.Score, 1), "n", count(odd.N))
	case least != most && number(*least.Score, 1) == number(*most.Score, 1):
		s.Claim = r.T("page.satisfaction.sentence.services_alike", "figure", number(*least.Score, 1))
		s.Evidence = r.T("card.n", "n", count(least.N))
	case least != nil:
		s.Claim = r.T("page.satisfaction.sentence.least", "service", r.serviceName(r.words, r.now, least), "figure", number(*least.Score, 1))
		s.Evidence = r.T("card.n", "n", count(least.N))
	default:
		s.Claim = r.T("page.satisfaction.sentence.no_service")
	}
	return s
}

// tagComment puts a tag on a comment, or takes it off, and leads back to it.
func (s *server) tagComment(c *gin.Context) {
	words := s.messages.In(language(c))
	author, refusal := actorOf(c.GetHeader("X-Actor"))
	if refusal != nil {
		s.errorPage(c, http.StatusBadRequest, refusal.Detail)
		return
	}
	err := s.Satisfaction.Tag(c.Request.Context(), c.Param("wave"), c.Param("question"), c.Param("comment"), c.PostForm("tag"), c.PostForm("take_off") == "", author)
	switch {
	case errors.Is(err, results.ErrTag):
		s.errorPage(c, http.StatusBadRequest, words.T("page.satisfaction.comments.bad_tag"))
	case errors.Is(err, results.ErrUnknown), errors.Is(err, results.ErrNotReady):
		s.errorPage(c, http.StatusNotFound, words.T("page.satisfaction.unknown"))
	case err != nil:
		s.pageError(c, fmt.Errorf("tag a comment: %w", err))
	default:
		back := satisfactionAsked{wave: c.Param("wave"), question: c.Param("question")}
		c.Redirect(http.StatusSeeOther, back.href()+"#comment-"+c.Param("comment"))
	}
}

// commentsShown is the part of the page with what people wrote.
type commentsShown struct {
	Questions   []option // when there are several
	Departments []option // that are named
	Wave        string
	Question    string
	Title       string
	Text, Tag   string
	Language    i18n.Language
	All         int // listed before search and filters
	N           string
	Found       string
	Hidden      string // why nothing is listed
	Notes       []string
	List        []commentShown
	Words       []wordShown
	Previous    string // URLs of the pages beside this; "" where there is none
	Next        string
	Clear       string // URL without search; "" when nothing is searched for
	Export      exportMenu
}

type commentShown struct {
	ID, Text, Department, Action string
	Tags                         []tagShown
}

type tagShown struct{ Name, Href string }

type wordShown struct {
	Word, N, Href string
	Chosen        bool
}

// mostListed is how many comments a page lists.
const mostListed = 30

func (r *satisfactionReport) comments(ctx context.Context) (*commentsShown, error) {
	questions := r.Satisfaction.OpenQuestions(r.now.Wave)
	if len(questions) == 0 {
		return nil, nil //nolint:nilnil // a wave without open questions has no such part
	}
	question := questions[0]
	if slices.Contains(questions, r.asked.question) {
		question = r.asked.question
	}
	a := r.asked
	a.wave, a.question = r.now.Wave, question
	found, err := r.Satisfaction.Comments(ctx, r.now.Wave, question, results.Search{Department: a.department, Text: a.text, Tag: a.tag})
	if err != nil {
		return nil, err
	}
	shown := &commentsShown{
		All: found.N, Wave: r.now.Wave, Question: question, Title: found.Text.In(string(r.words.Language)), Text: a.text, Tag: a.tag, Language: a.language,
		N: r.T("page.satisfaction.comments.n", "n", count(uint64(found.N))), //nolint:gosec // comments
	}
	if found.Hidden != anonymity.Shown {
		shown.Hidden = r.T("page.satisfaction.comments."+string(found.Hidden), "n", count(uint64(found.Rule.Comments))) //nolint:gosec // a threshold
		return shown, nil
	}
	r.commentFilters(shown, found, questions, a)
	shown.Found = r.T("page.satisfaction.comments.found", "n", count(uint64(len(found.List))))
	from := min(a.page*mostListed, len(found.List)/mostListed*mostListed)
	to := min(from+mostListed, len(found.List))
	for i := from; i < to; i++ {
		shown.List = append(shown.List, r.comment(&found.List[i], a))
	}
	turn := a
	if turn.page = a.page - 1; from > 0 {
		shown.Previous = turn.href() + "#comments"
	}
	if turn.page = a.page + 1; to < len(found.List) {
		shown.Next = turn.href() + "#comments"
	}
	a.page = 0
	for _, w := range found.Words {
		to := a
		to.text = w.Word
		shown.Words = append(shown.Words, wordShown{w.Word, count(uint64(w.Comments)), to.href() + "#comments", strings.EqualFold(a.text, w.Word)}) //nolint:gosec // counts
	}
	shown.Export = r.exports("/api/v1/satisfaction/"+r.now.Wave+"/comments/"+question, url.Values{"part": {"list"}}, r.T("page.satisfaction.comments.title"))
	return shown, nil
}

func (r *satisfactionReport) commentFilters(shown *commentsShown, found *results.Comments, questions []string, a satisfactionAsked) {
	if len(questions) > 1 {
		for _, key := range questions {
			shown.Questions = append(shown.Questions, option{key, key, key == found.Question})
		}
	}
	unnamed := 0
	for _, g := range found.Groups {
		switch g.Hidden {
		case anonymity.Shown:
			shown.Departments = append(shown.Departments, option{g.Department, r.departmentName(g.Department), g.Department == a.department})
		case anonymity.NoAnswer:
		default:
			unnamed++
		}
	}
	if unnamed > 0 {
		shown.Notes = append(shown.Notes, r.T("page.satisfaction.comments.unnamed", "departments", count(uint64(unnamed)), "n", count(uint64(found.Rule.Comments)))) //nolint:gosec // counts
	}
	if a.text != "" || a.tag != "" || a.department != "" {
		clear := satisfactionAsked{wave: a.wave, before: a.before, question: a.question, language: a.language}
		shown.Clear = clear.href() + "#comments"
	}
}

func (r *satisfactionReport) comment(c *results.Comment, a satisfactionAsked) commentShown {
	one := commentShown{ID: c.ID, Text: c.Text, Department: r.T("page.satisfaction.comments.no_department")}
	if c.Department != "" {
		one.Department = r.departmentName(c.Department)
	}
	one.Action = "/satisfaction/" + url.PathEscape(r.now.Wave) + "/comments/" + url.PathEscape(a.question) + "/" + c.ID
	for _, tag := range c.Tags {
		to := satisfactionAsked{wave: a.wave, question: a.question, tag: tag, language: a.language}
		one.Tags = append(one.Tags, tagShown{tag, to.href() + "#comments"})
	}
	return one
}

// exports is the menu of an answer of the API.
func (r *satisfactionReport) exports(path string, more url.Values, file string) exportMenu {
	in := func(f format) string {
		values := url.Values{"format": {string(f)}, "lang": {string(r.words.Language)}}
		for name, list := range more {
			if name != "part" || f == formatCSV {
				values[name] = list
			}
		}
		return hrefOf(path, values)
	}
	return exportMenu{CSV: in(formatCSV), XLSX: in(formatXLSX), File: file + " " + r.now.Wave}
}
