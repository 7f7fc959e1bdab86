package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Matrix is a metric by two groupings over the whole period: what a heat map shows.
type Matrix struct {
	Header

	Rows    By     `json:"rows"`
	Columns By     `json:"columns"`
	Cells   []Cell `json:"cells"` // in order of row, then column; a pair without data has no cell
}

// Cell is the metric's value of one row and column.
type Cell struct {
	Row    string `json:"row"`
	Column string `json:"column"`
	Point
}

// bothKeys parts the two keys of a cell; no key may hold it.
const bothKeys = "\x1f"

// matrixBy are the groupings that a matrix can have.
var matrixBy = []By{ByProcess, ByDepartment, ByClass}

// Matrix asks a metric by two different groupings at once, of process,
// department and class: one cell each pair that has data. The error matches
// [ErrQuery] when the question makes no sense or the metric is a table or is
// not by both.
func (m *Metrics) Matrix(ctx context.Context, name string, rows, columns By, q Query) (*Matrix, error) {
	q = q.withDefaults(m.office)
	q.Bucket = BucketNone
	of, ok := metrics[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: there is no metric %q; there are %s", ErrQuery, name, list(Names()))
	case of.point == nil:
		return nil, fmt.Errorf("%w: %s is a table and has no cells", ErrQuery, name)
	case rows == columns:
		return nil, fmt.Errorf("%w: rows and columns are both by %s", ErrQuery, rows)
	}
	for _, by := range []By{rows, columns} {
		q.By = by
		if err := q.check(name, of); err != nil {
			return nil, err
		}
		if !slices.Contains(matrixBy, by) {
			return nil, fmt.Errorf("%w: a matrix cannot be by %q; it can be by %s", ErrQuery, by, list(matrixBy))
		}
	}
	parts, err := split(q.From, q.To, q.Zone, q.Bucket, m.fiscalStart)
	if err != nil {
		return nil, err
	}
	q.By = rows + "," + columns
	return rememberOf(ctx, m, "matrix|"+name+q.key(), []period{periodOf(name, q)}, func(ctx context.Context) (*Matrix, error) {
		return m.matrix(ctx, name, rows, columns, q, parts)
	})
}

func (m *Metrics) matrix(ctx context.Context, name string, rows, columns By, q Query, parts []part) (*Matrix, error) {
	result, err := m.compute(ctx, name, metrics[name], q, parts)
	if err != nil {
		return nil, err
	}
	matrix := &Matrix{Header: result.header(), Rows: rows, Columns: columns, Cells: []Cell{}}
	for _, s := range result.Series {
		row, column, ok := strings.Cut(s.Key, bothKeys)
		if !ok {
			return nil, errors.New("a cell without a column")
		}
		matrix.Cells = append(matrix.Cells, Cell{Row: row, Column: column, Point: s.Points[0]})
	}
	return matrix, nil
}

// header is what a result says about itself, for answers that are made of it.
func (r *Result) header() Header {
	return Header{
		Metric: r.Metric, Unit: r.Unit, Clock: r.Clock, Definition: r.Definition,
		Timezone: r.Timezone, From: r.From, To: r.To, AsOf: r.AsOf, Versions: r.Versions,
	}
}
