package dashboard

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/dashboard/i18n"
)

// Records keep what the director decides of one kind, see package ledger. Errors
// match those of package record.
type Records[T any] interface {
	Newest(ctx context.Context) ([]*T, error) // by key
	Find(ctx context.Context, key string) (*T, error)
	History(ctx context.Context, key string) ([]*T, error) // newest first
	Save(ctx context.Context, of *T) error
}

// recordView turns records and their figures into words of one language.
type recordView struct {
	i18n.Messages
	zone       *time.Location
	names      names
	daySeconds float64
}

func (s *server) recordView(l i18n.Language) recordView {
	return recordView{s.messages.In(l), s.zone, names{s.Handbook, string(l)}, s.daySeconds}
}

// recordFiscal places quarters for the packages of records.
func (s *server) recordFiscal() quarters.Fiscal {
	return quarters.Fiscal{Zone: s.zone, First: s.fiscal.first}
}

// text is a name in the page's language or, where it has none, the other's.
func (v recordView) text(t record.Text) string { return t.In(string(v.Language)) }

func (v recordView) stamp(t time.Time) string { return t.In(v.zone).Format("2006-01-02 15:04") }

func (v recordView) quarter(q quarters.Quarter) string {
	return v.T("quarter.name", "year", q.Year, "ordinal", v.T("quarter.ordinal."+strconv.Itoa(q.Number)))
}

// scale is how a figure's values are shown.
type scale struct {
	by       float64 // from the metric's unit to the one shown
	decimals int
	unit     string
	key      string // of the measure's messages
}

const minute = 60 // seconds

// scale is that of a figure: times in days of its clock, an emergency's in
// minutes, rates in per cent.
func (v recordView) scale(f figure.Figure) scale {
	s := scale{by: 1, key: "cases"}
	switch unit := f.Unit(); {
	case unit == "seconds" && f.Metric == "emergency_response":
		s = scale{by: 1.0 / minute, key: "minutes"}
	case unit == "seconds" && f.Clock == analytics.ClockElapsed:
		s = scale{by: 1.0 / elapsedDay, decimals: 1, key: "days_elapsed"}
	case unit == "seconds":
		s = scale{by: 1 / v.daySeconds, decimals: 1, key: "days_working"}
	case unit == "rate":
		s = scale{by: 100, decimals: 1, key: "percent"}
	case unit == "points":
		s = scale{by: 1, decimals: 1, key: "score"}
	case unit == "faults":
		s.key = "faults"
	}
	s.unit = v.T("measure." + s.key + ".unit")
	return s
}

// text is a value with its unit.
func (s scale) text(value float64) string { return s.number(value) + following(s.unit) }

// number is a value as it is printed.
func (s scale) number(value float64) string { return number(value*s.by, s.decimals) }

// exact is a value as it stands in a field: nothing of what was typed is lost.
func (s scale) exact(value float64) string {
	return strconv.FormatFloat(rounded(value*s.by, decimalCap), 'f', -1, 64)
}

// difference is a change of a value, signed, in the words for changes.
func (s scale) difference(v i18n.Messages, value float64) string {
	return v.T("measure."+s.key+".change", "value", signed(value*s.by, s.decimals))
}

// size is a change without its sign.
func (s scale) size(v i18n.Messages, value float64) string {
	return v.T("measure."+s.key+".amount", "value", number(math.Abs(value*s.by), s.decimals))
}

// figureName is a figure in words: what, of what.
func (v recordView) figureName(f figure.Figure) string {
	name := v.T("metric." + f.Metric + ".name")
	if f.Unit() == "seconds" {
		name += v.T("records.statistic", "statistic", v.T("statistic."+string(f.Value)))
	}
	parts := []string{name}
	for _, part := range []struct{ key, name string }{
		{f.Process, v.names.process(f.Process)},
		{f.Stage, v.names.anyStage(f.Process, f.Stage)},
		{f.Class, v.names.class(f.Class)},
		{f.Department, v.names.department(f.Department)},
	} {
		if part.key != "" {
			parts = append(parts, part.name)
		}
	}
	return strings.Join(parts, v.T("list.dot"))
}

