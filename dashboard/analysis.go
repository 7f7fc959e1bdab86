package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
)

// fewSample is the number of cases under which a figure in a ranking or a heat
// map is only indicative.
const fewSample = fewCases

// inquiry asks the metrics for one of the analysis pages, which compare a
// stretch of time with another.
type inquiry struct {
	enquiry
	now, before stretch
}

// questionsAtOnce bounds how many questions of one page the warehouse works on.
const questionsAtOnce = 6

func (s *server) inquire(c *gin.Context) (i inquiry, ok bool) {
	i.enquiry, ok = s.begin(c)
	if !ok {
		return i, false
	}
	i.now = s.fiscal.chosen(i.filters)
	i.before = s.fiscal.before(i.filters, i.now, i.firstData)
	i.filters.Quarter = s.fiscal.of(i.now.last()) // sparklines end with it
	return i, true
}

// filterable tells by which filters a metric can be narrowed down.
var filterable = sync.OnceValue(func() map[string][]string {
	by := map[string][]string{}
	for _, d := range analytics.Catalogue() {
		by[d.Metric] = d.Filters
	}
	return by
})

// about is the question about a stretch, narrowed down by the page's filters as
// far as the metric can be; what is left out the card says, see [view.whole].
func (i inquiry) about(metric string, of stretch) analytics.Query {
	f := i.filters
	q := analytics.Query{
		From: of.From, To: of.To, Zone: i.fiscal.zone, Bucket: analytics.BucketNone, By: analytics.ByNone, Clock: f.Clock,
	}
	for name, filter := range map[string]struct {
		value string
		into  *[]string
	}{
		"process": {f.Process, &q.Process}, "department": {f.Department, &q.Department},
		"stage": {f.Stage, &q.Stage}, "class": {f.Class, &q.Class},
	} {
		if filter.value != "" && slices.Contains(filterable()[metric], name) {
			*filter.into = []string{filter.value}
		}
	}
	return q
}

// whole says by which of the chosen filters a metric is not narrowed down.
func (v view) whole(metric string) string {
	var missing []string
	f := v.filters
	for _, filter := range []struct{ name, value string }{
		{"process", f.Process}, {"department", f.Department}, {"class", f.Class}, {"stage", f.Stage},
	} {
		if filter.value != "" && !slices.Contains(filterable()[metric], filter.name) {
			missing = append(missing, v.T("page.whole."+filter.name))
		}
	}
	return strings.Join(missing, v.T("list.dot"))
}

// ask runs a question beside others. What cannot be asked under the page's
// filters leaves its answer nil, and the card says that there is nothing.
func ask[T any](g *errgroup.Group, into **T, what string, question func() (*T, error)) {
	g.Go(func() error {
		answer, err := question()
		if errors.Is(err, analytics.ErrQuery) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ask for %s: %w", what, err)
		}
		*into = answer
		return nil
	})
}

// point asks for one figure of a stretch; nil without data.
func (i inquiry) point(ctx context.Context, g *errgroup.Group, metric string, of stretch, into **analytics.Point) {
	i.pointOf(ctx, g, metric, i.about(metric, of), into)
}

func (i inquiry) pointOf(ctx context.Context, g *errgroup.Group, metric string, q analytics.Query, into **analytics.Point) {
	ask(g, into, metric, func() (*analytics.Point, error) {
		r, err := i.metrics.Query(ctx, metric, q)
		if err != nil || len(r.Series) == 0 || len(r.Series[0].Points) == 0 {
			return nil, err
		}
		return &r.Series[0].Points[0], nil
	})
}

// groupsOf asks for a metric by a grouping, now and before.
func (i inquiry) groupsOf(ctx context.Context, g *errgroup.Group, metric string, by analytics.By, into *[]pair) {
	g.Go(func() error {
		var list []pair
		at := map[string]int{}
		for turn, of := range []stretch{i.now, i.before} {
			q := i.about(metric, of)
			q.By = by
			r, err := i.ask(ctx, metric, q)
			if errors.Is(err, analytics.ErrQuery) {
				return nil
			}
			if err != nil {
				return err
			}
			for _, s := range r.Series {
				if len(s.Points) == 0 {
					continue
				}
				if _, known := at[s.Key]; !known {
					at[s.Key] = len(list)
					list = append(list, pair{Key: s.Key})
				}
				if p := &list[at[s.Key]]; turn == 0 {
					p.Now = &s.Points[0]
				} else {
					p.Before = &s.Points[0]
				}
			}
		}
		*into = list
		return nil
	})
}

// rows asks for a table of the stretch.
func rows[T any](ctx context.Context, g *errgroup.Group, i inquiry, metric string, q analytics.Query, into *[]T) {
	g.Go(func() error {
		r, err := i.ask(ctx, metric, q)
		if errors.Is(err, analytics.ErrQuery) {
			return nil
		}
		if err != nil {
			return err
		}
		*into, _ = r.Rows.([]T)
		return nil
	})
}

// table asks for a table of which more is shown than its rows.
func (i inquiry) table(ctx context.Context, g *errgroup.Group, metric string, q analytics.Query, into **analytics.Result) {
	ask(g, into, metric, func() (*analytics.Result, error) { return i.ask(ctx, metric, q) })
}

