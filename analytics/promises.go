package analytics

import (
	_ "embed"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

var (
	// limitSQL defines limit_kept, whether a limit was kept. It stands on clockOffice.
	//
	//go:embed clock_limit.sql
	limitSQL string
	// promisesSQL makes tables of the limits and routes of all versions.
	//
	//go:embed promises.sql
	promisesSQL string
)

// handbookParameters are the handbook as the statements get it.
func handbookParameters(hb *handbook.Handbook) []any {
	return append(ruleParameters(hb), surveyParameters(hb, Surveys{})...)
}

// ruleParameters are those about cases. What a case's end is does not go by
// versions: it is what the latest version says that knows the process, so that
// what was given up still ends.
func ruleParameters(hb *handbook.Handbook) []any {
	history := hb.History()
	defined := []string{}
	ends, repeats := clickhouse.ArraySet{}, clickhouse.ArraySet{}
	for _, p := range history.Processes() {
		if p.Ends != (handbook.Step{}) { // else its cases end as those of a process that nobody defined
			defined = append(defined, p.Key)
		}
		ends = append(ends, tuple(p.Key, p.Ends.Stage, p.Ends.Action))
		for _, s := range p.Stages {
			if s.Repeats {
				repeats = append(repeats, tuple(p.Key, s.Key))
			}
		}
	}
	return []any{
		clickhouse.Named("defined", defined),
		clickhouse.Named("ends", ends),
		clickhouse.Named("repeats", repeats),
		clickhouse.Named("fiscal_year_start", max(1, hb.FiscalYearStart)),
		clickhouse.Named("limits", limitParameter(history)),
		clickhouse.Named("routes", routeParameter(history)),
	}
}

// limitParameter are the limits of all versions, as promises.sql reads them.
func limitParameter(history *handbook.History) clickhouse.ArraySet {
	limits := clickhouse.ArraySet{}
	eachProcess(history, func(v *handbook.Handbook, from, to int64, p *handbook.Process) {
		for i := range p.Limits {
			l := &p.Limits[i]
			form, amount, promiseOf := limitForm(v, l)
			limits = append(limits, tuple(p.Key, l.Key, l.Class, attributePairs(l.Where), begins(l), stepPairs(l.To),
				form, string(l.Runs()), amount, promiseOf, from, to))
		}
	})
	return limits
}

// limitForm is a limit's form with its amount: milliseconds (of office hours on
// the working clock), a day of the month, or months; and whose promise it is.
func limitForm(v *handbook.Handbook, l *handbook.Limit) (form string, amount int64, promiseOf string) {
	switch f := l.Form(); f {
	case handbook.FormBefore:
		return string(f), time.Duration(l.Before).Milliseconds(), l.Planned
	case handbook.FormDayOfMonth:
		return string(f), int64(l.DayOfMonth), ""
	case handbook.FormEndOf:
		if months := l.Months(); months > 0 {
			return "end_of_months", int64(months), ""
		}
		return "end_of_" + l.EndOf, 0, ""
	case handbook.FormDueAt:
		return string(f), 0, l.DueAt
	default:
		within := time.Duration(l.Within)
		if l.Runs() == calendar.Working {
			within = v.WorkingTime(l.Within)
		}
		return string(f), within.Milliseconds(), ""
	}
}

// routeParameter are the routes of all versions, as promises.sql reads them.
func routeParameter(history *handbook.History) clickhouse.ArraySet {
	routes := clickhouse.ArraySet{}
	eachProcess(history, func(_ *handbook.Handbook, from, to int64, p *handbook.Process) {
		for i := range p.Routes {
			r := &p.Routes[i]
			mayRepeat := slices.Clone(r.MayRepeat)
			for _, stage := range r.Stages {
				if s, ok := p.Stage(stage); ok && s.Repeats && !slices.Contains(mayRepeat, stage) {
					mayRepeat = append(mayRepeat, stage)
				}
			}
			routes = append(routes, tuple(p.Key, r.Class, textSet(r.Stages), textSet(r.MaySkip), textSet(mayRepeat), from, to))
		}
	})
	return routes
}

// eachProcess visits the processes of all versions, with the milliseconds from
// and to (excluded) between which cases that start are judged by the version.
func eachProcess(history *handbook.History, visit func(v *handbook.Handbook, from, to int64, p *handbook.Process)) {
	versions := history.Versions()
	for i, v := range versions {
		from, to := int64(math.MinInt64), int64(math.MaxInt64)
		if i > 0 {
			from = v.Begins().UnixMilli()
		}
		if i+1 < len(versions) {
			to = versions[i+1].Begins().UnixMilli()
		}
		for j := range v.Processes {
			visit(v, from, to, &v.Processes[j])
		}
	}
}

func begins(l *handbook.Limit) clickhouse.GroupSet {
	if l.From == nil {
		return tuple("", "")
	}
	return tuple(l.From.Stage, l.From.Action)
}

func stepPairs(steps handbook.Steps) clickhouse.ArraySet {
	pairs := clickhouse.ArraySet{}
	for _, s := range steps {
		pairs = append(pairs, tuple(s.Stage, s.Action))
	}
	return pairs
}

func attributePairs(where map[string]string) clickhouse.ArraySet {
	pairs := clickhouse.ArraySet{}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		pairs = append(pairs, tuple(name, where[name]))
	}
	return pairs
}

func textSet(texts []string) clickhouse.ArraySet {
	set := clickhouse.ArraySet{}
	for _, t := range texts {
		set = append(set, t)
	}
	return set
}

func tuple(values ...any) clickhouse.GroupSet { return clickhouse.GroupSet{Value: values} }

const secondsOfMinute = 60

// calendarParameters are the working calendar as the statements get it: not 73
// thousand days but the few hundred that differ from "Monday to Friday". So a
// query carries its calendar with it, which no table on any node has to match.
func calendarParameters(cal *calendar.Calendar) []any {
	table := cal.Table()
	opens, closes := clickhouse.ArraySet{}, clickhouse.ArraySet{}
	tick := secondsOfMinute
	for _, slots := range table.Kinds {
		from, to := []int{}, []int{}
		for _, s := range slots {
			if s.From%secondsOfMinute != 0 || s.To%secondsOfMinute != 0 {
				tick = 1
			}
			from, to = append(from, s.From), append(to, s.To)
		}
		opens, closes = append(opens, from), append(closes, to)
	}
	return []any{
		clickhouse.Named("first_day", table.FirstDay.Format(time.DateOnly)),
		clickhouse.Named("days", table.Days),
		clickhouse.Named("usual_from", table.UsualFrom),
		clickhouse.Named("usual_kind", table.UsualKind),
		clickhouse.Named("exceptions", table.Exceptions),
		clickhouse.Named("exception_kinds", table.Kind),
		clickhouse.Named("tick", tick),
		clickhouse.Named("opens", opens),
		clickhouse.Named("closes", closes),
		clickhouse.Named("office_zone", cal.Zone().String()),
	}
}
