package calendar

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Date is a day of the civil calendar, in no particular zone: days since
// 1970-01-01. In YAML and JSON it reads 2026-10-01.
type Date int

const day = 24 * time.Hour

// DateOf is the date of a year, month and day; as with [time.Date], what is out of
// range carries over.
func DateOf(year int, month time.Month, dayOfMonth int) Date {
	return Date(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

// ParseDate reads 2026-10-01.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("%q is no date; write year, month and day such as 2026-10-01", text)
	}
	return DateOf(t.Date()), nil
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

// Date returns the year, the month and the day of the month.
func (d Date) Date() (int, time.Month, int) { return d.utc().Date() }

// Year is the year of the date.
func (d Date) Year() int { return d.utc().Year() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// In is the instant at which the date begins in a zone.
func (d Date) In(zone *time.Location) time.Time {
	y, m, n := d.Date()
	return time.Date(y, m, n, 0, 0, 0, 0, zone)
}

// String reads 2026-10-01.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// MarshalText writes 2026-10-01.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2026-10-01.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// UnmarshalYAML reads 2026-10-01, with or without quotes.
func (d *Date) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := ParseDate(n.Value)
	if err != nil {
		// Of this type the decoder gathers all there are; another would stop it.
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", n.Line, err)}}
	}
	*d = parsed
	return nil
}
