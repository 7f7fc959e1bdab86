package importer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/officepulse/surveys/questionnaire"
)

const sample = "\ufeff部门,Speed,Would you,Said,Year,NPS\n销售,5,yes,我们希望会议通知能够提前一天发出来，这样大家都来得及准备材料,2026,9\n" +
	"销售,3,no,审批进度看不到，希望能够随时查询文件现在到了哪一个环节，谁在办,2026,\n研发,4,yes,,2026,10\n,,,,,\n"

func TestRead(t *testing.T) {
	s, err := Read(strings.NewReader(sample), Options{Key: "sample", Title: "Sample", Column: "部门", As: map[string]Kind{"NPS": NPS}})
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, q := range s.Questionnaire.Questions {
		types = append(types, q.Key+" "+string(q.Type))
	}
	if got := strings.Join(types, ", "); got != "speed level, would_you single, said text, nps nps" {
		t.Errorf("questions: %s", got)
	}
	if found := s.Questionnaire.Check(); len(found) > 0 {
		t.Errorf("the questionnaire has mistakes: %v", found)
	}
	if len(s.Answers) != 3 || len(s.Departments) != 3 || len(s.Skipped) != 1 {
		t.Fatalf("%d answers, departments %v, skipped %v", len(s.Answers), s.Departments, s.Skipped)
	}
	first := s.Answers[0]
	if n, _ := first.Values["speed"].Number(); n != 5 || s.Names[first.Department] != "销售" {
		t.Errorf("%+v", first)
	}
	if _, ok := s.Answers[1].Values["nps"]; ok {
		t.Error("an empty cell is an answer")
	}
	again, _ := Read(strings.NewReader(sample), Options{Key: "sample", Column: "部门"})
	if again.Answers[0].ID != first.ID || again.Answers[1].ID == first.ID {
		t.Error("ids are not those of the rows")
	}
}

func TestReadFaults(t *testing.T) {
	f := func(name, text, want string, o Options) {
		t.Helper()
		_, err := Read(strings.NewReader(text), o)
		if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	f("empty", "", "at least one answer", Options{})
	f("head only", "a,b\n", "at least one answer", Options{})
	f("unequal rows", "a,b\n1\n", "wrong number of fields", Options{})
	f("out of range", "a\n1\n7\nx\n", `line 3, column "a": "7" is no whole number from 1 to 5`, Options{As: map[string]Kind{"a": Level}})
	f("no such column", "a\n1\n", `no column "b"`, Options{As: map[string]Kind{"b": Level}})
	f("no such kind", "a\n1\n2\n", "no kind", Options{As: map[string]Kind{"a": "colour"}})
	f("nothing to ask", "a\n1\n1\n", "no column is a question", Options{})
	f("no departments", "a\n1\n2\n", "no column \"d\"", Options{Column: "d"})
	f("bytes", "a\nx\n\xff\xfe\n", "neither UTF-8", Options{As: map[string]Kind{"a": Text}})
}

func TestCharsets(t *testing.T) {
	f := func(name, content, want string) {
		t.Helper()
		s, err := Read(strings.NewReader(content), Options{Key: "k", As: map[string]Kind{"a": Text}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if got, _ := s.Answers[0].Values["a"].Text(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f("GB 18030", "a\n\xbb\xe1\xd2\xe9\xcd\xa8\xd6\xaa\nx\n", "会议通知")
	f("Windows-1252", "a\nMar\xeda\x85\nx\n", "María…")
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{"Sub-category 1": "sub_category_1", "X1": "x1", "0": "q_0", "满意度": "q", "  ": "q", "Q3 会务": "q3"} {
		if got := slug(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// The files that the product is tested against.
func TestRealFiles(t *testing.T) {
	f := func(name string, answers int, as map[string]Kind, want map[string]questionnaire.Type) {
		t.Helper()
		file, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		s, err := Read(file, Options{Key: "real", Title: "Real", Only: "all", As: as})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Answers) != answers {
			t.Errorf("%s: %d answers, want %d", name, len(s.Answers), answers)
		}
		for key, kind := range want {
			if q, ok := s.Questionnaire.Question(key); !ok || q.Type != kind {
				t.Errorf("%s: %s is %v, want %s", name, key, q, kind)
			}
		}
	}
	f("somerville_2015.csv", 143, nil, map[string]questionnaire.Type{"y": questionnaire.Single, "x1": questionnaire.Level, "x6": questionnaire.Level})
	f("santa_monica_2014_open_comments_coded.csv", 1837, nil, map[string]questionnaire.Type{"fullstring": questionnaire.FreeText, "category_1": questionnaire.Single})
}
