package dashboard

import (
	"fmt"
	"math"
	"strings"

	"example.com/officepulse/analytics"
)

// tile is one figure with what it has to be seen beside.
type tile struct {
	Key      string // of the metric
	Name     string
	Value    string
	Unit     string // as it follows Value: with the space between the two
	Previous change // against the previous quarter (环比)
	LastYear change // against the same quarter last year (同比)
	Against  string // what Previous compares with, where that is neither; LastYear is then left out
	Spark    spark
	Under    []string
	Cases    string // URL of the cases behind the figure; "" without such
	Href     string // of its chart or, without one, of its definition
}

func (v view) tiles() []tile {
	return []tile{v.errorTile(), v.leadTile(), v.satisfactionTile(), v.completedTile()}
}

func (v view) tile(metric, href string, m measure, c course) tile {
	now := m.of(c.now())
	t := tile{
		Key: metric, Name: v.T("metric." + metric + ".name"), Value: m.text(now), Href: href,
		Previous: m.compare(v.words, c.now(), c.previous()), LastYear: m.compare(v.words, c.now(), c.lastYear()),
		Spark: v.spark(m, c),
	}
	if now == nil {
		t.Under = []string{v.T("tile.no_data")}
		return t
	}
	t.Unit = following(v.unit(m))
	t.Cases = v.quarterLink(metric, trend-1)
	return t
}

func (v view) errorTile() tile {
	t := v.tile("error_rate", "#error-rate", v.percent, v.figures.Errors)
	if v.figures.Unreported {
		t.Under = []string{v.T("tile.unreported")}
	}
	if now := v.figures.Errors.now(); now != nil && now.Count != nil {
		t.Under = []string{v.T("tile.errors", "faulty", count(*now.Count), "n", count(now.N))}
	}
	return t
}

func (v view) leadTile() tile {
	t := v.tile("lead_time", "#lead-time", v.days, v.figures.Lead)
	t.Name = v.T("tile.lead_time", "process", v.names.process(v.lead))
	if now := v.figures.Lead.now(); now != nil {
		t.Under = []string{
			v.T("tile.lead_under", "median", v.daysMedian.text(v.daysMedian.of(now)), "p90", v.daysP90.text(v.daysP90.of(now)), "n", count(now.N)),
			v.T("tile.other_clock", "value", v.daysOther.text(v.daysOther.of(v.figures.OtherClock)), "unit", v.unit(v.daysOther)),
		}
	}
	return t
}

func (v view) satisfactionTile() tile {
	t := v.tile("satisfaction", "#satisfaction", v.score, v.figures.Satisfaction)
	if now := v.figures.Satisfaction.now(); now != nil {
		t.Under = []string{v.T("tile.answers", "n", count(now.N))}
		if n := v.answering(); v.filters.Department == "" && n > 0 {
			t.Under = append(t.Under, v.T("tile.departments", "n", n))
		}
	}
	if v.filters.Process != "" {
		t.Under = append(t.Under, v.T("card.all_processes"))
	}
	return t
}

// answering counts the departments with a score in the chosen quarter.
func (v view) answering() (n int) {
	for _, d := range v.figures.Departments {
		if d.Now != nil {
			n++
		}
	}
	return n
}

func (v view) completedTile() tile {
	t := v.tile("throughput", "/definitions#throughput", v.cases, v.figures.Completed)
	if !v.complete { // a count that is still growing cannot be compared
		t.Previous, t.LastYear = change{Text: "—"}, change{Text: "—"}
		t.Under = append(t.Under, v.T("tile.unfinished"))
	}
	if now := v.figures.Lead.now(); v.filters.Process == "" && now != nil {
		t.Under = append(t.Under, v.T("tile.thereof", "process", v.names.process(v.lead), "n", count(now.N)))
	}
	return t
}

// The box in which a sparkline is drawn, and the space for its last dot.
const (
	sparkWidth  = 160.0
	sparkHeight = 36.0
	sparkMargin = 4.0
)

// A sparkline's height stands for at least this part of the level, so that noise
// does not look like a steep rise.
const (
	sparkSpan    = 0.2
	smallestSpan = 1e-9 // where all is zero
)

// spark is a line of eight quarters without axes, drawn by the server so that
// it is there at once. A quarter without data breaks the line.
type spark struct {
	Lines []string // of points, one a polyline
	End   string   // point of the newest quarter; "" when it has no data
	Label string   // for those who cannot see it
}

func (v view) spark(m measure, c course) spark {
	low, high, any := extent(m, c)
	s := spark{Label: v.sparkLabel(m, c)}
	if !any {
		return s
	}
	span := max(high-low, sparkSpan*max(math.Abs(low), math.Abs(high)), smallestSpan)
	var line []string
	flush := func() {
		if len(line) > 0 {
			s.Lines = append(s.Lines, strings.Join(line, " "))
		}
		line = nil
	}
	for i, p := range c {
		value := m.of(p)
		if value == nil {
			flush()
			continue
		}
		x := sparkMargin + float64(i)*(sparkWidth-2*sparkMargin)/(trend-1)
		y := sparkHeight/2 - (*value-(low+high)/2)/span*(sparkHeight-2*sparkMargin)
		line = append(line, fmt.Sprintf("%.1f,%.1f", x, y))
		if i == trend-1 {
			s.End = line[len(line)-1]
		}
	}
	flush()
	return s
}

func extent(m measure, c course) (low, high float64, any bool) {
	for _, p := range c {
		value := m.of(p)
		if value == nil {
			continue
		}
		if !any {
			low, high, any = *value, *value, true
		}
		low, high = min(low, *value), max(high, *value)
	}
	return low, high, any
}

func (v view) sparkLabel(m measure, c course) string {
	parts := make([]string, 0, trend)
	for i, p := range c {
		parts = append(parts, v.filters.Quarter.add(i+1-trend).String()+" "+pointText(m, p))
	}
	return v.T("tile.spark", "values", strings.Join(parts, v.T("list.separator")))
}

func pointText(m measure, p *analytics.Point) string { return m.text(m.of(p)) }
