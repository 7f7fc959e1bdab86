package importer

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"example.com/officepulse/ingest/event"
)

// workbook writes rows into the first sheet, and lets edit change the book.
func workbook(t *testing.T, rows [][]any, edit func(*excelize.File)) string {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if edit != nil {
		edit(book)
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// editPart rewrites one part of a workbook's archive.
func editPart(t *testing.T, path, name string, edit func(string) string) string {
	t.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == name {
			content = []byte(edit(string(content)))
		}
		p, err := w.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "edited.xlsx")
	if err := os.WriteFile(edited, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return edited
}

const sheet1 = "xl/worksheets/sheet1.xml"

var xlsxHeader = []any{"审批编号", "环节", "时间", "部门"}

type brief struct{ Case, Stage, Department, Time string }

func briefly(events []event.Event) (all []brief) {
	for _, e := range events {
		all = append(all, brief{e.Task.CaseID, e.Task.Stage, e.Task.Department, e.Time.Format("2006-01-02 15:04:05.999")})
	}
	return all
}

func TestXLSX(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 678e6, time.UTC)
	path := workbook(t, [][]any{
		{}, xlsxHeader, {1, "签发", at, "行政部"}, {}, {20260001000012, "b", "2026-01-02 10:00"}, {"x", "c", "2026年1月2日 15:04", nil}, {},
	}, nil)
	want := []brief{
		{"1", "签发", "行政部", "2026-01-02 15:04:05.678"},
		{"20260001000012", "b", event.MissingDepartment, "2026-01-02 10:00:00"},
		{"x", "c", event.MissingDepartment, "2026-01-02 15:04:00"},
	}
	if diff := cmp.Diff(want, briefly(mustCollect(t, path, Options{}))); diff != "" {
		t.Error(diff)
	}
	shanghai := mustCollect(t, path, Options{Zone: time.FixedZone("", 8*3600)})
	if got := briefly(shanghai)[0].Time; got != "2026-01-02 07:04:05.678" {
		t.Errorf("a cell's date is local time: got %s", got)
	}
}

func TestXLSXFormulas(t *testing.T) {
	path := workbook(t, [][]any{
		xlsxHeader, {"1", "a", "2026-01-02 10:00"}, {"2", "b", "2026-01-02 10:00"}, {"3", "c", "2026-01-02 10:00", "x"}, {"4", "d", "2026-01-02 10:00"},
	}, nil)
	path = editPart(t, path, sheet1, func(s string) string {
		const formula = `<f>CONCATENATE("x","y")</f>`
		for cell, content := range map[string]string{
			"B2": ` t="str">` + formula + `<v>xy</v>`, "B3": `>` + formula, "D4": ` t="str">` + formula + `<v></v>`, "A5": ` t="e">` + formula + `<v>#REF!</v>`,
		} {
			old := regexp.MustCompile(`<c r="` + cell + `".*?</c>`)
			s = old.ReplaceAllLiteralString(s, `<c r="`+cell+`"`+content+`</c>`)
		}
		return s
	})
	events, summary, err := collect(t, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]brief{{"1", "xy", event.MissingDepartment, "2026-01-02 10:00:00"}}, briefly(events)); diff != "" {
		t.Error(diff)
	}
	const uncomputed = " has a formula whose result is not in the file; open the file in Excel, let it compute, and save it"
	want := []Refusal{
		{Line: 3, Kind: "formula", Reason: "cell B3" + uncomputed},
		{Line: 4, Kind: "formula", Reason: "cell D4" + uncomputed},
		{Line: 5, Kind: "formula", Reason: "cell A5 holds the error #REF!; correct its formula"},
	}
	if diff := cmp.Diff(want, summary.Refusals); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXColumnOutsideTheHeader(t *testing.T) {
	path := workbook(t, [][]any{xlsxHeader, {"1", "a", "2026-01-02 10:00", "x", "y"}}, nil)
	_, summary, err := collect(t, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Refusals) != 1 || summary.Refusals[0].String() != "line 2: the row has 5 columns, the header has 4" {
		t.Error(summary.Refusals)
	}
}

func TestXLSXSheets(t *testing.T) {
	path := workbook(t, [][]any{xlsxHeader, {"1", "a", "2026-01-02 10:00"}}, func(book *excelize.File) {
		if _, err := book.NewSheet("明细"); err != nil {
			t.Fatal(err)
		}
		for i, row := range [][]any{xlsxHeader, {"2", "b", "2026-01-02 10:00"}} {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := book.SetSheetRow("明细", cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	})
	events, first, err := collect(t, path, Options{})
	if err != nil || len(events) != 1 || events[0].Task.CaseID != "1" {
		t.Errorf("first sheet: %v, %v", events, err)
	}
	if diff := cmp.Diff([]string{`the workbook has further sheets: "Sheet1" was read, "明细" not; choose one with --sheet`}, first.Warnings); diff != "" {
		t.Error(diff)
	}
	events, named, err := collect(t, path, Options{Sheet: "明细"})
	if err != nil || len(events) != 1 || events[0].Task.CaseID != "2" {
		t.Errorf("named sheet: %v, %v", events, err)
	}
	if named.Warnings != nil {
		t.Errorf("a sheet asked for by name: warned of %q", named.Warnings)
	}
	_, _, err = collect(t, path, Options{Sheet: "x"})
	if err == nil || err.Error() != `import a.xlsx: the workbook has no sheet "x"; it has "Sheet1", "明细"` {
		t.Error(err)
	}
}

func TestXLSX1904(t *testing.T) {
	path := workbook(t, [][]any{xlsxHeader, {"1", "a", 44562.5}}, func(book *excelize.File) {
		yes := true
		if err := book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
	})
	if got := briefly(mustCollect(t, path, Options{})); got[0].Time != "2026-01-02 12:00:00" {
		t.Errorf("got %s", got[0].Time)
	}
}

// TestXLSXFromDisk makes excelize keep sheet and strings on disk, as it does when
// they are large.
func TestXLSXFromDisk(t *testing.T) {
	rows := [][]any{xlsxHeader}
	for i := range 30_000 {
		rows = append(rows, []any{i, strings.Repeat("步", 20) + strconv.Itoa(i), 46000.5, "行政部"})
	}
	path := workbook(t, rows, nil)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	events := mustCollect(t, path, Options{})
	if len(events) != 30_000 || events[29_999].Task.CaseID != "29999" || events[29_999].Sequence != "000000030000" || events[29_999].Task.Stage != strings.Repeat("步", 20)+"29999" {
		t.Errorf("%d events", len(events))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "officepulse-import-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestXLSXBroken(t *testing.T) {
	good := workbook(t, [][]any{xlsxHeader, {"1", "a", "2026-01-02 10:00"}, {"2", "b", "2026-01-02 10:00"}, {"3", "c", "2026-01-02 10:00"}}, nil)
	f := func(name string, edit func(string) string, want string, events int) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			got, _, err := collect(t, editPart(t, good, sheet1, edit), Options{})
			if err == nil || err.Error() != "import edited.xlsx: "+want {
				t.Errorf("got %v\nwant %s", err, want)
			}
			if len(got) != events {
				t.Errorf("published %d events, want %d", len(got), events)
			}
		})
	}
	f("cut off", func(s string) string { return s[:strings.Index(s, `<row r="4"`)+20] },
		"line 4: the sheet breaks off: XML syntax error on line 2: unexpected EOF; the 2 events before it are published", 2)
	// excelize adds the cells of such a row to the one before, which is then refused.
	f("rows in disorder", func(s string) string { return strings.Replace(s, `<row r="4"`, `<row r="2"`, 1) },
		`line 4: the row after row 3 has the number "2"; the 1 events before it are published`, 1)
	f("no rows", func(string) string { return `<worksheet><sheetData/></worksheet>` }, `the sheet "Sheet1" is empty`, 0)
}

func TestXLSXBomb(t *testing.T) {
	good := workbook(t, [][]any{xlsxHeader}, nil)
	bomb := editPart(t, good, sheet1, func(s string) string { return s + strings.Repeat(" ", 4<<20) })
	_, _, err := collect(t, bomb, Options{Limits: Limits{RatioFrom: 1 << 20}})
	const want = "import edited.xlsx: the file unpacks to more than 200 times its size (limit once 1 MiB are unpacked); if you trust the file, unpack it and import the result"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
