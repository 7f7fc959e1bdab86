package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/wave"
)

// Satisfaction is what the dashboard needs of [results.Results]. Every figure and
// text that it answers with may be shown: it decides that, and nothing else does.
type Satisfaction interface {
	Answered() []*wave.Wave
	Report(ctx context.Context, wave string) (*results.Report, error)
	Previous(wave string) (string, bool)
	Compare(ctx context.Context, wave, before string) (*results.WaveComparison, error)
	OpenQuestions(wave string) []string
	Comments(ctx context.Context, wave, question string, s results.Search) (*results.Comments, error)
	Tag(ctx context.Context, wave, question, comment, tag string, on bool, author string) error
	Trend(ctx context.Context, questionnaire string) (*results.Trend, error)
}

// satisfactionAPI answers what came of surveys.
func (s *server) satisfactionAPI(api *gin.RouterGroup) {
	api.GET("/satisfaction", s.listResults)
	api.GET("/satisfaction/:wave", s.waveResults)
	api.GET("/satisfaction/:wave/comparison", s.compareWaves)
	api.GET("/satisfaction/:wave/comments/:question", s.waveComments)
	api.GET("/satisfaction/:wave/quadrant", s.waveQuadrant)
	api.GET("/satisfaction-trend/:questionnaire", s.resultsTrend)
}

// waveList is the answer of GET /api/v1/satisfaction.
type waveList struct {
	Waves []waveListed `json:"waves"`
}

type waveListed struct {
	Wave          string             `json:"wave"`
	Quarter       string             `json:"quarter"`
	Title         questionnaire.Text `json:"title"`
	Questionnaire string             `json:"questionnaire"`
	State         wave.State         `json:"state"`
	Closes        time.Time          `json:"closes"`
	Href          string             `json:"href"`
}

func (s *server) listResults(c *gin.Context) {
	s.results(c, nil, func(_ context.Context, _ *queryParser) (any, error) {
		list := waveList{Waves: []waveListed{}}
		for _, w := range s.Satisfaction.Answered() {
			list.Waves = append(list.Waves, waveListed{w.Key, w.Quarter.String(), w.Title, w.Questionnaire.ID(), w.State, w.Closes, "/api/v1/satisfaction/" + w.Key})
		}
		return list, nil
	})
}

func (s *server) waveResults(c *gin.Context) {
	s.results(c, []string{"department"}, func(ctx context.Context, p *queryParser) (any, error) {
		chosen := p.list("department")
		if len(p.faults) > 0 {
			return nil, results.ErrUnknown // what is wrong with them is said by the caller
		}
		r, err := s.Satisfaction.Report(ctx, c.Param("wave"))
		if err != nil {
			return nil, err
		}
		return r.Choose(chosen), nil
	})
}

func (s *server) compareWaves(c *gin.Context) {
	s.results(c, []string{"before"}, func(ctx context.Context, p *queryParser) (any, error) {
		return s.Satisfaction.Compare(ctx, c.Param("wave"), p.single("before"))
	})
}

func (s *server) waveComments(c *gin.Context) {
	s.results(c, []string{"department", "text", "tag"}, func(ctx context.Context, p *queryParser) (any, error) {
		return s.Satisfaction.Comments(ctx, c.Param("wave"), c.Param("question"),
			results.Search{Department: p.single("department"), Text: p.single("text"), Tag: p.single("tag")})
	})
}

func (s *server) waveQuadrant(c *gin.Context) {
	s.results(c, nil, func(ctx context.Context, _ *queryParser) (any, error) { return s.quadrant(ctx, c.Param("wave")) })
}

func (s *server) resultsTrend(c *gin.Context) {
	s.results(c, nil, func(ctx context.Context, _ *queryParser) (any, error) {
		return s.Satisfaction.Trend(ctx, c.Param("questionnaire"))
	})
}

// results answers a question about surveys that knows some parameters.
func (s *server) results(c *gin.Context, parameters []string, ask func(ctx context.Context, p *queryParser) (any, error)) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown(parameters...)
	answer, err := ask(c.Request.Context(), &p)
	switch {
	case len(p.faults) > 0:
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
	case errors.Is(err, results.ErrUnknown):
		newProblem(http.StatusNotFound, err.Error()).send(c)
	case errors.Is(err, results.ErrNotReady):
		newProblem(http.StatusConflict, err.Error()).send(c)
	case err != nil:
		s.apiError(c, fmt.Errorf("answer %s: %w", c.FullPath(), err))
	default:
		s.sendJSON(c, answer)
	}
}

const tagSatisfaction = "satisfaction"

func satisfactionOperations() []openapi.Operation {
	waveParameter := openapi.Parameter{Name: "wave", In: openapi.InPath, Description: "Key of a wave that is closed."}
	get := func(path, id, summary, description string, answer any, own ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/satisfaction" + path, ID: id, Tag: tagSatisfaction, Open: true, Summary: summary, Description: description,
			Parameters: append(own, exportParameters()...), Answers: fileAnswer("The answer.", answer), Problem: problem{},
		}
	}
	departments := openapi.Parameter{Name: "department", Description: "Only these departments, parted by commas. What is hidden of the whole stays hidden."}
	return []openapi.Operation{
		get("", "listResults", "The waves that have results, the latest quarter first", "", waveList{}),
		get("/:wave", "getResults", "Scores, shares, intervals and response of a wave",
			"Groups with fewer answers than the rule asks are hidden, with the reason; so is the next smallest where the rest would give them away. Nothing is answered before the wave is closed (409).",
			results.Report{}, waveParameter, departments),
		get("/:wave/comparison", "compareWaves", "Differences to the wave before, with intervals",
			"Of groups that both waves show. Questions are joined by key and scale.", results.WaveComparison{}, waveParameter,
			openapi.Parameter{Name: "before", Description: "Key of the wave to compare with; the previous one of the same questionnaire when absent."}),
		get("/:wave/comments/:question", "getComments", "What people wrote to a question, and the words that several used",
			"In an order that says nothing. A department with fewer comments than the rule asks is not named.", results.Comments{}, waveParameter,
			openapi.Parameter{Name: "question", In: openapi.InPath, Description: "Key of an open question."},
			openapi.Parameter{Name: "department", Description: "Only of this department, if it is named."},
			openapi.Parameter{Name: "text", Description: "Only with this text in them."}, openapi.Parameter{Name: "tag", Description: "Only with this tag."}),
		get("/:wave/quadrant", "getQuadrant", "Satisfaction with each service against its measured on-time rate", "", quadrant{}, waveParameter),
		get("-trend/:questionnaire", "getResultsTrend", "Every wave of a questionnaire, the oldest first", "Questions are joined by key and scale.", results.Trend{},
			openapi.Parameter{Name: "questionnaire", In: openapi.InPath, Description: "Its key, without version."}),
	}
}
