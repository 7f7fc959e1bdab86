package dashboard

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/dashboard/openapi"
)

const tagPlans = "plans"

// targetReads are what everybody may ask about targets.
func (s *server) targetReads(api *gin.RouterGroup) {
	if s.Targets == nil {
		return
	}
	api.GET("/targets", s.listTargetsAPI)
	api.GET("/targets/:key", s.targetAPI)
}

// targetActs are what operators do with them.
func (s *server) targetActs(api *gin.RouterGroup) {
	if s.Targets == nil {
		return
	}
	api.POST("/targets", s.createTargetAPI)
	api.POST("/targets/:key/edit", s.editTargetAPI)
	api.POST("/targets/:key/check-in", s.checkInAPI)
	api.POST("/targets/:key/score", s.scoreTargetAPI)
	api.POST("/targets/:key/carry-over", s.carryTargetAPI)
	api.POST("/targets/:key/withdraw", s.withdrawTargetAPI)
}

// TargetList is the answer of GET /api/v1/targets.
type TargetList struct {
	AsOf    time.Time     `json:"as_of,omitzero"`
	Targets []TargetShown `json:"targets"`
}

// TargetShown is a target with how it stands.
type TargetShown struct {
	Target   *target.Target   `json:"target"`
	Unit     string           `json:"unit"` // of all its values
	Standing *target.Standing `json:"standing"`
}

// TargetInFull is a target with its history, the newest revision first.
type TargetInFull struct {
	TargetShown

	History []*target.Target `json:"history"`
}

// TargetDraft is what a target is made of, as requests carry it.
type TargetDraft struct {
	Key       string           `json:"key"`
	Name      record.Text      `json:"name"`
	Figure    figure.Figure    `json:"figure"`
	Direction target.Direction `json:"direction"`
	Baseline  struct {
		Value  *float64 `json:"value"`
		From   string   `json:"from"`
		To     string   `json:"to"`
		Reason string   `json:"reason"`
	} `json:"baseline"`
	Goal     float64  `json:"goal"`
	Stretch  *float64 `json:"stretch"`
	Start    string   `json:"start"`
	Due      string   `json:"due"`
	Owner    string   `json:"owner"`
	Reason   string   `json:"reason"`
	Revision uint64   `json:"revision"`
}

// TargetDeed is what requests about a deed carry.
type TargetDeed struct {
	Revision   uint64            `json:"revision"`
	Reason     string            `json:"reason"`
	Comment    string            `json:"comment"`
	Confidence target.Confidence `json:"confidence"`
	Due        string            `json:"due"`
}

func shownTarget(t *stood) TargetShown {
	return TargetShown{t.Target, t.Figure.Unit(), t.Standing}
}

func (s *server) listTargetsAPI(c *gin.Context) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown("state")
	all := p.word("state", []string{"current", "all"}, "current") == "all"
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return
	}
	list, err := s.targetList(c.Request.Context(), all)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	answer := TargetList{Targets: []TargetShown{}, AsOf: s.asOf(c)}
	for i := range list {
		answer.Targets = append(answer.Targets, shownTarget(&list[i]))
	}
	s.sendJSON(c, answer)
}

func (s *server) targetAPI(c *gin.Context) {
	if len(c.Request.URL.Query()) > 0 {
		newProblem(http.StatusBadRequest, "a target takes no parameters").send(c)
		return
	}
	t, err := s.Targets.Find(c.Request.Context(), c.Param("key"))
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendTarget(c, t)
}

func (s *server) sendTarget(c *gin.Context, t *target.Target) {
	one, err := s.standing(c.Request.Context(), t)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	history, err := s.Targets.History(c.Request.Context(), t.Key)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendJSON(c, TargetInFull{shownTarget(&one), history})
}

