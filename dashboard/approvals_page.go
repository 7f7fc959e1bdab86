package dashboard

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// approvalReport writes the page about approvals.
type approvalReport struct {
	report
	found *approvalFigures
}

func (s *server) approvalsPage(c *gin.Context) {
	i, ok := s.inquire(c)
	if !ok {
		return
	}
	i.filters.Process = i.lead // the times of different processes say nothing together
	found, err := i.approvals(c.Request.Context())
	if err != nil {
		s.pageError(c, fmt.Errorf("ask for approvals: %w", err))
		return
	}
	r := approvalReport{s.report(c, i, &found.figures), found}
	if found.Time == nil && found.Open == nil {
		s.absentPage(c, i.enquiry, r.view, "/approvals")
		return
	}
	content := r.head(r.subjectName(), r.analysisForm("/approvals", true))
	if content.Cards, err = r.cards(); err != nil {
		s.pageError(c, fmt.Errorf("draw approvals: %w", err))
		return
	}
	content.Sentences, content.Tiles, content.Moves = r.sentences(), r.tiles(), r.moves(found.Moves)
	s.render(c, http.StatusOK, "overview", s.page(c, "approvals", r.T("nav.approvals")+" · "+content.Heading, found.AsOf, content))
}

// subjectName is the process and, if one is chosen, the stage.
func (r approvalReport) subjectName() string {
	if r.filters.Stage == "" {
		return r.names.process(r.lead)
	}
	return r.names.process(r.lead) + r.T("list.dot") + r.names.stage(r.lead, r.filters.Stage)
}

// timeTrail leads to the cases, or the visits of the chosen stage.
func (r approvalReport) timeTrail(of stretch) trail {
	t := r.trail(r.filters.timed(), of)
	t.Stage = r.filters.Stage
	return t
}

func (r approvalReport) tiles() []tile {
	return []tile{
		r.timeTile("median", r.timeMeasure(r.daysMedian)), r.timeTile("p90", r.daysP90), r.timeTile("mean", r.timeMeasure(r.days)),
		r.onTimeTile(), r.firstPassTile(), r.openTile(),
	}
}

func (r approvalReport) timeTile(statistic string, m measure) tile {
	f := r.found
	t := r.tile(statistic, r.T("page.approvals.tile."+statistic), "#trend", m, f.Time, f.TimeBefore, f.Course)
	if f.Time == nil {
		return t
	}
	t.Cases = r.timeTrail(r.now).href()
	switch statistic {
	case "median":
		t.Under = []string{r.n(f.Time)}
		if s := f.Survival; s != nil && s.Median != nil && r.filters.Stage == "" {
			t.Under = append(t.Under, r.T("page.approvals.survival", "figure", r.figure(r.daysMedian, r.daysMedian.of(&analytics.Point{Median: s.Median})), "open", count(s.Open)))
		}
	case "p90":
		t.Under = []string{r.T("page.approvals.tile.p90_means")}
	default:
		t.Under = []string{r.T("page.approvals.tile.mean_means")}
	}
	return t
}

// share shows a rate of which more is better.
func share() measure {
	m := percent()
	m.better = higherBetter
	return m
}

func (r approvalReport) onTimeTile() tile {
	f := r.found
	t := r.tile("on_time_rate", r.T("metric.on_time_rate.name"), "#limits", r.onTimeMeasure(), f.OnTime, f.OnTimeBefore, course{})
	if f.OnTime == nil {
		t.Under = []string{r.T("page.approvals.no_limits")}
		return t
	}
	t.Under = r.intervalOf(f.OnTime)
	if o := f.OnTime.Overdue; o != nil && *o > 0 {
		t.Under = append(t.Under, r.T("page.approvals.overdue", "n", count(*o)))
	}
	t.Cases = r.trail("on_time_rate", r.now).href()
	return t
}

// intervalOf is what stands below a rate: its interval and its n.
func (r report) intervalOf(p *analytics.Point) []string {
	if p.Low == nil || p.High == nil {
		return []string{r.n(p)}
	}
	return []string{r.T("page.interval", "low", number(100**p.Low, 1), "high", number(100**p.High, 1)+r.unit(r.percent)), r.n(p)}
}

func (r approvalReport) firstPassTile() tile {
	f := r.found
	t := r.tile("first_pass_yield", r.T("metric.first_pass_yield.name"), "/definitions#first_pass_yield", share(), f.FirstPass, f.FirstPassBefore, course{})
	if f.FirstPass != nil {
		t.Under = r.intervalOf(f.FirstPass)
		t.Cases = r.trail("first_pass_yield", r.now).href()
	}
	return t
}

func (r approvalReport) openTile() tile {
	f := r.found
	t := r.tile("work_in_progress", r.T("page.approvals.tile.open"), "#ageing", r.cases, f.Open, f.OpenBefore, course{})
	if f.Open != nil {
		t.Under = []string{r.T("page.approvals.tile.age", "figure", r.figure(r.daysMedian, r.daysMedian.of(f.Open)))}
		t.Cases = r.trail("work_in_progress", r.now).href()
	}
	return t
}