// tableRows are those of a table; none of one that could not be asked for.
func tableRows[T any](r *analytics.Result) []T {
	if r == nil {
		return nil
	}
	list, _ := r.Rows.([]T)
	return list
}

// common asks for what every analysis page needs besides its own figures.
func (i inquiry) common(ctx context.Context, g *errgroup.Group, f *figures) {
	f.First, f.Last = i.first, i.last
	g.Go(func() (err error) { f.AsOf, err = i.metrics.AsOf(ctx); return err })
	g.Go(func() (err error) { f.ProcessKeys, err = i.groups(ctx, analytics.ByProcess); return err })
	g.Go(func() (err error) { f.DepartmentKeys, err = i.groups(ctx, analytics.ByDepartment); return err })
	g.Go(func() (err error) { f.Unreported, err = i.unreported(ctx); return err })
}

// courseOf asks for a metric by quarter, for sparklines.
func (i inquiry) courseOf(ctx context.Context, g *errgroup.Group, metric string, into *course) {
	q := i.about(metric, stretch{From: i.fiscal.start(i.filters.Quarter.add(1 - trend)), To: i.fiscal.end(i.filters.Quarter)})
	q.Bucket = analytics.BucketQuarter
	i.course(ctx, g, metric, q, into)
}

// report is what the analysis pages are written from: a view and what its
// stretch is compared with.
type report struct {
	view
	before stretch
	asked  inquiry // for exports: the same questions
}

func (s *server) report(c *gin.Context, i inquiry, fig *figures) report {
	v := s.view(s.messages.In(language(c)), i.filters, i.lead, fig)
	v.now, v.decided = i.now, i.decided
	return report{view: v, before: i.before, asked: i}
}

// beforeName is the stretch compared with, as it stands in text.
func (r report) beforeName() string { return r.before.name(r.words) }

// head is the page without its figures.
func (r report) head(eyebrow string, form filterForm) overview {
	return overview{
		Eyebrow: eyebrow, Heading: r.thisQuarter(), InProgress: r.begun && !r.complete, Form: form,
		Against: r.T("page.against", "before", r.beforeName()),
	}
}

// claim states a figure against the one before. The key's messages end in
// better, worse, same, unclear and alone, as those of [view.claim].
func (r report) claim(key string, m measure, now, before *analytics.Point, pairs ...any) (string, verdict) {
	change := m.compare(r.words, now, before)
	ending := string(change.Verdict)
	if change.Verdict == unknown {
		ending = "alone"
	}
	pairs = append(pairs, "figure", r.figure(m, m.of(now)), "size", change.Size, "base", r.beforeName())
	claim := r.T(key+"."+ending, pairs...)
	if !r.complete {
		claim = r.T("sentence.so_far", "claim", claim)
	}
	return claim, change.Verdict
}

// tile is one figure with its change against the stretch before.
func (r report) tile(metric, name, href string, m measure, now, before *analytics.Point, c course) tile {
	value := m.of(now)
	t := tile{Key: metric, Name: name, Value: m.text(value), Href: href, Against: r.T("page.than", "before", r.before.label())}
	t.Previous = m.compare(r.words, now, before)
	if c != (course{}) {
		t.Spark = r.spark(m, c)
	}
	if value == nil {
		t.Under = []string{r.T("page.no_data")}
		return t
	}
	t.Unit = following(r.unit(m))
	return t
}

// exported is the menu of the figures that the API answers under a path to a
// question about a metric.
func (r report) exported(api, metric string, by analytics.By, more url.Values) exportMenu {
	q := r.asked.about(metric, r.now)
	q.By = by
	return r.exports(api, q, more)
}

// earlier are the API's parameters for the stretch compared with.
func (r report) earlier() url.Values {
	return url.Values{"before_from": {dayOf(r.before.From, r.fiscal.zone)}, "before_to": {dayOf(r.before.To, r.fiscal.zone)}}
}

// chart begins the card of an analysis page; page is part of its message keys.
func (r report) chart(page, id, metric, unit string) card {
	key := "page." + page + "." + strings.ReplaceAll(id, "-", "_")
	c := card{
		ID: id, Title: r.T(key + ".title"), Unit: unit, Definition: "/definitions#" + metric,
		Meta:  r.T("card.as_of", "time", r.stamp(r.figures.AsOf)),
		Empty: r.T(key+".empty", "period", r.thisQuarter()),
		Table: table{Caption: r.T(key + ".title")},
	}
	if whole := r.whole(metric); whole != "" {
		c.Meta = whole + r.T("list.dot") + c.Meta
	}
	return c
}

// missing is the key that the metrics give to what no event names.
const missing = "(missing)"

// departmentOf is a department's name, which may stand for nothing known.
func (r report) departmentOf(key string) string {
	if key == "" || key == missing {
		return r.T("page.nobody")
	}
	return r.names.department(key)
}

// sectionOf is the entry of the navigation that a page belongs to.
func sectionOf(path string) string {
	if path == "/" {
		return "overview"
	}
	return strings.TrimPrefix(path, "/")
}
