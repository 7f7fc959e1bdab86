package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

const maxQuestionnaireBytes = 1 << 20

// mistakesOf are those of a questionnaire that could not be read.
func mistakesOf(err error) []questionnaire.Mistake {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*questionnaire.InvalidError](err); ok {
		return invalid.Mistakes
	}
	return []questionnaire.Mistake{{Text: err.Error()}}
}

// questionnaireOf finds the version of the address; ok is false when the request
// has been answered. The template is found before anybody has taken it over.
func (s *server) questionnaireOf(c *gin.Context, id string) (*questionnaire.Questionnaire, bool) {
	if q, ok := s.Surveys.Questionnaire(parseVersion(id)); ok {
		return q, true
	}
	if template, err := questionnaire.Template(); err == nil && template.ID() == id {
		return template, true
	}
	s.errorPage(c, http.StatusNotFound, s.messages.In(language(c)).T("surveys.no_questionnaire"))
	return nil, false
}

func (s *server) previewPage(c *gin.Context) {
	if q, ok := s.questionnaireOf(c, c.Param("id")); ok {
		s.preview(c, q)
	}
}

func (s *server) preview(c *gin.Context, q *questionnaire.Questionnaire) {
	var b bytes.Buffer
	if err := s.Surveys.Preview(&b, q, language(c)); err != nil {
		s.pageError(c, err)
		return
	}
	c.Writer.Header().Set("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

// questionnaireFile is a version as JSON, as it can be imported.
func (s *server) questionnaireFile(c *gin.Context) {
	q, ok := s.questionnaireOf(c, c.Param("id"))
	if !ok {
		return
	}
	text, err := q.Document()
	if err != nil {
		s.pageError(c, err)
		return
	}
	c.Writer.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.json"`, q.ID()))
	c.Data(http.StatusOK, "application/json; charset=utf-8", append(text, '\n'))
}

// newQuestionnairePage begins with a copy, of the template when nothing else is named.
func (s *server) newQuestionnairePage(c *gin.Context) {
	v := s.surveyView(c)
	from := c.Query("from")
	if from == "" {
		from = "office_services.v1"
	}
	q, ok := s.questionnaireOf(c, from)
	if !ok {
		return
	}
	again := *q
	again.Version = 1
	for n := 2; ; n++ {
		again.Key = q.Key + "_" + strconv.Itoa(n)
		if _, taken := s.Surveys.Newest(again.Key); !taken {
			break
		}
	}
	content := v.editor(&again)
	content.Heading, content.Reason = v.T("surveys.editor.new"), v.T("surveys.editor.new_reason", "from", q.ID())
	s.renderEditor(c, http.StatusOK, content)
}

// editQuestionnairePage makes the next version of a questionnaire.
func (s *server) editQuestionnairePage(c *gin.Context) {
	q, ok := s.questionnaireOf(c, c.Param("id"))
	if !ok {
		return
	}
	next := *q
	next.Version = s.nextVersion(q.Key)
	content := s.surveyView(c).editor(&next)
	s.renderEditor(c, http.StatusOK, content)
}

// nextVersion is the number of the version after the newest.
func (s *server) nextVersion(key string) int {
	if newest, ok := s.Surveys.Newest(key); ok {
		return newest.Version + 1
	}
	return 1
}

func (s *server) renderEditor(c *gin.Context, status int, content editorContent) {
	v := s.surveyView(c)
	_, content.Fixed = s.Surveys.Newest(content.Key)
	if content.Heading == "" {
		content.Heading = v.T("surveys.editor.edit", "key", content.Key, "version", content.Version)
	}
	for i := range content.Draft {
		content.Draft[i].Open = content.Draft[i].VisibleIf != "" || content.Draft[i].Help != (questionnaire.Text{}) || len(content.Problems) > 0
	}
	s.render(c, status, "survey_editor", s.surveyFrame(c, content.Heading, "/surveys", content))
}

// saveQuestionnaire keeps what the editor holds as a version, or does what one of
// the editor's buttons asks for and shows it again.
func (s *server) saveQuestionnaire(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	v := s.surveyView(c)
	d := v.readEditor(form)
	again := func(status int, problems []questionnaire.Mistake, changes []string) {
		content := v.editor(d.Questionnaire)
		content.Reason, content.Changes = form.Get("reason"), changes
		content.Problems = v.editorProblems(d.Questionnaire, problems)
		s.renderEditor(c, status, content)
	}
	if do := form.Get("do"); do != "save" {
		if len(d.problems) == 0 { // what cannot be read would be gone
			d.rearrange(do)
		}
		again(http.StatusOK, d.problems, nil)
		return
	}
	q, mistakes := d.checked()
	if len(mistakes) > 0 {
		again(http.StatusUnprocessableEntity, mistakes, nil)
		return
	}
	if strings.TrimSpace(form.Get("reason")) == "" {
		again(http.StatusUnprocessableEntity, []questionnaire.Mistake{{Text: v.T("surveys.refused.reason", "subject", "")}}, nil)
		return
	}
	if newest, there := s.Surveys.Newest(q.Key); there {
		breaks, changes := v.changes(q, newest)
		if len(breaks) > 0 {
			again(http.StatusUnprocessableEntity, breaks, nil)
			return
		}
		if len(changes) > 0 && form.Get("confirmed") == "" {
			again(http.StatusUnprocessableEntity, nil, changes)
			return
		}
	}
	s.keepQuestionnaire(c, q, form.Get("reason"))
}

func (s *server) keepQuestionnaire(c *gin.Context, q *questionnaire.Questionnaire, reason string) {
	if err := s.Surveys.AddQuestionnaire(c.Request.Context(), q, s.by(reason)); err != nil {
		s.surveyError(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/surveys?done=questionnaire")
}

// changes tells what a version changes: what breaks trends is refused, and what
// only its author can judge has to be confirmed.
func (v surveyView) changes(now, before *questionnaire.Questionnaire) (breaks []questionnaire.Mistake, confirm []string) {
	for _, change := range now.Changes(before) {
		text := v.T("surveys.editor.change."+string(change.Effect), "question", change.Question)
		switch {
		case change.Breaks():
			breaks = append(breaks, questionnaire.Mistake{Path: questionPath(now, change.Question), Text: text})
		default:
			confirm = append(confirm, text)
		}
	}
	return breaks, confirm
}

func questionPath(q *questionnaire.Questionnaire, key string) string {
	for i := range q.Questions {
		if q.Questions[i].Key == key {
			return "/questions/" + strconv.Itoa(i) + "/key"
		}
	}
	return ""
}

// editorProblems lead to the question that they are about.
func (v surveyView) editorProblems(q *questionnaire.Questionnaire, mistakes []questionnaire.Mistake) []editorProblem {
	problems := make([]editorProblem, len(mistakes))
	for i, m := range mistakes {
		problems[i] = editorProblem{Href: "#head", Text: m.String()}
		steps := strings.Split(m.Path, "/")
		if len(steps) < 3 || steps[1] != "questions" {
			continue
		}
		if n, err := strconv.Atoi(steps[2]); err == nil && n >= 0 && n < len(q.Questions) {
			problems[i] = editorProblem{Href: "#question-" + steps[2], Text: v.T("surveys.editor.at", "n", n+1, "key", q.Questions[n].Key, "text", m.String())}
		}
	}
	return problems
}

// previewDraft shows what the editor holds, saved or not.
func (s *server) previewDraft(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	v := s.surveyView(c)
	d := v.readEditor(form)
	q, mistakes := d.checked()
	if len(mistakes) > 0 {
		reasons := make([]string, len(mistakes))
		for i, m := range mistakes {
			reasons[i] = m.String() + v.T("list.sentence")
		}
		s.errorPage(c, http.StatusUnprocessableEntity, reasons...)
		return
	}
	s.preview(c, q)
}

// importQuestionnaire keeps the questionnaire of a file. A version that is there
// already stays what it is: the file becomes the next one.
func (s *server) importQuestionnaire(c *gin.Context) {
	v := s.surveyView(c)
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 2*maxQuestionnaireBytes)
	text, err := importedText(c)
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			s.errorPage(c, http.StatusRequestEntityTooLarge, v.T("surveys.import.large"))
			return
		}
		s.errorPage(c, http.StatusBadRequest, v.T("surveys.import.broken"))
		return
	}
	q, err := questionnaire.Parse(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		form := importForm{Text: string(text)}
		for _, m := range mistakesOf(err) {
			form.Problems = append(form.Problems, m.String())
		}
		if !readable(form.Text) {
			form.Text = ""
		}
		s.renderSurveys(c, http.StatusUnprocessableEntity, form, nil)
		return
	}
	if newest, there := s.Surveys.Newest(q.Key); there {
		q.Version = max(q.Version, newest.Version+1)
		if breaks, _ := v.changes(q, newest); len(breaks) > 0 {
			form := importForm{Text: string(text)}
			for _, m := range breaks {
				form.Problems = append(form.Problems, m.String())
			}
			s.renderSurveys(c, http.StatusUnprocessableEntity, form, nil)
			return
		}
	}
	reason := strings.TrimSpace(c.Request.FormValue("reason"))
	if reason == "" || len(reason) > maxReasonBytes {
		reason = v.T("surveys.import.reason")
	}
	if err := s.Surveys.AddQuestionnaire(c.Request.Context(), q, wave.By{Author: pageActor, Reason: reason, At: s.Now()}); err != nil {
		s.surveyError(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/surveys?done=import")
}

// importedText is the file, or what was pasted.
func importedText(c *gin.Context) ([]byte, error) {
	if err := c.Request.ParseMultipartForm(maxQuestionnaireBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	file, _, err := c.Request.FormFile("file")
	if err != nil {
		return []byte(c.Request.FormValue("text")), nil // no file: the text was pasted
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxQuestionnaireBytes+1))
	if err == nil && len(text) == 0 {
		return []byte(c.Request.FormValue("text")), nil
	}
	return text, err
}
