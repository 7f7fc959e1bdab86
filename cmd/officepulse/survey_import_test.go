package main

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"example.com/officepulse/surveys/results"
)

var surveyFiles = filepath.Join("..", "..", "surveys", "importer", "testdata")

// table reads a file in the plainest way.
func table(t *testing.T, name string) (head []string, rows [][]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(surveyFiles, name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(name, "santa") {
		if content, err = charmap.Windows1252.NewDecoder().Bytes(content); err != nil {
			t.Fatal(err)
		}
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// Two real surveys are imported twice, and every figure is what a slow and
// obvious computation from the file gives.
func TestSurveyImport(t *testing.T) {
	s := startService(t, t.TempDir())
	fetch := func(path string, into any) bool {
		status, body := s.get(path)
		return status == 200 && json.Unmarshal(body, into) == nil
	}
	for range 2 {
		s.must("survey", "import", filepath.Join(surveyFiles, "somerville_2015.csv"), "--quarter", "2015Q4", "--title", "Somerville 2015", "--headcount", "500")
		s.must("survey", "import", filepath.Join(surveyFiles, "santa_monica_2014_open_comments_coded.csv"), "--quarter", "2014Q4", "--wave", "santa_monica")
	}
	var r results.Report
	s.waitFor("results", func() bool { return fetch("/api/v1/satisfaction/2015Q4.somerville_2015", &r) })
	head, rows := table(t, "somerville_2015.csv")
	if r.Response.Answered != len(rows) || r.Response.Expected != 500 || len(r.Questions) != len(head) {
		t.Fatalf("%+v, %d questions", r.Response, len(r.Questions))
	}
	worth := map[string]float64{"5": 100, "4": 80, "3": 60, "2": 30, "1": 0}
	overall, levels := 0.0, 0
	for at, name := range head {
		q := r.Questions[slices.IndexFunc(r.Questions, func(q results.Question) bool { return q.Question == strings.ToLower(name) })]
		sum, squares, satisfied := 0.0, 0.0, 0
		for _, row := range rows {
			sum += worth[row[at]]
			squares += worth[row[at]] * worth[row[at]]
			if row[at] == "4" || row[at] == "5" {
				satisfied++
			}
		}
		n := float64(len(rows))
		if name == "Y" {
			if q.Mean != nil || q.N != uint64(len(rows)) {
				t.Errorf("Y: %+v", q)
			}
			continue
		}
		levels++
		overall += sum / n / 6
		spread := (squares - sum*sum/n) / (n - 1)
		half := 1.97682 * math.Sqrt(spread/n) // Student's t for 142, from a table
		share := float64(satisfied) / n
		const z = 1.96
		middle, width := (share+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(share*(1-share)/n+z*z/(4*n*n))/(1+z*z/n)
		for what, pair := range map[string][2]float64{
			"mean": {*q.Mean, sum / n}, "low": {*q.MeanLow, sum/n - half}, "high": {*q.MeanHigh, sum/n + half},
			"share": {*q.Share, share}, "share low": {*q.ShareLow, middle - width}, "share high": {*q.ShareHigh, middle + width},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-3 {
				t.Errorf("%s of %s: %v, want %v", what, name, pair[0], pair[1])
			}
		}
	}
	if levels != 6 || math.Abs(*r.Overall.Mean-overall) > 1e-9 {
		t.Errorf("%d levels, overall %v, want %v", levels, *r.Overall.Mean, overall)
	}
	t.Run("comments", func(t *testing.T) { importedComments(t, s, fetch) })
	if _, err := s.command("survey", "import", filepath.Join(surveyFiles, "README.md"), "--quarter", "2015Q4"); err == nil {
		t.Error("a text was imported as a survey")
	}
}

func importedComments(t *testing.T, s *service, fetch func(string, any) bool) {
	t.Helper()
	head, rows := table(t, "santa_monica_2014_open_comments_coded.csv")
	text, category := slices.Index(head, "Fullstring"), slices.Index(head, "Category 1")
	var r results.Report
	s.waitFor("results", func() bool { return fetch("/api/v1/satisfaction/santa_monica", &r) })
	var c results.Comments
	if !fetch("/api/v1/satisfaction/santa_monica/comments/fullstring", &c) || c.N != len(rows) || len(c.List) != len(rows) {
		t.Fatalf("%d comments, want %d", c.N, len(rows))
	}
	var got, want []string
	traffic := 0
	for i := range rows {
		got, want = append(got, c.List[i].Text), append(want, strings.TrimSpace(strings.ReplaceAll(rows[i][text], "\r\n", "\n")))
		if strings.Contains(strings.ToLower(rows[i][text]), "traffic") {
			traffic++
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Error("the comments are not those of the file")
	}
	var found results.Comments
	if !fetch("/api/v1/satisfaction/santa_monica/comments/fullstring?text=Traffic", &found) || len(found.List) != traffic || traffic < 100 {
		t.Errorf("%d comments about traffic, want %d", len(found.List), traffic)
	}
	words := make(map[string]int)
	for _, w := range c.Words {
		words[w.Word] = w.Comments
	}
	if words["traffic"] < 100 || words["the"] > 0 {
		t.Errorf("words %v", c.Words)
	}
	plain := func(name string) string { // the file spells a category in several ways
		return strings.TrimRight(strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, strings.ToLower(name)), "0123456789")
	}
	counts, reported := make(map[string]int), make(map[string]int)
	for _, row := range rows {
		if row[category] != "" {
			counts[plain(row[category])]++
		}
	}
	for _, one := range r.Counts {
		if one.Question == "category_1" && one.Department == "" {
			reported[plain(one.Value)] += int(one.Count)
		}
	}
	if diff := cmp.Diff(counts, reported); diff != "" || len(counts) < 10 {
		t.Errorf("categories (-file +reported):\n%s", diff)
	}
}
