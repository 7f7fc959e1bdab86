package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// YearFile are the holidays of one year as its notice lists them, read from a
// file in the schema of github.com/NateScarlet/holiday-cn. It is for a year of
// which the program does not know yet.
type YearFile struct {
	Year   int
	Papers []string // where it was announced; never empty
	Days   []YearDay
}

// YearDay is a day that a notice names: free, or a make-up workday.
type YearDay struct {
	Date Date
	Name string // of the holiday, for a make-up workday too
	Off  bool
}

// holidays is the file as it is written; what else the schema has is not needed.
type holidays struct {
	Year   int
	Papers []string
	Days   []struct {
		Name     string
		Date     string
		IsOffDay *bool // nil is a mistake, and no workday
	}
}

// ParseYearFile reads and checks a year file. The error joins all that is wrong.
func ParseYearFile(data []byte) (*YearFile, error) {
	var file holidays
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("it is no holiday file: %w; take one of the holiday-cn project as a pattern", err)
	}
	y := &YearFile{Year: file.Year, Papers: file.Papers}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if y.Year < firstDay.Year() || y.Year > lastDay.Year() {
		fault("year %d is not from %d to %d; write the year of the notice", y.Year, firstDay.Year(), lastDay.Year())
	}
	if len(strings.Join(y.Papers, "")) == 0 {
		fault("papers is empty; name the notice that announced the days, so that a guess is no fact")
	}
	if len(file.Days) == 0 {
		fault("days is empty; list the free days and the make-up workdays")
	}
	seen := make(map[Date]int)
	for i, d := range file.Days {
		date, err := ParseDate(d.Date)
		if err != nil {
			fault("day %d: %w", i+1, err)
			continue
		}
		if first, double := seen[date]; double {
			fault("day %d: %s is there since day %d; keep one of the two", i+1, date, first)
			continue
		}
		seen[date] = i + 1
		switch {
		case !y.covers(date):
			fault("day %d: %s is not in %d, nor in the December before or the January after", i+1, date, y.Year)
		case d.IsOffDay == nil:
			fault("day %d: isOffDay of %s is missing; write true for a free day, false for a make-up workday", i+1, date)
		case strings.TrimSpace(d.Name) == "":
			fault("day %d: name of %s is missing; write the holiday's name", i+1, date)
		default:
			y.Days = append(y.Days, YearDay{Date: date, Name: d.Name, Off: *d.IsOffDay})
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return y, nil
}

// covers reports whether a notice of the year may name a day: those of the
// turns of the year belong to either.
func (y *YearFile) covers(d Date) bool {
	year, month, _ := d.Date()
	return year == y.Year ||
		(year == y.Year-1 && month == time.December) ||
		(year == y.Year+1 && month == time.January)
}
