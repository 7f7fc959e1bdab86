package analytics

import (
	"context"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Header is what every answer says about itself.
type Header struct {
	Metric     string    `json:"metric"`
	Unit       string    `json:"unit"` // as in [Result]
	Clock      Clock     `json:"clock,omitempty"`
	Definition string    `json:"definition"`
	Timezone   string    `json:"timezone"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	AsOf       time.Time `json:"as_of,omitzero"` // as in [Result]
	Versions
}

// header says what an answer about a metric is. Like [Metrics.Query] it reads
// the newest event stored before any figure is read.
func (m *Metrics) header(ctx context.Context, name string, of metric, q Query) (Header, error) {
	asOf, err := m.AsOf(ctx)
	if err != nil {
		return Header{}, err
	}
	h := Header{
		Metric: name, Unit: of.unit, Definition: of.definition,
		Timezone: q.Zone.String(), From: q.From.In(q.Zone), To: q.To.In(q.Zone), AsOf: asOf,
	}
	if of.clocked {
		h.Clock = q.Clock
	}
	h.Versions = m.versions(of, q)
	return h, nil
}

// whole is a period as the only part of itself.
func (q Query) whole() []part { return []part{{start: q.From.In(q.Zone), end: q.To.In(q.Zone)}} }

// run gives a statement of this package what it asks for: what its metric
// stands on, on q's clock, and the parameters of the question, of the metric and
// of the promises, with own behind them.
func (m *Metrics) run(ctx context.Context, of metric, q Query, asOf time.Time, own ...any) (statement string, parameters []any) {
	parameters = append(of.parameters(q, q.whole(), asOf), m.given()...)
	statement = of.statement(m.source(ctx), q.Clock)
	return statement, named(statement, append(parameters, own...))
}

// named are those of the parameters that the statement names. The handbook's and
// the calendar's are long, and a server would read them whole to find nothing.
func named(statement string, parameters []any) []any {
	asked := make([]any, 0, len(parameters))
	for _, p := range parameters {
		if n, ok := p.(driver.NamedValue); !ok || strings.Contains(statement, "{"+n.Name+":") {
			asked = append(asked, p)
		}
	}
	return asked
}
