// Package form is what people with a link see: a request for a page comes in, a
// form of one wave goes out; a filled-in form comes in, an answer event goes out.
// It needs neither an account nor JavaScript nor the database.
package form

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/ingest"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// Waves knows what is asked and which links were used; [store.Store] does, also
// while the database is away.
type Waves interface {
	Wave(key string) (*wave.Wave, bool)
	Questionnaire(v wave.Version) (*questionnaire.Questionnaire, bool)
	LastPublished(before wave.Quarter) *wave.Wave
	Answering() (done func())
	Used(i *invitation.Invitation) bool
	Begin(i *invitation.Invitation, number string) (string, error)
	Use(i *invitation.Invitation) error
}

// Publisher puts messages where they are safe; nil means that all of them are.
type Publisher interface {
	Publish(ctx context.Context, messages []ingest.Message) error
}

// Dependencies are what the form is given; all are needed.
type Dependencies struct {
	Waves     Waves
	Publisher Publisher
	Secret    invitation.Secret
	Zone      *time.Location // of the office: whose day an answer is of
	Logger    *slog.Logger
	Now       func() time.Time
}

const (
	maxForm   = 1 << 20 // bytes of a filled-in form; a Chinese character is nine of them
	lockCount = 4096
)

// server answers requests.
type server struct {
	Dependencies
	*site

	// Of one personal link, one form at a time is decided about.
	locks [lockCount]sync.Mutex
	taken *recent
}

// Path is where the form of a link is.
func Path(code string) string { return "/s/" + code }

// Routes adds the form and its files to r.
func Routes(r gin.IRouter, deps Dependencies) error {
	if deps.Waves == nil || deps.Publisher == nil || len(deps.Secret) == 0 || deps.Zone == nil || deps.Logger == nil || deps.Now == nil {
		return errors.New("set up the survey form: waves, publisher, secret, zone, logger and clock are all needed")
	}
	built, err := loadSite()
	if err != nil {
		return fmt.Errorf("set up the survey form: %w", err)
	}
	s := &server{Dependencies: deps, site: built, taken: newRecent()}
	g := r.Group("/", s.secure)
	g.GET("/s/:code", s.show)
	g.HEAD("/s/:code", s.show)
	g.POST("/s/:code", s.submit)
	g.GET("/survey-form/:file", s.file)
	return nil
}

// policy lets the browser use this form's own script and style (its hash is %s)
// and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src '%s'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *server) secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", s.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key to the form
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	c.Next()
}

// visit is a request by a link that holds.
type visit struct {
	words     i18n.Messages
	link      *invitation.Invitation
	wave      *wave.Wave
	questions *questionnaire.Questionnaire
	place     wave.Department
}

// visit reads the link. ok is false when the request has been answered: the link
// is none, or leads to no form now.
func (s *server) visit(c *gin.Context) (v visit, ok bool) {
	v.words = s.messages.In(language(c))
	link, err := invitation.Parse(c.Param("code"), s.Secret)
	if err != nil {
		s.message(c, v, http.StatusNotFound, "forged")
		return v, false
	}
	v.link = link
	w, known := s.Waves.Wave(link.Wave)
	if !known {
		s.message(c, v, http.StatusNotFound, "foreign")
		return v, false
	}
	v.wave = w
	if v.place, known = w.Department(link.Department); !known {
		s.message(c, v, http.StatusNotFound, "foreign")
		return v, false
	}
	switch w.Phase(s.Now()) {
	case wave.Early:
		s.message(c, v, http.StatusForbidden, "early")
		return v, false
	case wave.Over:
		s.message(c, v, http.StatusGone, "over")
		return v, false
	case wave.Taking:
	}
	if v.questions, known = s.Waves.Questionnaire(w.Questionnaire); !known {
		s.Logger.ErrorContext(c.Request.Context(), "an open wave without its questionnaire", "wave", w.Key, "questionnaire", w.Questionnaire.ID())
		s.message(c, v, http.StatusServiceUnavailable, "away")
		return v, false
	}
	return v, true
}

// once reports whether a link is for one answer only.
func (v visit) once() bool { return v.link.Kind == invitation.Personal && v.wave.Anonymous }

// named reports whether an answer takes the place of an earlier one.
func (v visit) named() bool { return v.link.Kind == invitation.Personal && !v.wave.Anonymous }

// show sends the form. It changes nothing: a mail program that looks at links
// before their reader does leaves them as they were.
func (s *server) show(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	if v.once() && s.Waves.Used(v.link) {
		s.message(c, v, http.StatusGone, "used")
		return
	}
	p := s.page(c, v, url.Values{}, nil)
	p.Again = v.named() && s.Waves.Used(v.link)
	s.render(c, http.StatusOK, "form", p)
}

// language is what the address says, else what the browser asks for.
func language(c *gin.Context) i18n.Language {
	if l, ok := i18n.Parse(c.Query("lang")); ok {
		return l
	}
	return i18n.Accepted(c.GetHeader("Accept-Language"))
}

// render sends a page whole or not at all.
func (s *server) render(c *gin.Context, status int, name string, p page) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, p); err != nil {
		s.Logger.ErrorContext(c.Request.Context(), "render the survey form", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "the page cannot be shown; the server's log says why\n")
		return
	}
	c.Writer.Header().Set("Vary", "Accept-Language")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}
