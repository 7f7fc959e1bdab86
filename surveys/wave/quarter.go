package wave

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Quarter is one of a fiscal year, which is named after the calendar year in
// which it begins, as everywhere in OfficePulse. In JSON it is its label.
type Quarter struct {
	Year, Number int // Number is 1 to 4
}

var quarterLabel = regexp.MustCompile(`^((?:19|20)\d{2})Q([1-4])$`)

// ParseQuarter reads a label such as 2026Q3.
func ParseQuarter(label string) (Quarter, error) {
	m := quarterLabel.FindStringSubmatch(label)
	if m == nil {
		return Quarter{}, fmt.Errorf("%q is no quarter; write one like 2026Q3", label)
	}
	year, _ := strconv.Atoi(m[1])
	number, _ := strconv.Atoi(m[2])
	return Quarter{year, number}, nil
}

// String is the label.
func (q Quarter) String() string { return fmt.Sprintf("%04dQ%d", q.Year, q.Number) }

// MarshalText writes the label.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads the label.
func (q *Quarter) UnmarshalText(text []byte) (err error) {
	*q, err = ParseQuarter(string(text))
	return err
}

// Next is the quarter after.
func (q Quarter) Next() Quarter {
	if q.Number == 4 {
		return Quarter{q.Year + 1, 1}
	}
	return Quarter{q.Year, q.Number + 1}
}

// Before reports whether q comes before other.
func (q Quarter) Before(other Quarter) bool {
	return q.Year < other.Year || q.Year == other.Year && q.Number < other.Number
}

// Fiscal places quarters on the time axis of an office.
type Fiscal struct {
	Zone  *time.Location
	First time.Month // in which quarter 1 begins
}

// Start is the first day of a quarter, at midnight.
func (f Fiscal) Start(q Quarter) time.Time {
	return time.Date(q.Year, f.First+time.Month(3*(q.Number-1)), 1, 0, 0, 0, 0, f.Zone)
}

// Of is the quarter in which an instant lies.
func (f Fiscal) Of(t time.Time) Quarter {
	local := t.In(f.Zone)
	year, months := local.Year(), int(local.Month()-f.First)
	if months < 0 {
		year, months = year-1, months+12
	}
	return Quarter{year, months/3 + 1}
}

// moved is the instant in another quarter that is as many days from its quarter's
// end, at the same time of day: a survey of a quarter's last two weeks is one of
// the last two weeks in every quarter, however long it is.
func (f Fiscal) moved(t time.Time, from, to Quarter) time.Time {
	local := t.In(f.Zone)
	days := daysBetween(f.Start(from.Next()), local)
	end := f.Start(to.Next())
	return time.Date(end.Year(), end.Month(), end.Day()+days, local.Hour(), local.Minute(), local.Second(), 0, f.Zone)
}

// daysBetween counts calendar days, whatever the clocks did meanwhile.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}
