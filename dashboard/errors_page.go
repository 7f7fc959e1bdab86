package dashboard

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// errorReport writes the page about errors and omissions.
type errorReport struct {
	report
	found *errorFigures
}

func (s *server) errorsPage(c *gin.Context) {
	i, ok := s.inquire(c)
	if !ok {
		return
	}
	found, err := i.errors(c.Request.Context())
	if err != nil {
		s.pageError(c, fmt.Errorf("ask for errors: %w", err))
		return
	}
	r := errorReport{s.report(c, i, &found.figures), found}
	if now, _ := found.faultsIn(); found.DoneNow == nil && now == 0 {
		s.absentPage(c, i.enquiry, r.view, "/errors")
		return
	}
	content := r.head(r.T("page.errors.eyebrow"), r.analysisForm("/errors", false))
	if content.Cards, err = r.cards(); err != nil {
		s.pageError(c, fmt.Errorf("draw errors: %w", err))
		return
	}
	content.Sentences, content.Tiles = r.sentences(), r.tiles()
	s.render(c, http.StatusOK, "overview", s.page(c, "errors", r.T("nav.errors")+" · "+content.Heading, found.AsOf, content))
}

func (r errorReport) tiles() []tile {
	return []tile{r.rateTile(), r.hundredTile(), r.faultyTile(), r.doneTile()}
}

func (r errorReport) rateTile() tile {
	f := r.found
	t := r.tile("error_rate", r.T("metric.error_rate.name"), "#control", r.percent, f.Rate, f.RateBefore, f.Errors)
	t.Cases = r.trail("error_rate", r.now).href()
	if f.Unreported {
		t.Under, t.Cases = []string{r.T("tile.unreported")}, ""
	}
	if f.Rate != nil && f.Rate.Low != nil && f.Rate.High != nil {
		t.Under = []string{
			r.T("page.interval", "low", number(100**f.Rate.Low, 1), "high", number(100**f.Rate.High, 1)+r.unit(r.percent)),
			r.n(f.Rate),
		}
	}
	return t
}

// perHundred shows faults per 100 cases.
func perHundred() measure {
	return measure{key: "per_hundred", decimals: 1, better: lowerBetter, value: func(p *analytics.Point) *float64 { return scaled(p.Mean, 1) }}
}

func (r errorReport) hundredTile() tile {
	f := r.found
	now, before := f.faultsIn()
	t := r.tile("faults", r.T("page.errors.per_hundred"), "#kinds", perHundred(), hundred(now, f.DoneNow), hundred(before, f.DoneEarlier),
		f.perHundred(r.filters.Quarter))
	if f.DoneNow != nil {
		t.Under = []string{r.T("page.errors.faults_of", "faults", count(now), "n", count(f.DoneNow.N))}
	}
	t.Cases = r.trail("faults", r.now).href()
	return t
}

// faultyCases counts cases with a fault. More of them may only mean more work:
// good or bad is for the rate to say.
func faultyCases() measure {
	return measure{key: "cases", better: neither, relative: true, value: func(p *analytics.Point) *float64 {
		if p.Count == nil {
			return nil
		}
		return new(float64(*p.Count))
	}}
}

func (r errorReport) faultyTile() tile {
	f := r.found
	t := r.tile("faulty", r.T("page.errors.faulty"), "#processes", faultyCases(), f.Rate, f.RateBefore, f.Errors)
	if f.Rate != nil {
		t.Cases = r.trail("error_rate", r.now).href()
		t.Under = []string{r.T("page.errors.of_done", "n", count(f.Rate.N))}
	}
	return t
}

func (r errorReport) doneTile() tile {
	f := r.found
	t := r.tile("throughput", r.T("metric.throughput.name"), "/definitions#throughput", r.cases, f.DoneNow, f.DoneEarlier, f.Completed)
	if !r.complete { // a count that is still growing cannot be compared
		t.Previous = change{Text: "—"}
		t.Under = append(t.Under, r.T("page.unfinished"))
	}
	t.Cases = r.trail("throughput", r.now).href()
	return t
}
