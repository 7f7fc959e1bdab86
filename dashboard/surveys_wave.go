package dashboard

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// waveContent is the page of one wave.
type waveContent struct {
	Flash    *remark
	Problems []string
	Path     string
	Revision uint64
	Row      waveRow
	State    wave.State
	Now      string // what is to be done
	NowLead  string
	Facts    []fact
	Counts   countsContent
	Live     bool // counts change while one looks
	Preview  string
	Results  string // URL, once there may be any

	Deed     string // whose form was refused
	Reason   string // as given there
	Closes   string // for the field
	Outcome  questionnaire.Text
	NextName string

	Places   []placeLinks
	Personal int
	File     string
	Acts     []waveAct
}

// placeLinks are the links of a department.
type placeLinks struct {
	Key, Name, URL string
	Made, Missing  int // personal ones
}

// waveAct is a line of the history.
type waveAct struct {
	At, Deed, By, Reason, What string
}

// countsContent are the answers by department.
type countsContent struct {
	Rows  []countRow
	Total countRow
	AsOf  string
	Away  bool
}

type countRow struct {
	Name, Answers, Expected, Rate string
	Width                         int // of the bar, %
}

// waveOf finds the wave of the address; ok is false when the request has been answered.
func (s *server) waveOf(c *gin.Context) (*wave.Wave, bool) {
	w, ok := s.Surveys.Wave(c.Param("wave"))
	if !ok {
		s.errorPage(c, http.StatusNotFound, s.messages.In(language(c)).T("surveys.no_wave"))
	}
	return w, ok
}

func (s *server) wavePage(c *gin.Context) {
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	content := s.waveContent(c, w)
	content.Flash = s.surveyView(c).done(c.Query("done"))
	s.renderWave(c, http.StatusOK, w, content)
}

func (s *server) renderWave(c *gin.Context, status int, w *wave.Wave, content waveContent) {
	s.render(c, status, "survey_wave", s.surveyFrame(c, content.Row.Title, wavePath(w.Key), content))
}

func (s *server) waveContent(c *gin.Context, w *wave.Wave) waveContent {
	v, ctx := s.surveyView(c), c.Request.Context()
	content := waveContent{
		Path: wavePath(w.Key), Revision: w.Revision, Row: v.waveRow(w), State: w.State, Now: v.T("surveys.now." + string(w.State) + ".title"), NowLead: v.T("surveys.now." + string(w.State) + ".lead"), Facts: v.waveFacts(w),
		Live: w.State == wave.Open, Preview: questionnairePath(w.Questionnaire.ID()), Outcome: w.Outcome,
		Closes: w.Closes.In(s.zone).Format(fieldTime), File: wavePath(w.Key) + "/links.csv",
	}
	next := wave.NextFrom(w, wave.Version{}, s.waveFiscal())
	if _, there := s.Surveys.Wave(next.Key); !there && w.State != wave.Draft {
		content.NextName = v.quarter(next.Quarter)
	}
	if w.Answered() {
		content.Results = "/satisfaction?wave=" + url.QueryEscape(w.Key)
	}
	if w.State != wave.Draft {
		content.Counts = s.counts(c, w)
	}
	if w.State == wave.Open {
		links, err := s.Surveys.PersonalLinks(ctx, w)
		if err != nil {
			s.Logger.WarnContext(ctx, "no survey links", "wave", w.Key, "error", err)
		}
		content.Places, content.Personal = v.placeLinks(w, links, s.Surveys.DepartmentLink), len(links)
	}
	history, err := s.Surveys.History(ctx, w.Key)
	if err != nil {
		s.Logger.WarnContext(ctx, "no history of a wave", "wave", w.Key, "error", err)
		history = []*wave.Wave{w}
	}
	for _, one := range history {
		content.Acts = append(content.Acts, v.waveAct(one))
	}
	return content
}