// exports is the menu of a record's figures; part is the table that a CSV has.
func (v recordView) exports(api, part, file string) exportMenu {
	in := func(f format, more ...string) string {
		question := url.Values{"format": {string(f)}, "lang": {string(v.Language)}}
		for i := 0; i+1 < len(more); i += 2 {
			question.Set(more[i], more[i+1])
		}
		return hrefOf(api, question)
	}
	return exportMenu{CSV: in(formatCSV, "part", part), XLSX: in(formatXLSX), File: file}
}

// problemShown is what is wrong with a form, with the field that it is about.
type problemShown struct{ Field, Text string }

// problems says what is refused, in the page's language.
func (v recordView) problems(err error) []problemShown {
	var list []problemShown
	for _, r := range record.Refusals(err) {
		field := r.Field
		text := v.T("records.refused."+string(r.Code), "field", v.fieldName(field))
		list = append(list, problemShown{field, text})
	}
	return list
}

func (v recordView) fieldName(field string) string {
	if key := "records.field." + field; v.Has(key) {
		return v.T(key)
	}
	return field
}

// actor is who acts through a page.
func (s *server) actor(reason string) record.By {
	return record.By{Author: pageActor, Reason: reason, At: s.Now()}
}

// recordError answers a page when something was not done for no fault of the form's.
func (s *server) recordError(c *gin.Context, err error) {
	v := s.messages.In(language(c))
	switch {
	case errors.Is(err, record.ErrUnknown):
		s.errorPage(c, http.StatusNotFound, v.T("records.unknown"))
	case errors.Is(err, record.ErrOvertaken):
		s.errorPage(c, http.StatusConflict, v.T("records.overtaken"))
	case errors.Is(err, record.ErrAway):
		s.Logger.WarnContext(c.Request.Context(), "records: the database does not answer", "error", err)
		s.errorPage(c, http.StatusServiceUnavailable, v.T("records.away"))
	case len(record.Refusals(err)) > 0:
		var reasons []string
		for _, p := range s.recordView(language(c)).problems(err) {
			reasons = append(reasons, p.Text)
		}
		s.errorPage(c, http.StatusUnprocessableEntity, reasons...)
	default:
		s.pageError(c, err)
	}
}

// recordAPIError answers a program.
func (s *server) recordAPIError(c *gin.Context, err error) {
	switch list := record.Refusals(err); {
	case len(list) > 0:
		var faults []fault
		for _, r := range list {
			faults = append(faults, fault{Parameter: r.Field, Detail: r.Text})
		}
		newProblem(http.StatusUnprocessableEntity, "it was not done; see errors", faults...).send(c)
	case errors.Is(err, record.ErrUnknown):
		newProblem(http.StatusNotFound, err.Error()).send(c)
	case errors.Is(err, record.ErrOvertaken):
		newProblem(http.StatusConflict, record.ErrOvertaken.Error()).send(c)
	case errors.Is(err, record.ErrAway):
		s.Logger.WarnContext(c.Request.Context(), "records: the database does not answer", "error", err)
		newProblem(http.StatusServiceUnavailable, record.ErrAway.Error()).send(c)
	default:
		s.apiError(c, err)
	}
}

// figureFields are the selects that name a figure in a form.
type figureFields struct {
	Metrics     []option // "metric/value"
	Clocks      []option
	Processes   []option
	Departments []option
	Stages      []option
	Classes     []option
}

