package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// Surveys are the questionnaires and waves that the pages administer. Its errors
// match [wave.ErrOvertaken], [wave.ErrAway] or are refusals, see [wave.Refusals].
type Surveys interface {
	Waves() []*wave.Wave // the newest revisions, the latest quarter first
	Wave(key string) (*wave.Wave, bool)
	History(ctx context.Context, key string) ([]*wave.Wave, error) // newest first
	Save(ctx context.Context, w *wave.Wave) error
	Counts(ctx context.Context, key string) (map[string]uint64, error) // answers by department

	Questionnaires() []*questionnaire.Questionnaire // by key, the newest version first
	Questionnaire(v wave.Version) (*questionnaire.Questionnaire, bool)
	Newest(key string) (*questionnaire.Questionnaire, bool)
	AddQuestionnaire(ctx context.Context, q *questionnaire.Questionnaire, by wave.By) error
	// Preview writes the page that people would see of a questionnaire.
	Preview(w io.Writer, q *questionnaire.Questionnaire, language i18n.Language) error

	MakeLinks(ctx context.Context, w *wave.Wave, requests []LinkRequest, by string) error
	PersonalLinks(ctx context.Context, w *wave.Wave) ([]SurveyLink, error)
	DepartmentLink(w *wave.Wave, department string) string // URL
}

// LinkRequest asks for a personal link.
type LinkRequest struct {
	Department string
	Recipient  string // address it will be sent to; "" when it is handed out otherwise
}

// SurveyLink is a link that was made.
type SurveyLink struct {
	Department, Recipient, URL string
}

// surveyRoutes are the pages that administer surveys. As with those about
// delivery, no other page may act through a reader's browser.
func (s *server) surveyRoutes(pages *gin.RouterGroup) {
	if s.Surveys == nil {
		return
	}
	g := pages.Group("/surveys")
	g.GET("", s.surveysPage)
	g.GET("/waves/new", s.newWavePage)
	g.GET("/waves/:wave", s.wavePage)
	g.GET("/waves/:wave/edit", s.editWavePage)
	g.GET("/waves/:wave/counts", s.waveCountsPart)
	g.GET("/waves/:wave/links.csv", s.linksFile)
	g.GET("/waves/:wave/sheet", s.sheetPage)
	g.GET("/questionnaires/new", s.newQuestionnairePage)
	g.GET("/questionnaires/:id", s.previewPage)
	g.GET("/questionnaires/:id/edit", s.editQuestionnairePage)
	g.GET("/questionnaires/:id/file", s.questionnaireFile)

	acts := g.Group("", s.sameOrigin)
	acts.POST("/waves", s.createWave)
	acts.POST("/waves/next", s.nextWave)
	acts.POST("/waves/:wave/edit", s.editWave)
	acts.POST("/waves/:wave/open", s.waveDeed(s.openWave))
	acts.POST("/waves/:wave/extend", s.waveDeed(s.extendWave))
	acts.POST("/waves/:wave/close", s.waveDeed(s.closeWave))
	acts.POST("/waves/:wave/publish", s.waveDeed(s.publishWave))
	acts.POST("/waves/:wave/links", s.makeLinks)
	acts.POST("/questionnaires", s.saveQuestionnaire)
	acts.POST("/questionnaires/preview", s.previewDraft)
	acts.POST("/questionnaires/import", s.importQuestionnaire)
}

func wavePath(key string) string { return "/surveys/waves/" + url.PathEscape(key) }

func questionnairePath(id string) string { return "/surveys/questionnaires/" + url.PathEscape(id) }

// surveyView turns waves into words of one language.
type surveyView struct {
	i18n.Messages
	zone  *time.Location
	names names
}

func (s *server) surveyView(c *gin.Context) surveyView {
	return surveyView{s.messages.In(language(c)), s.zone, names{s.Handbook, string(language(c))}}
}

// text is what a text says in the page's language.
func (v surveyView) text(t questionnaire.Text) string { return t.In(string(v.Language)) }

func (v surveyView) stamp(t time.Time) string { return t.In(v.zone).Format("2006-01-02 15:04") }

// refusals says what is refused and what to do instead.
func (v surveyView) refusals(err error) []string {
	var lines []string
	for _, r := range wave.Refusals(err) {
		subject := r.Subject
		switch r.Code {
		case wave.UnknownPlace, wave.BadExpected, wave.TwiceAsked:
			subject = v.names.department(subject)
		case wave.WrongState:
			subject = v.T("surveys.state." + subject)
		default:
		}
		lines = append(lines, v.T("surveys.refused."+string(r.Code), "subject", subject))
	}
	return lines
}

// waveLights show how far a wave is.
var waveLights = map[wave.State]string{wave.Draft: "unknown", wave.Open: lightAttention, wave.Closed: "same", wave.Published: lightFine}

// surveysContent is the page of all waves and questionnaires.
type surveysContent struct {
	Flash          *remark
	Waves          []waveRow
	Latest         *waveRow // that the next quarter's can be made from
	NextName       string   // what that would be called, "" when it is there already
	Questionnaires []questionnaireRow
	Template       bool // the one that comes with the product has not been taken over
	Import         importForm
}

type waveRow struct {
	Key, Href, Title, Quarter, Questionnaire, Opens, Closes, State, Light, Departments, Expected string
}

type questionnaireRow struct {
	ID, Title, Href, Edit, Copy, File, Questions, Used string

	Newest bool
}

// importForm is what was wrong with a file.
type importForm struct {
	Text     string
	Problems []string
}

