package dashboard

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-echarts/go-echarts/v2/charts"
	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
)

// targetRoutes are the pages about targets. As with surveys, no other page may
// act through a reader's browser.
func (s *server) targetRoutes(pages *gin.RouterGroup) {
	if s.Targets == nil {
		return
	}
	g := pages.Group("/targets")
	g.GET("", s.targetsPage)
	g.GET("/new", s.newTargetPage)
	g.GET("/:key", s.targetPage)
	g.GET("/:key/edit", s.editTargetPage)

	acts := g.Group("", s.sameOrigin)
	acts.POST("", s.createTarget)
	acts.POST("/:key/edit", s.editTarget)
	acts.POST("/:key/check-in", s.targetDeed(s.checkIn))
	acts.POST("/:key/score", s.targetDeed(s.scoreTarget))
	acts.POST("/:key/carry-over", s.targetDeed(s.carryTarget))
	acts.POST("/:key/withdraw", s.targetDeed(s.withdrawTarget))
}

func targetPath(key string) string { return "/targets/" + url.PathEscape(key) }

// stood is a target with how it stands now.
type stood struct {
	*target.Target

	Standing *target.Standing
	history  *target.History
}

// standings judge targets at once, in their order.
func (s *server) standings(ctx context.Context, list []*target.Target) ([]stood, error) {
	asOf, err := s.Metrics.AsOf(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]stood, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(questionsAtOnce)
	for i, t := range list {
		g.Go(func() error {
			h, err := t.Read(ctx, s.Metrics, s.recordFiscal(), asOf, s.Now())
			all[i] = stood{t, t.Stand(h, s.Now(), s.calendar, s.recordFiscal()), h}
			return err
		})
	}
	return all, g.Wait()
}

// standing is that of one target.
func (s *server) standing(ctx context.Context, t *target.Target) (stood, error) {
	all, err := s.standings(ctx, []*target.Target{t})
	if err != nil {
		return stood{}, err
	}
	return all[0], nil
}

// targetList are the targets to show, those that need a look first. Without all,
// what was given up or goes on in another is left out.
func (s *server) targetList(ctx context.Context, all bool) ([]stood, error) {
	list, err := s.Targets.Newest(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(t *target.Target) bool {
		return !all && (t.State == target.Withdrawn || t.State == target.Carried)
	})
	shown, err := s.standings(ctx, list)
	slices.SortStableFunc(shown, func(a, b stood) int {
		return cmp.Or(cmp.Compare(lightWeight[b.Standing.Light], lightWeight[a.Standing.Light]), a.Due.Minus(b.Due), cmp.Compare(a.Key, b.Key))
	})
	return shown, err
}

// lightWeight says what has to be looked at first.
var lightWeight = map[target.Light]int{target.Red: 3, target.Yellow: 2, target.Unknown: 1, target.Green: 0}

// measured fills a baseline that is to be taken from a period.
func (s *server) measured(ctx context.Context, f figure.Figure, b *target.Baseline) error {
	if len(f.Check()) > 0 {
		return nil // which is refused anyway
	}
	from, fault := day(b.From, s.zone)
	to, fault2 := day(b.To, s.zone)
	if fault || fault2 || !from.Before(to) {
		return record.Refuse(target.BadBaseline, "baseline", "the baseline's period is two days as 2025-07-01, the first and the one after the last")
	}
	values, err := f.Values(ctx, s.Metrics, from, to, analytics.BucketNone)
	if errors.Is(err, analytics.ErrQuery) {
		return record.Refuse(target.BadBaseline, "baseline", "the baseline cannot be measured: %v", err)
	}
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return record.Refuse(target.NoFigure, "baseline", "the baseline's period has no figure; choose another, or type the baseline in with a reason")
	}
	b.Value, b.N = values[0].Value, values[0].N
	return nil
}

// day reads a date in the office's zone.
func day(text string, zone *time.Location) (t time.Time, fault bool) {
	p := queryParser{values: url.Values{"day": {text}}}
	t = p.day("day", zone)
	return t, len(p.faults) > 0 || t.IsZero()
}

// decided is what the director has decided that charts show: targets and process
// changes.
type decided struct {
	targets []*target.Target
	changes []*reform.Change
}

// decidedNow reads them. Without them charts show what they showed before.
func (s *server) decidedNow(ctx context.Context) (d decided, err error) {
	if s.Targets != nil {
		if d.targets, err = s.Targets.Newest(ctx); err != nil {
			return d, err
		}
	}
	if s.Changes != nil {
		d.changes, err = s.Changes.Newest(ctx)
	}
	return d, err
}

// goals are the targets of a figure, whatever value of its metric they are set for:
// those that are active or were scored, of each value the latest.
func (d decided) goals(f figure.Figure) []*target.Target {
	latest := map[analytics.Value]*target.Target{}
	for _, t := range d.targets {
		same := t.Figure
		same.Value = f.Value
		if same != f || (t.State != target.Active && t.State != target.Scored) || t.Figure.Value == analytics.ValueN != (f.Value == analytics.ValueN) {
			continue
		}
		if before := latest[t.Figure.Value]; before == nil || t.Due.Minus(before.Due) > 0 {
			latest[t.Figure.Value] = t
		}
	}
	var list []*target.Target
	for _, value := range figure.Values(f.Metric) {
		if t := latest[value]; t != nil {
			list = append(list, t)
		}
	}
	return list
}

// addTargets draws the targets of a figure into its chart over n categories, and
// says in the legend which.
func (v view) addTargets(c *card, drawn *charts.Line, of figure.Figure, n int) {
	recordView{v.words, v.fiscal.zone, v.names, v.daySeconds}.addTargets(c, drawn, v.decided.goals(of), n)
}

func (v recordView) addTargets(c *card, drawn *charts.Line, list []*target.Target, n int) {
	var goals []goalLine
	for _, t := range list {
		sc := v.scale(t.Figure)
		label := v.T("targets.line_plain", "goal", sc.number(t.Goal))
		if t.Figure.Unit() == "seconds" {
			label = v.T("targets.line", "statistic", v.T("statistic."+string(t.Figure.Value)), "goal", sc.number(t.Goal))
		}
		g := goalLine{name: label, label: label, first: true, values: make([]*float64, n)}
		for i := range g.values {
			g.values[i] = new(t.Goal * sc.by)
		}
		goals = append(goals, g)
		c.Legend = append(c.Legend, legendEntry{"line-dashed", label + v.T("list.dot") + t.Due.String()})
	}
	addGoals(drawn, goals...)
}
