package dashboard

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// trail leads from a figure to the cases behind it: what the figure is about
// and everything that narrows it down. Its fields are those of
// [analytics.CaseQuery].
type trail struct {
	About      string
	From, To   time.Time
	Process    string
	Department string
	Class      string
	Stage      string
	Kind       string
	Limit      string // process/limit
	Variant    []string
	Pair       [2]string
	AtLeast    float64 // seconds, 0: no bound
	Below      float64
	Clock      analytics.Clock
	Order      analytics.CaseOrder
	Page       int // from 1
	Language   i18n.Language
}

// trail begins the way to the cases of a figure under the page's filters.
func (v view) trail(about string, of stretch) trail {
	f := v.filters
	return trail{
		About: about, From: of.From, To: of.To, Process: f.Process, Department: f.Department, Class: f.Class, Clock: f.Clock,
		Language: f.Language,
	}
}

// href is the URL of the list; "" where no cases can be told behind the figure.
func (t trail) href() string {
	if !slices.Contains(analytics.CaseAbouts(), t.About) {
		return ""
	}
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("about", t.About)
	set("from", t.From.Format(time.DateOnly))
	set("to", t.To.Format(time.DateOnly))
	set("process", t.Process)
	set("department", t.Department)
	set("class", t.Class)
	set("stage", t.Stage)
	set("kind", t.Kind)
	set("limit", t.Limit)
	if len(t.Variant) > 0 {
		values.Set("variant", joinValues(t.Variant))
	}
	set("first", t.Pair[0])
	set("second", t.Pair[1])
	if t.AtLeast > 0 {
		values.Set("at_least", strconv.FormatFloat(t.AtLeast, 'f', -1, 64))
	}
	if t.Below > 0 {
		values.Set("below", strconv.FormatFloat(t.Below, 'f', -1, 64))
	}
	if t.Clock == analytics.ClockElapsed {
		values.Set("clock", string(t.Clock))
	}
	if t.Order != "" && t.Order != analytics.OrderTime {
		values.Set("order", string(t.Order))
	}
	if t.Page > 1 {
		values.Set("page", strconv.Itoa(t.Page))
	}
	set("lang", string(t.Language))
	// go-echarts takes what stands between two of these for a function.
	return "/cases?" + strings.ReplaceAll(values.Encode(), "__f__", "%5F_f_%5F")
}

// joinValues writes a list as one parameter; [splitValues] reads it.
func joinValues(list []string) string {
	quoted := slices.Clone(list)
	for i, value := range quoted {
		if value == "" || strings.ContainsAny(value, `,"`) {
			quoted[i] = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, ",")
}

// The bounds of a list's page.
const (
	casesPerPage = 50
	maxCasesPage = analytics.MaxOffset/casesPerPage + 1
	maxSeconds   = 100 * 365 * 24 * 3600
)

// parseTrail reads the URL of a list. ok is false when a value cannot be meant.
func parseTrail(values url.Values, zone *time.Location) (t trail, ok bool) {
	p := queryParser{values: values}
	t = trail{
		About: p.single("about"), Process: p.single("process"), Department: p.single("department"), Class: p.single("class"),
		Stage: p.single("stage"), Kind: p.single("kind"), Limit: p.single("limit"), Pair: [2]string{p.single("first"), p.single("second")},
		AtLeast: p.seconds("at_least"), Below: p.seconds("below"), Page: max(1, p.number("page", maxCasesPage)),
	}
	t.From, t.To = p.days("", zone)
	t.Clock = analytics.Clock(p.word("clock", clocks, string(analytics.ClockWorking)))
	t.Order = analytics.CaseOrder(p.word("order", caseOrders, string(analytics.OrderTime)))
	if list := p.single("variant"); list != "" {
		var whole bool
		if t.Variant, whole = splitValues(list); !whole || len(t.Variant) > maxFilterValues {
			p.refuse("variant", "the list cannot be read")
		}
	}
	if l, known := i18n.Parse(values.Get("lang")); known {
		t.Language = l
	}
	if t.About == "" {
		t.About = "lead_time"
	}
	return t, len(p.faults) == 0
}

var caseOrders = []string{string(analytics.OrderTime), string(analytics.OrderCompleted), string(analytics.OrderStarted)}

// seconds is a time bound; 0 when it is not given.
func (p *queryParser) seconds(name string) float64 {
	value := p.single(name)
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxSeconds) {
		p.refuse(name, "no number of seconds")
		return 0
	}
	return seconds
}

// query is the question about the page of the list that the trail leads to.
func (t trail) query(zone *time.Location) analytics.CaseQuery {
	one := func(value string) []string {
		if value == "" {
			return nil
		}
		return []string{value}
	}
	return analytics.CaseQuery{
		Query: analytics.Query{
			From: t.From, To: t.To, Zone: zone, Clock: t.Clock, Limit: casesPerPage,
			Process: one(t.Process), Department: one(t.Department), Class: one(t.Class), Stage: one(t.Stage), Limits: one(t.Limit),
		},
		About: t.About, Kind: one(t.Kind), Variant: t.Variant, Pair: t.Pair,
		AtLeast: time.Duration(t.AtLeast * float64(time.Second)), Below: time.Duration(t.Below * float64(time.Second)),
		Order: t.Order, Offset: (t.Page - 1) * casesPerPage,
	}
}
