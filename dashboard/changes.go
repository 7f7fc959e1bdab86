package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-echarts/go-echarts/v2/charts"

	"example.com/officepulse/analytics"
	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/handbook"
)

// changeRoutes are the pages about process changes.
func (s *server) changeRoutes(pages *gin.RouterGroup) {
	if s.Changes == nil {
		return
	}
	g := pages.Group("/changes")
	g.GET("", s.changesPage)
	g.GET("/new", s.newChangePage)
	g.GET("/:key", s.changePage)
	g.GET("/:key/edit", s.editChangePage)

	acts := g.Group("", s.sameOrigin)
	acts.POST("", s.createChange)
	acts.POST("/:key/edit", s.editChange)
	acts.POST("/:key/withdraw", s.withdrawChange)
}

func changePath(key string) string { return "/changes/" + url.PathEscape(key) }

// judged is a change with what became of it.
type judged struct {
	*reform.Change

	Verdicts []*reform.Verdict
}

// verdicts judge changes, in their order. Those that were withdrawn are not judged.
func (s *server) verdicts(ctx context.Context, list, all []*reform.Change) ([]judged, error) {
	said := make([]judged, len(list))
	for i, c := range list {
		said[i] = judged{Change: c, Verdicts: []*reform.Verdict{}}
		if c.State == reform.Withdrawn {
			continue
		}
		verdicts, err := c.Verdicts(ctx, s.Study, all, s.zone, time.Time{})
		if err != nil {
			return nil, err
		}
		said[i].Verdicts = verdicts
	}
	return said, nil
}

// changeList are the changes, the latest first.
func (s *server) changeList(ctx context.Context, withdrawn bool) (list, all []*reform.Change, err error) {
	all, err = s.Changes.Newest(ctx)
	for _, c := range all {
		if withdrawn || c.State == reform.Recorded {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *reform.Change) int { return strings.Compare(b.From+b.Key, a.From+a.Key) })
	return list, all, err
}

// span is a category of a time axis.
type span struct {
	label    string
	from, to time.Time
}

// marks are the changes of a scope on a time axis, several in one place together.
func (v recordView) marks(list []*reform.Change, process, department string, axis []span) (marks []axisMark) {
	for _, at := range axis {
		var names []string
		for _, c := range list {
			if day := c.Day(v.zone); c.Concerns(process, department) && !day.Before(at.from) && day.Before(at.to) {
				names = append(names, v.text(c.Name))
			}
		}
		switch len(names) {
		case 0:
		case 1:
			marks = append(marks, axisMark{at.label, clipTo(names[0], markLength)})
		default:
			marks = append(marks, axisMark{at.label, v.T("changes.several", "n", len(names))})
		}
	}
	return marks
}

// markLength is how many characters of a name stand on a chart.
const markLength = 24

// addChanges marks the changes of a figure's scope in its chart, and says in the
// notes below it which.
func (v view) addChanges(drawn *charts.Line, of figure.Figure, axis []span) {
	w := recordView{v.words, v.fiscal.zone, v.names, v.daySeconds}
	addMarks(drawn, w.marks(v.decided.changes, of.Process, of.Department, axis))
}

// quarterSpans are the quarters of the axis that [view.axis] labels.
func (v view) quarterSpans(from int) (list []span) {
	for i, label := range v.axis(from) {
		q := v.filters.Quarter.add(from + i + 1 - trend)
		list = append(list, span{label, v.fiscal.start(q), v.fiscal.end(q)})
	}
	return list
}

// pointSpans are those of points, under their labels.
func pointSpans(points []analytics.Point, labels []string) []span {
	list := make([]span, len(points))
	for i := range points {
		list[i] = span{labels[i], points[i].Start, points[i].End}
	}
	return list
}

func controlSpans(points []analytics.ControlPoint) []span {
	list := make([]span, len(points))
	for i := range points {
		list[i] = span{points[i].Period, points[i].Start, points[i].End}
	}
	return list
}

func processKey(p *handbook.Process) string { return p.Key }
