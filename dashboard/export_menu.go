package dashboard

import (
	"maps"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics"
)

// exportMenu is what a chart or table can be taken away as: the figures by the
// API, and the picture, which the browser makes.
type exportMenu struct {
	CSV, XLSX string // URLs; "" when there is nothing to export
	File      string // name of a picture, without its ending: metric and period
}

// exports is the menu of figures that the API answers under a path to a
// question; more are the path's own parameters beside those of every question.
func (v view) exports(api string, q analytics.Query, more url.Values) exportMenu {
	question := questionOf(q)
	maps.Copy(question, more)
	question.Set("lang", string(v.words.Language))
	in := func(f format) string {
		question.Set("format", string(f))
		return hrefOf(api, question)
	}
	subject := path.Base(api)
	for _, key := range []string{"metric." + subject + ".name", "export.title." + subject} {
		if v.words.Has(key) {
			subject = v.T(key)
		}
	}
	return exportMenu{CSV: in(formatCSV), XLSX: in(formatXLSX), File: subject + " " + v.fiscal.label(q.From, q.To)}
}

// metricExports is the menu of one metric's answer.
func (v view) metricExports(metric string, q analytics.Query) exportMenu {
	return v.exports("/api/v1/metrics/"+metric, q, nil)
}

// questionOf spells a question as the API's parameters.
func questionOf(q analytics.Query) url.Values {
	values := url.Values{"from": {dayOf(q.From, q.Zone)}, "to": {dayOf(q.To, q.Zone)}}
	for name, value := range map[string]string{
		"bucket": string(q.Bucket), "by": string(q.By), "clock": string(q.Clock), "sort": string(q.Sort),
	} {
		if value != "" && value != "none" { // none is what holds where nothing is said, and not every answer can be asked it
			values.Set(name, value)
		}
	}
	for name, list := range map[string][]string{"process": q.Process, "department": q.Department, "stage": q.Stage, "class": q.Class, "limit_key": q.Limits} {
		for _, value := range list {
			values.Add(name, oneValue(value))
		}
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	return values
}

func dayOf(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// oneValue writes a value of a list so that [splitValues] reads one.
func oneValue(value string) string {
	if strings.Contains(value, ",") || strings.HasPrefix(value, `"`) {
		return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	return value
}

// overviewExports are the menus of the Overview's charts, by their ids: the
// figures are those of the same questions.
func (v view) overviewExports(id string) exportMenu {
	e := enquiry{fiscal: v.fiscal, filters: v.filters, lead: v.lead}
	switch id {
	case "lead-time":
		return v.metricExports("lead_time", e.leadQuery())
	case "stage-time":
		q := e.leadQuery()
		q.By, q.From = analytics.ByStage, v.fiscal.start(v.filters.Quarter.add(-4))
		return v.metricExports("stage_time", q)
	case "error-rate":
		return v.metricExports("error_rate", e.query(trend))
	case "faults":
		q := e.query(2)
		q.By = analytics.ByKind
		return v.metricExports("faults", q)
	case "satisfaction":
		return v.metricExports("satisfaction", e.satisfactionQuery(trend))
	case "departments":
		q := e.satisfactionQuery(2)
		q.By, q.Department = analytics.ByDepartment, nil
		return v.metricExports("satisfaction", q)
	default:
		return exportMenu{}
	}
}
