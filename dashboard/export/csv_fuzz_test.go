package export

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCell writes any two texts beside each other, reads them back as RFC 4180
// says, and holds that neither can act as a formula or reach beyond its cell.
func FuzzCell(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, "x")
		f.Add("x", text)
	}
	f.Add("\"", "\"\"\r\n,")
	f.Fuzz(func(t *testing.T, a, b string) {
		line := string(appendText(separate(appendText(nil, a), 1), b))
		cells := cellsOf(t, line)
		if len(cells) != 2 {
			t.Fatalf("%q and %q became %d cells: %q", a, b, len(cells), line)
		}
		for i, text := range []string{a, b} {
			if want := strings.ToValidUTF8(text, "\uFFFD"); cells[i] != want && cells[i] != "'"+want {
				t.Errorf("%q came back as %q", text, cells[i])
			}
			if !utf8.ValidString(cells[i]) {
				t.Errorf("%q is no UTF-8", cells[i])
			}
			if cells[i] != "" && strings.ContainsAny(cells[i][:1], "=+-@\t\r\n") {
				t.Errorf("%q would be taken for a formula", cells[i])
			}
		}
	})
}

// cellsOf is a slow reader of one record of RFC 4180, which keeps every byte.
func cellsOf(t *testing.T, record string) (cells []string) {
	t.Helper()
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(record); i++ {
		switch c := record[i]; {
		case quoted && c == '"' && i+1 < len(record) && record[i+1] == '"':
			cell.WriteByte('"')
			i++
		case quoted && c == '"':
			quoted = false
			if i+1 < len(record) && record[i+1] != ',' {
				t.Fatalf("text behind a closing quotation mark: %q", record)
			}
		case quoted:
			cell.WriteByte(c)
		case c == '"' && cell.Len() == 0:
			quoted = true
		case c == ',':
			cells = append(cells, cell.String())
			cell.Reset()
		case c == '"' || c == '\r' || c == '\n':
			t.Fatalf("%q stands outside quotation marks: %q", c, record)
		default:
			cell.WriteByte(c)
		}
	}
	if quoted {
		t.Fatalf("a quotation mark is not closed: %q", record)
	}
	return append(cells, cell.String())
}
