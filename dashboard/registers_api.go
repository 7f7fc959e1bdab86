package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/dashboard/openapi"
)

// Coordination is what [Metrics] knows of the registers; each is the method of
// the same name of [analytics.Metrics].
type Coordination interface {
	Registers(ctx context.Context, q analytics.Query) (*analytics.Registers, error)
	Register(ctx context.Context, register string, q analytics.Query) (*analytics.RegisterAnswer, error)
	Team(ctx context.Context, q analytics.Query) (*analytics.Team, error)
}

const tagRegisters = "registers"

// missed chooses what was late and what is overdue.
const missed register.State = "missed"

// stateChoices are what cases may be chosen by.
func stateChoices() []string { return append(texts(register.States()), string(missed)) }

// isState reports whether a state is the chosen one; "" chooses all.
func isState(s, chosen register.State) bool {
	return s != "" && (chosen == "" || s == chosen || (chosen == missed && (s == register.Late || s == register.Overdue)))
}

// registerParameters are those of a question about registers.
var registerParameters = []string{"from", "to", "department", "timezone"}

// registersAPI adds the routes about registers. That about the team names
// persons: it is for the director and stands behind the operator's token.
func (s *server) registersAPI(api *gin.RouterGroup) {
	api.GET("/registers", s.listRegisters)
	api.GET("/registers/:register", s.tellRegister)
	api.GET("/team", s.Operator, s.tellTeam)
}

// registerQuestion reads the parameters; ok is false when the answer has been sent.
func (s *server) registerQuestion(c *gin.Context, known []string, parse func(p *queryParser)) (q analytics.Query, ok bool) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown(known...)
	q = p.query(s.zone)
	parse(&p)
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return q, false
	}
	if err := s.completePeriod(c.Request.Context(), &q); err != nil {
		s.apiError(c, err)
		return q, false
	}
	return q, true
}

func (s *server) listRegisters(c *gin.Context) {
	q, ok := s.registerQuestion(c, registerParameters, nothingElse)
	if !ok {
		return
	}
	all, err := s.Metrics.Registers(c.Request.Context(), q)
	if err != nil {
		s.apiError(c, fmt.Errorf("tell the registers: %w", err))
		return
	}
	s.sendJSON(c, all)
}

func (s *server) tellRegister(c *gin.Context) {
	key := c.Param("register")
	if !isRegister(key) {
		newProblem(http.StatusNotFound, fmt.Sprintf("there is no register %q", clip(key)), fault{Parameter: "register", Detail: "unknown", Allowed: register.Keys()}).send(c)
		return
	}
	var figure string
	var state register.State
	q, ok := s.registerQuestion(c, append([]string{"figure", "state"}, registerParameters...), func(p *queryParser) {
		figure, state = p.single("figure"), register.State(p.word("state", stateChoices(), ""))
		if state != "" && figure == "" {
			p.refuse("figure", "is missing; a state is that of a case to a figure")
		}
	})
	if !ok {
		return
	}
	answer, err := s.Metrics.Register(c.Request.Context(), key, q)
	if err != nil {
		s.apiError(c, fmt.Errorf("tell a register: %w", err))
		return
	}
	if figure != "" && !hasFigure(answer, figure) {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors",
			fault{Parameter: "figure", Detail: fmt.Sprintf("the register has no figure %q", clip(figure)), Allowed: figuresOf(answer)}).send(c)
		return
	}
	s.sendJSON(c, fewerItems(answer, figure, state))
}

func isRegister(key string) bool {
	return slices.Contains(register.Keys(), key)
}

func figuresOf(r *analytics.RegisterAnswer) []string {
	var keys []string
	for i := range r.Figures {
		keys = append(keys, r.Figures[i].Figure)
	}
	return keys
}

func hasFigure(r *analytics.RegisterAnswer, figure string) bool {
	return slices.Contains(figuresOf(r), figure)
}

// fewerItems is a register with the cases only that have a part in a figure, and
// are of a state to it if one is named. The answer itself is shared.
func fewerItems(r *analytics.RegisterAnswer, figure string, state register.State) *analytics.RegisterAnswer {
	few := *r
	few.Items = []register.Item{}
	for i := range r.Items {
		of := r.Items[i].State(figure)
		if figure == "" || isState(of, state) {
			few.Items = append(few.Items, r.Items[i])
		}
	}
	return &few
}

func (s *server) tellTeam(c *gin.Context) {
	q, ok := s.registerQuestion(c, []string{"from", "to", "timezone"}, nothingElse)
	if !ok {
		return
	}
	team, err := s.Metrics.Team(c.Request.Context(), q)
	if errors.Is(err, analytics.ErrNoTeam) {
		newProblem(http.StatusNotFound, err.Error()).send(c)
		return
	}
	if err != nil {
		s.apiError(c, fmt.Errorf("tell of the team: %w", err))
		return
	}
	s.sendJSON(c, team)
}

func registerOperations() []openapi.Operation {
	get := func(path, id, summary, description string, answer any, own ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/" + path, ID: id, Tag: tagRegisters, Open: true, Summary: summary, Description: description,
			Parameters: append(own, exportParameters()...), Answers: fileAnswer("The answer.", answer), Problem: problem{},
		}
	}
	team := get("team", "getTeam", "Workload of the office's own people, and whether a second one knows each process",
		"It names persons and is for the director. 404 when the handbook names no team.", analytics.Team{}, documented("from", "to", "timezone")...)
	team.Open = false
	return []openapi.Operation{
		get("registers", "listRegisters", "Liaison items, blockers, emergencies, suppliers, supervision and decisions, with their figures and lights", "Registers that the handbook does not keep are named under missing.",
			analytics.Registers{}, documented(registerParameters...)...),
		get("registers/:register", "getRegister", "One register with the cases behind it, the most urgent first", "",
			analytics.RegisterAnswer{}, append([]openapi.Parameter{
				{Name: "register", In: openapi.InPath, Description: "Which one.", Enum: register.Keys()},
				{Name: "figure", Description: "Only cases that have a part in this figure of the register."},
				{Name: "state", Description: "Only cases that are this to the figure; missed is late or overdue.", Enum: stateChoices()},
			}, documented(registerParameters...)...)...),
		team,
	}
}
