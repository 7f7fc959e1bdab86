package export

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// byteOrderMark tells spreadsheets that a CSV is UTF-8.
const byteOrderMark = "\uFEFF"

// WriteCSV writes the first table: UTF-8 with byte order mark, RFC 4180 with
// CRLF, the head row with units.
func (e Export) WriteCSV(ctx context.Context, w io.Writer) error {
	t := e.sheets[0]
	line := []byte(byteOrderMark)
	for i, column := range t.columns() {
		line = separate(line, i)
		line = appendText(line, column.head)
	}
	if _, err := w.Write(append(line, "\r\n"...)); err != nil {
		return err
	}
	for row, err := range t.rows(ctx) {
		if err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		line = line[:0]
		for i, cell := range row {
			line = separate(line, i)
			line = appendCell(line, cell, e.zone)
		}
		if _, err := w.Write(append(line, "\r\n"...)); err != nil {
			return err
		}
	}
	return nil
}

func separate(line []byte, column int) []byte {
	if column > 0 {
		return append(line, ',')
	}
	return line
}

// instant is how a spreadsheet reads a time without being told.
const instant = "2006-01-02 15:04:05.999"

// appendCell writes a value of a table; nil is an empty cell. Numbers are
// written as they are, in full and without exponent.
func appendCell(line []byte, value any, zone *time.Location) []byte {
	switch v := value.(type) {
	case nil:
		return line
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return line
		}
		return strconv.AppendFloat(line, v, 'f', -1, 64)
	case int64:
		return strconv.AppendInt(line, v, 10)
	case uint64:
		return strconv.AppendUint(line, v, 10)
	case bool:
		return strconv.AppendBool(line, v)
	case time.Time:
		return v.In(zone).AppendFormat(line, instant)
	default:
		return appendText(line, fmt.Sprint(v))
	}
}

// appendText writes a text cell: harmless to a spreadsheet, and in quotation
// marks where RFC 4180 wants them.
func appendText(line []byte, text string) []byte {
	text = harmless(text)
	if !strings.ContainsAny(text, ",\"\r\n") {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

// harmless puts an apostrophe before a text that a spreadsheet would take for a
// formula (OWASP, CSV injection): one that begins with = + - @, their full-width
// forms or a control character, also behind spaces.
func harmless(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	// Control characters such as tab count as space to TrimSpace, and are judged themselves.
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u00a0\u3000\ufeff"))
	if strings.ContainsRune("=+-@＝＋－＠", first) || (first != utf8.RuneError && unicode.IsControl(first)) {
		return "'" + text
	}
	return text
}
