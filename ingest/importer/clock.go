package importer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// clock reads times as files spell them. Dates without a four-digit year in
// front are read day first, until settle has seen that the file means the month.
type clock struct {
	zone       *time.Location // of times that have none
	serial     serialSystem   // what a bare number means
	monthFirst bool

	// What the file shows about its dates such as 03-04-2016.
	onlyDayFirst, onlyMonthFirst, either int64
}

// serialSystem is how a workbook counts days.
type serialSystem int

const (
	noSerial   serialSystem = iota // a bare number is no time
	serial1900                     // Excel: 1 is 1900-01-01, and 1900 wrongly has a February 29
	serial1904                     // Excel for Mac, old workbooks: 0 is 1904-01-01
)

// instant is a time as read.
type instant struct {
	time     time.Time // UTC, milliseconds
	dateOnly bool      // midnight was taken
}

var errTime = errors.New("is no time that can be read; write for example 2026-09-30 17:00:00 or 2026-09-30T17:00:00+08:00")

// parse reads one time. Read are: RFC 3339, also without zone; year, month and day
// or day, month and year with hyphens, slashes or dots between; 2006年1月2日; each
// with hours and minutes, and optional seconds and fraction; in a workbook also
// serial numbers. Fractions are cut to milliseconds. A local time that a change to
// or from summer time skips or repeats is what [time.Date] makes of it.
func (c *clock) parse(s string) (instant, error) {
	if c.serial != noSerial {
		if days, err := strconv.ParseFloat(s, 64); err == nil {
			return c.fromSerial(days)
		}
	}
	p := dateParser{rest: s}
	if !p.parse() {
		return instant{}, fmt.Errorf("%q %w", cut(s, 40), errTime)
	}
	if !p.yearFirst {
		c.order(&p)
	}
	zone := c.zone
	if p.hasZone {
		zone = time.FixedZone("", p.offset)
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.millis*int(time.Millisecond), zone)
	if !p.valid() {
		return instant{}, fmt.Errorf("%q is no day or time that exists%s", cut(s, 40), c.orderText(&p))
	}
	return instant{time: t.UTC(), dateOnly: p.dateOnly}, nil
}

// order decides which of two numbers is the day, and keeps what they show.
func (c *clock) order(p *dateParser) {
	first, second := p.day, p.month // as they stand
	switch {
	case first > 12 && second <= 12:
		c.onlyDayFirst++
	case second > 12 && first <= 12:
		c.onlyMonthFirst++
	case first != second:
		c.either++
	}
	if c.monthFirst {
		p.day, p.month = second, first
	}
}

func (c *clock) orderText(p *dateParser) string {
	switch {
	case p.yearFirst:
		return ""
	case c.monthFirst:
		return " (the month was read first)"
	default:
		return " (the day was read first)"
	}
}

// settle ends the first reading. It reports whether dates have to be read anew
// with the month first.
func (c *clock) settle() bool {
	c.monthFirst = c.onlyMonthFirst > 0 && c.onlyDayFirst == 0
	return c.monthFirst
}

func (c *clock) warnings() []string {
	switch {
	case c.monthFirst:
		return []string{"dates such as 03-04-2016 were read with the month first, since other dates in the file can only be read so"}
	case c.onlyDayFirst > 0 && c.onlyMonthFirst > 0:
		return []string{"some dates in the file can only be read with the day first, others only with the month first; the day was read first, the others are refused"}
	case c.onlyDayFirst == 0 && c.either > 0:
		return []string{"no date in the file tells whether 03-04-2016 is April 3 or March 4; the day was read first"}
	}
	return nil
}

// fromSerial is the wall-clock time of a workbook's day count.
func (c *clock) fromSerial(days float64) (instant, error) {
	const last = 2958466 // 10000-01-01
	if !(days >= 0 && days < last) {
		return instant{}, fmt.Errorf("%v is no day number of a workbook; give the cell a date", days)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case c.serial == serial1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // before the February 29 that 1900 did not have
		epoch = epoch.AddDate(0, 0, 1)
	}
	millis := int64(math.Round(days * 24 * 60 * 60 * 1000))
	t := time.UnixMilli(epoch.UnixMilli() + millis).UTC()
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), c.zone)
	return instant{time: t.UTC(), dateOnly: days == math.Trunc(days)}, nil
}

