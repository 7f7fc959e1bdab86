package analytics

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// handbookParameters are the handbook as the statements get it.
func handbookParameters(hb *handbook.Handbook) []any {
	defined := []string{}
	ends, repeats := clickhouse.ArraySet{}, clickhouse.ArraySet{}
	for _, p := range hb.Processes {
		defined = append(defined, p.Key)
		ends = append(ends, tuple(p.Key, p.Ends.Stage, p.Ends.Action))
		for _, s := range p.Stages {
			if s.Repeats {
				repeats = append(repeats, tuple(p.Key, s.Key))
			}
		}
	}
	weights := make(map[string]map[string]float64)
	levels := make(map[string]map[int64]float64)
	for _, q := range hb.Questionnaires {
		weights[q.Key] = make(map[string]float64)
		for _, item := range q.Items {
			weights[q.Key][item.Key] = item.Weight
		}
		if len(q.Levels) > 0 { // without levels, values are points
			levels[q.Key] = make(map[int64]float64)
		}
		for level, points := range q.Levels {
			levels[q.Key][int64(level)] = points
		}
	}
	return []any{
		clickhouse.Named("defined", defined),
		clickhouse.Named("ends", ends),
		clickhouse.Named("repeats", repeats),
		clickhouse.Named("weights", weights),
		clickhouse.Named("levels", levels),
	}
}

func tuple(values ...any) clickhouse.GroupSet { return clickhouse.GroupSet{Value: values} }

// calendarParameters are the working calendar as the statements get it: not 73
// thousand days but the few hundred that differ from "Monday to Friday". So a
// query carries its calendar with it, which no table on any node has to match.
func calendarParameters(cal *calendar.Calendar) []any {
	table := cal.Table()
	exceptions := []int{}
	for i, worked := range table.Workday {
		weekday := table.FirstDay.AddDate(0, 0, i).Weekday()
		if worked != (weekday != time.Saturday && weekday != time.Sunday) {
			exceptions = append(exceptions, i)
		}
	}
	return []any{
		clickhouse.Named("first_day", table.FirstDay.Format(time.DateOnly)),
		clickhouse.Named("days", len(table.Workday)),
		clickhouse.Named("exceptions", exceptions),
		clickhouse.Named("opens", table.From),
		clickhouse.Named("closes", table.To),
		clickhouse.Named("office_zone", cal.Zone().String()),
	}
}