func (v surveyView) waveFacts(w *wave.Wave) []fact {
	privacy := v.T("surveys.named")
	if w.Anonymous {
		privacy = v.T("surveys.anonymous")
	}
	return []fact{
		{v.T("surveys.quarter"), v.quarter(w.Quarter)},
		{v.T("surveys.key"), w.Key},
		{v.T("surveys.questionnaire"), w.Questionnaire.ID()},
		{v.T("surveys.opens"), v.stamp(w.Opens)},
		{v.T("surveys.closes"), v.stamp(w.Ended())},
		{v.T("surveys.departments"), number(float64(len(w.Departments)), 0)},
		{v.T("surveys.expected"), v.expected(w.Expected())},
		{v.T("surveys.privacy"), privacy},
		{v.T("surveys.reminders"), v.reminders(w.Reminders)},
	}
}

func (v surveyView) reminders(r wave.Reminders) string {
	if len(r.DaysBefore) == 0 || r.AtMost == 0 {
		return v.T("surveys.no_reminders")
	}
	return v.T("surveys.reminders_are", "days", daysText(r.DaysBefore), "n", r.AtMost)
}

func daysText(days []int) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = strconv.Itoa(d)
	}
	return strings.Join(texts, ", ")
}

func (v surveyView) placeLinks(w *wave.Wave, links []SurveyLink, address func(*wave.Wave, string) string) []placeLinks {
	made := make(map[string]int)
	for _, l := range links {
		made[l.Department]++
	}
	places := make([]placeLinks, len(w.Departments))
	for i, d := range w.Departments {
		places[i] = placeLinks{Key: d.Key, Name: v.text(d.Name), URL: address(w, d.Key), Made: made[d.Key], Missing: max(0, d.Expected-made[d.Key])}
	}
	return places
}

func (v surveyView) waveAct(w *wave.Wave) waveAct {
	a := waveAct{At: v.stamp(w.Change.At), Deed: v.T("surveys.deed." + string(w.Change.Deed)), By: w.Change.By, Reason: w.Change.Reason}
	if a.By == "schedule" {
		a.By, a.Reason = v.T("surveys.schedule"), v.T("surveys.schedule_reason")
	}
	if w.Change.Deed == wave.Edit {
		names := make([]string, len(w.Change.What))
		for i, part := range w.Change.What {
			names[i] = v.T("surveys.part." + part)
		}
		a.What = strings.Join(names, v.T("list.and_so"))
	}
	return a
}

// counts are how many have answered. A count tells nothing of what was answered,
// so it is shown while the wave is open; the answers are not.
func (s *server) counts(c *gin.Context, w *wave.Wave) countsContent {
	v := s.surveyView(c)
	counts, err := s.Surveys.Counts(c.Request.Context(), w.Key)
	if err != nil {
		s.Logger.WarnContext(c.Request.Context(), "answers of a wave not counted", "wave", w.Key, "error", err)
		return countsContent{Away: true}
	}
	content := countsContent{AsOf: s.Now().In(s.zone).Format("15:04:05")}
	total := uint64(0)
	for _, d := range w.Departments {
		content.Rows = append(content.Rows, v.countRow(v.text(d.Name), counts[d.Key], d.Expected))
		total += counts[d.Key]
	}
	content.Total = v.countRow(v.T("surveys.total"), total, w.Expected())
	return content
}

func (v surveyView) countRow(name string, n uint64, expected int) countRow {
	row := countRow{Name: name, Answers: number(float64(n), 0), Expected: v.expected(expected), Rate: "—"}
	if expected > 0 {
		share := float64(n) / float64(expected)
		row.Rate = number(100*share, 0) + "%"
		row.Width = int(min(100, 100*share))
	}
	return row
}

