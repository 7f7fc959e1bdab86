package dashboard

import (
	"net/http"

	"github.com/gin-gonic/gin"

	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/dashboard/openapi"
)

// changeReads are what everybody may ask about process changes.
func (s *server) changeReads(api *gin.RouterGroup) {
	if s.Changes == nil {
		return
	}
	api.GET("/changes", s.listChangesAPI)
	api.GET("/changes/:key", s.changeAPI)
}

// changeActs are what operators do with them.
func (s *server) changeActs(api *gin.RouterGroup) {
	if s.Changes == nil {
		return
	}
	api.POST("/changes", s.createChangeAPI)
	api.POST("/changes/:key/edit", s.editChangeAPI)
	api.POST("/changes/:key/withdraw", s.withdrawChangeAPI)
}

// ChangeList is the answer of GET /api/v1/changes.
type ChangeList struct {
	Changes []*reform.Change `json:"changes"` // the latest first
}

// ChangeInFull is a change with what became of it and its history, the newest
// revision first.
type ChangeInFull struct {
	Change   *reform.Change   `json:"change"`
	Verdicts []VerdictInWords `json:"verdicts"` // one a figure; none of a change that was withdrawn
	History  []*reform.Change `json:"history"`
}

// VerdictInWords is a verdict with the sentence that its facts make.
type VerdictInWords struct {
	*reform.Verdict

	ZH string `json:"zh"`
	EN string `json:"en"`
}

// ChangeDraft is what a change is made of, as requests carry it.
type ChangeDraft struct {
	Key         string          `json:"key"`
	Name        record.Text     `json:"name"`
	What        string          `json:"what"`
	Why         string          `json:"why"`
	Process     string          `json:"process"`
	Departments []string        `json:"departments"`
	From        string          `json:"from"`
	RampDays    int             `json:"ramp_days"`
	Figures     []figure.Figure `json:"figures"`
	Reason      string          `json:"reason"`
	Revision    uint64          `json:"revision"`
}

func (d *ChangeDraft) change() *reform.Change {
	return &reform.Change{
		Stamp: record.Stamp{Key: d.Key}, Name: d.Name, What: d.What, Why: d.Why, Process: d.Process, Departments: d.Departments, From: d.From, RampDays: d.RampDays, Figures: d.Figures,
	}
}

// ChangeDeed is what requests about a deed carry.
type ChangeDeed struct {
	Revision uint64 `json:"revision"`
	Reason   string `json:"reason"`
}

func (s *server) listChangesAPI(c *gin.Context) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown("state")
	all := p.word("state", []string{"current", "all"}, "current") == "all"
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return
	}
	list, _, err := s.changeList(c.Request.Context(), all)
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendJSON(c, ChangeList{append([]*reform.Change{}, list...)})
}

func (s *server) changeAPI(c *gin.Context) {
	if len(c.Request.URL.Query()) > 0 {
		newProblem(http.StatusBadRequest, "a change takes no parameters").send(c)
		return
	}
	found, err := s.Changes.Find(c.Request.Context(), c.Param("key"))
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendChange(c, found)
}

func (s *server) sendChange(c *gin.Context, of *reform.Change) {
	ctx := c.Request.Context()
	all, err := s.Changes.Newest(ctx)
	var said []judged
	var history []*reform.Change
	if err == nil {
		said, err = s.verdicts(ctx, []*reform.Change{of}, all)
	}
	if err == nil {
		history, err = s.Changes.History(ctx, of.Key)
	}
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	answer := ChangeInFull{Change: of, Verdicts: []VerdictInWords{}, History: history}
	zh, en := s.changeView(i18n.Chinese, all), s.changeView(i18n.English, all)
	for _, one := range said[0].Verdicts {
		answer.Verdicts = append(answer.Verdicts, VerdictInWords{one, zh.sentence(of, one), en.sentence(of, one)})
	}
	s.sendJSON(c, answer)
}

func (s *server) keepChange(c *gin.Context, of *reform.Change, err error) {
	if err == nil {
		err = s.Changes.Save(c.Request.Context(), of)
	}
	if err != nil {
		s.recordAPIError(c, err)
		return
	}
	s.sendChange(c, of)
}

func (s *server) createChangeAPI(c *gin.Context) {
	var in ChangeDraft
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	made, err := reform.New(in.change(), by)
	s.keepChange(c, made, err)
}