func (s *server) surveysPage(c *gin.Context) {
	v := s.surveyView(c)
	s.renderSurveys(c, http.StatusOK, importForm{}, v.done(c.Query("done")))
}

// done says what was done; nil when nothing was.
func (v surveyView) done(what string) *remark {
	if what == "" || !v.Has("surveys.done."+what) {
		return nil
	}
	return &remark{Light: lightFine, Claim: v.T("surveys.done." + what)}
}

func (s *server) renderSurveys(c *gin.Context, status int, form importForm, flash *remark) {
	v := s.surveyView(c)
	content := surveysContent{Flash: flash, Import: form, Template: true}
	used := make(map[wave.Version]int)
	for _, w := range s.Surveys.Waves() {
		content.Waves = append(content.Waves, v.waveRow(w))
		used[w.Questionnaire]++
	}
	if len(content.Waves) > 0 {
		content.Latest = &content.Waves[0]
		next := wave.NextFrom(s.Surveys.Waves()[0], wave.Version{}, s.waveFiscal())
		if _, there := s.Surveys.Wave(next.Key); !there {
			content.NextName = v.quarter(next.Quarter)
		}
	}
	seen := ""
	for _, q := range s.Surveys.Questionnaires() {
		row := questionnaireRow{
			ID: q.ID(), Title: v.text(q.Title), Href: questionnairePath(q.ID()), Edit: questionnairePath(q.ID()) + "/edit", File: questionnairePath(q.ID()) + "/file",
			Copy: "/surveys/questionnaires/new?from=" + url.QueryEscape(q.ID()), Questions: number(float64(len(q.Questions)), 0),
			Used: number(float64(used[wave.VersionOf(q)]), 0), Newest: q.Key != seen,
		}
		seen = q.Key
		content.Questionnaires = append(content.Questionnaires, row)
	}
	if template, err := questionnaire.Template(); err == nil {
		_, taken := s.Surveys.Questionnaire(wave.VersionOf(template))
		content.Template = !taken
	}
	s.render(c, status, "surveys", s.surveyFrame(c, v.T("surveys.title"), "/surveys", content))
}

// surveyFrame is a page of this section; path is what the language switch leads to.
func (s *server) surveyFrame(c *gin.Context, title, path string, content any) page {
	p := s.page(c, "surveys", title, time.Time{}, content)
	if c.Request.Method != http.MethodGet {
		p.LanguageTo = switched(&url.URL{Path: path}, p.Language.Other())
	}
	return p
}

func (v surveyView) waveRow(w *wave.Wave) waveRow {
	return waveRow{
		Key: w.Key, Href: wavePath(w.Key), Title: v.text(w.Title), Quarter: v.quarter(w.Quarter), Questionnaire: w.Questionnaire.ID(),
		Opens: v.stamp(w.Opens), Closes: v.stamp(w.Ended()), State: v.T("surveys.state." + string(w.State)), Light: waveLights[w.State],
		Departments: number(float64(len(w.Departments)), 0), Expected: v.expected(w.Expected()),
	}
}

// expected is a number of people; in a draft it may not be known yet.
func (v surveyView) expected(n int) string {
	if n == 0 {
		return "—"
	}
	return number(float64(n), 0)
}

func (v surveyView) quarter(q wave.Quarter) string {
	return quarterName(v.Messages, quarter{q.Year, q.Number})
}

func (s *server) waveFiscal() wave.Fiscal { return wave.Fiscal{Zone: s.zone, First: s.fiscal.first} }

// handbookDepartments are those that a wave can ask, as they are now.
func (s *server) handbookDepartments() []wave.Department {
	list := make([]wave.Department, 0, len(s.Handbook.Departments))
	for _, d := range s.Handbook.Departments {
		if !d.Removed {
			list = append(list, wave.Department{Key: d.Key, Name: questionnaire.Text{ZH: d.Name.ZH, EN: d.Name.EN}, Headcount: d.Headcount})
		}
	}
	return list
}

// by says who acts through a page.
func (s *server) by(reason string) wave.By {
	return wave.By{Author: pageActor, Reason: reason, At: s.Now()}
}

// surveyError answers when something was not done for no fault of the form's.
func (s *server) surveyError(c *gin.Context, err error) {
	v := s.messages.In(language(c))
	switch {
	case errors.Is(err, wave.ErrOvertaken):
		s.errorPage(c, http.StatusConflict, v.T("surveys.overtaken"))
	case errors.Is(err, wave.ErrAway):
		s.Logger.WarnContext(c.Request.Context(), "surveys: the database does not answer", "error", err)
		s.errorPage(c, http.StatusServiceUnavailable, v.T("surveys.away"))
	default:
		s.pageError(c, err)
	}
}

// surveyForm reads a form; ok is false when the request has been answered.
func (s *server) surveyForm(c *gin.Context) (form url.Values, ok bool) {
	form, ok = s.form(c)
	if !ok {
		return nil, false
	}
	for name, values := range form {
		if !readable(name) || !readable(strings.Join(values, "")) {
			s.errorPage(c, http.StatusBadRequest, s.messages.In(language(c)).T("letter.form.illegible"))
			return nil, false
		}
	}
	return form, true
}

// bounded reads a whole number of a form from least to most.
func bounded(text string, least, most int) (int, bool) {
	n := 0
	if _, err := fmt.Sscanf(strings.TrimSpace(text), "%d", &n); err != nil || n < least || n > most {
		return 0, false
	}
	return n, true
}
