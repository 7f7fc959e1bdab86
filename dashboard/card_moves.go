package dashboard

import (
	"example.com/officepulse/analytics"
)

// maxMoves is how many changes the list shows.
const maxMoves = 6

// moves is the list of what changed most.
type moves struct {
	Subject string
	Export  exportMenu
	Rows    []moveRow
	None    string // what is said without rows
}

// moveRow is what one process or department did to the change of a metric.
type moveRow struct {
	Verdict     verdict
	Name        string
	Metric      string // and by what it is told apart
	Before, Now string
	Effect      string // on the metric over everything
	Parts       string // of the effect: other shares, other values
	Href        string
}

// moves puts the changes into words; nil when they were not asked for.
func (r report) moves(found *analytics.Moves) *moves {
	if found == nil {
		return nil
	}
	list := &moves{Subject: r.T("page.moves.subject", "now", r.thisQuarter(), "before", r.beforeName())}
	list.Export = r.exported("/api/v1/moves", "lead_time", "", r.earlier())
	list.None = r.T("page.moves.none")
	if r.filters.Process != "" && r.filters.Department != "" {
		list.None = r.T("page.moves.single")
	}
	for i := range found.Moves {
		m, by, ok := r.moveMeasure(found.Moves[i].Metric)
		alone := found.Moves[i].BeforeShare == 1 && found.Moves[i].AfterShare == 1 // the change itself
		if !ok || alone || rounded(found.Moves[i].Effect*by, m.decimals) == 0 {
			continue
		}
		if list.Rows = append(list.Rows, r.moveRow(&found.Moves[i], m, by)); len(list.Rows) == maxMoves {
			break
		}
	}
	return list
}

// moveMeasure is how a metric's figures are shown, and the factor that takes
// them to its unit.
func (r report) moveMeasure(metric string) (m measure, by float64, ok bool) {
	switch metric {
	case "lead_time":
		return r.days, 1 / r.dayLength(), true
	case "error_rate":
		return r.percent, 100, true
	case "on_time_rate":
		return share(), 100, true
	case "satisfaction":
		return r.score, 1, true
	default:
		return m, 0, false
	}
}

func (r report) moveRow(move *analytics.Move, m measure, by float64) moveRow {
	if move.Metric == "on_time_rate" && (move.By != analytics.ByProcess || r.limitsMoved(move.Key) != "") && r.anyLimitsMoved() {
		m.better = neither // of other promises no share kept is better or worse
	}
	row := moveRow{
		Verdict: m.judge(move.Effect > 0), Metric: r.T("metric."+move.Metric+".name") + r.T("list.dot") + r.T("page.moves.by."+string(move.By)),
		Before: r.moved(m, move.Before, by), Now: r.moved(m, move.After, by),
		Effect: r.T("page.moves.effect", "value", r.T("measure."+m.key+".difference", "value", signed(move.Effect*by, m.decimals))),
		Parts:  r.T("page.moves.parts", "rate", signed(move.Rate*by, m.decimals), "mix", signed(move.Mix*by, m.decimals)),
	}
	if max(move.BeforeN, move.AfterN) < fewCases {
		row.Verdict = unclear
	}
	t := r.trail(move.Metric, r.now)
	if move.By == analytics.ByProcess {
		row.Name, t.Process = r.names.process(move.Key), move.Key
	} else {
		row.Name, t.Department = r.departmentOf(move.Key), move.Key
	}
	row.Href = t.href()
	if move.Metric == "satisfaction" { // answers are anonymous: there are no cases to show
		row.Href = "/#departments"
	}
	return row
}

func (r report) moved(m measure, v *float64, by float64) string {
	if v == nil {
		return r.T("page.moves.none_then")
	}
	return number(*v*by, m.decimals) + following(r.unit(m))
}
