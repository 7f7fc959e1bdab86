package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"example.com/officepulse/ingest/delivery"
)

func (s *server) replayLettersAPI(c *gin.Context) {
	var in LettersReplay
	actor, refusal := actorOf(c.GetHeader("X-Actor"))
	if refusal == nil {
		refusal = readBody(c, &in, true)
	}
	if refusal == nil {
		refusal = in.check()
	}
	if refusal != nil {
		refusal.send(c)
		return
	}
	ctx, ids, more := c.Request.Context(), in.IDs, false
	if in.Filter != nil {
		var err error
		if ids, more, err = s.chosen(ctx, in.Filter.filter()); err != nil {
			s.letterError(c, err)
			return
		}
	}
	answer := s.replayAll(ctx, ids, actor, in.Reason)
	answer.More = more
	s.sendJSON(c, answer)
}

// check refuses what does not say clearly which letters are meant.
func (r *LettersReplay) check() *problem {
	var faults []fault
	if (len(r.IDs) > 0) == (r.Filter != nil) {
		faults = append(faults, fault{Parameter: "ids", Detail: `name the letters in "ids", or choose them by a "filter"; {} chooses all open ones`})
	}
	if len(r.IDs) > MaxTogether {
		faults = append(faults, fault{Parameter: "ids", Detail: fmt.Sprintf("%d letters at most in one request", MaxTogether)})
	}
	for _, id := range r.IDs {
		if !letterID.MatchString(id) {
			faults = append(faults, fault{Parameter: "ids", Detail: fmt.Sprintf("%q is no id; an id has 16 hexadecimal digits", clip(id))})
			break
		}
	}
	if f := r.Filter; f != nil {
		if f.Kind != "" && !slices.Contains(delivery.Kinds(), f.Kind) {
			faults = append(faults, fault{Parameter: "filter.kind", Detail: "not one of the values", Allowed: texts(delivery.Kinds())})
		}
		if f.State != "" && !slices.Contains(delivery.States(), f.State) {
			faults = append(faults, fault{Parameter: "filter.state", Detail: "not one of the values", Allowed: texts(delivery.States())})
		}
		if len(f.Topic) > maxValueBytes || len(f.Text) > maxValueBytes {
			faults = append(faults, fault{Parameter: "filter", Detail: fmt.Sprintf("a value longer than %d bytes", maxValueBytes)})
		}
	}
	if len(faults) == 0 {
		return nil
	}
	p := newProblem(http.StatusBadRequest, "which letters are meant is not clear; see errors", faults...)
	return &p
}

func (f *LettersFilter) filter() delivery.Filter {
	state := f.State
	if state == "" {
		state = delivery.Open
	}
	return delivery.Filter{Kind: f.Kind, State: state, Topic: f.Topic, Text: f.Text}
}

// chosen are the ids of the newest letters that f chooses, as many as one
// request replays, and whether there are more.
func (s *server) chosen(ctx context.Context, f delivery.Filter) (ids []string, more bool, err error) {
	f.Limit = MaxTogether
	list, more, err := s.someLetters(ctx, f)
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids, more, err
}

// atOnce is how many letters are replayed at the same time: each waits for
// Kafka and for its history to reach the disk, a fifth of a second or so.
const atOnce = 8

// replayAll replays letters, each once. What fails does not keep the others.
func (s *server) replayAll(ctx context.Context, ids []string, actor, reason string) LettersReplayed {
	ids = withoutRepeats(ids)
	answer := LettersReplayed{Outcomes: make([]LetterEnd, len(ids))}
	errs := make([]error, len(ids))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, id := range ids {
		g.Go(func() error {
			var done delivery.Act
			done, errs[i] = s.Desk.Replay(ctx, id, actor, reason)
			answer.Outcomes[i] = LetterEnd{LetterID: id, OK: done.OK, Outcome: done.Outcome}
			return nil
		})
	}
	_ = g.Wait() // each has its own error
	for i, err := range errs {
		s.tally(ctx, &answer, &answer.Outcomes[i], err)
	}
	return answer
}

// tally counts what came of one letter, in words for whoever asked.
func (s *server) tally(ctx context.Context, answer *LettersReplayed, end *LetterEnd, err error) {
	switch {
	case end.OK:
		answer.Replayed++
		if err != nil {
			s.Logger.ErrorContext(ctx, "a replay was not noted", "error", err)
		}
	case errors.Is(err, delivery.ErrRefused), errors.Is(err, delivery.ErrNoLetter):
		answer.Refused++
		end.Outcome = err.Error()
	case errors.Is(err, delivery.ErrLater):
		answer.Failed++
		end.Outcome = laterText
	default:
		answer.Failed++
		end.Outcome = "not replayed; try it again"
		s.Logger.WarnContext(ctx, "a dead letter was not replayed", "error", err)
	}
}

func withoutRepeats(ids []string) []string {
	var once []string
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			once = append(once, id)
		}
		seen[id] = true
	}
	return once
}
