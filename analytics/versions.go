package analytics

import (
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// Versions say by which promises a figure was computed. Figures with equal
// versions and an equal as-of are equal.
type Versions struct {
	HandbookVersion     string `json:"handbook_version"`     // in force now; a case is judged by the one in force when it started
	HandbookFingerprint string `json:"handbook_fingerprint"` // of all versions of the handbook: 8 hexadecimal digits that change with any promise
	CalendarVersion     string `json:"calendar_version"`     // 8 hexadecimal digits that change with the working time of any day

	// ProvisionalYears are those of the period whose holidays nobody has
	// announced (暂定), where the figure goes by working time: it is a forecast.
	ProvisionalYears []int `json:"provisional_years,omitempty"`
}

func currentVersions(hb *handbook.Handbook, cal *calendar.Calendar) Versions {
	return Versions{HandbookVersion: hb.Version, HandbookFingerprint: hb.History().Fingerprint(), CalendarVersion: cal.Version()}
}

// Versions are those by which all figures are computed.
func (m *Metrics) Versions() Versions { return m.current }

// versions are those of an answer about a metric. Where neither the clock nor a
// limit goes by working time, no holiday counts.
func (m *Metrics) versions(of metric, q Query) Versions {
	v := m.current
	if of.promised || (of.clocked && q.Clock == ClockWorking) {
		v.ProvisionalYears = m.calendar.Provisional(q.From, q.To)
	}
	return v
}
