package dashboard

import (
	"net/url"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// filters are what a page is about; all of them stand in its URL.
type filters struct {
	Quarter    quarter // zero: the newest complete one that has data
	Process    string  // key; "" for all
	Department string  // key; "" for all
	Clock      analytics.Clock
	Language   i18n.Language // "" unless the URL names it
}

// parseFilters reads a page's URL. ok is false when a value cannot be meant:
// people get a page that says so instead of figures about something else.
func parseFilters(values url.Values) (f filters, ok bool) {
	p := queryParser{values: values}
	f = filters{Process: p.single("process"), Department: p.single("department")}
	f.Clock = analytics.Clock(p.word("clock", clocks, string(analytics.ClockWorking)))
	ok = len(p.faults) == 0
	if label := p.single("quarter"); label != "" {
		var known bool
		f.Quarter, known = parseQuarter(label)
		ok = ok && known
	}
	if l, known := i18n.Parse(values.Get("lang")); known {
		f.Language = l
	}
	return f, ok
}

// href is the Overview's URL with these filters; what is as usual is left out.
func (f filters) href() string {
	values := url.Values{}
	if f.Quarter != (quarter{}) {
		values.Set("quarter", f.Quarter.String())
	}
	if f.Process != "" {
		values.Set("process", f.Process)
	}
	if f.Department != "" {
		values.Set("department", f.Department)
	}
	if f.Clock == analytics.ClockElapsed {
		values.Set("clock", string(f.Clock))
	}
	if f.Language != "" {
		values.Set("lang", string(f.Language))
	}
	if len(values) == 0 {
		return "/"
	}
	return "/?" + values.Encode()
}
