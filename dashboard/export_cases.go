package dashboard

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// maxExportedCases is how far a list of cases can be turned over.
const maxExportedCases = analytics.MaxOffset + analytics.MaxLimit

// parted is an answer whose list is fetched part by part while its file is written.
type parted struct {
	first any
	more  func(context.Context) (any, error) // nil after the last part
}

// cases answers with one part of a list; an export that names no part of it gets
// the whole list.
func (s *server) cases(c *gin.Context, q analytics.CaseQuery) (any, error) {
	w, exported := wished(c)
	whole := exported && !w.question.Has("limit") && !w.question.Has("offset")
	if whole {
		q.Limit, q.Offset = analytics.MaxLimit, 0
	}
	list, err := s.Metrics.Cases(c.Request.Context(), q)
	if err != nil || !whole {
		return list, err
	}
	if list.Total > maxExportedCases {
		return nil, fmt.Errorf("%w: an export has at most %d cases, and these are %d; ask for a shorter period or fewer groups",
			analytics.ErrQuery, maxExportedCases, list.Total)
	}
	return parted{list, s.moreCases(q, list)}, nil
}

// moreCases gives the parts of a list behind the first.
func (s *server) moreCases(q analytics.CaseQuery, first *analytics.CaseList) func(context.Context) (any, error) {
	fetched := uint64(len(first.Cases))
	return func(ctx context.Context) (any, error) {
		if fetched >= first.Total {
			return nil, nil // there is no more
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		q.Offset = int(fetched) //nolint:gosec // at most maxExportedCases
		list, err := s.Metrics.Cases(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list cases from %d on: %w", fetched, err)
		}
		if len(list.Cases) == 0 { // the list has become shorter meanwhile
			return nil, nil // there is no more
		}
		fetched += uint64(len(list.Cases))
		return list, nil
	}
}
