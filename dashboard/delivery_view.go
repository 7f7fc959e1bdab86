package dashboard

import (
	"time"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/ingest/delivery"
)

// The lights of the operations page. Each has an icon and a word of its own.
const (
	lightFine      = "fine"
	lightAttention = "attention"
	lightWrong     = "wrong"
	lightUnknown   = "unknown"
)

// remark is a sentence with its light and where it is shown in full.
type remark struct {
	Light, Claim, Evidence string
	Href, Link             string
}

// deliveryView turns audits, troubles and letters into words of one language.
type deliveryView struct {
	i18n.Messages
	zone *time.Location
}

func (s *server) deliveryView(l i18n.Language) deliveryView {
	return deliveryView{Messages: s.messages.In(l), zone: s.zone}
}

// stamp is an instant in the office's zone.
func (v deliveryView) stamp(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return "—"
	}
	return t.In(v.zone).Format("2006-01-02 15:04:05")
}

func (v deliveryView) kind(k delivery.Kind) string {
	if key := "delivery.kind." + string(k) + ".name"; v.Has(key) {
		return v.T(key)
	}
	return string(k) // from a newer program
}

func (v deliveryView) kindMeans(k delivery.Kind) string {
	if key := "delivery.kind." + string(k) + ".means"; v.Has(key) {
		return v.T(key)
	}
	return ""
}

func (v deliveryView) state(s delivery.State) string { return v.T("delivery.state." + string(s)) }

func (v deliveryView) place(p delivery.Place) string {
	return v.T("delivery.place", "topic", p.Topic, "partition", p.Partition, "offset", p.Offset)
}

// verdict says whether anything was lost or counted twice.
func (v deliveryView) verdict(a *delivery.Audit, err error) remark {
	if err != nil || a == nil {
		r := remark{Light: lightUnknown, Claim: v.T("operations.verdict.away"), Evidence: v.T("operations.verdict.away_why")}
		if err == errAuditing { //nolint:errorlint // returned as it is
			r.Claim, r.Evidence = v.T("operations.verdict.slow"), v.T("operations.verdict.slow_why")
		}
		return r
	}
	s := sums(a)
	r := remark{Href: "#audit", Link: v.T("operations.verdict.link")}
	at := v.stamp(a.At)
	switch {
	case s.Missing > 0 && !a.Settled():
		r.Light = lightUnknown
		r.Claim = v.T("operations.verdict.unsettled", "missing", count(s.Missing), "letters", count(uint64(a.Letters))) //nolint:gosec // not negative
		r.Evidence = v.T("operations.verdict.unsettled_why", "time", at)
	case s.Missing > 0 || s.DuplicatedVisibly > 0:
		r.Light = lightWrong
		r.Claim = v.T("operations.verdict.wrong", "missing", count(s.Missing), "duplicated", count(s.DuplicatedVisibly))
		r.Evidence = v.T("operations.verdict.wrong_what", "time", at)
		if s.Missing > 0 {
			r.Evidence += v.T("operations.verdict.missing_do")
		}
		if s.DuplicatedVisibly > 0 {
			r.Evidence += v.T("operations.verdict.duplicated_do")
		}
	case s.Accounted() == 0:
		r.Light = lightUnknown
		r.Claim, r.Evidence = v.T("operations.verdict.nothing"), v.T("operations.verdict.nothing_why", "time", at)
	default:
		r.Light = lightFine
		r.Claim = v.T("operations.verdict.fine", "n", count(s.Accounted()))
		r.Evidence = v.T("operations.verdict.fine_thereof", "stored", count(s.Stored), "aside", count(s.DeadLettered), "time", at)
	}
	if a.ReusedIDs > 0 {
		r.Evidence += v.T("operations.verdict.reused", "n", count(a.ReusedIDs))
	}
	return r
}

// flow says whether everything moves on.
func (v deliveryView) flow(a *delivery.Audit, troubles []delivery.Trouble, here bool) remark {
	lag := v.T("operations.flow.lag_unknown")
	if a != nil {
		lag = v.T("operations.flow.lag_none")
		if n := sums(a).Lag; n > 0 {
			lag = v.T("operations.flow.lag", "n", count(uint64(n)))
		}
	}
	blocked := false
	for _, t := range troubles {
		blocked = blocked || t.Blocked
	}
	switch {
	case !here:
		return remark{Light: lightUnknown, Claim: v.T("operations.flow.elsewhere"), Evidence: lag}
	case blocked:
		return remark{Light: lightWrong, Claim: v.T("operations.flow.blocked"), Evidence: lag, Href: "#troubles", Link: v.T("operations.flow.link")}
	case len(troubles) > 0:
		return remark{Light: lightAttention, Claim: v.T("operations.flow.retrying", "n", len(troubles)), Evidence: lag, Href: "#troubles", Link: v.T("operations.flow.link")}
	}
	return remark{Light: lightFine, Claim: v.T("operations.flow.fine"), Evidence: lag}
}

// waiting says how many letters wait for a decision.
func (v deliveryView) waiting(counts []delivery.Count, err error) remark {
	if err != nil {
		return remark{Light: lightUnknown, Claim: v.T("operations.waiting.away"), Evidence: v.T("operations.verdict.away_why")}
	}
	var open, all uint64
	for _, c := range counts {
		all += c.N
		if c.State == delivery.Open {
			open += c.N
		}
	}
	switch {
	case all == 0:
		return remark{Light: lightFine, Claim: v.T("operations.waiting.none_ever"), Evidence: v.T("operations.waiting.none_ever_why")}
	case open == 0:
		return remark{Light: lightFine, Claim: v.T("operations.waiting.none", "all", count(all)), Href: "#letters", Link: v.T("operations.waiting.link")}
	}
	return remark{
		Light: lightAttention, Claim: v.T("operations.waiting.some", "n", count(open)), Evidence: v.T("operations.waiting.some_why"),
		Href: "#letters", Link: v.T("operations.waiting.link"),
	}
}

// troubleRow is a step that fails.
type troubleRow struct {
	Light, Word, What, Where, Since, Tried, Do, Reason string
}

func (v deliveryView) troubles(list []delivery.Trouble) []troubleRow {
	var rows []troubleRow
	for _, t := range list {
		row := troubleRow{
			Light: lightAttention, Word: v.T("operations.trouble.retrying"), What: t.Step, Where: v.T("operations.trouble.everywhere"), Since: v.stamp(t.Since),
			Tried: v.T("operations.trouble.tried", "n", t.Attempts), Do: v.T("operations.trouble.wait"), Reason: t.Reason,
		}
		if key := "operations.trouble.step." + t.Step; v.Has(key) {
			row.What = v.T(key)
		}
		if t.Topic != "" {
			row.Where = v.T("operations.trouble.where", "topic", t.Topic, "partition", t.Partition)
		}
		if t.Blocked {
			row.Light, row.Word, row.Do = lightWrong, v.T("operations.trouble.blocked"), v.T("operations.trouble.act")
		}
		rows = append(rows, row)
	}
	return rows
}
