package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// waveFormContent is the page on which a draft is made or changed.
type waveFormContent struct {
	Heading, Action, Back string
	New                   bool
	Problems              []string
	Revision              uint64
	Key, Quarter          string
	Title                 questionnaire.Text
	Questionnaires        []option
	Opens, Closes         string
	Anonymous             bool
	Days                  string
	AtMost                int
	Places                []placeField
	Reason                string
}

// placeField is a department that can be asked.
type placeField struct {
	Key, Name, Headcount, Expected string
	Asked                          bool
}

const usualDays = 14 // that a wave is open for, the last of its quarter

// newWavePage begins with the current quarter, everybody, and the newest questionnaire.
func (s *server) newWavePage(c *gin.Context) {
	v, f := s.surveyView(c), s.waveFiscal()
	q := f.Of(s.Now())
	closes := f.Start(q.Next())
	draft := &wave.Wave{
		Key: q.String(), Quarter: q, Opens: closes.AddDate(0, 0, -usualDays), Closes: closes, Anonymous: true,
		Title: questionnaire.Text{
			ZH: s.messages.In("zh").T("surveys.form.usual_title", "quarter", quarterName(s.messages.In("zh"), quarter{q.Year, q.Number})),
			EN: s.messages.In("en").T("surveys.form.usual_title", "quarter", quarterName(s.messages.In("en"), quarter{q.Year, q.Number})),
		},
		Reminders: wave.Reminders{DaysBefore: []int{7, 2}, AtMost: 2}, Departments: s.handbookDepartments(),
	}
	for i := range draft.Departments {
		draft.Departments[i].Expected = 0
	}
	if all := s.Surveys.Questionnaires(); len(all) > 0 {
		draft.Questionnaire = wave.VersionOf(all[0])
	}
	content := s.waveForm(c, draft)
	content.New, content.Heading, content.Action, content.Back = true, v.T("surveys.form.new"), "/surveys/waves", "/surveys"
	content.Reason = v.T("surveys.form.new_reason")
	s.renderWaveForm(c, http.StatusOK, content)
}

func (s *server) editWavePage(c *gin.Context) {
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	if w.State != wave.Draft {
		c.Redirect(http.StatusSeeOther, wavePath(w.Key))
		return
	}
	s.renderWaveForm(c, http.StatusOK, s.editForm(c, w, w))
}

// editForm is the form that changes w, filled in with shown.
func (s *server) editForm(c *gin.Context, w, shown *wave.Wave) waveFormContent {
	content := s.waveForm(c, shown)
	content.Heading, content.Revision = s.surveyView(c).T("surveys.form.edit", "wave", w.Key), w.Revision
	content.Action, content.Back, content.Key = wavePath(w.Key)+"/edit", wavePath(w.Key), w.Key
	return content
}

func (s *server) renderWaveForm(c *gin.Context, status int, content waveFormContent) {
	s.render(c, status, "survey_wave_form", s.surveyFrame(c, content.Heading, content.Back, content))
}

func (s *server) waveForm(c *gin.Context, w *wave.Wave) waveFormContent {
	v := s.surveyView(c)
	content := waveFormContent{
		Key: w.Key, Quarter: w.Quarter.String(), Title: w.Title, Anonymous: w.Anonymous, Days: daysText(w.Reminders.DaysBefore), AtMost: w.Reminders.AtMost,
	}
	if !w.Opens.IsZero() {
		content.Opens = w.Opens.In(s.zone).Format(fieldTime)
	}
	if !w.Closes.IsZero() {
		content.Closes = w.Closes.In(s.zone).Format(fieldTime)
	}
	for _, q := range s.Surveys.Questionnaires() {
		content.Questionnaires = append(content.Questionnaires, option{Key: q.ID(), Name: v.text(q.Title) + " · " + q.ID(), Chosen: wave.VersionOf(q) == w.Questionnaire})
	}
	if template, err := questionnaire.Template(); err == nil {
		if _, taken := s.Surveys.Questionnaire(wave.VersionOf(template)); !taken {
			content.Questionnaires = append(content.Questionnaires, option{Key: template.ID(), Name: v.T("surveys.template", "name", v.text(template.Title)), Chosen: wave.VersionOf(template) == w.Questionnaire})
		}
	}
	known := s.handbookDepartments()
	for _, d := range w.Departments {
		if !slices.ContainsFunc(known, func(one wave.Department) bool { return one.Key == d.Key }) {
			known = append(known, d) // gone from the handbook: it can be taken out here
		}
	}
	for _, d := range known {
		field := placeField{Key: d.Key, Name: v.text(d.Name), Headcount: v.expected(d.Headcount)}
		if asked, ok := w.Department(d.Key); ok {
			field.Asked = true
			if asked.Expected > 0 {
				field.Expected = strconv.Itoa(asked.Expected)
			}
		}
		content.Places = append(content.Places, field)
	}
	return content
}

