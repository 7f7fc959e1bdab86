package calendar

import (
	"slices"
	"time"
)

// Source is the layer of the calendar that decided about a day.
type Source string

// The layers, the first that knows a day decides.
const (
	SourceCompany     Source = "company"     // an override of the company
	SourceYearFile    Source = "year_file"   // a file with the holidays of a year, given by the operator
	SourceNotice      Source = "notice"      // the State Council's notice, as lunar-go has it
	SourceProvisional Source = "provisional" // 暂定: no notice known
)

// listed is a day that a layer names.
type listed struct {
	work  bool
	slots []Slot // of the company's own hours
	name  Name
}

// decision is what the layers say about a day.
type decision struct {
	listed
	source Source
}

// layers are the days that differ from the week's rhythm, by where that is said.
type layers struct {
	company   map[Date]listed
	saturdays []Saturdays
	files     map[Date]listed
	fileYears map[int]bool
	papers    map[int][]string // of the years in fileYears
	known     *statutory
}

func newLayers(r *Rules) *layers {
	l := &layers{
		company: make(map[Date]listed), saturdays: slices.Clone(r.Saturdays),
		files: make(map[Date]listed), fileYears: make(map[int]bool), papers: make(map[int][]string), known: statutoryDays(),
	}
	for _, o := range r.Days {
		for d := max(o.From, firstDay); d <= min(o.To, lastDay); d++ {
			l.company[d] = listed{work: o.Work, slots: o.Slots, name: o.Name}
		}
	}
	for _, y := range r.Years {
		l.fileYears[y.Year], l.papers[y.Year] = true, y.Papers
	}
	for _, y := range r.Years {
		for _, d := range y.Days {
			// A day at the turn of the year belongs to its own year's file when both list it.
			if _, taken := l.files[d.Date]; !taken || d.Date.Year() == y.Year {
				l.files[d.Date] = listed{work: !d.Off, name: holidayName(d.Name, !d.Off)}
			}
		}
	}
	return l
}

// decide asks layer after layer.
func (l *layers) decide(d Date) decision {
	if own, ok := l.company[d]; ok {
		return decision{own, SourceCompany}
	}
	announced := l.announced(d)
	if !announced.work && announced.name == (Name{}) {
		for _, s := range l.saturdays {
			if s.works(d) {
				return decision{listed{work: true, name: s.Name}, SourceCompany}
			}
		}
	}
	return announced
}

// announced is what the state says. A year that a notice covers follows the
// week's rhythm where the notice names no day; days at the turn of a year may
// be in the neighbour's notice.
func (l *layers) announced(d Date) decision {
	year := d.Year()
	if day, ok := l.files[d]; ok {
		return decision{day, SourceYearFile}
	}
	if l.fileYears[year] {
		return decision{rhythm(d), SourceYearFile}
	}
	if day, ok := l.known.days[d]; ok {
		return decision{day, SourceNotice}
	}
	if l.known.years[year] {
		return decision{rhythm(d), SourceNotice}
	}
	if day, ok := l.known.provisional[d]; ok {
		return decision{day, SourceProvisional}
	}
	return decision{rhythm(d), SourceProvisional}
}

// rhythm is the week: Monday to Friday are worked.
func rhythm(d Date) listed {
	weekday := d.Weekday()
	return listed{work: weekday != time.Saturday && weekday != time.Sunday}
}
