package dashboard

import (
	"encoding/json"
	"fmt"

	"example.com/officepulse/analytics"
)

// The most rows that a chart shows; its table has all of them.
const (
	maxFaultRows      = 8
	maxDepartmentRows = 15
	maxStageRows      = 10
	maxShortRows      = 5 // with more, labels of bars need a taller chart
)

// card is a chart with everything that makes it readable without its picture.
type card struct {
	ID         string // anchor
	Title      string // the question it answers
	Subject    string // of which process or departments, by which period
	Unit       string
	N          string
	Caption    string // the finding in words
	Meta       string // clock, as-of
	Definition string // link
	Legend     []legendEntry
	Table      table
	Tall       bool
	Height     string          // class of a chart that neither height fits: low, high, higher
	Chart      json.RawMessage // nil when there is nothing to draw
	Routes     []route         // instead of a chart: ways through a process
	Plain      bool            // instead of a chart: the table
	Notes      []string        // below it
	Empty      string          // what is said then
	Instead    string          // and where there is something, with its URL
	InsteadURL string
	Export     exportMenu
}

// legendEntry names one series; Sample is the class of its drawn sample.
type legendEntry struct {
	Sample, Name string
}

// table is a chart's figures for those who read rather than look.
type table struct {
	Caption string
	Head    []string
	Rows    [][]tableCell // the first cell names the row
}

// tableCell is a figure as it is printed, with the URL of the cases behind it; ""
// where there are none to show.
type tableCell struct{ Text, Href string }

// tableCells are texts that lead nowhere.
func tableCells(texts ...string) []tableCell {
	list := make([]tableCell, len(texts))
	for i, text := range texts {
		list[i].Text = text
	}
	return list
}

// cards are the charts in pairs: how it went on the left, where on the right.
func (v view) cards() ([][]card, error) {
	makers := [][]func() (card, error){
		{v.leadCard, v.stageCard},
		{v.errorCard, v.faultCard},
		{v.satisfactionCard, v.departmentCard},
	}
	rows := make([][]card, len(makers))
	for i, row := range makers {
		for _, make := range row {
			c, err := make()
			if err != nil {
				return nil, fmt.Errorf("draw the Overview: %w", err)
			}
			c.Export = v.overviewExports(c.ID)
			rows[i] = append(rows[i], c)
		}
	}
	return rows, nil
}

// card begins a chart's card; key is part of its message keys.
func (v view) card(id, key, metric, unit string) card {
	return card{
		ID: id, Title: v.T("card." + key + ".title"), Unit: unit, Definition: "/definitions#" + metric,
		Meta:  v.T("card.as_of", "time", v.stamp(v.figures.AsOf)),
		Empty: v.T("card."+key+".empty", "quarter", v.thisQuarter()),
		Table: table{Caption: v.T("card." + key + ".title")},
	}
}

// withClock says in the meta line how time was counted.
func (v view) withClock(c *card) {
	c.Meta = v.T("card.clock", "clock", v.clock()) + v.T("list.dot") + c.Meta
}

// span cuts the quarters before the first that has data in any of the courses;
// at least two quarters stay.
func (v view) span(courses ...course) (from int) {
	for i := range trend - 2 {
		for _, c := range courses {
			if c[i] != nil {
				return i
			}
		}
	}
	return trend - 2
}

func (v view) axis(from int) []string {
	labels := make([]string, 0, trend)
	for i := from; i < trend; i++ {
		labels = append(labels, v.filters.Quarter.add(i+1-trend).short())
	}
	return labels
}

func values(m measure, c course, from int) []*float64 {
	list := make([]*float64, 0, trend)
	for _, p := range c[from:] {
		list = append(list, m.of(p))
	}
	return list
}

func (v view) n(p *analytics.Point) string {
	if p == nil {
		return ""
	}
	return v.T("card.n", "n", count(p.N))
}

// subject is that of a chart which the filter by department narrows too.
func (v view) subject(process string) string {
	if v.filters.Department == "" {
		return process
	}
	return process + v.T("list.dot") + v.departmentName()
}
