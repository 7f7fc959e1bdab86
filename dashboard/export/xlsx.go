package export

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"example.com/officepulse/dashboard/i18n"
)

// sheetRows is how many rows a sheet has; a longer table goes on in another. A
// variable only so that a test need not write a million.
var sheetRows = excelize.TotalRows

// Widths of columns, in characters.
const (
	narrowest = 10
	widest    = 48
	timeWidth = 20
)

// numberFormats are how the kinds of cell look.
var numberFormats = map[cellKind]string{
	cellText: "@", cellCount: "#,##0", cellFigure: "#,##0.0##", cellSeconds: "#,##0", cellShare: "0.0%", cellTime: "yyyy-mm-dd hh:mm:ss",
}

// WriteXLSX writes a workbook: the details, a summary of what was asked and
// found, and the definitions. Rows go through the disk once they are many;
// memory stays bounded.
func (e Export) WriteXLSX(ctx context.Context, w io.Writer) (err error) {
	book := workbook{file: excelize.NewFile(), Export: e}
	defer func() { err = errors.Join(err, book.file.Close()) }()
	if err := book.style(); err != nil {
		return fmt.Errorf("style the workbook: %w", err)
	}
	for i, t := range e.sheets {
		if err := book.details(ctx, t, i == 0); err != nil {
			return fmt.Errorf("write sheet %s: %w", t.name, err)
		}
	}
	if err := book.pairs(e.words.T("export.sheet.summary"), e.summary(book.counted), e.latest()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	if err := book.pairs(e.words.T("export.sheet.definitions"), e.definitions(), nil); err != nil {
		return fmt.Errorf("write the definitions: %w", err)
	}
	// The sheet that every new file has is the first of ours only by accident of its name.
	if err := book.file.DeleteSheet(firstSheet); err != nil {
		return fmt.Errorf("tidy the workbook: %w", err)
	}
	book.file.SetActiveSheet(0)
	// The library's own way out would hold the whole file in memory.
	book.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	if _, err := book.file.WriteToBuffer(); err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	return nil
}

// firstSheet is the name of the sheet that a new file has.
const firstSheet = "Sheet1"

// workbook is a spreadsheet file that is being written.
type workbook struct {
	Export
	file    *excelize.File
	styles  map[cellKind]int
	head    int      // style of a head row
	counted []uint64 // rows written, beside Export.sheets
}

func (b *workbook) style() (err error) {
	b.styles = map[cellKind]int{}
	for kind, form := range numberFormats {
		if b.styles[kind], err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &form}); err != nil {
			return err
		}
	}
	b.head, err = b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E4E9EE"}},
	})
	return err
}

// details writes one table; the first is called so, others after themselves.
func (b *workbook) details(ctx context.Context, t sheet, first bool) error {
	title := partName(b.words, t.name)
	if first {
		title = b.words.T("export.sheet.details")
	}
	var (
		out    *excelize.StreamWriter
		rows   uint64
		sheets int
		at     int // in the sheet; at its end another one begins
		err    error
	)
	columns := t.columns()
	begin := func() error {
		if out != nil {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		name := title
		if sheets++; sheets > 1 {
			name += " " + strconv.Itoa(sheets)
		}
		out, err = b.begin(name, columns)
		at = 1
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	for row, err := range t.rows(ctx) {
		if err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		if at == sheetRows {
			if err := begin(); err != nil {
				return err
			}
		}
		at++
		rows++
		if err := out.SetRow("A"+strconv.Itoa(at), b.cells(row, columns)); err != nil {
			return err
		}
	}
	b.counted = append(b.counted, rows)
	return out.Flush()
}

// begin opens a sheet with its head row, which stays in sight.
func (b *workbook) begin(name string, columns []column) (*excelize.StreamWriter, error) {
	if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	out, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		if err := out.SetColWidth(i+1, i+1, c.width()); err != nil {
			return nil, err
		}
	}
	err = out.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	})
	if err != nil {
		return nil, err
	}
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = excelize.Cell{StyleID: b.head, Value: harmless(cmp.Or(c.percent, c.head))}
	}
	return out, out.SetRow("A1", head)
}

// width leaves room for the head, in two lines, or for what stands below it.
func (c column) width() float64 {
	width := 0
	for _, r := range c.head {
		width++
		if utf8.RuneLen(r) > 2 { // Chinese is twice as wide
			width++
		}
	}
	least := narrowest
	switch c.kind {
	case cellTime:
		least = timeWidth
	case cellText:
		least = 2 * narrowest
	default:
	}
	return float64(min(widest, max(least, width*2/3)))
}

// cells styles a row. What is text stays text: a spreadsheet never reads it as a formula.
func (b *workbook) cells(row []any, columns []column) []any {
	cells := make([]any, len(row))
	for i, value := range row {
		cells[i] = excelize.Cell{StyleID: b.styles[columns[i].kind], Value: b.sheetValue(value)}
	}
	return cells
}

func (b *workbook) sheetValue(value any) any {
	switch v := value.(type) {
	case string:
		return harmless(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case time.Time:
		return v.In(b.zone)
	}
	return value
}

// entry is a line of the summary or the definitions.
type entry struct {
	name  string
	value any
}

// pairs writes a sheet of names and values and, below, a table if there is one.
func (b *workbook) pairs(name string, list []entry, below *digest) error {
	out, err := b.begin(name, []column{{head: b.words.T("export.item")}, {head: b.words.T("export.value")}})
	if err != nil {
		return err
	}
	line := 1
	next := func(cells []any) error {
		line++
		return out.SetRow("A"+strconv.Itoa(line), cells)
	}
	for _, p := range list {
		kind := cellText
		switch p.value.(type) {
		case time.Time:
			kind = cellTime
		case uint64, int64:
			kind = cellCount
		}
		if err := next(b.cells([]any{p.name, p.value}, []column{{kind: cellText}, {kind: kind}})); err != nil {
			return err
		}
	}
	if below == nil {
		return out.Flush()
	}
	line++
	if err := next([]any{excelize.Cell{StyleID: b.head, Value: below.title}}); err != nil {
		return err
	}
	head := make([]any, len(below.columns))
	for i, c := range below.columns {
		head[i] = excelize.Cell{StyleID: b.head, Value: harmless(cmp.Or(c.percent, c.head))}
	}
	if err := next(head); err != nil {
		return err
	}
	for _, row := range below.rows {
		if err := next(b.cells(row, below.columns)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// partName is what one of an answer's tables is called.
func partName(words i18n.Messages, part string) string {
	if key := "export.part." + part; words.Has(key) {
		return words.T(key)
	}
	return part
}
