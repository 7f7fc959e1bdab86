package calendar

import "time"

// Year is where the working days of a year come from.
type Year struct {
	Year     int      `json:"year"`
	Source   Source   `json:"source"`           // of its holidays: year_file, notice or provisional (暂定)
	Papers   []string `json:"papers,omitempty"` // of a year file: where they were announced
	Workdays int      `json:"workdays"`
	Company  int      `json:"company"` // days that the company decided for itself
}

// Years tells about the years first to last, both included, as far as the
// calendar has them.
func (c *Calendar) Years(first, last int) []Year {
	var years []Year
	for y := max(first, firstDay.Year()); y <= min(last, lastDay.Year()); y++ {
		years = append(years, c.year(y))
	}
	return years
}

func (c *Calendar) year(y int) Year {
	told := Year{Year: y, Source: SourceProvisional}
	switch {
	case c.layers.fileYears[y]:
		told.Source, told.Papers = SourceYearFile, c.layers.papers[y]
	case c.layers.known.years[y]:
		told.Source = SourceNotice
	}
	for d := DateOf(y, time.January, 1); d.Year() == y; d++ {
		if len(c.slots(d)) > 0 {
			told.Workdays++
		}
		if c.layers.decide(d).source == SourceCompany {
			told.Company++
		}
	}
	return told
}
