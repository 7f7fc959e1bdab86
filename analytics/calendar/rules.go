package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Rules are what an office says about its working time. The statutory holidays
// are no part of them: they come with the package.
type Rules struct {
	Zone      *time.Location
	Hours     []HoursFrom // of an ordinary working day, in order of From; the first holds before its From too
	Standard  []Slot      // what "a working day" is in figures; nil: the last of Hours
	Days      []Override  // of the company; of two that name the same day the later holds
	Saturdays []Saturdays
	Years     []YearFile // at most one a year
}

// HoursFrom are office hours from a date on.
type HoursFrom struct {
	From  Date
	Slots []Slot // in order and apart
}

// Override is a stretch of days on which the company does not follow the
// statutory calendar.
type Override struct {
	From, To Date // both included
	Work     bool
	Slots    []Slot // of these working days; nil: the usual ones
	Name     Name
}

// Saturdays is a stretch of time in which every other Saturday is worked
// (大小周), the first being From; those within a holiday stay free.
type Saturdays struct {
	From, To Date // both included
	Name     Name
}

func (s Saturdays) works(d Date) bool {
	return d >= s.From && d <= s.To && (d-s.From)%14 == 0
}

// Name is what a day is called, in both languages.
type Name struct{ ZH, EN string }

// MaxKinds bounds how many different office hours a calendar may have: each
// costs a table of the seconds of a day.
const MaxKinds = 30

func (r *Rules) check() error {
	if r.Zone == nil {
		return errors.New("the time zone is missing")
	}
	if len(r.Hours) == 0 {
		return errors.New("office hours are missing")
	}
	for i, h := range r.Hours {
		if err := checkSlots(h.Slots); err != nil {
			return err
		}
		if i > 0 && h.From <= r.Hours[i-1].From {
			return errors.New("office hours are not in order of their dates")
		}
	}
	if r.Standard != nil {
		if err := checkSlots(r.Standard); err != nil {
			return err
		}
	}
	for _, o := range r.Days {
		if o.Slots != nil {
			if err := checkSlots(o.Slots); err != nil {
				return fmt.Errorf("%s: %w", o.From, err)
			}
		}
	}
	seen := make(map[int]bool)
	for _, y := range r.Years {
		if seen[y.Year] {
			return fmt.Errorf("there are two year files of %d", y.Year)
		}
		seen[y.Year] = true
	}
	return nil
}
