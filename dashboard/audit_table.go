package dashboard

import (
	"strconv"

	"example.com/officepulse/ingest/delivery"
)

// auditTable shows an audit, a row a partition.
type auditTable struct {
	Columns []auditColumn
	Rows    []auditRow
	AsOf    string
}

// auditColumn is what a column counts, and what that means.
type auditColumn struct {
	Name, Help string
}

// auditRow is a partition, or all of them together.
type auditRow struct {
	Name  string
	Total bool
	Cells []auditCell
}

// auditCell is a figure; Light is set where the figure alone is a verdict.
type auditCell struct {
	Label, Text, Light string
}

var auditColumns = []string{
	"first", "end", "committed", "lag", "stored", "aside", "missing", "visibly", "physically", "resent", "late", "newest", "watermark",
}

func (v deliveryView) auditTable(a *delivery.Audit) *auditTable {
	if a == nil {
		return nil
	}
	t := &auditTable{AsOf: v.stamp(a.At)}
	for _, key := range auditColumns {
		t.Columns = append(t.Columns, auditColumn{v.T("audit." + key + ".name"), v.T("audit." + key + ".help")})
	}
	var all delivery.Partition
	var late float64
	for _, p := range a.Partitions {
		t.Rows = append(t.Rows, v.auditRow(p.Topic+" / "+strconv.Itoa(p.Partition), &p, false))
		all.Lag += p.Lag
		all.Stored += p.Stored
		all.DeadLettered += p.DeadLettered
		all.Missing += p.Missing
		all.DuplicatedVisibly += p.DuplicatedVisibly
		all.DuplicatedPhysically += p.DuplicatedPhysically
		all.Resent += p.Resent
		late += p.LateShare * float64(p.Stored)
		all.NewestEvent, all.Watermark = latest(all.NewestEvent, p.NewestEvent), latest(all.Watermark, p.Watermark)
	}
	if all.Stored > 0 {
		all.LateShare = late / float64(all.Stored)
	}
	t.Rows = append(t.Rows, v.auditRow(v.T("audit.total"), &all, true))
	return t
}

// auditRow writes the figures in the order of the columns. Offsets do not add
// up, so the row of the totals has none.
func (v deliveryView) auditRow(name string, p *delivery.Partition, total bool) auditRow {
	offset := func(n int64) string {
		if total {
			return ""
		}
		return number(float64(n), 0)
	}
	texts := []string{
		offset(p.First), offset(p.End), offset(p.Committed), number(float64(p.Lag), 0),
		count(p.Stored), count(p.DeadLettered), count(p.Missing), count(p.DuplicatedVisibly), count(p.DuplicatedPhysically), count(p.Resent),
		lateShare(p), v.stamp(p.NewestEvent), v.stamp(p.Watermark),
	}
	row := auditRow{Name: name, Total: total}
	for i, key := range auditColumns {
		row.Cells = append(row.Cells, auditCell{Label: v.T("audit." + key + ".name"), Text: texts[i], Light: auditLight(key, p)})
	}
	return row
}

// auditLight marks the figures that must be 0.
func auditLight(column string, p *delivery.Partition) string {
	n := map[string]uint64{"missing": p.Missing, "visibly": p.DuplicatedVisibly}
	switch bad, judged := n[column]; {
	case !judged:
		return ""
	case bad > 0:
		return lightWrong
	default:
		return lightFine
	}
}

func lateShare(p *delivery.Partition) string {
	if p.Stored == 0 {
		return "—"
	}
	return number(100*p.LateShare, 1) + "%"
}
