package dashboard

import (
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// stretch is the time that a page is about or compares with: a quarter, or
// whole days of one's own choice.
type stretch struct {
	From, To time.Time // To exclusive
	Quarter  quarter   // zero: chosen days
}

func (f fiscal) stretch(q quarter) stretch {
	return stretch{From: f.start(q), To: f.end(q), Quarter: q}
}

// chosen is the stretch that the filters mean; the quarter is used where no
// days are chosen.
func (f fiscal) chosen(of filters) stretch {
	if !of.From.IsZero() {
		return stretch{From: of.From, To: of.To}
	}
	return f.stretch(of.Quarter)
}

// before is the stretch that now is compared with: what the filters name or
// else the same stretch a year earlier or, where data begins only after that,
// the one just before.
func (f fiscal) before(of filters, now stretch, firstData time.Time) stretch {
	if !of.BeforeFrom.IsZero() {
		return stretch{From: of.BeforeFrom, To: of.BeforeTo}
	}
	if q, ok := parseQuarter(of.Before); ok {
		return f.stretch(q)
	}
	year := f.yearEarlier(now)
	if of.Before == beforePrevious || (of.Before == "" && !firstData.Before(year.To)) {
		return f.justBefore(now)
	}
	return year
}

func (f fiscal) yearEarlier(s stretch) stretch {
	if s.Quarter != (quarter{}) {
		return f.stretch(s.Quarter.add(-4))
	}
	return stretch{From: f.day(s.From, -1, 0), To: f.day(s.To, -1, 0)}
}

// justBefore is the quarter before, or as many days just before.
func (f fiscal) justBefore(s stretch) stretch {
	if s.Quarter != (quarter{}) {
		return f.stretch(s.Quarter.add(-1))
	}
	return stretch{From: f.day(s.From, 0, -s.days(f.zone)), To: s.From}
}

// day is the start of a day some years and days away from t's.
func (f fiscal) day(t time.Time, years, days int) time.Time {
	y, m, d := t.In(f.zone).Date()
	return analytics.DayStart(y+years, m, d+days, f.zone)
}

// days counts the days of the stretch, whatever clocks did in between.
func (s stretch) days(zone *time.Location) int {
	y, m, d := s.From.In(zone).Date()
	first := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	y, m, d = s.To.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(first) / (24 * time.Hour))
}

// last is the last day of the stretch.
func (s stretch) last() time.Time { return s.To.Add(-time.Nanosecond) }

// name is the stretch as it stands in text.
func (s stretch) name(words i18n.Messages) string {
	if s.Quarter != (quarter{}) {
		return quarterName(words, s.Quarter)
	}
	return words.T("stretch.name", "from", s.From.Format(time.DateOnly), "through", s.last().Format(time.DateOnly))
}

// label is the stretch where space is scarce.
func (s stretch) label() string {
	if s.Quarter != (quarter{}) {
		return s.Quarter.String()
	}
	return s.From.Format("2006-01-02") + " – " + s.last().Format("2006-01-02")
}
