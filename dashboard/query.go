package dashboard

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/officepulse/analytics"
)

// The bounds of what one request may ask for.
const (
	maxFilterValues = 100
	maxValueBytes   = 256
)

// The years that the working calendar knows.
const (
	firstYear = 1900
	lastYear  = 2100
)

var (
	buckets = []string{
		string(analytics.BucketQuarter), string(analytics.BucketMonth), string(analytics.BucketWeek),
		string(analytics.BucketDay), string(analytics.BucketNone),
	}
	groupings = []string{
		string(analytics.ByNone), string(analytics.ByProcess), string(analytics.ByStage),
		string(analytics.ByDepartment), string(analytics.ByClass), string(analytics.ByKind), string(analytics.ByLimit),
	}
	clocks     = []string{string(analytics.ClockElapsed), string(analytics.ClockWorking)}
	orders     = []string{string(analytics.SortCount), string(analytics.SortTotal)}
	parameters = []string{
		"from", "to", "bucket", "by", "process", "department", "stage", "class", "limit_key", "clock", "timezone", "limit", "sort",
	}
)

// parseQuery turns the parameters of the metrics API into a question. from and
// to are whole days in the time zone, zone unless the request names another;
// either may be missing and is then left zero. The faults name everything that
// is wrong at once.
func parseQuery(values url.Values, zone *time.Location) (q analytics.Query, faults []fault) {
	p := queryParser{values: values}
	p.refuseUnknown(parameters...)
	return p.query(zone), p.faults
}

// query reads the parameters that the metrics API has; those that are not given
// are left zero.
func (p *queryParser) query(zone *time.Location) (q analytics.Query) {
	q.Zone = p.zone(zone)
	q.From = p.day("from", q.Zone)
	q.To = p.day("to", q.Zone)
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		p.refuse("to", "to is exclusive and has to be later than from")
	}
	q.Bucket = analytics.Bucket(p.word("bucket", buckets, ""))
	q.By = analytics.By(p.word("by", groupings, ""))
	q.Clock = analytics.Clock(p.word("clock", clocks, ""))
	q.Process = p.list("process")
	q.Department = p.list("department")
	q.Stage = p.list("stage")
	q.Class = p.list("class")
	q.Limits = p.list("limit_key") // "limit" is how many rows
	q.Limit = p.number("limit", analytics.MaxLimit)
	q.Sort = analytics.Sort(p.word("sort", orders, ""))
	return q
}

type queryParser struct {
	values url.Values
	faults []fault
}

func (p *queryParser) refuse(parameter, detail string, allowed ...string) {
	p.faults = append(p.faults, fault{Parameter: parameter, Detail: detail, Allowed: allowed})
}

func (p *queryParser) refuseUnknown(known ...string) {
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if !slices.Contains(known, name) {
			p.refuse(clip(name), "there is no such parameter", known...)
		}
	}
}

// single returns a parameter that may be given once.
func (p *queryParser) single(name string) string {
	given := p.values[name]
	if len(given) == 0 {
		return ""
	}
	if len(given) > 1 {
		p.refuse(name, "given more than once")
		return ""
	}
	if !p.clean(name, given[0]) {
		return ""
	}
	return given[0]
}

func (p *queryParser) clean(name, value string) bool {
	if len(value) > maxValueBytes {
		p.refuse(name, fmt.Sprintf("longer than %d bytes", maxValueBytes))
		return false
	}
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		p.refuse(name, "no valid UTF-8 text")
		return false
	}
	return true
}

func (p *queryParser) word(name string, allowed []string, otherwise string) string {
	value := p.single(name)
	if value == "" {
		return otherwise
	}
	if !slices.Contains(allowed, value) {
		p.refuse(name, fmt.Sprintf("%q is not one of the values", clip(value)), allowed...)
		return otherwise
	}
	return value
}

func (p *queryParser) zone(otherwise *time.Location) *time.Location {
	name := p.single("timezone")
	if name == "" {
		return otherwise
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		p.refuse("timezone", fmt.Sprintf("%q is no time zone; write an IANA name such as Asia/Shanghai", clip(name)))
		return otherwise
	}
	return zone
}

func (p *queryParser) day(name string, zone *time.Location) time.Time {
	value := p.single(name)
	if value == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, value)
	if err != nil {
		p.refuse(name, fmt.Sprintf("%q is no day; write it as 2026-07-01", clip(value)))
		return time.Time{}
	}
	if day.Year() < firstYear || day.Year() > lastYear {
		p.refuse(name, fmt.Sprintf("the year has to be between %d and %d", firstYear, lastYear))
		return time.Time{}
	}
	return analytics.DayStart(day.Year(), day.Month(), day.Day(), zone)
}

// list returns the values of a filter, repeated or parted by commas, each once.
func (p *queryParser) list(name string) []string {
	var list []string
	for _, given := range p.values[name] {
		values, ok := splitValues(given)
		if !ok {
			p.refuse(name, `a value that begins with a quotation mark has to end with one; within it, "" is a quotation mark`)
			return nil
		}
		for _, value := range values {
			if !p.clean(name, value) {
				return nil
			}
			if value != "" && !slices.Contains(list, value) {
				list = append(list, value)
			}
			if len(list) > maxFilterValues {
				p.refuse(name, fmt.Sprintf("more than %d values; one that holds commas stands in quotation marks", maxFilterValues))
				return nil
			}
		}
	}
	return list
}

// splitValues parts a text at commas as CSV does (RFC 4180): a value that holds
// a comma or begins with a quotation mark stands in quotation marks, and those
// within it are doubled: "a,b",c is a,b and c. ok is false when a quoted value
// does not end.
func splitValues(text string) (values []string, ok bool) {
	for more := true; more; {
		var value string
		if strings.HasPrefix(text, `"`) {
			if value, text, ok = quoted(text[1:]); !ok {
				return nil, false
			}
			text, more = strings.CutPrefix(text, ",")
		} else {
			value, text, more = strings.Cut(text, ",")
		}
		values = append(values, value)
	}
	return values, true
}

// quoted reads up to the quotation mark that ends a value, behind which there is
// a comma or nothing.
func quoted(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, `"`)
		b.WriteString(before)
		switch {
		case !found:
			return "", "", false
		case strings.HasPrefix(after, `"`):
			b.WriteByte('"')
			text = after[1:]
		default:
			return b.String(), after, after == "" || after[0] == ','
		}
	}
}

func (p *queryParser) number(name string, largest int) int {
	value := p.single(name)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > largest {
		p.refuse(name, fmt.Sprintf("%q is no whole number from 1 to %d", clip(value), largest))
		return 0
	}
	return n
}

// whole is a number that may be 0.
func (p *queryParser) whole(name string, largest int) int {
	value := p.single(name)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > largest {
		p.refuse(name, fmt.Sprintf("%q is no whole number from 0 to %d", clip(value), largest))
		return 0
	}
	return n
}

// clip keeps what a stranger wrote short and printable in our answer.
func clip(s string) string { return clipTo(s, 40) }

func clipTo(s string, most int) string {
	s = strings.ToValidUTF8(s, "�")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
