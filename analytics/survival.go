package analytics

import (
	"context"
	_ "embed"
	"fmt"
)

// Survival is how long cases take if those that still run count too.
type Survival struct {
	Header

	N         uint64 `json:"n"`     // cases begun in the period
	Completed uint64 `json:"ended"` // of them, completed by To
	Open      uint64 `json:"open"`  // of them, open at To, or at the newest event stored
	Withdrawn uint64 `json:"withdrawn"`

	// Median is the time by which half of the cases begun are completed, in
	// seconds; nil when fewer than half were seen to be.
	Median *float64 `json:"median,omitempty"`
	// CompletedMedian is the plain median of those that are completed, which
	// forgets the long ones that still run; nil without any.
	CompletedMedian *float64 `json:"completed_median,omitempty"`
}

const survivalDefinition = "Kaplan-Meier median lead time: of the cases begun in the period, the time by which half were completed. " +
	"A case that is open at the end of the period, or when it was withdrawn, counts as not completed for as long as it was seen (censored). " +
	"Source: Kaplan and Meier (1958), JASA 53, 457-481."

var (
	//go:embed survival_cases.sql
	survivalCasesSQL string
	//go:embed survival.sql
	survivalSQL string
)

// Survival is the Kaplan-Meier median lead time of the cases begun in the
// period, on q.Clock, with those censored that are open at q.To (or at the
// newest event stored if that is earlier) and those withdrawn at their
// withdrawal; beside it the plain median of those completed. The error matches
// [ErrQuery] when the question makes no sense.
func (m *Metrics) Survival(ctx context.Context, q Query) (*Survival, error) {
	q, err := m.wholePeriod("work_in_progress", q)
	if err != nil {
		return nil, err
	}
	return rememberOf(ctx, m, "survival"+q.key(), []period{periodOf("lead_time", q)}, func(ctx context.Context) (*Survival, error) {
		s, err := m.survival(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("estimate the median with open cases: %w", err)
		}
		return s, nil
	})
}

func (m *Metrics) survival(ctx context.Context, q Query) (*Survival, error) {
	of := metrics["lead_time"]
	of.definition = survivalDefinition
	header, err := m.header(ctx, "lead_time", of, q)
	if err != nil {
		return nil, err
	}
	s := &Survival{Header: header}
	statement, parameters := m.run(ctx, metric{with: []string{openCasesSQL, survivalCasesSQL}, sql: survivalSQL}, q, header.AsOf)
	var median, plain float64
	var reached bool
	row := m.conn.QueryRow(ctx, statement, parameters...)
	if err := row.Scan(&s.N, &s.Completed, &s.Withdrawn, &reached, &median, &plain); err != nil {
		return nil, err
	}
	s.Open = s.N - s.Completed - s.Withdrawn
	if reached {
		s.Median = &median
	}
	if s.Completed > 0 {
		s.CompletedMedian = &plain
	}
	return s, nil
}