// draft is the target that a request describes.
func (s *server) draft(c *gin.Context, in *TargetDraft) (*target.Target, error) {
	t := &target.Target{
		Stamp: record.Stamp{Key: in.Key}, Name: in.Name, Figure: in.Figure, Direction: in.Direction, Goal: in.Goal, Stretch: in.Stretch, Owner: in.Owner,
	}
	t.Start, _ = quarters.Parse(in.Start)
	t.Due, _ = quarters.Parse(in.Due)
	if in.Baseline.Value != nil {
		t.Baseline = target.Baseline{Value: *in.Baseline.Value, Reason: in.Baseline.Reason}
		return t, nil
	}
	t.Baseline = target.Baseline{From: in.Baseline.From, To: in.Baseline.To, Reason: in.Baseline.Reason}
	return t, s.measured(c.Request.Context(), t.Figure, &t.Baseline)
}

// readRecord reads a body that has to be there, and who acts.
func readRecord(c *gin.Context, now time.Time, in any, reason *string) (record.By, bool) {
	actor, refusal := actorOf(c.GetHeader("X-Actor"))
	if refusal == nil {
		refusal = readBody(c, in, true)
	}
	if refusal != nil {
		refusal.send(c)
		return record.By{}, false
	}
	return record.By{Author: actor, Reason: *reason, At: now}, true
}

func (s *server) createTargetAPI(c *gin.Context) {
	var in TargetDraft
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	t, err := s.draft(c, &in)
	if err == nil {
		t, err = target.New(t, by)
	}
	s.keepTarget(c, t, err)
}

// keepTarget saves a revision and answers with it.
func (s *server) keepTarget(c *gin.Context, t *target.Target, err error) {
	if err == nil {
		err = s.Targets.Save(c.Request.Context(), t)
	}
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendTarget(c, t)
}

func (s *server) editTargetAPI(c *gin.Context) {
	var in TargetDraft
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	t, err := s.targetAt(c, in.Revision)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	draft, err := s.draft(c, &in)
	if err == nil {
		draft, err = t.Edited(draft, by)
	}
	s.keepTarget(c, draft, err)
}

// targetAt is the target of the path, if it is still at the revision that the
// program has seen.
func (s *server) targetAt(c *gin.Context, revision uint64) (*target.Target, error) {
	t, err := s.Targets.Find(c.Request.Context(), c.Param("key"))
	if err == nil && t.Revision != revision {
		err = record.ErrOvertaken
	}
	return t, err
}

// deedAPI reads a deed and does it.
func (s *server) deedAPI(c *gin.Context, do func(t *target.Target, in *TargetDeed, by record.By) (*target.Target, error)) {
	var in TargetDeed
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	t, err := s.targetAt(c, in.Revision)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	next, err := do(t, &in, by)
	s.keepTarget(c, next, err)
}

func (s *server) checkInAPI(c *gin.Context) {
	s.deedAPI(c, func(t *target.Target, in *TargetDeed, by record.By) (*target.Target, error) {
		return t.CheckedIn(in.Comment, in.Confidence, by)
	})
}

func (s *server) scoreTargetAPI(c *gin.Context) {
	s.deedAPI(c, func(t *target.Target, _ *TargetDeed, by record.By) (*target.Target, error) { return s.scored(c, t, by) })
}

func (s *server) withdrawTargetAPI(c *gin.Context) {
	s.deedAPI(c, func(t *target.Target, _ *TargetDeed, by record.By) (*target.Target, error) { return t.WithdrawnBy(by) })
}

func (s *server) carryTargetAPI(c *gin.Context) {
	s.deedAPI(c, func(t *target.Target, in *TargetDeed, by record.By) (*target.Target, error) {
		due, _ := quarters.Parse(in.Due)
		old, next, err := t.CarriedOver(carriedKey(t.Key, due), due, by)
		if err == nil {
			err = s.Targets.Save(c.Request.Context(), next)
		}
		return old, err // which is kept then
	})
}

