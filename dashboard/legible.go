package dashboard

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
)

// illegible is a parameter that cannot be read, and why: escape, semicolon or
// number (too many of them). [url.URL.Query] would leave it out, and the answer
// would be about something else than was asked.
type illegible struct {
	parameter, why string
}

// legible lists what cannot be read in a query string; nothing when all can be.
func legible(raw string) (list []illegible) {
	if _, err := url.ParseQuery(raw); err == nil {
		return nil
	}
	for part := range strings.SplitSeq(raw, "&") {
		if _, err := url.ParseQuery(part); err == nil {
			continue
		}
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		why := "escape"
		if strings.Contains(part, ";") {
			why = "semicolon"
		}
		list = append(list, illegible{clip(name), why})
	}
	if len(list) == 0 { // each can be read, but they are more than url takes
		list = append(list, illegible{"", "number"})
	}
	return list
}

func (i illegible) in(words i18n.Messages) string {
	return words.T("error.illegible."+i.why, "parameter", i.parameter)
}

// legibleAPI refuses a program's request whose query string cannot be read whole.
func (s *server) legibleAPI(c *gin.Context) {
	list := legible(c.Request.URL.RawQuery)
	if len(list) == 0 {
		return
	}
	words := s.messages.In(i18n.English)
	faults := make([]fault, len(list))
	for i, l := range list {
		faults[i] = fault{Parameter: l.parameter, Detail: l.in(words)}
	}
	newProblem(http.StatusBadRequest, "the query string cannot be read; see errors", faults...).send(c)
	c.Abort()
}

// legiblePage refuses a page whose query string cannot be read whole.
func (s *server) legiblePage(c *gin.Context) {
	list := legible(c.Request.URL.RawQuery)
	if len(list) == 0 {
		return
	}
	words := s.messages.In(language(c))
	reasons := make([]string, len(list))
	for i, l := range list {
		reasons[i] = l.in(words)
	}
	s.errorPage(c, http.StatusBadRequest, reasons...)
	c.Abort()
}
