package handbook

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics/calendar"
)

// A year of free days in one entry is a slip of the pen.
const mostDaysInARow = 366

func (c *checker) company(company *Company, hb *Handbook) {
	if !c.has("calendar") {
		return
	}
	days := make(map[calendar.Date]int) // the line that names a day
	for i, o := range company.Off {
		c.days(o.Day, o.To, o.Name, days, "calendar", "off", i)
	}
	for i, w := range company.Work {
		c.days(w.Day, w.To, w.Name, days, "calendar", "work", i)
		if w.Hours != nil && len(w.Hours) == 0 {
			c.add("hours is empty; write [08:30-12:00], or leave it out for the usual hours", "calendar", "work", i, "hours")
		}
	}
	for i, s := range company.Saturdays {
		c.saturdays(s, "calendar", "alternate_saturdays", i)
	}
	c.yearFiles(company, hb)
}

// days checks a stretch of days and that none of them is named already.
func (c *checker) days(first, last calendar.Date, name Text, seen map[calendar.Date]int, path ...any) {
	_, line := c.find(path)
	c.names(name, "the day", below(path, "name")...)
	switch {
	case !c.has(below(path, "day")...):
		c.add("day is missing; write day: 2026-10-09, with to: 2026-10-10 for a stretch of days", path...)
		return
	case !c.has(below(path, "to")...):
		last = first
	case last < first:
		c.add(fmt.Sprintf("%s lies before %s; write the earlier day first", last, first), below(path, "to")...)
		return
	case last-first >= mostDaysInARow:
		c.add(fmt.Sprintf("%s to %s is more than a year; check the years, or part it", first, last), below(path, "to")...)
		return
	}
	for d := first; d <= last; d++ {
		if other, double := seen[d]; double {
			c.add(fmt.Sprintf("%s is named in line %d already; a day is off or worked, keep one of the two", d, other), below(path, "day")...)
			return
		}
		seen[d] = line
	}
}

func (c *checker) saturdays(s Saturdays, path ...any) {
	c.names(s.Name, "the Saturdays", below(path, "name")...)
	switch {
	case !c.has(below(path, "from")...):
		c.add("from is missing; write the first Saturday that is worked, such as from: 2026-01-10", path...)
	case s.From.Weekday() != time.Saturday:
		c.add(fmt.Sprintf("%s is a %s; write the first Saturday that is worked", s.From, s.From.Weekday()), below(path, "from")...)
	case s.To != 0 && s.To < s.From:
		c.add(fmt.Sprintf("%s lies before %s; write a later day, or leave it out for until further notice", s.To, s.From), below(path, "to")...)
	}
}

// yearFiles reads the year files that a version names.
func (c *checker) yearFiles(company *Company, hb *Handbook) {
	years := make(map[int]string)
	for _, name := range company.YearFiles {
		y, err := c.yearFile(name)
		if err != nil {
			for text := range strings.SplitSeq(err.Error(), "\n") {
				c.add(fmt.Sprintf("year file %s: %s", name, text), "calendar", "year_files")
			}
			continue
		}
		if other, double := years[y.Year]; double {
			c.add(fmt.Sprintf("%s and %s are both of %d; keep one of them", other, name, y.Year), "calendar", "year_files")
			continue
		}
		years[y.Year] = name
		hb.years = append(hb.years, *y)
	}
}

func (c *checker) yearFile(name string) (*calendar.YearFile, error) {
	const remedy = "put it into the folder of the handbook, or below, and write its path from there, such as 2027.json"
	if c.files == nil || !fs.ValidPath(name) {
		return nil, errors.New("it cannot be read from here; " + remedy)
	}
	data, err := fs.ReadFile(c.files, name)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, remedy)
	}
	return calendar.ParseYearFile(data)
}

// manyHours checks that the calendar of all versions can be built.
func (c *checker) manyHours(h *History) {
	var kinds []Hours
	count := func(hours Hours) {
		if hours != nil && !slices.ContainsFunc(kinds, func(k Hours) bool { return slices.Equal(k, hours) }) {
			kinds = append(kinds, hours)
		}
	}
	for _, v := range h.versions {
		count(v.OfficeHours)
		for _, w := range v.Company.Work {
			count(w.Hours)
		}
	}
	if len(kinds) > calendar.MaxKinds {
		c.add(fmt.Sprintf("there are %d different office hours in all; write at most %d", len(kinds), calendar.MaxKinds), "calendar", "work")
	}
}