// figureFields has the options of a form with a figure chosen.
func (v recordView) figureFields(f figure.Figure) figureFields {
	fields := figureFields{Clocks: v.clockOptions(f.Clock)}
	for _, metric := range figure.Metrics() {
		for _, value := range figure.Values(metric) {
			one := figure.Figure{Metric: metric, Value: value}
			name := v.T("metric." + metric + ".name")
			switch {
			case one.Unit() == "seconds":
				name += v.T("records.statistic", "statistic", v.T("statistic."+string(value)))
			case value == analytics.ValueN && figure.Timed(metric):
				name += v.T("records.statistic", "statistic", v.T("records.count"))
			}
			fields.Metrics = append(fields.Metrics, option{metric + "/" + string(value), name, metric == f.Metric && value == f.Value})
		}
	}
	hb := v.names.handbook
	fields.Processes = v.keyOptions("filter.all_processes", f.Process, keysIn(hb.Processes, processKey), v.names.process)
	fields.Departments = v.keyOptions("filter.all_departments", f.Department, keysIn(hb.Departments, func(d *handbook.Department) string { return d.Key }), v.names.department)
	fields.Classes = v.keyOptions("filter.all_classes", f.Class, keysIn(hb.Classes, func(c *handbook.Named) string { return c.Key }), v.names.class)
	var stages []string
	for i := range hb.Processes {
		for _, stage := range hb.Processes[i].Stages {
			if !slices.Contains(stages, stage.Key) {
				stages = append(stages, stage.Key)
			}
		}
	}
	fields.Stages = v.keyOptions("filter.all_stages", f.Stage, stages, func(key string) string { return v.names.anyStage(f.Process, key) })
	return fields
}

func (v recordView) clockOptions(chosen analytics.Clock) (list []option) {
	for _, clock := range []analytics.Clock{analytics.ClockWorking, analytics.ClockElapsed} {
		list = append(list, option{string(clock), v.T("clock." + string(clock)), clock == chosen})
	}
	return list
}

func keysIn[T any](list []T, key func(*T) string) []string {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = key(&list[i])
	}
	return keys
}

func (v recordView) keyOptions(all, chosen string, keys []string, name func(string) string) []option {
	list := []option{{"", v.T(all), chosen == ""}}
	return append(list, choices(keys, nil, chosen, name)...)
}

// figureOf reads a figure from a form. A clock is only for times, so that a form
// may always send one.
func figureOf(form url.Values) figure.Figure {
	metric, value, _ := strings.Cut(form.Get("metric"), "/")
	f := figure.Figure{
		Metric: metric, Value: analytics.Value(value), Process: form.Get("process"), Department: form.Get("department"), Stage: form.Get("stage"), Class: form.Get("class"),
	}
	if figure.Timed(metric) {
		f.Clock = analytics.Clock(form.Get("clock"))
	}
	return f
}

// typed reads a number that a person wrote; ok is false when it is none.
func typed(text string) (value float64, ok bool) {
	text = strings.NewReplacer(",", "", "，", "", "%", "", minus, "-", " ", "").Replace(strings.TrimSpace(text))
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

// actShown is a line of a record's history.
type actShown struct{ At, Deed, By, Reason, What string }

// acts are the history of a record, kind names its messages.
func (v recordView) acts(kind string, list []record.Act) []actShown {
	shown := make([]actShown, len(list))
	for i, a := range list {
		what := make([]string, len(a.What))
		for j, part := range a.What {
			what[j] = v.fieldName(part)
		}
		shown[i] = actShown{At: v.stamp(a.At), Deed: v.T(kind + ".deed." + a.Deed), By: a.By, Reason: a.Reason, What: strings.Join(what, v.T("list.separator"))}
	}
	return shown
}

// recordFrame is a page of records; path is what the language switch leads to.
func (s *server) recordFrame(c *gin.Context, section, title, path string, content any) page {
	p := s.page(c, section, title, s.asOf(c), content)
	if c.Request.Method != http.MethodGet {
		p.LanguageTo = switched(&url.URL{Path: path}, p.Language.Other())
	}
	return p
}

// newKey makes a key from a name's Latin letters, else from a word, and a date, so
// that nobody has to think of one.
func newKey(word, name string, now time.Time) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	key := strings.Trim(b.String(), "-")
	if key == "" || key == "new" {
		return word + "-" + now.Format("20060102-150405")
	}
	return key
}
