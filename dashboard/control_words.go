package dashboard

import (
	"slices"
	"strconv"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/dashboard/i18n"
)

// monthName is a month as it stands in text, e.g. 2026年4月; a period that is
// no month is its own name.
func monthName(words i18n.Messages, period string) string {
	t, err := time.Parse("2006-01", period)
	if err != nil {
		return period
	}
	return words.T("month.name", "year", t.Year(), "month", words.T("month.of."+strconv.Itoa(int(t.Month()))))
}

// signalWords explain a signal, e.g. "8 months in a row below the mean since
// April 2026".
func (r report) signalWords(s analytics.ControlSignal) string {
	side := "below"
	if s.Above {
		side = "above"
	}
	if s.Rule == stats.Outside && s.From != s.To {
		side += "_long"
	}
	return r.T("chart.signal."+string(s.Rule)+"."+side, "from", monthName(r.words, s.From), "to", monthName(r.words, s.To), "n", s.Points)
}

// weight ranks signals that end together: what lasts says more than one point.
var signalWeight = map[stats.Rule]int{stats.Run: 4, stats.Outside: 3, stats.Trend: 2, stats.TwoOfThree: 1, stats.Range: 0}

// joined are the signals with single points outside the limits, one beside the
// other on the same side, told as one.
func joined(c *analytics.Control) []analytics.ControlSignal {
	after := map[string]string{} // period -> the one before
	for i := 1; i < len(c.Points); i++ {
		after[c.Points[i].Period] = c.Points[i-1].Period
	}
	var list []analytics.ControlSignal
	for _, s := range c.Signals {
		at := slices.IndexFunc(list, func(l analytics.ControlSignal) bool {
			return s.Rule == stats.Outside && l.Rule == s.Rule && l.Above == s.Above && l.To == after[s.From]
		})
		if at < 0 {
			list = append(list, s)
			continue
		}
		list[at].To = s.To
		list[at].Points += s.Points
	}
	return list
}

// newest is the signal to speak of: that which ends last or, of several, that
// which says most; nil where the chart shows none.
func newest(c *analytics.Control) *analytics.ControlSignal {
	var best *analytics.ControlSignal
	all := joined(c)
	for i := range all {
		s := &all[i]
		if best == nil || s.To > best.To || (s.To == best.To && signalWeight[s.Rule] > signalWeight[best.Rule]) {
			best = s
		}
	}
	return best
}

// controlSentence says whether a process has changed or only varies. steady is
// the key of the message for the latter.
func (r report) controlSentence(steady, href string, c *analytics.Control, good direction) sentence {
	s := sentence{Href: href}
	if c == nil || len(c.Points) == 0 {
		s.Claim = r.T("page.control.missing")
		return s
	}
	base := r.T("page.control.base", "from", monthName(r.words, c.Baseline.From), "to", monthName(r.words, c.Baseline.To), "n", c.Baseline.Points)
	signal := newest(c)
	if signal == nil {
		s.Verdict, s.Claim, s.Evidence = same, r.T(steady), base
		return s
	}
	s.Claim, s.Evidence = r.signalWords(*signal), base
	s.Verdict = worse
	if signal.Above == (good == higherBetter) {
		s.Verdict = better
	}
	if n := len(joined(c)); n > 1 {
		s.Evidence += r.T("page.control.others", "n", n-1)
	}
	return s
}
