package importer

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvLog is a table in a text file.
type csvLog struct {
	in    *input
	text  charset
	comma byte
	cols  *columns
}

// openCSV finds out how the file is written and where its columns are.
func openCSV(ctx context.Context, in *input, opts Options, m *meter) (*csvLog, error) {
	m.readings++ // the charset takes a reading of its own
	text, err := inspect(ctx, in, m)
	if err != nil {
		return nil, err
	}
	m.nextReading()
	l := &csvLog{in: in, text: text}
	rows, err := l.rows()
	if err != nil {
		return nil, err
	}
	headers, err := l.header(rows)
	if err != nil {
		return nil, err
	}
	if l.cols, err = findColumns(headers, opts.Map); err != nil {
		return nil, err
	}
	return l, nil
}

// rows starts a reading before the header.
func (l *csvLog) rows() (*csvRows, error) {
	r, err := l.in.text()
	if err != nil {
		return nil, err
	}
	if start, _ := r.Peek(len(bomUTF8)); bytes.Equal(start, bomUTF8) {
		_, err = r.Discard(len(bomUTF8))
	}
	return &csvRows{lines: lines{r: r, limit: l.in.limits.Line}, comma: l.comma}, err
}

// header reads the first row, whose delimiter it finds out where that is not
// known yet. Excel may write a line "sep=;" before it.
func (l *csvLog) header(rows *csvRows) ([]string, error) {
	first, err := rows.peek()
	if err == nil && bytes.HasPrefix(first.text, []byte("sep=")) && len(bytes.TrimSpace(first.text)) <= len("sep=;") {
		_, _ = rows.lines.next() // was peeked: is there
		first, err = rows.peek()
	}
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	l.comma = delimiter(first.text)
	rows.comma = l.comma
	row, err := rows.next()
	if err == nil && row.fault != nil {
		err = errors.New(row.fault.reason)
	}
	if err != nil {
		return nil, fmt.Errorf("read the header in line %d: %w", first.number, err)
	}
	headers := make([]string, len(row.cells))
	for i, cell := range row.cells {
		text, ok := l.text.decode(cell)
		if !ok {
			return nil, fmt.Errorf("the header has bytes that are no %s text in column %d; save the file as CSV UTF-8", l.text, i+1)
		}
		headers[i] = strings.TrimPrefix(text, "\ufeff")
	}
	return headers, nil
}