// dateParser takes a time apart, from left to right.
type dateParser struct {
	rest string

	year, month, day     int
	hour, minute, second int
	millis               int
	offset               int  // seconds east of UTC
	hasZone              bool // offset says something
	yearFirst            bool // else day and month hold the first and second number as they stand
	dateOnly             bool
}

func (p *dateParser) parse() bool {
	p.rest = strings.TrimSpace(p.rest)
	if !p.date() {
		return false
	}
	if p.rest == "" {
		p.dateOnly = true
		return true
	}
	if !p.skip("T") && !p.skip("t") {
		p.rest = strings.TrimLeft(p.rest, " ")
	}
	if !p.clock() {
		return false
	}
	return p.zone() && p.rest == ""
}

// date reads 2006-01-02, 02-01-2006, both also with / or ., and 2006年1月2日.
func (p *dateParser) date() bool {
	first, n, ok := p.number(1, 4)
	if !ok || n == 3 {
		return false
	}
	if n == 4 && p.skip("年") {
		p.year, p.yearFirst = first, true
		return p.into(&p.month, 1, 2) && p.skip("月") && p.into(&p.day, 1, 2) && p.skip("日")
	}
	if p.rest == "" {
		return false
	}
	separator := p.rest[:1]
	switch separator {
	case "-", "/", ".":
	default:
		return false
	}
	if n == 4 {
		p.year, p.yearFirst = first, true
		return p.skip(separator) && p.into(&p.month, 1, 2) && p.skip(separator) && p.into(&p.day, 1, 2) && p.endOfDay()
	}
	p.day = first
	return p.skip(separator) && p.into(&p.month, 1, 2) && p.skip(separator) && p.into(&p.year, 4, 4) && p.endOfDay()
}

// endOfDay reports whether something other than a digit follows: the hour of
// 2016-01-0210:00 must not be taken from the day.
func (p *dateParser) endOfDay() bool {
	return p.rest == "" || p.rest[0] == ' ' || p.rest[0] == 'T' || p.rest[0] == 't'
}

// clock reads 15:04, 15:04:05 and 15:04:05.999.
func (p *dateParser) clock() bool {
	if !p.into(&p.hour, 1, 2) || !p.skip(":") || !p.into(&p.minute, 2, 2) {
		return false
	}
	if !p.skip(":") {
		return true
	}
	if !p.into(&p.second, 2, 2) {
		return false
	}
	if !p.skip(".") && !p.skip(",") {
		return true
	}
	fraction, n, ok := p.number(1, 9)
	for ; n > 3; n-- {
		fraction /= 10
	}
	for ; n < 3; n++ {
		fraction *= 10
	}
	p.millis = fraction
	return ok
}

// zone reads nothing, Z, UTC, +08:00, +0800 and +08.
func (p *dateParser) zone() bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return true
	}
	p.hasZone = true
	if p.skip("Z") || p.skip("z") || p.skip("UTC") {
		return true
	}
	sign := 1
	if p.skip("-") {
		sign = -1
	} else if !p.skip("+") {
		return false
	}
	var hours, minutes int
	if !p.into(&hours, 2, 2) {
		return false
	}
	if colon := p.skip(":"); (colon || p.rest != "") && !p.into(&minutes, 2, 2) {
		return false
	}
	p.offset = sign * (hours*3600 + minutes*60)
	return hours < 24 && minutes < 60
}

// valid reports whether the numbers are a day and time of day that exist.
func (p *dateParser) valid() bool {
	if p.month < 1 || p.month > 12 || p.hour > 23 || p.minute > 59 || p.second > 59 {
		return false
	}
	return p.day >= 1 && p.day <= time.Date(p.year, time.Month(p.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func (p *dateParser) skip(literal string) bool {
	rest, ok := strings.CutPrefix(p.rest, literal)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *dateParser) into(n *int, least, most int) bool {
	value, _, ok := p.number(least, most)
	*n = value
	return ok
}

// number takes as many digits as there are, up to most.
func (p *dateParser) number(least, most int) (value, digits int, ok bool) {
	for digits < most && digits < len(p.rest) && p.rest[digits] >= '0' && p.rest[digits] <= '9' {
		value = value*10 + int(p.rest[digits]-'0')
		digits++
	}
	p.rest = p.rest[digits:]
	return value, digits, digits >= least
}