// draftOf reads the form. What cannot be read is left out, which the wave's own
// checks then name.
func (s *server) draftOf(form url.Values) *wave.Wave {
	w := &wave.Wave{
		Key: strings.TrimSpace(form.Get("key")), Title: questionnaire.Text{ZH: strings.TrimSpace(form.Get("title_zh")), EN: strings.TrimSpace(form.Get("title_en"))},
		Opens: s.fieldInstant(form.Get("opens")), Closes: s.fieldInstant(form.Get("closes")), Anonymous: form.Get("privacy") != "named",
	}
	w.Quarter, _ = wave.ParseQuarter(strings.ToUpper(strings.TrimSpace(form.Get("quarter"))))
	w.Questionnaire = parseVersion(form.Get("questionnaire"))
	for day := range strings.FieldsFuncSeq(form.Get("days"), func(r rune) bool { return strings.ContainsRune(" ,，、;；", r) }) {
		n, ok := bounded(day, 0, 1000)
		if !ok {
			n = -1 // which is refused
		}
		w.Reminders.DaysBefore = append(w.Reminders.DaysBefore, n)
	}
	w.Reminders.AtMost, _ = bounded(form.Get("at_most"), 0, 1000)
	for _, key := range form["department"] {
		d := wave.Department{Key: key}
		for _, known := range s.handbookDepartments() {
			if known.Key == key {
				d = known
			}
		}
		d.Expected = 0
		if text := strings.TrimSpace(form.Get("expected_" + key)); text != "" {
			n, ok := bounded(text, 1, 1_000_000)
			if !ok {
				n = -1 // which is refused
			}
			d.Expected = n
		}
		w.Departments = append(w.Departments, d)
	}
	return w
}

// parseVersion reads the name of a questionnaire's version, e.g. office_services.v1.
func parseVersion(id string) wave.Version {
	key, text, _ := strings.Cut(id, ".v")
	n, err := strconv.Atoi(text)
	if err != nil {
		return wave.Version{}
	}
	return wave.Version{Key: key, Number: n}
}

func (s *server) createWave(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	draft := s.draftOf(form)
	w, err := wave.New(draft, s.by(form.Get("reason")))
	if err == nil {
		err = s.takeTemplate(c, w.Questionnaire)
	}
	if err == nil {
		err = s.Surveys.Save(c.Request.Context(), w)
	}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, wavePath(w.Key)+"?done=create")
	case len(wave.Refusals(err)) > 0:
		content := s.waveForm(c, draft)
		content.New, content.Heading, content.Action, content.Back = true, s.surveyView(c).T("surveys.form.new"), "/surveys/waves", "/surveys"
		s.refillWave(c, content, form, err)
	default:
		s.surveyError(c, err)
	}
}

// takeTemplate keeps the questionnaire that comes with the product once a wave asks it.
func (s *server) takeTemplate(c *gin.Context, v wave.Version) error {
	template, err := questionnaire.Template()
	if err != nil {
		return err
	}
	if _, taken := s.Surveys.Questionnaire(v); taken || wave.VersionOf(template) != v {
		return nil
	}
	err = s.Surveys.AddQuestionnaire(c.Request.Context(), template, s.by(s.surveyView(c).T("surveys.template_reason")))
	if errors.Is(err, wave.ErrOvertaken) { // somebody else has taken it
		return nil
	}
	return err
}

func (s *server) editWave(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	if form.Get("revision") != strconv.FormatUint(w.Revision, 10) {
		s.surveyError(c, wave.ErrOvertaken)
		return
	}
	draft := s.draftOf(form)
	next, err := w.Edited(draft, s.by(form.Get("reason")))
	if err == nil {
		err = s.takeTemplate(c, next.Questionnaire)
	}
	if err == nil {
		err = s.Surveys.Save(c.Request.Context(), next)
	}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, wavePath(w.Key)+"?done=edit")
	case len(wave.Refusals(err)) > 0:
		s.refillWave(c, s.editForm(c, w, draft), form, err)
	default:
		s.surveyError(c, err)
	}
}

// refillWave shows the form as it was filled in, with all that is wrong.
func (s *server) refillWave(c *gin.Context, content waveFormContent, form url.Values, err error) {
	content.Problems, content.Reason, content.Quarter = s.surveyView(c).refusals(err), form.Get("reason"), form.Get("quarter")
	content.Opens, content.Closes, content.Days = form.Get("opens"), form.Get("closes"), form.Get("days")
	s.renderWaveForm(c, http.StatusUnprocessableEntity, content)
}
