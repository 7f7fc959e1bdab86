package export

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

func asXLSX(tb testing.TB, e Export) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := e.WriteXLSX(tb.Context(), &b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func open(tb testing.TB, content []byte) *excelize.File {
	tb.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// shown writes a workbook out as it is shown, sheet after sheet.
func shown(tb testing.TB, f *excelize.File) string {
	tb.Helper()
	var b strings.Builder
	for _, name := range f.GetSheetList() {
		b.WriteString("== " + name + "\n")
		rows, err := f.GetRows(name)
		if err != nil {
			tb.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, " | ") + "\n")
		}
	}
	return b.String()
}

func TestGoldenXLSX(t *testing.T) {
	answer := series("sales", "中文")
	for i := range answer.Series {
		answer.Series[i].Points[0].Rate = new(0.0425)
	}
	for _, l := range []i18n.Language{i18n.Chinese, i18n.English} {
		f := open(t, asXLSX(t, New(answer, testReader(t, l, "by=department&process=doc_approval&lang="+string(l)))))
		golden(t, "lead_time."+string(l)+".xlsx.txt", shown(t, f))
	}
}

func TestXLSX(t *testing.T) {
	f := open(t, asXLSX(t, New(series(hostile...), testReader(t, i18n.English, "by=department"))))
	if d := cmp.Diff([]string{"Details", "Summary", "Definitions"}, f.GetSheetList()); d != "" {
		t.Fatal(d)
	}
	panes, err := f.GetPanes("Details")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the head row is not frozen: %+v, %v", panes, err)
	}
	for cell, want := range map[string]excelize.CellType{
		"A2": excelize.CellTypeInlineString, "D2": excelize.CellTypeUnset, "F2": excelize.CellTypeUnset, "G2": excelize.CellTypeUnset,
	} {
		got, err := f.GetCellType("Details", cell)
		if err != nil || got != want {
			t.Errorf("%s is of type %d (%v), want %d", cell, got, err, want)
		}
	}
	if got, err := f.GetCellValue("Details", "D2"); err != nil || got != "2026-01-01 00:00:00" {
		t.Errorf("the start is shown as %q, %v", got, err)
	}
	if got, err := f.GetCellValue("Details", "G2", excelize.Options{RawCellValue: true}); err != nil || got != "1234567.125" {
		t.Errorf("the mean is %q, %v", got, err)
	}
	if width, err := f.GetColWidth("Details", "D"); err != nil || width != timeWidth {
		t.Errorf("the column of times is %v wide, %v", width, err)
	}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range rows {
			for x := range row {
				at, err := excelize.CoordinatesToCellName(x+1, y+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula(name, at); err != nil || formula != "" {
					t.Errorf("%s!%s is a formula: %q, %v", name, at, formula, err)
				}
			}
		}
	}
}

// TestLongTableGoesOn: no row is lost where a sheet ends. The limit is lowered,
// since a sheet has a million rows.
func TestLongTableGoesOn(t *testing.T) {
	defer func(most int) { sheetRows = most }(sheetRows)
	sheetRows = 1001
	more := parts(2500, 400)
	first, err := more(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, asXLSX(t, New(first, testReader(t, i18n.English, "")).Paged(more)))
	if d := cmp.Diff([]string{"Details", "Details 2", "Details 3", "Summary", "Definitions"}, f.GetSheetList()); d != "" {
		t.Fatal(d)
	}
	n := 0
	for _, name := range f.GetSheetList()[:3] {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		n += len(rows) - 1
	}
	if n != 2500 {
		t.Errorf("got %d rows, want 2500", n)
	}
}

// TestBoundedMemory: a long table costs no more memory than a short one plus what the library keeps.
func TestBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a hundred thousand rows")
	}
	peak := func(n int) uint64 {
		more := parts(n, 1000)
		first, err := more(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := &peakMemory{}
		if err := New(first, testReader(t, i18n.English, "")).Paged(more).WriteCSV(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		return w.most
	}
	small, large := peak(2000), peak(200_000)
	if large > small+16<<20 {
		t.Errorf("200,000 rows took %d MiB, 2,000 rows %d MiB", large>>20, small>>20)
	}
}

// peakMemory looks at the heap now and then while it is written to.
type peakMemory struct {
	writes int
	most   uint64
}

func (p *peakMemory) Write(b []byte) (int, error) {
	if p.writes++; p.writes%1000 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		p.most = max(p.most, m.HeapAlloc)
	}
	return len(b), nil
}

// TestLibreOffice opens a workbook with another program than wrote it.
func TestLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice (soffice) on the PATH")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "book.xlsx")
	answer := &analytics.Result{Metric: "lead_time", Unit: "seconds", Timezone: "UTC", Series: series(hostile[:3]...).Series}
	if err := os.WriteFile(file, asXLSX(t, New(answer, testReader(t, i18n.English, "by=department"))), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), office, "--headless", "-env:UserInstallation=file://"+dir+"/profile",
		"--convert-to", "csv", "--outdir", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "book.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "'+1") || !strings.Contains(string(text), "2026-01-01 00:00:00") {
		t.Errorf("LibreOffice reads:\n%s", text)
	}
}
