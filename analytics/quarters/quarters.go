// Package quarters names the quarters of a fiscal year and places them on the time
// axis of an office: labels and instants go in, the other comes out.
package quarters

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"example.com/officepulse/analytics"
)

// Quarter is one of a fiscal year, which is named after the calendar year in
// which it begins. In JSON it is its label.
type Quarter struct {
	Year, Number int // Number is 1 to 4
}

var label = regexp.MustCompile(`^((?:19|20)\d{2})[Qq]([1-4])$`)

// Parse reads a label such as 2026Q3.
func Parse(text string) (Quarter, error) {
	m := label.FindStringSubmatch(text)
	if m == nil {
		return Quarter{}, fmt.Errorf("%.20q is no quarter; write one like 2026Q3", text)
	}
	year, _ := strconv.Atoi(m[1])
	number, _ := strconv.Atoi(m[2])
	return Quarter{year, number}, nil
}

// String is the label; "" of the zero value.
func (q Quarter) String() string {
	if q == (Quarter{}) {
		return ""
	}
	return fmt.Sprintf("%04dQ%d", q.Year, q.Number)
}

// MarshalText writes the label.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads the label.
func (q *Quarter) UnmarshalText(text []byte) (err error) {
	*q = Quarter{}
	if len(text) > 0 {
		*q, err = Parse(string(text))
	}
	return err
}

// Add moves by n quarters.
func (q Quarter) Add(n int) Quarter {
	i := q.Year*4 + q.Number - 1 + n
	return Quarter{Year: i / 4, Number: i%4 + 1}
}

// Minus is the number of quarters from other to q.
func (q Quarter) Minus(other Quarter) int { return (q.Year-other.Year)*4 + q.Number - other.Number }

// Fiscal places quarters on the time axis.
type Fiscal struct {
	Zone  *time.Location
	First time.Month // in which quarter 1 begins
}

// Start is the first instant of a quarter.
func (f Fiscal) Start(q Quarter) time.Time {
	return analytics.DayStart(q.Year, f.First+time.Month(3*(q.Number-1)), 1, f.Zone)
}

// End is the first instant after a quarter.
func (f Fiscal) End(q Quarter) time.Time { return f.Start(q.Add(1)) }

// Of is the quarter in which an instant lies.
func (f Fiscal) Of(t time.Time) Quarter {
	local := t.In(f.Zone)
	year, months := local.Year(), int(local.Month()-f.First)
	if months < 0 {
		year, months = year-1, months+12
	}
	return Quarter{year, months/3 + 1}
}
