package handbook

import (
	"time"

	"example.com/officepulse/analytics/calendar"
)

// Company is how the company's working days differ from the state's.
type Company struct {
	Off       []OffDays   `yaml:"off"`
	Work      []WorkDays  `yaml:"work"`
	Saturdays []Saturdays `yaml:"alternate_saturdays"`
	YearFiles []string    `yaml:"year_files"` // holiday files in the schema of holiday-cn, paths from the handbook's folder
}

// OffDays are free days.
type OffDays struct {
	Day  calendar.Date `yaml:"day"`
	To   calendar.Date `yaml:"to"` // the last of them; 0: Day alone
	Name Text          `yaml:"name"`
}

// WorkDays are worked although they would be free, or at other hours than usual.
type WorkDays struct {
	Day   calendar.Date `yaml:"day"`
	To    calendar.Date `yaml:"to"` // the last of them; 0: Day alone
	Name  Text          `yaml:"name"`
	Hours Hours         `yaml:"hours"` // nil: the usual ones
}

// Saturdays are worked every other week (大小周).
type Saturdays struct {
	From calendar.Date `yaml:"from"` // the first Saturday that is worked
	To   calendar.Date `yaml:"to"`   // 0: until further notice
	Name Text          `yaml:"name"`
}

// period is the time in which a version is in force, both days included.
type period struct{ from, to calendar.Date }

// always begins before and ends after every day of a calendar.
var always = period{from: calendar.DateOf(1, time.January, 1), to: calendar.DateOf(9999, time.December, 31)}

// addTo adds the company's days to the rules of a calendar. Days hold on their
// dates, whichever version names them; alternating Saturdays while the version
// does.
func (c *Company) addTo(rules *calendar.Rules, in period) {
	for _, o := range c.Off {
		rules.Days = append(rules.Days, calendar.Override{From: o.Day, To: max(o.Day, o.To), Name: calendar.Name(o.Name)})
	}
	for _, w := range c.Work {
		rules.Days = append(rules.Days, calendar.Override{From: w.Day, To: max(w.Day, w.To), Work: true, Slots: w.Hours, Name: calendar.Name(w.Name)})
	}
	for _, s := range c.Saturdays {
		to := s.To
		if to == 0 {
			to = always.to
		}
		from := s.From
		if late := in.from - from; late > 0 { // the weeks go on as they were counted
			from += (late + fortnight - 1) / fortnight * fortnight
		}
		rules.Saturdays = append(rules.Saturdays, calendar.Saturdays{From: from, To: min(to, in.to), Name: calendar.Name(s.Name)})
	}
}

const fortnight = 14
