package analytics

import (
	"fmt"
	"time"
)

// part is one bucket of a period, cut to the period at its ends.
type part struct {
	label      string
	start, end time.Time
}

// split parts the time from inclusive to exclusive into buckets. Days begin at
// the first instant of their date in zone, which is midnight wherever summer
// time does not begin at midnight. Quarter 1 begins with month fiscalStart, and
// a fiscal year is named after the calendar year in which it begins. The error
// is [ErrQuery].
func split(from, to time.Time, zone *time.Location, b Bucket, fiscalStart time.Month) ([]part, error) {
	if !from.Before(to) {
		return nil, fmt.Errorf("%w: the period is empty or reversed: from %s to %s", ErrQuery, from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	first, step, ok := b.first(from.In(zone), fiscalStart)
	if !ok {
		return nil, fmt.Errorf("%w: there is no bucket %q; there are quarter, month, week, day, none", ErrQuery, b)
	}
	if b == BucketNone {
		return []part{{start: from.In(zone), end: to.In(zone)}}, nil
	}
	var parts []part
	for d := first; ; d = d.plus(step) {
		start, end := d.begins(zone), d.plus(step).begins(zone)
		if !start.Before(to) {
			return parts, nil
		}
		if len(parts) == MaxBuckets {
			return nil, fmt.Errorf("%w: the period has more than %d parts of a %s; ask for a shorter period or a larger bucket", ErrQuery, MaxBuckets, b)
		}
		parts = append(parts, part{
			label: b.label(d, fiscalStart),
			start: later(start, from.In(zone)), end: earlier(end, to.In(zone)),
		})
	}
}

// first is the date on which the bucket that holds t begins, and the length of
// such buckets.
func (b Bucket) first(t time.Time, fiscalStart time.Month) (first, step date, ok bool) {
	today := dateOf(t)
	switch b {
	case BucketQuarter:
		into := (int(today.month) - int(fiscalStart) + 12) % 3
		return date{today.year, today.month - time.Month(into), 1}, date{month: 3}, true
	case BucketMonth:
		return date{today.year, today.month, 1}, date{month: 1}, true
	case BucketWeek:
		into := (int(t.Weekday()) + 6) % 7 // since Monday
		return date{today.year, today.month, today.day - into}, date{day: 7}, true
	case BucketDay, BucketNone:
		return today, date{day: 1}, true
	default:
		return date{}, date{}, false
	}
}

// label names the bucket that begins on d: 2026Q1, 2026-01, 2026W05, 2026-01-31.
func (b Bucket) label(d date, fiscalStart time.Month) string {
	t := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
	switch b {
	case BucketQuarter:
		months := t.Year()*12 + int(t.Month()) - int(fiscalStart) // since the fiscal year 0 began
		return fmt.Sprintf("%04dQ%d", months/12, months%12/3+1)
	case BucketMonth:
		return t.Format("2006-01")
	case BucketWeek:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%04dW%02d", year, week)
	case BucketDay:
		return t.Format(time.DateOnly)
	default:
		return ""
	}
}

// date is a day of the calendar, or a distance between two. Its parts may
// overflow; time.Date sets that right.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

func (d date) plus(step date) date {
	return dateOf(time.Date(d.year+step.year, d.month+step.month, d.day+step.day, 0, 0, 0, 0, time.UTC))
}

// DayStart is the first instant of a date in zone: midnight or, where clocks
// leave that out, what comes instead. Like those of [time.Date], month and day
// may overflow.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	return date{year, month, day}.begins(zone)
}

// begins is the first instant of the date in zone. Where clocks change around
// midnight it is not what time.Date gives: 0:00 may be missing or come twice.
func (d date) begins(zone *time.Location) time.Time {
	noon := time.Date(d.year, d.month, d.day, 12, 0, 0, 0, zone)
	since, _ := noon.ZoneBounds()
	midnight := d.midnight(noon)
	if since.IsZero() || midnight.After(since) {
		return midnight
	}
	// The clocks have changed between midnight and noon.
	if before := d.midnight(since.Add(-time.Nanosecond)); before.Before(since) {
		return before
	}
	return since // it was midnight that the change left out
}

// midnight is 0:00 of the date as the clock reads that holds at t.
func (d date) midnight(t time.Time) time.Time {
	_, offset := t.Zone()
	return time.Date(d.year, d.month, d.day, 0, 0, -offset, 0, time.UTC).In(t.Location())
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