// planOperations describes the routes about targets.
func planOperations() []openapi.Operation {
	key := openapi.Parameter{Name: "key", In: openapi.InPath, Description: "Of the target."}
	read := func(path, id, summary string, answer any, own ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/targets" + path, ID: id, Tag: tagPlans, Open: true, Summary: summary,
			Parameters: append(own, exportParameters()...), Answers: fileAnswer("The answer.", answer), Problem: problem{},
		}
	}
	act := func(path, id, summary string, body *openapi.Schema) openapi.Operation {
		parameters := []openapi.Parameter{actorParameter()}
		if path != "" {
			parameters = append(parameters, key)
		}
		return openapi.Operation{
			Method: http.MethodPost, Path: "/api/v1/targets" + path, ID: id, Tag: tagPlans, Summary: summary,
			Parameters: parameters, Body: jsonBody(true, body), Answers: openapi.OK("The target as it is then, with its history.", TargetInFull{}), Problem: problem{},
		}
	}
	revision := map[string]*openapi.Schema{"revision": {Type: "integer", Description: "That you have seen; 409 when it is not the newest any more."}}
	deed := func(members map[string]*openapi.Schema, required ...string) *openapi.Schema {
		members["revision"] = revision["revision"]
		return bodyObject(members, append(required, "revision")...)
	}
	reason := func() *openapi.Schema { return bodyText("Why, in your words.") }
	return []openapi.Operation{
		read("", "listTargets", "Targets with how they stand, those that need a look first", TargetList{},
			openapi.Parameter{Name: "state", Description: "Whether those withdrawn or carried over are listed too.", Enum: []string{"current", "all"}, Default: "current"}),
		read("/:key", "getTarget", "One target with how it stands and its history", TargetInFull{}, key),
		act("", "createTarget", "Set a target", targetDraftBody(false)),
		act("/:key/edit", "editTarget", "Change an active target", targetDraftBody(true)),
		act("/:key/check-in", "checkInTarget", "Say how it goes", deed(map[string]*openapi.Schema{
			"comment": bodyText("How it goes."), "confidence": openapi.Words(target.Confidences()...),
		}, "comment", "confidence")),
		act("/:key/score", "scoreTarget", "Freeze the figure of the due quarter, once that is over", deed(map[string]*openapi.Schema{})),
		act("/:key/carry-over", "carryOverTarget", "Go on with a target that was scored and missed, as another one", deed(map[string]*openapi.Schema{
			"due": bodyText("The new due quarter, such as 2026Q4."), "reason": reason(),
		}, "due", "reason")),
		act("/:key/withdraw", "withdrawTarget", "Give an active target up", deed(map[string]*openapi.Schema{"reason": reason()}, "reason")),
	}
}

// figureBody is a figure in a request.
func figureBody() *openapi.Schema {
	return bodyObject(map[string]*openapi.Schema{
		"metric": openapi.Words(figure.Metrics()...), "value": openapi.Words(figureValues...), "clock": openapi.Words(clocks...),
		"process": bodyText("Only of this process."), "department": bodyText("Only of this department."),
		"stage": bodyText("Only of this stage."), "class": bodyText("Only of this class."),
	}, "metric", "value")
}

var figureValues = []string{"mean", "median", "p90", "rate", "n"}

func targetDraftBody(edit bool) *openapi.Schema {
	value := func(text string) *openapi.Schema {
		return &openapi.Schema{Type: "number", Description: text + " In the metric's unit: seconds, rates 0 to 1, points."}
	}
	members := map[string]*openapi.Schema{
		"key":       bodyText("Its name in URLs: small letters, digits, hyphens."),
		"name":      bodyObject(map[string]*openapi.Schema{"zh": bodyText("In Chinese."), "en": bodyText("In English.")}),
		"figure":    figureBody(),
		"direction": openapi.Words(target.Lower, target.Higher),
		"baseline": bodyObject(map[string]*openapi.Schema{
			"value": value("Typed in; then the reason is needed."), "from": bodyText("First day of the period it is measured in."),
			"to": bodyText("The day after the last."), "reason": bodyText("Why this value."),
		}),
		"goal": value("What the due quarter has to reach."), "stretch": value("Beyond the goal."),
		"start": bodyText("Quarter such as 2026Q1."), "due": bodyText("Quarter such as 2026Q3."),
		"owner": bodyText("Who answers for it."), "reason": bodyText("Why, in your words."),
		"revision": {Type: "integer", Description: "Of a change: that you have seen."},
	}
	required := []string{"name", "figure", "direction", "baseline", "goal", "start", "due", "owner", "reason"}
	if edit {
		return bodyObject(members, append(required, "revision")...)
	}
	return bodyObject(members, append(required, "key")...)
}
