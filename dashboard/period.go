package dashboard

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"example.com/officepulse/analytics"
)

// quarter is a quarter of a fiscal year, which is named after the calendar year
// in which it begins.
type quarter struct {
	Year, Number int // Number is 1 to 4
}

// String is the quarter's label in URLs and on axes, e.g. 2026Q3.
func (q quarter) String() string { return fmt.Sprintf("%04dQ%d", q.Year, q.Number) }

// short is the label where space is scarce, e.g. 26Q3.
func (q quarter) short() string { return fmt.Sprintf("%02dQ%d", q.Year%100, q.Number) }

// add moves by n quarters.
func (q quarter) add(n int) quarter {
	i := q.Year*4 + q.Number - 1 + n
	return quarter{Year: i / 4, Number: i%4 + 1}
}

// minus is the number of quarters from other to q.
func (q quarter) minus(other quarter) int {
	return (q.Year-other.Year)*4 + q.Number - other.Number
}

var quarterLabel = regexp.MustCompile(`^((?:19|20)\d{2})[Qq]([1-4])$`)

func parseQuarter(s string) (q quarter, ok bool) {
	m := quarterLabel.FindStringSubmatch(s)
	if m == nil {
		return quarter{}, false
	}
	q.Year, _ = strconv.Atoi(m[1])
	q.Number, _ = strconv.Atoi(m[2])
	return q, true
}

// fiscal places quarters on the time axis of the office.
type fiscal struct {
	zone  *time.Location
	first time.Month // in which quarter 1 begins
}

// start is the first instant of the quarter.
func (f fiscal) start(q quarter) time.Time {
	return analytics.DayStart(q.Year, f.first+time.Month(3*(q.Number-1)), 1, f.zone)
}

// end is the first instant after the quarter.
func (f fiscal) end(q quarter) time.Time { return f.start(q.add(1)) }

// of is the quarter in which t lies.
func (f fiscal) of(t time.Time) quarter {
	local := t.In(f.zone)
	months := int(local.Month() - f.first)
	year := local.Year()
	if months < 0 {
		months += 12
		year--
	}
	return quarter{Year: year, Number: months/3 + 1}
}
