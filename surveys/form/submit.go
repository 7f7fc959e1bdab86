package form

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/questionnaire"
)

// ticketField is the hidden field with the form's ticket. No question has a key
// that begins like this.
const ticketField = "_ticket"

// source is who answer events are from.
const source = "/surveys"

// submit takes a filled-in form. It says thank you only after the broker has the
// answer for good; until then the same form may be sent again and again and
// counts once. A personal link to an anonymous wave is marked before and after,
// so that it is for one answer also where the process is killed between the two.
func (s *server) submit(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	form, ok := s.read(c, v)
	if !ok {
		return
	}
	defer s.Waves.Answering()()
	if v, ok = s.visit(c); !ok { // closed while the form came in
		return
	}
	number, ok := v.link.Number(s.Secret, form.Get(ticketField))
	if !ok {
		// A form of before the secret was changed, or none at all: it gets a new ticket.
		p := s.page(c, v, form, nil)
		p.Filled, p.Trouble = true, v.words.T("form.stale")
		s.render(c, http.StatusUnprocessableEntity, "form", p)
		return
	}
	if v.once() {
		hash := v.link.Hash()
		lock := &s.locks[(int(hash[0])<<8|int(hash[1]))%lockCount]
		lock.Lock()
		defer lock.Unlock()
	}
	if v.wave.Anonymous && s.taken.has(number) { // a double click, or a reply that was lost
		s.thanks(c, v)
		return
	}
	if v.once() && s.Waves.Used(v.link) {
		s.message(c, v, http.StatusGone, "used")
		return
	}
	answers, faults := v.questions.Fill(form)
	if len(faults) > 0 {
		s.again(c, v, form, faults)
		return
	}
	if !s.publish(c, v, form, number, answers) {
		return
	}
	if v.wave.Anonymous {
		s.taken.add(number)
	}
	if err := s.note(v); err != nil {
		// The answer counts, and whatever comes by the link has its number.
		s.Logger.ErrorContext(c.Request.Context(), "the use of a survey link is not on disk", "wave", v.wave.Key, "error", err)
	}
	s.thanks(c, v)
}

// read reads the form; ok is false when the request has been answered.
func (s *server) read(c *gin.Context, v visit) (form url.Values, ok bool) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	err := c.Request.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large || c.Request.ContentLength > maxForm {
		s.message(c, v, http.StatusRequestEntityTooLarge, "large")
		return nil, false
	}
	if err != nil {
		s.message(c, v, http.StatusBadRequest, "broken")
		return nil, false
	}
	return c.Request.PostForm, true
}

// event is the answer as it travels. Of an anonymous wave it carries the day and
// a random id, which nothing else that is kept knows.
func (s *server) event(v visit, number string, answers questionnaire.Answers) event.Event {
	now := s.Now()
	e := event.Event{
		ID: number, Source: source, Type: event.TypeAnswer, Time: now.UTC(),
		Answer: &event.Answer{
			AnswerID: number, Wave: v.wave.Key, Questionnaire: v.questions.ID(), Department: v.link.Department, Answers: answers,
		},
	}
	if v.wave.Anonymous {
		local := now.In(s.Zone)
		e.Time = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.Zone).UTC()
	}
	if v.named() {
		e.Answer.AnswerID = v.link.AnswerID(s.Secret)
	}
	return e
}

// publish sends the answer; false when that failed, and the form has been sent
// back as it was filled in.
func (s *server) publish(c *gin.Context, v visit, form url.Values, number string, answers questionnaire.Answers) bool {
	if v.once() {
		begun, err := s.Waves.Begin(v.link, number)
		if err != nil {
			s.Logger.ErrorContext(c.Request.Context(), "a survey answer cannot be begun", "wave", v.wave.Key, "error", err)
			s.trouble(c, v, form)
			return false
		}
		number = begun
	}
	e := s.event(v, number, answers)
	err := e.Validate(s.Now())
	var text []byte
	if err == nil {
		text, err = e.Encode()
	}
	if err != nil || len(text) > event.MaxBytes { // what the questionnaire lets through and no event carries
		s.Logger.ErrorContext(c.Request.Context(), "an answer that cannot be an event", "wave", v.wave.Key, "bytes", len(text), "error", err)
		s.message(c, v, http.StatusRequestEntityTooLarge, "large")
		return false
	}
	err = s.Publisher.Publish(c.Request.Context(), []ingest.Message{{Type: e.Type, Key: e.Key(), Value: text}})
	if err == nil {
		return true
	}
	s.Logger.WarnContext(c.Request.Context(), "a survey answer was not acknowledged", "wave", v.wave.Key, "error", err)
	s.trouble(c, v, form)
	return false
}

// trouble sends the form back to be sent again.
func (s *server) trouble(c *gin.Context, v visit, form url.Values) {
	p := s.page(c, v, form, nil)
	p.Filled, p.Trouble = true, v.words.T("form.trouble")
	c.Writer.Header().Set("Retry-After", "10")
	s.render(c, http.StatusServiceUnavailable, "form", p)
}

// note remembers that the link was used. A department's link has no use: it is
// for as many answers as come.
func (s *server) note(v visit) error {
	if !v.once() && !v.named() {
		return nil
	}
	return s.Waves.Use(v.link)
}

// again sends the form back with what has to be put right.
func (s *server) again(c *gin.Context, v visit, form url.Values, faults []questionnaire.Fault) {
	p := s.page(c, v, form, faults)
	p.Filled = true
	s.render(c, http.StatusUnprocessableEntity, "form", p)
}
