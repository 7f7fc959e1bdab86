package importer

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// cellScanner goes through a sheet's XML and tells of each row which cells have no
// value that could be used.
type cellScanner struct {
	part   io.ReadCloser
	tokens *tokenReader
	dec    *xml.Decoder
	read   int64 // bytes of the sheet
	row    int
	inRow  bool
	cell   scannedCell
	flaws  map[int]string
}

// scannedCell is what matters of the cell being read.
type scannedCell struct {
	column         int // from 0
	kind           string
	formula, value bool
	inValue        bool
	text           string // of an error, such as #REF!
}

func scanCells(part *zip.File, limit int) (*cellScanner, error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	s := &cellScanner{part: r}
	s.tokens = &tokenReader{r: bufio.NewReader(io.TeeReader(r, s)), limit: limit}
	s.dec = xml.NewDecoder(s.tokens)
	s.dec.CharsetReader = decodeXML
	return s, nil
}

// Write counts the bytes that are read.
func (s *cellScanner) Write(p []byte) (int, error) {
	s.read += int64(len(p))
	return len(p), nil
}

func (s *cellScanner) close() error { return s.part.Close() }

// next is the number of the next row that is written and its flaws by column.
func (s *cellScanner) next() (row int, flaws map[int]string, err error) {
	for {
		s.tokens.used = 0
		token, err := s.dec.Token()
		if errors.Is(err, io.EOF) {
			return 0, nil, err
		}
		if err != nil {
			return 0, nil, s.broken(fmt.Errorf("the sheet breaks off: %w", err))
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := s.begin(&t); err != nil {
				return 0, nil, s.broken(err)
			}
		case xml.CharData:
			if s.cell.inValue {
				s.cell.value = true
				if s.cell.kind == "e" {
					s.cell.text = string(t)
				}
			}
		case xml.EndElement:
			if s.end(t.Name.Local) {
				return s.row, s.flaws, nil
			}
		}
	}
}

// broken names the row being read, or the one that should come.
func (s *cellScanner) broken(err error) error {
	line := int64(s.row)
	if !s.inRow {
		line++
	}
	return &brokenError{line: line, err: err}
}

func (s *cellScanner) begin(t *xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		s.flaws = nil
		s.cell = scannedCell{column: -1}
		return s.beginRow(t)
	case "c":
		s.cell = scannedCell{column: s.cell.column + 1, kind: attr(t, "t")}
		if name := attr(t, "r"); name != "" {
			column, _, err := excelize.CellNameToCoordinates(name)
			if err != nil {
				return fmt.Errorf("%q is no name of a cell", cut(name, 20))
			}
			s.cell.column = column - 1
		}
	case "f":
		s.cell.formula = true
	case "v", "t":
		s.cell.inValue = true
	}
	return nil
}

// beginRow takes a row's number: its own, or the one after the last row.
func (s *cellScanner) beginRow(t *xml.StartElement) error {
	number := s.row + 1
	if own := attr(t, "r"); own != "" {
		n, err := strconv.Atoi(own)
		if err != nil || n < number || n > excelize.TotalRows {
			return fmt.Errorf("the row after row %d has the number %q", s.row, cut(own, 20))
		}
		number = n
	}
	s.row, s.inRow = number, true
	return nil
}

// end takes a closing tag, and reports whether it ends a row.
func (s *cellScanner) end(tag string) bool {
	switch tag {
	case "row":
		s.inRow = false
		return true
	case "v", "t":
		s.cell.inValue = false
	case "c":
		s.judge()
	}
	return false
}

func (s *cellScanner) judge() {
	var why string
	switch {
	case s.cell.kind == "e":
		why = "holds the error " + cut(s.cell.text, 20) + "; correct its formula"
	case s.cell.formula && !s.cell.value:
		why = "has a formula whose result is not in the file; open the file in Excel, let it compute, and save it"
	default:
		return
	}
	name, err := excelize.CoordinatesToCellName(s.cell.column+1, s.row)
	if err != nil {
		return // the numbers came from a name
	}
	if s.flaws == nil {
		s.flaws = map[int]string{}
	}
	s.flaws[s.cell.column] = "cell " + name + " " + why
}

func attr(t *xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// sheetPart finds the file in a workbook's archive that holds a sheet. The
// workbook names the sheet's relation, and the relation the file (ECMA-376 part 1,
// 18.2.19; part 2, 9.3).
func sheetPart(archive *zip.Reader, sheet string) (*zip.File, error) {
	var workbook struct {
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(
		readPart(archive, "xl/workbook.xml", &workbook),
		readPart(archive, "xl/_rels/workbook.xml.rels", &relations),
	); err != nil {
		return nil, err
	}
	id := ""
	for _, s := range workbook.Sheets {
		for _, a := range s.Attrs {
			if s.Name == sheet && a.Name.Local == "id" {
				id = a.Value
			}
		}
	}
	for _, r := range relations.All {
		if r.ID == id && id != "" {
			return findPart(archive, target(r.Target))
		}
	}
	return nil, fmt.Errorf("the workbook does not say where the sheet %q is", sheet)
}

// target is a relation's target as a path in the archive.
func target(s string) string {
	s = strings.ReplaceAll(s, `\`, "/")
	if rooted, ok := strings.CutPrefix(s, "/"); ok {
		return path.Clean(rooted)
	}
	return path.Join("xl", s)
}

func findPart(archive *zip.Reader, name string) (*zip.File, error) {
	for _, part := range archive.File {
		if strings.EqualFold(strings.ReplaceAll(part.Name, `\`, "/"), name) {
			return part, nil
		}
	}
	return nil, fmt.Errorf("the workbook has no part %s", name)
}

func readPart(archive *zip.Reader, name string, into any) error {
	part, err := findPart(archive, name)
	if err != nil {
		return err
	}
	r, err := part.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	err = xml.NewDecoder(r).Decode(into)
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
