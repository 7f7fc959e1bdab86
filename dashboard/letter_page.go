package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/ingest/delivery"
)

// pageActor is who acts through the pages until there are accounts.
const pageActor = "page (no accounts yet)"

// maxEditable is how large a text the page's form holds; no event is larger.
const maxEditable = 256 << 10

// letterContent is the page of one dead letter.
type letterContent struct {
	Back      string // URL of the list
	Path      string // of the letter's page, under which its deeds lie
	Download  string // URL of the value
	Title     string
	State     string
	StateKey  string
	Kind      string
	KindMeans string
	Reason    string
	Facts     []fact
	Headers   []fact
	Value     shown
	Flash     *remark
	Form      letterForm
	Acts      []actRow // newest first
	CanReplay bool     // whether there is a text or a form for one
	Decided   string   // what was decided so far, "" while nothing was
}

// fact is a name and what is so called.
type fact struct {
	Name, Value string
}

// shown are bytes as a page shows them.
type shown struct {
	Content string
	Text    bool   // else it is a dump
	Note    string // what is left out
}

// letterForm is what a person may fill in, and what was wrong with it.
type letterForm struct {
	Text    string
	Why     string // the text field is empty although there is a message, "" when it is not
	Edited  bool   // the text is a corrected one
	Reason  string
	Discard string // reason
	Problem string
	Field   string // that the problem is about: text, discard
}

// actRow is a line of the history.
type actRow struct {
	Light, At, Deed, Actor, Reason, Outcome, Text string
}

func (s *server) letterPage(c *gin.Context) {
	l, err := s.letter(c)
	if err != nil {
		s.letterPageError(c, err)
		return
	}
	content := s.letterContent(c, l)
	if c.Query("done") != "" {
		content.Flash = s.deliveryView(language(c)).latestAct(l)
	}
	s.render(c, http.StatusOK, "letter", s.letterFrame(c, content))
}

func (s *server) letterFrame(c *gin.Context, content letterContent) page {
	p := s.page(c, "operations", content.Title, s.asOf(c), content)
	p.LanguageTo = switched(&url.URL{Path: content.Path}, p.Language.Other()) // after a POST, too, a page to GET
	return p
}

func (s *server) letterValuePage(c *gin.Context) {
	l, err := s.letter(c)
	if err != nil {
		s.letterPageError(c, err)
		return
	}
	s.sendValue(c, l)
}

func (s *server) letterContent(c *gin.Context, l *delivery.Filed) letterContent {
	v := s.deliveryView(language(c))
	content := letterContent{
		Back: "/operations#letters", Path: letterPath(l.ID), Download: letterPath(l.ID) + "/value", Title: v.T("letter.title", "place", v.place(l.Place)),
		State: v.state(l.State), StateKey: string(l.State), Kind: v.kind(l.Kind), KindMeans: v.kindMeans(l.Kind), Reason: l.Reason,
		Facts: v.letterFacts(l), Value: v.shownValue(l), Form: v.letterForm(s.Desk, l), CanReplay: true,
	}
	for _, h := range l.Headers {
		content.Headers = append(content.Headers, fact{Preview(h.Name, previewRunes), Preview(h.Value, previewRunes)})
	}
	for i := len(l.Acts) - 1; i >= 0; i-- {
		content.Acts = append(content.Acts, v.actRow(&l.Acts[i]))
	}
	if content.Reason == "" {
		content.Reason = v.T("delivery.no_reason")
	}
	if l.State != delivery.Open {
		content.Decided = v.T("letter.decided." + string(l.State))
	}
	return content
}

