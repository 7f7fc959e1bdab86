package dashboard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/dashboard/i18n"
)

// mostYears bounds the table of years.
const mostYears = 12

// promisesShown says by which handbook and calendar all figures are computed.
type promisesShown struct {
	Handbook, Fingerprint, Calendar string
	Versions                        []versionShown
	Years                           []yearShown
}

// versionShown is a version of the handbook.
type versionShown struct {
	Name, From        string
	State             string // in force, to come, over
	Processes, Limits int
}

// yearShown is where the working days of a year come from.
type yearShown struct {
	Year              int
	Source            string
	Provisional       bool
	Workdays, Company int
}

func (s *server) promisesShown(words i18n.Messages) *promisesShown {
	history := s.Handbook.History()
	p := &promisesShown{Handbook: s.Handbook.Version, Fingerprint: history.Fingerprint(), Calendar: s.calendar.Version()}
	versions := history.Versions()
	for i, v := range versions {
		shown := versionShown{Name: v.Version, From: words.T("promises.since_ever"), State: words.T("promises.state.over"), Processes: len(v.Processes), Limits: v.LimitCount()}
		if v.From != 0 {
			shown.From = v.From.String()
		}
		switch at := slices.Index(versions, s.Handbook); {
		case i == at:
			shown.State = words.T("promises.state.in_force")
		case i > at:
			shown.State = words.T("promises.state.to_come")
		}
		p.Versions = append(p.Versions, shown)
	}
	first, last := s.yearsShown(versions[0])
	for _, y := range s.calendar.Years(first, last) {
		source := words.T("promises.source." + string(y.Source))
		if len(y.Papers) > 0 {
			source += words.T("promises.papers", "papers", strings.Join(y.Papers, ", "))
		}
		p.Years = append(p.Years, yearShown{Year: y.Year, Source: source, Provisional: y.Source == calendar.SourceProvisional, Workdays: y.Workdays, Company: y.Company})
	}
	return p
}

// yearsShown are those since the first version to the next one.
func (s *server) yearsShown(oldest *handbook.Handbook) (first, last int) {
	now := s.Now().In(s.zone).Year()
	first, last = now-1, now+1
	if begun := oldest.Begins(); !begun.IsZero() {
		first = min(first, begun.In(s.zone).Year())
	}
	return max(first, last-mostYears), last
}

// provisional lists this and the next year where their holidays are not
// announced yet; "" where they are, and on pages that show no figures.
func (s *server) provisional() string {
	if s.calendar == nil {
		return ""
	}
	now := s.Now().In(s.zone)
	var years []string
	for _, y := range s.calendar.Provisional(now, time.Date(now.Year()+2, time.January, 1, 0, 0, 0, 0, s.zone)) {
		years = append(years, strconv.Itoa(y))
	}
	return strings.Join(years, ", ")
}

func (s *server) calendarVersion() string {
	if s.calendar == nil {
		return ""
	}
	return s.calendar.Version()
}
