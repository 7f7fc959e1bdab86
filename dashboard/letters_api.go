package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"example.com/officepulse/ingest/delivery"
)

const (
	maxRequestBytes = 4 << 20 // an event of the largest size, with every character escaped
	maxActorBytes   = 100
	maxReasonBytes  = 2 << 10
	maxListed       = 200
	maxPassedOver   = 10_000_000
)

func (s *server) auditAPI(c *gin.Context) {
	if len(c.Request.URL.Query()) > 0 {
		newProblem(http.StatusBadRequest, "the audit takes no parameters").send(c)
		return
	}
	a, err := s.Operations.Audit(c.Request.Context())
	if err != nil {
		s.apiError(c, err)
		return
	}
	troubles, _ := s.Operations.Troubles()
	s.sendJSON(c, AuditReport{Audit: *a, Sums: sums(a), Troubles: append([]delivery.Trouble{}, troubles...)})
}

func (s *server) listLettersAPI(c *gin.Context) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown("kind", "state", "topic", "text", "limit", "offset")
	f := p.letterFilter()
	f.Limit, f.Offset = p.number("limit", maxListed), p.whole("offset", maxPassedOver)
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return
	}
	list, more, err := s.someLetters(c.Request.Context(), f)
	if err != nil {
		s.letterError(c, err)
		return
	}
	answer := LetterList{Letters: []Letter{}, More: more, Counts: []delivery.Count{}}
	for i := range list {
		answer.Letters = append(answer.Letters, listedLetter(&list[i].Letter, list[i].State))
	}
	counts, err := s.Desk.LetterCounts(c.Request.Context())
	if err != nil {
		s.letterError(c, err)
		return
	}
	answer.Counts = append(answer.Counts, counts...)
	s.sendJSON(c, answer)
}

