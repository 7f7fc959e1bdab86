package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// replayContent asks whether many letters are to be replayed.
type replayContent struct {
	N      int
	More   bool // the filter chooses others besides
	IDs    string
	Back   string // URL of the list
	Filter url.Values
	Rows   []letterRow // the first of them
	Others int         // how many are not shown
	None   bool
}

const confirmedRows = 10

func (s *server) confirmReplayPage(c *gin.Context) {
	q, ok := parseLetterQuery(c.Request.URL.Query())
	if !ok {
		s.illegibleQuery(c)
		return
	}
	f := q.Filter
	f.Limit = MaxTogether
	list, more, err := s.someLetters(c.Request.Context(), f)
	if err != nil {
		s.pageError(c, err)
		return
	}
	v := s.deliveryView(language(c))
	content := replayContent{N: len(list), More: more, Back: q.at(1).href(), Filter: q.at(1).values(), None: len(list) == 0}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
		if i < confirmedRows {
			content.Rows = append(content.Rows, v.letterRow(&list[i], q))
		}
	}
	content.IDs, content.Others = strings.Join(ids, ","), len(list)-len(content.Rows)
	s.render(c, http.StatusOK, "replay", s.page(c, "operations", v.T("replay.title"), s.asOf(c), content))
}

// replayLettersPage replays the very letters that were confirmed, whatever the
// filter would choose by now.
func (s *server) replayLettersPage(c *gin.Context) {
	form, ok := s.form(c)
	if !ok {
		return
	}
	request := LettersReplay{Reason: form.Get("reason")}
	if ids := form.Get("ids"); ids != "" {
		request.IDs = strings.Split(ids, ",")
	}
	q, ok := parseLetterQuery(form)
	if !ok || request.check() != nil {
		s.errorPage(c, http.StatusBadRequest, s.messages.In(language(c)).T("replay.illegible"))
		return
	}
	answer := s.replayAll(c.Request.Context(), request.IDs, pageActor, request.Reason)
	values := q.values()
	for name, n := range map[string]int{"replayed": answer.Replayed, "refused": answer.Refused, "failed": answer.Failed} {
		if n > 0 {
			values.Set(name, strconv.Itoa(n))
		}
	}
	c.Redirect(http.StatusSeeOther, hrefOf("/operations", values))
}

// sameOrigin refuses what a page of another site sends through a reader's browser.
func (s *server) sameOrigin(c *gin.Context) {
	if err := s.crossOrigin.Check(c.Request); err != nil {
		s.errorPage(c, http.StatusForbidden, s.messages.In(language(c)).T("operations.foreign"))
		c.Abort()
	}
}