// changeAt is the change of the path, if it is still at the revision that the
// program has seen.
func (s *server) changeAt(c *gin.Context, revision uint64) (*reform.Change, error) {
	found, err := s.Changes.Find(c.Request.Context(), c.Param("key"))
	if err == nil && found.Revision != revision {
		err = record.ErrOvertaken
	}
	return found, err
}

func (s *server) editChangeAPI(c *gin.Context) {
	var in ChangeDraft
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	found, err := s.changeAt(c, in.Revision)
	if err == nil {
		found, err = found.Edited(in.change(), by)
	}
	s.keepChange(c, found, err)
}

func (s *server) withdrawChangeAPI(c *gin.Context) {
	var in ChangeDeed
	by, ok := readRecord(c, s.Now(), &in, &in.Reason)
	if !ok {
		return
	}
	found, err := s.changeAt(c, in.Revision)
	if err == nil {
		found, err = found.WithdrawnBy(by)
	}
	s.keepChange(c, found, err)
}

// changeOperations describes the routes about process changes.
func changeOperations() []openapi.Operation {
	key := openapi.Parameter{Name: "key", In: openapi.InPath, Description: "Of the change."}
	act := func(path, id, summary string, body *openapi.Schema) openapi.Operation {
		parameters := []openapi.Parameter{actorParameter()}
		if path != "" {
			parameters = append(parameters, key)
		}
		return openapi.Operation{
			Method: http.MethodPost, Path: "/api/v1/changes" + path, ID: id, Tag: tagPlans, Summary: summary, Parameters: parameters, Body: jsonBody(true, body),
			Answers: openapi.OK("The change as it is then, with its verdicts and its history.", ChangeInFull{}), Problem: problem{},
		}
	}
	return []openapi.Operation{
		{
			Method: http.MethodGet, Path: "/api/v1/changes", ID: "listChanges", Tag: tagPlans, Open: true, Summary: "Recorded process changes, the latest first",
			Parameters: append([]openapi.Parameter{{Name: "state", Description: "Whether those withdrawn are listed too.", Enum: []string{"current", "all"}, Default: "current"}}, exportParameters()...),
			Answers:    fileAnswer("The changes.", ChangeList{}), Problem: problem{},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/changes/:key", ID: "getChange", Tag: tagPlans, Open: true, Summary: "One change, with a verdict for each of its figures",
			Description: "Before and after are up to 26 weeks each, the ramp left out. The difference decides, at the 99 % level once the weeks are full and at a stricter one before (O'Brien and Fleming), parted among the change's figures; segmented regression and the control chart stand beside it.",
			Parameters:  append([]openapi.Parameter{key}, exportParameters()...), Answers: fileAnswer("The change.", ChangeInFull{}), Problem: problem{},
		},
		act("", "createChange", "Record a process change", changeDraftBody(false)),
		act("/:key/edit", "editChange", "Change what is recorded", changeDraftBody(true)),
		act("/:key/withdraw", "withdrawChange", "Say that it was no change; it is drawn and judged no more",
			bodyObject(map[string]*openapi.Schema{"reason": bodyText("Why, in your words."), "revision": {Type: "integer", Description: "That you have seen."}}, "reason", "revision")),
	}
}

func changeDraftBody(edit bool) *openapi.Schema {
	least, most := 0.0, float64(reform.MaxRamp)
	members := map[string]*openapi.Schema{
		"key":         bodyText("Its name in URLs: small letters, digits, hyphens."),
		"name":        bodyObject(map[string]*openapi.Schema{"zh": bodyText("In Chinese, short."), "en": bodyText("In English, short.")}),
		"what":        bodyText("What is done otherwise."),
		"why":         bodyText("Why."),
		"process":     bodyText("Whose; every process when absent."),
		"departments": {Type: "array", Items: bodyText("A department."), Description: "Where; everywhere when absent."},
		"from":        bodyText("First day on which it held, such as 2026-03-02."),
		"ramp_days":   {Type: "integer", Minimum: &least, Maximum: &most, Description: "Until it held everywhere."},
		"figures":     {Type: "array", Items: figureBody(), Description: "By which it is judged, 10 at most."},
		"reason":      bodyText("Why it is recorded or changed, in your words."),
		"revision":    {Type: "integer", Description: "Of a correction: that you have seen."},
	}
	required := []string{"name", "what", "from", "figures", "reason"}
	if edit {
		return bodyObject(members, append(required, "revision")...)
	}
	return bodyObject(members, append(required, "key")...)
}
