package dashboard

import (
	"context"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// caseParameters are those of the list of cases beside narrowing. Their values
// are those of [analytics.CaseQuery].
var caseParameters = []string{"about", "kind", "variant", "first", "second", "at_least", "below", "order", "offset", "limit"}

// listCases answers with the cases behind a figure.
func (s *server) listCases(c *gin.Context) {
	var asked analytics.CaseQuery
	s.analyse(c, caseParameters, func(p *queryParser) {
		asked = analytics.CaseQuery{
			About: p.word("about", analytics.CaseAbouts(), "lead_time"),
			Kind:  p.list("kind"), Variant: p.sequence("variant"), Pair: [2]string{p.single("first"), p.single("second")},
			AtLeast: p.duration("at_least"), Below: p.duration("below"),
			Order:  analytics.CaseOrder(p.word("order", caseOrders, "")),
			Offset: p.whole("offset", analytics.MaxOffset),
		}
	}, func(_ context.Context, q analytics.Query) (any, error) {
		asked.Query = q
		return s.cases(c, asked)
	})
}

// duration reads seconds.
func (p *queryParser) duration(name string) time.Duration {
	return time.Duration(p.seconds(name) * float64(time.Second))
}

// sequence is a list in which a value may come several times, parted by commas
// as CSV does.
func (p *queryParser) sequence(name string) []string {
	given := p.values[name]
	if len(given) == 0 {
		return nil
	}
	values, ok := splitValues(given[0])
	if len(given) > 1 || !ok || len(values) > maxFilterValues {
		p.refuse(name, fmt.Sprintf("no list of at most %d values parted by commas; one that holds commas stands in quotation marks", maxFilterValues))
		return nil
	}
	for _, value := range values {
		if !p.clean(name, value) {
			return nil
		}
	}
	return values
}
