package importer

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits on a workbook beside those on its unpacked size: excelize holds in
// memory what is neither a sheet nor the shared strings, and of those what is
// smaller than sheetInMemory.
const (
	sheetInMemory = 1 << 20
	otherParts    = 128 << 20
)

// xlsxLog is a table in a sheet of a workbook, with the headers in the first row
// that is not blank.
//
// The sheet is read twice side by side. excelize gives the values, but takes a
// sheet that breaks off for one that ends, and a formula that was never computed
// for an empty cell; a cellScanner finds both.
type xlsxLog struct {
	in    *input
	book  *excelize.File
	sheet string
	left  []string  // the other sheets, unless the sheet was asked for by name
	part  *zip.File // the sheet's XML
	cols  *columns
}

func openXLSX(in *input, opts Options, c *clock, dir string) (l *xlsxLog, err error) {
	archive, err := openZip(in)
	if err != nil {
		return nil, err
	}
	book, err := excelize.OpenFile(in.file.Name(), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: opts.Limits.Unpacked,
		UnzipXMLSizeLimit: min(sheetInMemory, opts.Limits.Unpacked), TmpDir: dir,
	})
	if err != nil {
		return nil, fmt.Errorf("open the workbook: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, book.Close())
		}
	}()
	l = &xlsxLog{in: in, book: book}
	sheets := book.GetSheetList()
	if l.sheet, err = pickSheet(sheets, opts.Sheet); err != nil {
		return nil, err
	}
	if opts.Sheet == "" {
		l.left = sheets[1:]
	}
	if l.part, err = sheetPart(archive, l.sheet); err != nil {
		return nil, err
	}
	if c.serial, err = serialOf(book); err != nil {
		return nil, err
	}
	return l, l.findHeader(opts.Map)
}

// openZip opens the workbook's archive if it keeps to the limits. The sizes are
// what the archive declares; archive/zip refuses a part that grows beyond.
func openZip(in *input) (*zip.Reader, error) {
	archive, err := zip.NewReader(in.file, in.size)
	if err != nil {
		magic := make([]byte, 4)
		if _, readErr := in.file.ReadAt(magic, 0); readErr == nil && slices.Equal(magic, magicOLE) {
			return nil, errOLE
		}
		return nil, fmt.Errorf("the file is no .xlsx workbook, or only a part of one: %w", err)
	}
	var all, others uint64
	for _, part := range archive.File {
		all = addSize(all, part.UncompressedSize64)
		if !isBigPart(part.Name) {
			others = addSize(others, part.UncompressedSize64)
		}
	}
	if err := overLimits(int64(all), in.size, in.limits); err != nil {
		return nil, err
	}
	if others > otherParts {
		return nil, fmt.Errorf("the workbook holds more than %s beside its sheets; save only the sheet, or as CSV", bytesText(otherParts))
	}
	return archive, nil
}

// addSize adds declared sizes, which may be lies, without running over.
func addSize(sum, size uint64) uint64 { return min(sum+min(size, 1<<61), 1<<61) }

func isBigPart(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "xl/worksheets/sheet") || name == "xl/sharedstrings.xml"
}

func pickSheet(sheets []string, want string) (string, error) {
	switch {
	case len(sheets) == 0:
		return "", errors.New("the workbook has no sheet")
	case want == "":
		return sheets[0], nil
	case !slices.Contains(sheets, want):
		return "", fmt.Errorf("the workbook has no sheet %q; it has %s", want, quoteAll(sheets))
	}
	return want, nil
}

func serialOf(book *excelize.File) (serialSystem, error) {
	props, err := book.GetWorkbookProps()
	if err != nil {
		return noSerial, fmt.Errorf("read the workbook's properties: %w", err)
	}
	if props.Date1904 != nil && *props.Date1904 {
		return serial1904, nil
	}
	return serial1900, nil
}

