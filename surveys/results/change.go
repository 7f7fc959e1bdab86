package results

import (
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/stats"
)

// WaveComparison is what differs between a wave and one before. It is made of the two
// reports, and so of groups that both may show.
type WaveComparison struct {
	Wave   string `json:"wave"`
	Before string `json:"before"` // the wave it is compared with

	// SameBasis is false when scores are made of other questions now; then
	// departments and the whole cannot be compared, single questions still can.
	SameBasis   bool               `json:"same_basis"`
	Overall     *WaveChange        `json:"overall,omitempty"` // of the simple mean, over the departments that both show
	Departments []DepartmentChange `json:"departments"`       // that both show
	Questions   []QuestionChange   `json:"questions"`         // with the same key and scale, that both show
	Cells       []CellChange       `json:"cells"`             // likewise, by department
}

// WaveChange is a difference, now − before, with 95 % intervals.
type WaveChange struct {
	N          uint64 `json:"n"`
	NBefore    uint64 `json:"n_before"`
	Indicative bool   `json:"indicative,omitempty"` // either is under ten

	Before   *float64 `json:"mean_before,omitempty"`
	Mean     *float64 `json:"mean,omitempty"` // points; Welch
	MeanLow  *float64 `json:"mean_low,omitempty"`
	MeanHigh *float64 `json:"mean_high,omitempty"`

	Share     *float64 `json:"share,omitempty"` // −1 to 1; Newcombe
	ShareLow  *float64 `json:"share_low,omitempty"`
	ShareHigh *float64 `json:"share_high,omitempty"`

	NPS     *float64 `json:"nps,omitempty"` // −200 to 200; adjusted estimates
	NPSLow  *float64 `json:"nps_low,omitempty"`
	NPSHigh *float64 `json:"nps_high,omitempty"`
}

// DepartmentChange is a department's.
type DepartmentChange struct {
	Department string `json:"department"`
	WaveChange
}

// QuestionChange is a question's, of all answers.
type QuestionChange struct {
	Question string `json:"question"`
	WaveChange
}

// CellChange is a department's answers' to a question.
type CellChange struct {
	Department string `json:"department"`
	Question   string `json:"question"`
	WaveChange
}

// Compare says how a wave differs from another.
func Compare(now, before *Report) *WaveComparison {
	c := &WaveComparison{Wave: now.Wave, Before: before.Wave, SameBasis: now.basis == before.basis}
	scales := make(map[string]string)
	questions := make(map[string]*Question)
	for i := range before.Questions {
		q := &before.Questions[i]
		questions[q.Question], scales[q.Question] = q, q.Scale
	}
	for i := range now.Questions {
		q := &now.Questions[i]
		if was, ok := questions[q.Question]; ok && was.Scale == q.Scale && was.Hidden == anonymity.Shown && q.Hidden == anonymity.Shown {
			c.Questions = append(c.Questions, QuestionChange{q.Question, q.since(&was.Figures)})
		} else {
			delete(scales, q.Question) // another scale, another question
		}
	}
	cells := make(map[[2]string]*Cell)
	for i := range before.Cells {
		cells[[2]string{before.Cells[i].Department, before.Cells[i].Question}] = &before.Cells[i]
	}
	for i := range now.Cells {
		one := &now.Cells[i]
		was, ok := cells[[2]string{one.Department, one.Question}]
		if _, same := scales[one.Question]; ok && same && was.Hidden == anonymity.Shown && one.Hidden == anonymity.Shown {
			c.Cells = append(c.Cells, CellChange{one.Department, one.Question, one.since(&was.Figures)})
		}
	}
	if c.SameBasis {
		c.departments(now, before)
	}
	return c
}

func (c *WaveComparison) departments(now, before *Report) {
	was := make(map[string]*Department)
	for i := range before.Departments {
		was[before.Departments[i].Department] = &before.Departments[i]
	}
	var a, b []stats.Sample
	var n, nBefore uint64
	for i := range now.Departments {
		d := &now.Departments[i]
		old, ok := was[d.Department]
		if !ok || old.Hidden != anonymity.Shown || d.Hidden != anonymity.Shown || d.Mean == nil || old.Mean == nil {
			continue
		}
		c.Departments = append(c.Departments, DepartmentChange{d.Department, d.since(&old.Figures)})
		a, b = append(a, d.sample), append(b, old.sample)
		n, nBefore = n+d.N, nBefore+old.N
	}
	if len(a) == 0 {
		return
	}
	overall := WaveChange{N: n, NBefore: nBefore, Indicative: min(n, nBefore) < Indicative}
	overall.mean(a, b)
	c.Overall = &overall
}

// since is how figures differ from those before.
func (f *Figures) since(before *Figures) WaveChange {
	c := WaveChange{N: f.N, NBefore: before.N, Indicative: min(f.N, before.N) < Indicative}
	if f.Mean != nil && before.Mean != nil {
		c.mean([]stats.Sample{f.sample}, []stats.Sample{before.sample})
	}
	if f.Share != nil && before.Share != nil {
		difference := f.share.share - before.share.share
		i := stats.NewcombeShare(f.share.share, f.share.n, before.share.share, before.share.n)
		c.Share, c.ShareLow, c.ShareHigh = &difference, &i.Low, &i.High
	}
	if f.NPS != nil && before.NPS != nil {
		difference, i := stats.PromotersChange(f.nps, before.nps)
		c.NPS, c.NPSLow, c.NPSHigh = &difference, &i.Low, &i.High
	}
	return c
}

func (c *WaveChange) mean(now, before []stats.Sample) {
	difference, was := 0.0, 0.0
	for i := range now {
		difference += (now[i].Mean - before[i].Mean) / float64(len(now))
		was += before[i].Mean / float64(len(now))
	}
	c.Mean, c.Before = &difference, &was
	if i, ok := stats.Welch(now, before); ok {
		c.MeanLow, c.MeanHigh = &i.Low, &i.High
	}
}
