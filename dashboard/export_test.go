package dashboard

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"example.com/officepulse/analytics"
)

var hrefs = regexp.MustCompile(`href="(/(?:api|operations/files)[^"]+)"`)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func csvOf(tb testing.TB, body []byte) [][]string {
	tb.Helper()
	text, ok := bytes.CutPrefix(body, []byte("\uFEFF"))
	if !ok {
		tb.Fatal("no byte order mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

// column is the place of a head in a table.
func columnAt(tb testing.TB, rows [][]string, head string) int {
	tb.Helper()
	for i, h := range rows[0] {
		if h == head {
			return i
		}
	}
	tb.Fatalf("there is no column %q in %q", head, rows[0])
	return -1
}

// sameFigures holds a CSV in English against the API's answer.
func sameFigures(tb testing.TB, rows [][]string, answer analytics.Result) {
	tb.Helper()
	period, n, mean := columnAt(tb, rows, "Period"), columnAt(tb, rows, "n"), columnAt(tb, rows, "Mean (s)")
	at := 1
	for _, s := range answer.Series {
		for _, p := range s.Points {
			if at >= len(rows) {
				tb.Fatalf("the file ends before %s", p.Period)
			}
			got, err := strconv.ParseFloat(rows[at][mean], 64)
			if err != nil || got != *p.Mean || rows[at][n] != strconv.FormatUint(p.N, 10) || rows[at][period] != p.Period {
				tb.Errorf("row %d is %q, the API says %s n=%d mean=%v", at, rows[at], p.Period, p.N, *p.Mean)
			}
			at++
		}
	}
	if at != len(rows) || at == 1 {
		tb.Errorf("the file has %d rows, the API %d points", len(rows)-1, at-1)
	}
}

// inSeconds is the story with the unit of its times.
type inSeconds struct{ fake }

func (f inSeconds) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := f.fake.Query(ctx, metric, q)
	if err == nil && metric == "lead_time" {
		r.Unit = "seconds"
	}
	return r, err
}

func TestExportEqualsTheAPI(t *testing.T) {
	router := testRouter(t, inSeconds{fake{quarters: 8}})
	question := "/api/v1/metrics/lead_time?from=2025-01-01&to=2026-10-01&bucket=quarter&clock=working"
	var answer analytics.Result
	decode(t, get(t, router, question).Body.Bytes(), &answer)
	w := get(t, router, question+"&format=csv&lang=en")
	if w.Code != http.StatusOK {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	sameFigures(t, csvOf(t, w.Body.Bytes()), answer)
	if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" {
		t.Errorf("Content-Type is %q", got)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="lead_time_2025Q1-2026Q3.csv"; filename*=UTF-8''`) {
		t.Errorf("Content-Disposition is %q", got)
	}

	book, err := excelize.OpenReader(get(t, router, question+"&format=xlsx&lang=en").Body)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Details", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	sameFigures(t, rows, answer)
	if got := strings.Join(book.GetSheetList(), " "); got != "Details Summary Definitions" {
		t.Errorf("sheets are %s", got)
	}
}

// TestReadersZone: times are written in the zone that was asked for.
func TestReadersZone(t *testing.T) {
	w := get(t, testRouter(t, fake{quarters: 8}), "/api/v1/metrics/throughput?from=2024-10-01&to=2026-11-01&bucket=quarter&format=csv&lang=en&timezone=Europe/Berlin")
	rows := csvOf(t, w.Body.Bytes())
	if len(rows) < 2 {
		t.Fatalf("got %q", rows)
	}
	start := columnAt(t, rows, "Start (Europe/Berlin)")
	if got := rows[1][start]; got != "2024-12-31 17:00:00" { // midnight in Shanghai
		t.Errorf("the first quarter starts at %s", got)
	}
}

func TestExportByAcceptHeader(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	f := func(accept, query, want string) {
		t.Helper()
		w := get(t, router, "/api/v1/metrics/throughput?bucket=quarter"+query, "Accept", accept)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || !strings.HasPrefix(got, want) {
			t.Errorf("%s%s: got %d %s, want %s", accept, query, w.Code, got, want)
		}
		if w.Header().Get("Vary") != "Accept" {
			t.Errorf("Vary is %q", w.Header().Get("Vary"))
		}
	}
	f("", "", "application/json")
	f("*/*", "", "application/json")
	f("text/html, */*;q=0.1", "", "application/json")
	f("text/csv", "", "text/csv")
	f("application/json;q=0.2, text/csv;q=0.8", "", "text/csv")
	f("text/csv, "+xlsxType, "", "text/csv")
	f(xlsxType, "", xlsxType)
	f("text/csv", "&format=xlsx", xlsxType)
	f("text/csv", "&format=json", "application/json")
	f(";;;,q", "", "application/json")
}

func TestExportRefusals(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	f := func(target string, status int, parameter string) {
		t.Helper()
		w := get(t, router, target)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%s: got %d %s, want the problem %d", target, w.Code, w.Body, status)
		}
		if len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%s: got %+v, want a fault of %s", target, p.Errors, parameter)
		}
	}
	f("/api/v1/metrics/throughput?format=pdf", 400, "format")
	f("/api/v1/metrics/throughput?format=csv&format=xlsx", 400, "format")
	f("/api/v1/metrics/throughput?format=csv&lang=fr", 400, "lang")
	f("/api/v1/metrics/throughput?format=csv&part=nothing", 400, "part")
	f("/api/v1/metrics/throughput?format=csv&colour=red", 400, "colour")
	f("/api/v1/metrics/throughput?lang=en", 400, "lang")      // JSON has no language
	f("/api/v1/metrics?format=csv&part=figures", 400, "part") // of the catalogue there is one table
}

// TestExportMenus: every link to a file, on every page, leads to one.
func TestExportMenus(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	office := newOffice(t, someLetters()...)
	for page, least := range map[string]int{"/?quarter=2026Q3&lang=zh&department=sales": 12, "/errors?quarter=2026Q3": 8, "/approvals?quarter=2026Q3": 8, "/cases?quarter=2026Q3": 2, "/operations": 4} {
		router := router
		if page == "/operations" {
			router = office
		}
		links := hrefs.FindAllStringSubmatch(get(t, router, page).Body.String(), -1)
		files := 0
		for _, link := range links {
			target := html.UnescapeString(link[1])
			if !strings.Contains(target, "format=") {
				continue
			}
			files++
			want := "text/csv"
			if strings.Contains(target, "format=xlsx") {
				want = xlsxType
			}
			w := get(t, router, target)
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), want) || w.Body.Len() < 50 {
				t.Errorf("%s: %s: got %d %s: %.300s", page, target, w.Code, w.Header().Get("Content-Type"), w.Body)
			}
		}
		if files < least {
			t.Errorf("%s offers %d files, want %d or more", page, files, least)
		}
	}
}

// manyCases is an office with more cases than one answer of the API holds.
type manyCases struct{ fake }

const casesInAll = 2*analytics.MaxLimit + 500

func (manyCases) Cases(_ context.Context, q analytics.CaseQuery) (*analytics.CaseList, error) {
	list := &analytics.CaseList{Header: analytics.Header{Metric: q.About, Unit: "seconds", Timezone: "Asia/Shanghai", From: q.From, To: q.To}, Total: casesInAll}
	if q.About == "throughput" {
		list.Total = maxExportedCases + 1
	}
	for i := q.Offset; i < min(casesInAll, q.Offset+q.Limit); i++ {
		list.Cases = append(list.Cases, analytics.CaseRow{Process: "meeting", CaseID: "M-" + strconv.Itoa(i), Seconds: float64(i)})
	}
	return list, nil
}

// TestWholeListOfCases: an export has every case once, whatever the API gives at a time.
func TestWholeListOfCases(t *testing.T) {
	router := testRouter(t, manyCases{fake{quarters: 8}})
	question := "/api/v1/cases?about=lead_time&from=2026-01-01&to=2026-07-01&lang=en&format="
	rows := csvOf(t, get(t, router, question+"csv").Body.Bytes())
	at, seen := columnAt(t, rows, "Case"), map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[at]] = true
	}
	if len(rows)-1 != casesInAll || len(seen) != casesInAll {
		t.Errorf("got %d rows of %d cases, want %d", len(rows)-1, len(seen), casesInAll)
	}
	if rows := csvOf(t, get(t, router, question+"csv&limit=7&offset=3").Body.Bytes()); len(rows) != 8 {
		t.Errorf("asked for 7 cases, got %d rows", len(rows)-1)
	}
	w := get(t, router, strings.Replace(question, "lead_time", "throughput", 1)+"xlsx")
	if w.Code != http.StatusBadRequest {
		t.Errorf("a list that cannot be turned over whole: got %d", w.Code)
	}
}

// TestExportStopsWithTheClient: nobody writes for a client that has left.
func TestExportStopsWithTheClient(t *testing.T) {
	router := testRouter(t, manyCases{fake{quarters: 8}})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/cases?about=lead_time&from=2026-01-01&to=2026-07-01&format=csv", nil))
	if strings.Contains(w.Body.String(), "M-") {
		t.Error("cases were sent to a client that had left")
	}
}