func (l *xlsxLog) findHeader(mapped map[string]string) error {
	rows, err := l.rows()
	if err != nil {
		return err
	}
	row, err := rows.next()
	if err := errors.Join(err, rows.close()); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the sheet %q is empty", l.sheet)
		}
		return err
	}
	l.cols, err = findColumns(row.cells, mapped)
	return err
}

func (l *xlsxLog) names() [fieldCount]string { return l.cols.names() }

func (l *xlsxLog) columns() map[string]string { return l.cols.mapping() }

func (l *xlsxLog) close() error {
	if err := l.book.Close(); err != nil {
		return fmt.Errorf("close the workbook: %w", err)
	}
	return nil
}

func (l *xlsxLog) open() (source, error) {
	rows, err := l.rows()
	if err != nil {
		return nil, err
	}
	if _, err := rows.next(); err != nil {
		return nil, errors.Join(err, rows.close())
	}
	return &xlsxSource{log: l, rows: rows, lifecycle: l.cols.lifecycle()}, nil
}

func (l *xlsxLog) rows() (*xlsxRows, error) {
	values, err := l.book.Rows(l.sheet)
	if err != nil {
		return nil, fmt.Errorf("read the sheet %q: %w", l.sheet, err)
	}
	scan, err := scanCells(l.part, l.in.limits.Line)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the sheet %q: %w", l.sheet, err), values.Close())
	}
	return &xlsxRows{values: values, scan: scan}, nil
}

// xlsxSource makes records of rows.
type xlsxSource struct {
	log       *xlsxLog
	rows      *xlsxRows
	lifecycle bool
}

// offset is how far the sheet is read, in proportion to the file: its parts are
// packed, and the other parts are small or read before.
func (s *xlsxSource) offset() int64 {
	whole := max(1, s.log.part.UncompressedSize64)
	return int64(float64(s.rows.scan.read) / float64(whole) * float64(s.log.in.size))
}

func (s *xlsxSource) close() error { return s.rows.close() }

func (s *xlsxSource) next(rec *record) error {
	row, err := s.rows.next()
	if err != nil {
		return err
	}
	rec.line, rec.lifecycle = int64(row.number), s.lifecycle
	cols := s.log.cols
	if n := len(row.cells); n > len(cols.headers) {
		rec.fault = wrongWidth(n, len(cols.headers))
		return nil
	}
	for f, i := range cols.index {
		if i < 0 {
			continue
		}
		if why, bad := row.flaws[i]; bad {
			rec.fault = &fault{"formula", why}
			return nil
		}
		if i < len(row.cells) { // empty cells at the end of a row are not written
			rec.values[f] = row.cells[i]
		}
	}
	return nil
}

// xlsxRow is one row of a sheet.
type xlsxRow struct {
	number int
	cells  []string       // raw values: a date is its day number
	flaws  map[int]string // column, from 0 -> why the cell cannot be used
}

// xlsxRows brings values and flaws of the same row together.
type xlsxRows struct {
	values *excelize.Rows
	scan   *cellScanner
	at     int // the row that values has come to
}

func (r *xlsxRows) close() error { return errors.Join(r.values.Close(), r.scan.close()) }

// next is the next row that is not blank.
func (r *xlsxRows) next() (xlsxRow, error) {
	for {
		number, flaws, err := r.scan.next()
		if err != nil {
			return xlsxRow{}, err
		}
		cells, err := r.advance(number)
		if err != nil {
			return xlsxRow{}, &brokenError{line: int64(number), err: fmt.Errorf("read the row: %w", err)}
		}
		blank := !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
		if blank && len(flaws) == 0 {
			continue
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" && flaws[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		return xlsxRow{number, cells, flaws}, nil
	}
}

// advance goes on to a row; excelize counts rows that are not written, too.
func (r *xlsxRows) advance(number int) (cells []string, err error) {
	for r.at < number {
		if !r.values.Next() {
			return nil, errors.Join(io.ErrUnexpectedEOF, r.values.Error())
		}
		if cells, err = r.values.Columns(); err != nil {
			return nil, err
		}
		r.at++
	}
	return cells, nil
}