func (v deliveryView) letterFacts(l *delivery.Filed) []fact {
	offset := number(float64(l.Place.Offset), 0)
	if l.Last > l.Place.Offset {
		offset += " – " + number(float64(l.Last), 0)
	}
	facts := []fact{
		{v.T("letter.fact.put_at"), v.stamp(l.PutAt)},
		{v.T("letter.fact.produced_at"), v.stamp(l.ProducedAt)},
		{v.T("letter.fact.topic"), l.Place.Topic},
		{v.T("letter.fact.partition"), number(float64(l.Place.Partition), 0)},
		{v.T("letter.fact.offset"), offset},
		{v.T("letter.fact.size"), size(l.Size)},
		{v.T("letter.fact.key"), Preview(l.Key, previewRunes)},
		{v.T("letter.fact.log"), l.Place.Log},
		{v.T("letter.fact.id"), l.ID},
	}
	for i := range facts {
		if facts[i].Value == "" {
			facts[i].Value = "—"
		}
	}
	return facts
}

func (v deliveryView) shownValue(l *delivery.Filed) shown {
	content, text, cut := show(l.Value)
	s := shown{Content: content, Text: text}
	var notes []string
	if !text {
		notes = append(notes, v.T("letter.value.binary"))
	}
	if cut {
		notes = append(notes, v.T("letter.value.beginning", "size", size(int64(len(l.Value)))))
	}
	if l.Cut() {
		notes = append(notes, v.T("letter.value.cut", "kept", size(int64(len(l.Value))), "size", size(l.Size)))
	}
	s.Note = strings.Join(notes, v.T("list.sentence"))
	return s
}

// letterForm begins with what a replay would send.
func (v deliveryView) letterForm(desk Desk, l *delivery.Filed) letterForm {
	f := letterForm{}
	for i := range l.Acts {
		f.Edited = f.Edited || l.Acts[i].Deed == delivery.Edit && l.Acts[i].OK
	}
	text, err := desk.Text(l)
	switch {
	case err != nil:
		f.Why = v.T("letter.form.no_text", "why", plainly(err.Error()))
	case len(text) > maxEditable:
		f.Why = v.T("letter.form.too_long")
	case !readable(text):
		f.Why = v.T("letter.form.binary")
	default:
		f.Text = laidOut(text)
	}
	return f
}

// changed reports whether a form came back with another text than it had.
// Browsers send every line's end as CR LF.
func (f letterForm) changed(given string) bool { return unixLines(given) != unixLines(f.Text) }

func unixLines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func (v deliveryView) actRow(a *delivery.Act) actRow {
	row := actRow{
		Light: lightFine, At: v.stamp(a.At), Deed: v.T("letter.deed." + string(a.Deed)), Actor: a.Actor, Reason: a.Reason,
		Outcome: plainly(a.Outcome), Text: Preview(a.Text, 2*previewRunes),
	}
	if !a.OK {
		row.Light = lightAttention
	}
	return row
}

// latestAct says what came of what was done last.
func (v deliveryView) latestAct(l *delivery.Filed) *remark {
	if len(l.Acts) == 0 {
		return nil
	}
	a := l.Acts[len(l.Acts)-1]
	if a.OK {
		return &remark{Light: lightFine, Claim: v.T("letter.done." + string(a.Deed)), Evidence: plainly(a.Outcome)}
	}
	return &remark{Light: lightAttention, Claim: v.T("letter.not_done." + string(a.Deed)), Evidence: plainly(a.Outcome)}
}

// plainly leaves out of an outcome what the page says in its own words.
func plainly(outcome string) string {
	return strings.TrimPrefix(outcome, delivery.ErrRefused.Error()+": ")
}

// checkLetterPage keeps the form's text when it was changed, and checks it as
// the front door would.
func (s *server) checkLetterPage(c *gin.Context) {
	s.actOnText(c, func(ctx context.Context, id, _ string) (delivery.Act, error) {
		return s.Desk.DryRun(ctx, id, pageActor)
	})
}

// replayLetterPage keeps the form's text when it was changed, and sends it.
func (s *server) replayLetterPage(c *gin.Context) {
	s.actOnText(c, func(ctx context.Context, id, reason string) (delivery.Act, error) {
		return s.Desk.Replay(ctx, id, pageActor, reason)
	})
}

