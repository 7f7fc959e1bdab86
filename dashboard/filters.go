package dashboard

import (
	"net/url"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// filters are what a page is about; all of them stand in its URL.
type filters struct {
	Quarter    quarter   // zero: the newest complete one that has data
	From, To   time.Time // days chosen instead of a quarter, To exclusive; zero: the quarter
	Process    string    // key; "" for all
	Department string    // key; "" for all
	Class      string    // key; "" for all
	Stage      string    // key; "" for all
	Clock      analytics.Clock
	Bucket     analytics.Bucket // of trends: quarter, month or week; "" for quarters
	Before     string           // what the period is compared with: beforeYear, beforePrevious or a quarter; "" for the usual
	BeforeFrom time.Time        // days to compare with instead, BeforeTo exclusive
	BeforeTo   time.Time
	Language   i18n.Language // "" unless the URL names it
}

// What a period can be compared with, besides any quarter.
const (
	beforeYear     = "last_year"
	beforePrevious = "previous"
)

// trendBuckets are the steps in which trends can be drawn.
var trendBuckets = []string{string(analytics.BucketQuarter), string(analytics.BucketMonth), string(analytics.BucketWeek)}

// parseFilters reads a page's URL; days are those of zone. ok is false when a
// value cannot be meant: people get a page that says so instead of figures about
// something else.
func parseFilters(values url.Values, zone *time.Location) (f filters, ok bool) {
	p := queryParser{values: values}
	f = filters{Process: p.single("process"), Department: p.single("department"), Class: p.single("class"), Stage: p.single("stage")}
	f.Clock = analytics.Clock(p.word("clock", clocks, string(analytics.ClockWorking)))
	f.Bucket = analytics.Bucket(p.word("bucket", trendBuckets, ""))
	f.From, f.To = p.days("", zone)
	f.BeforeFrom, f.BeforeTo = p.days("before_", zone)
	f.Before = p.single("before")
	ok = len(p.faults) == 0
	if f.Before != "" && f.Before != beforeYear && f.Before != beforePrevious {
		_, known := parseQuarter(f.Before)
		ok = ok && known
	}
	if label := p.single("quarter"); label != "" {
		var known bool
		f.Quarter, known = parseQuarter(label)
		ok = ok && known
	}
	if !f.From.IsZero() { // days are closer than a quarter
		f.Quarter = quarter{}
	}
	if !f.BeforeFrom.IsZero() {
		f.Before = ""
	}
	if l, known := i18n.Parse(values.Get("lang")); known {
		f.Language = l
	}
	return f, ok
}

// days reads a stretch of whole days: from, and either to, which is exclusive
// as in the API, or through, the last day, which is what people write into a
// form. Both ends have to be there, in order; without either there is none.
func (p *queryParser) days(prefix string, zone *time.Location) (from, to time.Time) {
	from, to = p.day(prefix+"from", zone), p.day(prefix+"to", zone)
	if through := p.day(prefix+"through", zone); to.IsZero() && !through.IsZero() {
		y, m, d := through.Date()
		if to = analytics.DayStart(y, m, d+1, zone); to.Year() > lastYear {
			p.refuse(prefix+"through", "the calendar ends before")
		}
	}
	if from.IsZero() || to.IsZero() { // a form half filled in
		return time.Time{}, time.Time{}
	}
	if !from.Before(to) {
		p.refuse(prefix+"to", "to is exclusive and has to be later than from")
		return time.Time{}, time.Time{}
	}
	return from, to
}

// values are the filters as they stand in a URL; what is as usual is left out.
func (f filters) values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	day := func(name string, t time.Time) {
		if !t.IsZero() {
			values.Set(name, t.Format(time.DateOnly))
		}
	}
	if f.Quarter != (quarter{}) {
		values.Set("quarter", f.Quarter.String())
	}
	day("from", f.From)
	day("to", f.To)
	set("process", f.Process)
	set("department", f.Department)
	set("class", f.Class)
	set("stage", f.Stage)
	if f.Clock == analytics.ClockElapsed {
		values.Set("clock", string(f.Clock))
	}
	set("bucket", string(f.Bucket))
	set("before", f.Before)
	day("before_from", f.BeforeFrom)
	day("before_to", f.BeforeTo)
	set("lang", string(f.Language))
	return values
}

// at is the URL of a page with these filters.
func (f filters) at(path string) string {
	values := f.values()
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// href is the Overview's URL with these filters.
func (f filters) href() string { return f.at("/") }
