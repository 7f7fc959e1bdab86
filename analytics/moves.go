package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// Moves is what changed most between two periods.
type Moves struct {
	Header // of the later period

	BeforeFrom time.Time   `json:"before_from"`
	BeforeTo   time.Time   `json:"before_to"`
	Totals     []MoveTotal `json:"totals"` // one a metric that has data in both periods
	Moves      []Move      `json:"moves"`  // the largest effect, relative to its metric, first; Query.Limit of them
}

// MoveTotal is a metric over everything.
type MoveTotal struct {
	Metric  string  `json:"metric"`
	Unit    string  `json:"unit"`
	Of      Value   `json:"of"` // mean or rate
	Before  float64 `json:"before"`
	After   float64 `json:"after"`
	BeforeN uint64  `json:"before_n"`
	AfterN  uint64  `json:"after_n"`
}

// Move is what one process or department did to the change of a metric.
type Move struct {
	Metric string `json:"metric"`
	Unit   string `json:"unit"`
	By     By     `json:"by"`
	GroupEffect
	Relative float64 `json:"relative"` // the effect as a share of the metric's total, of the larger of both periods
}

// moveMetrics are those that are looked at.
var moveMetrics = []string{"lead_time", "error_rate", "satisfaction", "on_time_rate"}

const movesDefinition = "What changed most: the effect of each process and each department on the change of the mean lead time, the error rate, the satisfaction and the on-time rate, " +
	"by its share in them (mix) and by its own value (rate); the effects of all processes add up to the change, and so do those of all departments. " +
	"They are ranked by the size of the effect in proportion to the metric. Source: Kitagawa (1955), JASA 50, 1168-1194."

// Moves ranks what the processes and departments did to the change of the mean
// lead time (on q.Clock), the error rate, the satisfaction and the on-time rate
// from the period between beforeFrom (included) and beforeTo (excluded) to q's.
// A filter that a metric does not have leaves it out. The error matches
// [ErrQuery] when the question makes no sense.
func (m *Metrics) Moves(ctx context.Context, q Query, beforeFrom, beforeTo time.Time) (*Moves, error) {
	q, err := m.wholePeriod("lead_time", q)
	if err != nil {
		return nil, err
	}
	before := q
	before.From, before.To = beforeFrom, beforeTo
	if _, err := m.wholePeriod("lead_time", before); err != nil {
		return nil, fmt.Errorf("the period before: %w", err)
	}
	var all []period
	for _, name := range moveMetrics {
		all = append(all, periodOf(name, q), periodOf(name, before))
	}
	return rememberOf(ctx, m, "moves"+q.key()+before.key(), all, func(ctx context.Context) (*Moves, error) {
		return m.moves(ctx, q, before)
	})
}

func (m *Metrics) moves(ctx context.Context, q, before Query) (*Moves, error) {
	header, err := m.header(ctx, "moves", metric{unit: "effects", definition: movesDefinition, clocked: true}, q)
	if err != nil {
		return nil, err
	}
	all := &Moves{Header: header, BeforeFrom: before.From.In(q.Zone), BeforeTo: before.To.In(q.Zone), Totals: []MoveTotal{}, Moves: []Move{}}
	for _, name := range moveMetrics {
		of, ok := metrics[name]
		if !ok || q.check(name, of) != nil {
			continue
		}
		if err := m.addMoves(ctx, all, name, of, q, before); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all.Moves, func(a, b Move) int { return -cmp.Compare(math.Abs(a.Relative), math.Abs(b.Relative)) })
	all.Moves = all.Moves[:min(q.Limit, len(all.Moves))]
	return all, nil
}

// addMoves adds a metric's moves by process and department.
func (m *Metrics) addMoves(ctx context.Context, all *Moves, name string, of metric, q, before Query) error {
	now, err := m.moveGroups(ctx, name, of, q)
	if err != nil {
		return err
	}
	then, err := m.moveGroups(ctx, name, of, before)
	if err != nil {
		return err
	}
	after, earlier := now.whole, then.whole
	if after == nil || earlier == nil {
		return nil
	}
	value := Split{Of: splitValue(of.unit)}
	total := MoveTotal{
		Metric: name, Unit: of.unit, Of: value.Of,
		Before: *value.value(*earlier), After: *value.value(*after), BeforeN: earlier.N, AfterN: after.N,
	}
	all.Totals = append(all.Totals, total)
	for _, by := range movesBy {
		if !slices.Contains(of.by, by) {
			continue
		}
		split := splitChange(name, by, of.unit, then.by[by], now.by[by], earlier.N, after.N)
		for _, g := range split.Groups {
			all.Moves = append(all.Moves, Move{Metric: name, Unit: of.unit, By: by, GroupEffect: g, Relative: total.relative(g.Effect)})
		}
	}
	return nil
}

// movesBy are the groupings that are looked at.
var movesBy = []By{ByProcess, ByDepartment}

// moveGroups are a metric's points over everything and by each grouping.
type moveGroups struct {
	whole *Point // nil: no data
	by    map[By]map[string]Point
}

// moveGroups asks once for what it can add up: of a metric by both groupings, the
// cells of both. Satisfaction is no such metric; a mean of departments' means
// is not the mean of the answers.
func (m *Metrics) moveGroups(ctx context.Context, name string, of metric, q Query) (*moveGroups, error) {
	groups := &moveGroups{by: make(map[By]map[string]Point)}
	if slices.Contains(of.by, ByProcess) && slices.Contains(of.by, ByDepartment) {
		matrix, err := m.Matrix(ctx, name, ByProcess, ByDepartment, q)
		if err != nil {
			return nil, err
		}
		groups.by[ByProcess] = addUp(matrix.Cells, func(c *Cell) string { return c.Row })
		groups.by[ByDepartment] = addUp(matrix.Cells, func(c *Cell) string { return c.Column })
		if whole, ok := addUp(matrix.Cells, func(*Cell) string { return "" })[""]; ok {
			groups.whole = &whole
		}
		return groups, nil
	}
	result, err := m.Query(ctx, name, q)
	if err != nil {
		return nil, err
	}
	groups.whole = onlyPoint(result)
	for _, by := range movesBy {
		if q.By = by; !slices.Contains(of.by, by) {
			continue
		}
		if result, err = m.Query(ctx, name, q); err != nil {
			return nil, err
		}
		groups.by[by] = pointsByKey(result)
	}
	return groups, nil
}

// addUp joins cells of the same key to a point with what can be added up: n, a
// count with its rate, a total with its mean.
func addUp(cells []Cell, key func(*Cell) string) map[string]Point {
	points := make(map[string]Point)
	for i := range cells {
		c := &cells[i]
		p := points[key(c)]
		p.N += c.N
		if c.Count != nil {
			p.Count = sum(p.Count, *c.Count)
			p.Rate = new(float64(*p.Count) / float64(p.N))
		}
		if c.Total != nil {
			p.Total = sum(p.Total, *c.Total)
			p.Mean = new(*p.Total / float64(p.N))
		}
		points[key(c)] = p
	}
	return points
}

func sum[T uint64 | float64](a *T, b T) *T {
	if a != nil {
		b += *a
	}
	return &b
}

func (t MoveTotal) relative(effect float64) float64 {
	whole := max(math.Abs(t.Before), math.Abs(t.After))
	if whole == 0 {
		return 0
	}
	return effect / whole
}