// waveCountsPart is the part of the page that changes while the wave is open.
func (s *server) waveCountsPart(c *gin.Context) {
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	var b bytes.Buffer
	p := s.surveyFrame(c, "", wavePath(w.Key), s.counts(c, w))
	if err := s.templates["survey_wave"].ExecuteTemplate(&b, "survey-counts", p); err != nil {
		s.pageError(c, fmt.Errorf("render the counts of a wave: %w", err))
		return
	}
	c.Writer.Header().Set("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

// deed makes the next revision of a wave from a form.
type deed func(w *wave.Wave, form url.Values) (*wave.Wave, error)

// waveDeed does a deed with the revision that the reader saw, and no other.
func (s *server) waveDeed(do deed) gin.HandlerFunc {
	return func(c *gin.Context) {
		form, ok := s.surveyForm(c)
		if !ok {
			return
		}
		w, ok := s.waveOf(c)
		if !ok {
			return
		}
		if form.Get("revision") != strconv.FormatUint(w.Revision, 10) {
			s.refuseDeed(c, w, form, http.StatusConflict, []string{s.messages.In(language(c)).T("surveys.overtaken")})
			return
		}
		next, err := do(w, form)
		if err == nil {
			err = s.Surveys.Save(c.Request.Context(), next)
		}
		switch {
		case err == nil:
			c.Redirect(http.StatusSeeOther, wavePath(w.Key)+"?done="+string(next.Change.Deed))
		case len(wave.Refusals(err)) > 0:
			s.refuseDeed(c, w, form, http.StatusUnprocessableEntity, s.surveyView(c).refusals(err))
		case errors.Is(err, wave.ErrOvertaken):
			now, _ := s.Surveys.Wave(w.Key)
			s.refuseDeed(c, now, form, http.StatusConflict, []string{s.messages.In(language(c)).T("surveys.overtaken")})
		default:
			s.surveyError(c, err)
		}
	}
}

// refuseDeed shows the wave as it is, with what was filled in.
func (s *server) refuseDeed(c *gin.Context, w *wave.Wave, form url.Values, status int, problems []string) {
	content := s.waveContent(c, w)
	content.Problems, content.Reason, content.Deed = problems, form.Get("reason"), form.Get("deed")
	if content.Deed == string(wave.Publish) {
		content.Outcome = questionnaire.Text{ZH: form.Get("outcome_zh"), EN: form.Get("outcome_en")}
	}
	s.renderWave(c, status, w, content)
}

func (s *server) openWave(w *wave.Wave, form url.Values) (*wave.Wave, error) {
	return w.Opened(s.handbookDepartments(), s.by(form.Get("reason")))
}

func (s *server) extendWave(w *wave.Wave, form url.Values) (*wave.Wave, error) {
	return w.Extended(s.fieldInstant(form.Get("closes")), s.by(form.Get("reason")))
}

func (s *server) closeWave(w *wave.Wave, form url.Values) (*wave.Wave, error) {
	return w.ClosedNow(s.by(form.Get("reason")))
}

func (s *server) publishWave(w *wave.Wave, form url.Values) (*wave.Wave, error) {
	return w.PublishedWith(questionnaire.Text{ZH: unixLines(form.Get("outcome_zh")), EN: unixLines(form.Get("outcome_en"))}, s.by(form.Get("reason")))
}

// fieldTime is how a browser's field of date and time writes one.
const fieldTime = "2006-01-02T15:04"

// fieldInstant reads such a field; zero when it holds none.
func (s *server) fieldInstant(text string) time.Time {
	for _, layout := range []string{fieldTime, fieldTime + ":05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), s.zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// nextWave makes the next quarter's draft from a wave in one click.
func (s *server) nextWave(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	v := s.surveyView(c)
	last, ok := s.Surveys.Wave(form.Get("from"))
	if !ok {
		s.errorPage(c, http.StatusNotFound, v.T("surveys.no_wave"))
		return
	}
	newest := last.Questionnaire
	if q, ok := s.Surveys.Newest(newest.Key); ok {
		newest = wave.VersionOf(q)
	}
	next, err := wave.New(wave.NextFrom(last, newest, s.waveFiscal()), s.by(v.T("surveys.next_reason", "wave", last.Key)))
	if err == nil {
		err = s.Surveys.Save(c.Request.Context(), next)
	}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, wavePath(next.Key)+"?done=next")
	case len(wave.Refusals(err)) > 0:
		s.errorPage(c, http.StatusUnprocessableEntity, v.refusals(err)...)
	default:
		s.surveyError(c, err)
	}
}

const mostLinks = 20_000 // in one go

// makeLinks makes personal links: so many a department, or one for each recipient.
func (s *server) makeLinks(c *gin.Context) {
	form, ok := s.surveyForm(c)
	if !ok {
		return
	}
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	requests, problems := s.surveyView(c).linkRequests(w, form)
	if w.State != wave.Open {
		problems = append(problems, s.surveyView(c).T("surveys.links.not_open"))
	}
	if len(problems) > 0 {
		s.refuseDeed(c, w, form, http.StatusUnprocessableEntity, problems)
		return
	}
	if err := s.Surveys.MakeLinks(c.Request.Context(), w, requests, pageActor); err != nil {
		s.surveyError(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, wavePath(w.Key)+"?done=links#links")
}

func (v surveyView) linkRequests(w *wave.Wave, form url.Values) (requests []LinkRequest, problems []string) {
	for _, d := range w.Departments {
		text := form.Get("n_" + d.Key)
		if text == "" {
			continue
		}
		n, ok := bounded(text, 0, mostLinks)
		if !ok {
			problems = append(problems, v.T("surveys.links.bad_number", "department", v.text(d.Name)))
			continue
		}
		for range n {
			requests = append(requests, LinkRequest{Department: d.Key})
		}
	}
	for i, line := range strings.Split(unixLines(form.Get("recipients")), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		place, address, _ := strings.Cut(strings.NewReplacer("，", ",", "\t", ",", ";", ",").Replace(line), ",")
		place, address = strings.TrimSpace(place), strings.TrimSpace(address)
		key := v.placeKey(w, place)
		if key == "" || !strings.Contains(address, "@") || len(address) > 254 {
			problems = append(problems, v.T("surveys.links.bad_line", "n", i+1, "line", clip(line)))
			continue
		}
		requests = append(requests, LinkRequest{Department: key, Recipient: address})
	}
	switch {
	case len(requests) > mostLinks:
		problems = append(problems, v.T("surveys.links.too_many", "n", mostLinks))
	case len(requests) == 0 && len(problems) == 0:
		problems = append(problems, v.T("surveys.links.none_asked"))
	}
	return requests, problems
}

// placeKey finds a department by its key or one of its names.
func (v surveyView) placeKey(w *wave.Wave, name string) string {
	for _, d := range w.Departments {
		if name == d.Key || name == d.Name.ZH || strings.EqualFold(name, d.Name.EN) {
			return d.Key
		}
	}
	return ""
}

// linksFile is a table of the personal links, to be handed out.
func (s *server) linksFile(c *gin.Context) {
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	links, err := s.Surveys.PersonalLinks(c.Request.Context(), w)
	if err != nil {
		s.surveyError(c, err)
		return
	}
	v := s.surveyView(c)
	var b bytes.Buffer
	b.WriteString("\ufeff") // Excel reads UTF-8 by it
	out := csv.NewWriter(&b)
	rows := [][]string{{v.T("surveys.department"), v.T("surveys.links.recipient"), v.T("surveys.links.link")}}
	for _, l := range links {
		d, _ := w.Department(l.Department)
		rows = append(rows, []string{plainCell(v.text(d.Name)), plainCell(l.Recipient), l.URL})
	}
	if err := out.WriteAll(rows); err != nil {
		s.pageError(c, fmt.Errorf("write the links of wave %s: %w", w.Key, err))
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="survey-links-%s.csv"`, w.Key))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

// plainCell keeps a spreadsheet from taking a text for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