// letterFilter reads which letters are asked for.
func (p *queryParser) letterFilter() delivery.Filter {
	return delivery.Filter{
		Kind: delivery.Kind(p.word("kind", texts(delivery.Kinds()), "")), State: delivery.State(p.word("state", texts(delivery.States()), "")),
		Topic: p.single("topic"), Text: p.single("text"),
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// someLetters lists what f chooses, and whether there are more.
func (s *server) someLetters(ctx context.Context, f delivery.Filter) (list []delivery.Filed, more bool, err error) {
	if f.Limit == 0 {
		f.Limit = delivery.DefaultLimit
	}
	limit := f.Limit
	f.Limit++
	list, err = s.Desk.Letters(ctx, f)
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

func (s *server) letterAPI(c *gin.Context) {
	l, err := s.letter(c)
	if err != nil {
		s.letterError(c, err)
		return
	}
	s.sendJSON(c, letterInFull(l, s.Desk))
}

var letterID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// letter is the one that the path names.
func (s *server) letter(c *gin.Context) (*delivery.Filed, error) {
	id := c.Param("id")
	if !letterID.MatchString(id) {
		return nil, fmt.Errorf("%w: %q is no id; an id has 16 hexadecimal digits", delivery.ErrNoLetter, clip(id))
	}
	return s.Desk.Letter(c.Request.Context(), id)
}

// sendValue gives a letter's bytes as they came. Nothing may take them for a
// page: they are a stranger's.
func (s *server) sendValue(c *gin.Context, l *delivery.Filed) {
	h := c.Writer.Header()
	h.Set("Content-Disposition", `attachment; filename="deadletter-`+l.ID+`.bin"`)
	h.Set("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/octet-stream", []byte(l.Value))
}

func (s *server) letterValueAPI(c *gin.Context) {
	l, err := s.letter(c)
	if err != nil {
		s.letterError(c, err)
		return
	}
	s.sendValue(c, l)
}

func (s *server) editLetterAPI(c *gin.Context) {
	var in LetterEdit
	s.doAPI(c, &in, true, func(ctx context.Context, id, actor string) (delivery.Act, error) {
		return s.Desk.Edit(ctx, id, in.Text, actor, in.Reason)
	})
}

func (s *server) dryRunLetterAPI(c *gin.Context) {
	s.doAPI(c, &struct{}{}, false, s.Desk.DryRun)
}

func (s *server) replayLetterAPI(c *gin.Context) {
	var in LetterReason
	s.doAPI(c, &in, false, func(ctx context.Context, id, actor string) (delivery.Act, error) {
		return s.Desk.Replay(ctx, id, actor, in.Reason)
	})
}

func (s *server) discardLetterAPI(c *gin.Context) {
	var in LetterReason
	s.doAPI(c, &in, true, func(ctx context.Context, id, actor string) (delivery.Act, error) {
		return s.Desk.Discard(ctx, id, actor, in.Reason)
	})
}

// doAPI reads the body into in and does a deed with the letter of the path.
func (s *server) doAPI(c *gin.Context, in any, bodyNeeded bool, do func(ctx context.Context, id, actor string) (delivery.Act, error)) {
	if !letterID.MatchString(c.Param("id")) {
		_, err := s.letter(c)
		s.letterError(c, err)
		return
	}
	actor, refusal := actorOf(c.GetHeader("X-Actor"))
	if refusal == nil {
		refusal = readBody(c, in, bodyNeeded)
	}
	if refusal != nil {
		refusal.send(c)
		return
	}
	done, err := do(c.Request.Context(), c.Param("id"), actor)
	switch {
	case err == nil:
		s.sendJSON(c, act(&done))
	case done.OK:
		s.Logger.ErrorContext(c.Request.Context(), "a deed with a dead letter was done and not noted", "deed", done.Deed, "error", err)
		newProblem(http.StatusInternalServerError, "it was done ("+done.Outcome+"), but could not be noted in the letter's history; do it again, which changes nothing else").send(c)
	default:
		s.letterError(c, err)
	}
}

// actorOf is who does something, in their own words until there are accounts.
func actorOf(header string) (string, *problem) {
	actor := strings.TrimSpace(header)
	if actor == "" {
		return "operator", nil
	}
	if len(actor) > maxActorBytes || !readable(actor) {
		p := newProblem(http.StatusBadRequest, "the header X-Actor cannot be used", fault{Parameter: "X-Actor", Detail: fmt.Sprintf("a name in UTF-8 of %d bytes at most", maxActorBytes)})
		return "", &p
	}
	return actor, nil
}

// readBody reads a JSON object; one that may be missing leaves in as it is.
func readBody(c *gin.Context, in any, needed bool) *problem {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxRequestBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		p := newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("a request may have %d bytes at most", maxRequestBytes))
		return &p
	}
	if err != nil {
		p := newProblem(http.StatusBadRequest, "the request broke off before its end; send it again")
		return &p
	}
	if len(body) == 0 && !needed {
		return nil
	}
	if err := json.Unmarshal(body, in, json.RejectUnknownMembers(true)); err != nil {
		p := newProblem(http.StatusBadRequest, "the body is no JSON object as it should be: "+clipTo(err.Error(), 300))
		return &p
	}
	if reason := reasonIn(in); len(reason) > maxReasonBytes || !utf8.ValidString(reason) {
		p := newProblem(http.StatusBadRequest, "the reason cannot be used", fault{Parameter: "reason", Detail: fmt.Sprintf("%d bytes at most", maxReasonBytes)})
		return &p
	}
	return nil
}

func reasonIn(in any) string {
	switch in := in.(type) {
	case *LetterEdit:
		return in.Reason
	case *LetterReason:
		return in.Reason
	case *LettersReplay:
		return in.Reason
	}
	return ""
}

// letterError answers a program. A refusal says in the desk's words what is
// wrong; what a driver said goes to the log only.
func (s *server) letterError(c *gin.Context, err error) {
	switch {
	case errors.Is(err, delivery.ErrNoLetter):
		newProblem(http.StatusNotFound, err.Error()).send(c)
	case errors.Is(err, delivery.ErrRefused):
		newProblem(http.StatusUnprocessableEntity, err.Error()).send(c)
	case errors.Is(err, delivery.ErrLater):
		c.Header("Retry-After", strconv.Itoa(laterSeconds))
		newProblem(http.StatusServiceUnavailable, laterText).send(c)
	default:
		s.apiError(c, err)
	}
}

const (
	laterSeconds = 5
	laterText    = "Kafka did not acknowledge the event in time; replay it again later, what arrives twice counts once"
)