// delimiter is the one of comma, semicolon and tab that a header has most of
// outside quotes.
func delimiter(header []byte) byte {
	counts := map[byte]int{}
	quoted := false
	for _, c := range header {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

func (l *csvLog) names() [fieldCount]string { return l.cols.names() }

func (l *csvLog) columns() map[string]string { return l.cols.mapping() }

func (l *csvLog) close() error { return nil }

func (l *csvLog) open() (source, error) {
	rows, err := l.rows()
	if err != nil {
		return nil, err
	}
	if _, err := l.header(rows); err != nil {
		return nil, err
	}
	return &csvSource{log: l, rows: rows, lifecycle: l.cols.lifecycle()}, nil
}

// csvSource makes records of rows.
type csvSource struct {
	log       *csvLog
	rows      *csvRows
	lifecycle bool
}

func (s *csvSource) offset() int64 { return s.log.in.read }

func (s *csvSource) close() error { return nil }

func (s *csvSource) next(rec *record) error {
	row, err := s.rows.next()
	if err != nil {
		if errors.Is(err, io.EOF) || isFatal(err) {
			return err
		}
		return &brokenError{line: s.rows.lines.count + 1, err: fmt.Errorf("the file breaks off: %w", err)}
	}
	rec.line, rec.fault, rec.lifecycle = row.number, row.fault, s.lifecycle
	if rec.fault == nil {
		rec.fault = s.fill(rec, row.cells)
	}
	return nil
}

func (s *csvSource) fill(rec *record, cells []string) *fault {
	cols := s.log.cols
	if len(cells) != len(cols.headers) {
		return wrongWidth(len(cells), len(cols.headers))
	}
	for f, i := range cols.index {
		if i < 0 {
			continue
		}
		text, ok := s.log.text.decode(cells[i])
		if !ok {
			return &fault{"bytes", fmt.Sprintf("column %q has bytes that are no %s text: %q", cols.headers[i], s.log.text, cut(cells[i], 40))}
		}
		rec.values[f] = text
	}
	return nil
}

func wrongWidth(have, want int) *fault {
	return &fault{"columns", fmt.Sprintf("the row has %d columns, the header has %d", have, want)}
}

// csvRow is one row; of a row with a fault there are no cells.
type csvRow struct {
	number int64 // of its first line
	cells  []string
	fault  *fault
}

// csvRows cuts a file into rows and leaves the cells of each to encoding/csv. The
// cutting is done here, since a quote that is never closed makes encoding/csv read
// the rest of the file into one cell: here it costs the line it stands in, and the
// lines after it are rows again.
type csvRows struct {
	lines lines
	comma byte

	text   bytes.Reader // the row that parser reads
	parser *csv.Reader
	buf    []byte
	parts  []line // the lines of the row, in buf
}

// next is the next row that is not blank.
func (r *csvRows) next() (csvRow, error) {
	first, err := r.lines.next()
	for err == nil && isBlank(first) {
		first, err = r.lines.next()
	}
	if err != nil {
		return csvRow{}, err
	}
	row := csvRow{number: first.number}
	if first.tooLong {
		row.fault = &fault{"length", "the line is longer than " + bytesText(int64(r.lines.limit))}
		return row, nil
	}
	closed, err := r.gather(first)
	if err != nil {
		return row, err
	}
	if closed {
		row.cells, err = r.parse()
	}
	if closed && err == nil {
		return row, nil
	}
	row.fault = quoteFault(err)
	r.lines.giveBack(r.parts[1:])
	return row, nil
}

// peek is the next line that is not blank, which stays to be read.
func (r *csvRows) peek() (line, error) {
	next, err := r.lines.next()
	for err == nil && isBlank(next) {
		next, err = r.lines.next()
	}
	if err == nil {
		r.lines.giveBack([]line{next})
	}
	return next, err
}

func isBlank(l line) bool { return !l.tooLong && len(bytes.TrimSpace(l.text)) == 0 }

// gather takes the lines of the row that begins with first into buf: more than one
// where a line ends inside quotes. It is false if no line closes them within the
// limit.
func (r *csvRows) gather(first line) (closed bool, err error) {
	r.buf, r.parts = r.buf[:0], r.parts[:0]
	inQuotes := false
	for next := first; ; {
		start := len(r.buf)
		r.buf = append(r.buf, next.text...)
		next.text = r.buf[start:]
		r.parts = append(r.parts, next)
		inQuotes = r.endsInQuotes(next.text, inQuotes)
		if !inQuotes {
			return true, nil
		}
		if next.tooLong || len(r.buf) > r.lines.limit {
			return false, nil
		}
		next, err = r.lines.next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// endsInQuotes follows a line's quotes as encoding/csv does: one opens a cell
// only as its first character, and two in a row inside are a character.
func (r *csvRows) endsInQuotes(text []byte, in bool) bool {
	cellStart := !in
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case in && c == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
		case in && c == '"':
			in, cellStart = false, false
		case in:
		case c == '"' && cellStart:
			in = true
		default:
			cellStart = c == r.comma
		}
	}
	return in
}

func (r *csvRows) parse() ([]string, error) {
	r.text.Reset(r.buf)
	if r.parser == nil {
		r.parser = csv.NewReader(&r.text)
		r.parser.Comma = rune(r.comma)
		r.parser.FieldsPerRecord = -1
		r.parser.ReuseRecord = true
	}
	cells, err := r.parser.Read()
	if err != nil {
		r.parser = nil // it may still hold a part of the row
	}
	return cells, err
}

// quoteFault tells what encoding/csv found; nil means quotes that stay open.
func quoteFault(err error) *fault {
	pe, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case ok && errors.Is(pe, csv.ErrBareQuote):
		return &fault{"quotes", fmt.Sprintf("a quote stands in the middle of a cell, at byte %d; put the cell in quotes and write the quote twice", pe.Column)}
	case err == nil, ok && errors.Is(pe, csv.ErrQuote):
		return &fault{"quotes", "a cell that begins with a quote does not end with one; quotes inside it are written twice"}
	case errors.Is(err, io.EOF):
		return &fault{"columns", "the row is empty"}
	}
	return &fault{"quotes", err.Error()}
}