// actOnText does something with the text that the reader sees in the form: what
// was written there and what is checked or sent are never two things.
func (s *server) actOnText(c *gin.Context, do func(ctx context.Context, id, reason string) (delivery.Act, error)) {
	l, form, ok := s.letterAndForm(c)
	if !ok {
		return
	}
	ctx, text, reason := c.Request.Context(), unixLines(form.Get("text")), form.Get("reason")
	v := s.deliveryView(language(c))
	if v.letterForm(s.Desk, l).changed(text) {
		if _, err := s.Desk.Edit(ctx, l.ID, text, pageActor, reason); err != nil {
			s.refill(c, l, err, func(f *letterForm) { f.Text, f.Reason, f.Field, f.Why = text, reason, "text", "" })
			return
		}
	}
	// A refusal is in the letter's history, where the page finds it.
	done, err := do(ctx, l.ID, reason)
	if err != nil && !errors.Is(err, delivery.ErrRefused) && !errors.Is(err, delivery.ErrLater) {
		s.notNoted(c, done, err)
		return
	}
	s.seeLetter(c, l.ID)
}

func (s *server) discardLetterPage(c *gin.Context) {
	l, form, ok := s.letterAndForm(c)
	if !ok {
		return
	}
	reason := form.Get("reason")
	done, err := s.Desk.Discard(c.Request.Context(), l.ID, pageActor, reason)
	switch {
	case errors.Is(err, delivery.ErrRefused):
		s.refill(c, l, err, func(f *letterForm) { f.Discard, f.Field = reason, "discard" })
	case err != nil:
		s.notNoted(c, done, err)
	default:
		s.seeLetter(c, l.ID)
	}
}

// notNoted answers when a deed failed for no fault of the letter's, or was done
// and could not be noted.
func (s *server) notNoted(c *gin.Context, done delivery.Act, err error) {
	if done.OK {
		s.Logger.ErrorContext(c.Request.Context(), "a deed with a dead letter was done and not noted", "deed", done.Deed, "error", err)
		s.errorPage(c, http.StatusInternalServerError, s.messages.In(language(c)).T("letter.not_noted"))
		return
	}
	s.letterPageError(c, err)
}

// letterAndForm reads the letter and the form that was sent about it; ok is
// false when the request has been answered.
func (s *server) letterAndForm(c *gin.Context) (l *delivery.Filed, form url.Values, ok bool) {
	form, ok = s.form(c)
	if !ok {
		return nil, nil, false
	}
	l, err := s.letter(c)
	if err != nil {
		s.letterPageError(c, err)
		return nil, nil, false
	}
	return l, form, true
}

// form reads a form; ok is false when the request has been answered.
func (s *server) form(c *gin.Context) (form url.Values, ok bool) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxRequestBytes)
	err := c.Request.ParseForm()
	form = c.Request.PostForm
	v := s.messages.In(language(c))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		s.errorPage(c, http.StatusRequestEntityTooLarge, v.T("letter.form.too_long"))
		return nil, false
	}
	if err != nil || len(form.Get("reason")) > maxReasonBytes || !readable(form.Get("reason")) || !readable(form.Get("text")) {
		s.errorPage(c, http.StatusBadRequest, v.T("letter.form.illegible"))
		return nil, false
	}
	return form, true
}

// refill shows the form again as it was filled in, with what is wrong.
func (s *server) refill(c *gin.Context, l *delivery.Filed, err error, fill func(*letterForm)) {
	if !errors.Is(err, delivery.ErrRefused) {
		s.letterPageError(c, err)
		return
	}
	content := s.letterContent(c, l)
	content.Form.Problem = plainly(err.Error())
	fill(&content.Form)
	s.render(c, http.StatusUnprocessableEntity, "letter", s.letterFrame(c, content))
}

// seeLetter leads to the letter's page after something was done, so that
// loading it again does nothing again.
func (s *server) seeLetter(c *gin.Context, id string) {
	c.Redirect(http.StatusSeeOther, letterPath(id)+"?done=1")
}

func (s *server) letterPageError(c *gin.Context, err error) {
	if errors.Is(err, delivery.ErrNoLetter) {
		s.errorPage(c, http.StatusNotFound, s.messages.In(language(c)).T("letter.none"))
		return
	}
	s.pageError(c, err)
}
