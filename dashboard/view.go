package dashboard

import (
	"strconv"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// view turns figures into words, tiles and charts in one language. It computes
// only differences; everything else is as the metrics said.
type view struct {
	words    i18n.Messages
	names    names
	fiscal   fiscal
	filters  filters
	figures  *figures
	lead     string  // the process whose times are shown
	now      stretch // the chosen one
	decided  decided // targets and process changes that charts show
	complete bool    // the chosen stretch is over
	begun    bool    // the chosen stretch has begun

	daySeconds                           float64 // office hours of a working day
	days, daysMedian, daysP90, daysOther measure
	percent, score, cases                measure
}

func (s *server) view(words i18n.Messages, f filters, lead string, fig *figures) view {
	now := s.fiscal.chosen(f)
	n := names{handbook: s.Handbook, language: string(words.Language)}
	return view{
		words: words, names: n, fiscal: s.fiscal, filters: f, figures: fig, lead: lead,
		now: now, complete: !now.To.After(s.Now()), begun: !now.From.After(s.Now()),
		daySeconds: s.daySeconds, days: days(f.Clock, s.daySeconds, mean), daysMedian: days(f.Clock, s.daySeconds, median),
		daysP90: days(f.Clock, s.daySeconds, p90), daysOther: days(otherClock(f.Clock), s.daySeconds, mean),
		percent: percent(), score: score(), cases: cases(),
	}
}

// T is the message of a key, for templates.
func (v view) T(key string, pairs ...any) string { return v.words.T(key, pairs...) }

func (v view) unit(m measure) string { return v.T("measure." + m.key + ".unit") }

// figure is a number with its unit, as it stands in text.
func (v view) figure(m measure, value *float64) string { return m.text(value) + following(v.unit(m)) }

func (v view) clock() string { return v.T("clock." + string(v.filters.Clock)) }

// quarterName is the quarter as it stands in text, e.g. 2026年第三季度.
func quarterName(words i18n.Messages, q quarter) string {
	return words.T("quarter.name", "year", q.Year, "ordinal", words.T("quarter.ordinal."+strconv.Itoa(q.Number)))
}

func (v view) thisQuarter() string { return v.now.name(v.words) }

// stamp is an instant as it stands in captions, in the office's zone.
func (v view) stamp(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(v.fiscal.zone).Format("2006-01-02 15:04")
}

func (v view) processName() string {
	if v.filters.Process == "" {
		return v.T("filter.all_processes")
	}
	return v.names.process(v.filters.Process)
}

func (v view) departmentName() string {
	if v.filters.Department == "" {
		return v.T("filter.all_departments")
	}
	return v.names.department(v.filters.Department)
}

// perCase is how many hours of stage time fall on a completed case; nil when
// either is missing. total is in seconds.
func perCase(stage, completed *analytics.Point) *float64 {
	if stage == nil || stage.Total == nil || completed == nil || completed.N == 0 {
		return nil
	}
	return scaled(stage.Total, 1/(hour*float64(completed.N)))
}
