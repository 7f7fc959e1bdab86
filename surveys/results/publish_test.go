package results

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

func template(tb testing.TB) *questionnaire.Questionnaire {
	tb.Helper()
	q, err := questionnaire.Template()
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// scored is a questionnaire of score questions, all of which count the same.
func scored(keys ...string) *questionnaire.Questionnaire {
	q := &questionnaire.Questionnaire{Key: "scored", Version: 1}
	for _, key := range keys {
		q.Questions = append(q.Questions, questionnaire.Question{Key: key, Type: questionnaire.Score, Weight: 1})
	}
	return q
}

func closed(departments ...wave.Department) *wave.Wave {
	return &wave.Wave{Key: "2026Q3", State: wave.Closed, Departments: departments, Anonymous: true}
}

func department(key string, headcount int) wave.Department {
	return wave.Department{Key: key, Headcount: headcount, Expected: headcount}
}

// given makes one answer per list of values, by question in order; NaN is none.
func given(department string, questions []string, people ...[]float64) []answer {
	var all []answer
	for _, values := range people {
		one := answer{ID: fmt.Sprintf("%s-%x", department, rand.Uint64()), Department: department, Numbers: make(map[string]float64)}
		for i, v := range values {
			if !math.IsNaN(v) {
				one.Numbers[questions[i]] = v
			}
		}
		all = append(all, one)
	}
	return all
}

func people(values ...float64) [][]float64 {
	all := make([][]float64, len(values))
	for i, v := range values {
		all[i] = []float64{v}
	}
	return all
}

func near(tb testing.TB, name string, got *float64, want, by float64) {
	tb.Helper()
	if got == nil || math.Abs(*got-want) > by {
		tb.Errorf("%s: got %s, want %v", name, show(got), want)
	}
}

func show(f *float64) string {
	if f == nil {
		return "nothing"
	}
	return fmt.Sprint(*f)
}

// The vectors of the formula page, through the whole of publish and Compare.
func TestVectors(t *testing.T) {
	q := scored("all")
	before := publish(&asked{closed(department("a", 10)), q, given("a", []string{"all"}, people(60, 70, 75, 80, 85, 80)...)}, anonymity.Default)
	now := publish(&asked{closed(department("a", 10)), q, given("a", []string{"all"}, people(90, 85, 95, 100, 90, 92, 88)...)}, anonymity.Default)
	d := before.Departments[0]
	near(t, "mean", d.Mean, 75, 1e-9)
	near(t, "low", d.MeanLow, 75-9.39, 0.005)
	near(t, "high", d.MeanHigh, 75+9.39, 0.005)
	if !d.Indicative || d.N != 6 || d.Rate != 0.6 {
		t.Errorf("%+v", d)
	}
	c := Compare(now, before)
	near(t, "change", c.Overall.Mean, 16.4, 0.05)
	near(t, "low", c.Overall.MeanLow, 6.9, 0.05)
	near(t, "high", c.Overall.MeanHigh, 26.0, 0.05)

	levels := template(t)
	levels.Questions = levels.Questions[:1]
	of := func(fives, threes int) *Report {
		return publish(&asked{closed(department("a", 20)), levels, given("a", []string{"meetings"}, append(people(slices.Repeat([]float64{5}, fives)...), people(slices.Repeat([]float64{3}, threes)...)...)...)}, anonymity.Default)
	}
	near(t, "8/10 low", of(8, 2).Questions[0].ShareLow, 0.490, 0.0005)
	near(t, "8/10 high", of(8, 2).Questions[0].ShareHigh, 0.943, 0.0005)
	near(t, "5/5 low", of(5, 0).Departments[0].ShareLow, 0.566, 0.0005)
	share := Compare(of(12, 2), of(6, 6)).Questions[0]
	near(t, "share", share.Share, 0.357, 0.0005)
	near(t, "low", share.ShareLow, 0.002, 0.0005)
	near(t, "high", share.ShareHigh, 0.624, 0.0005)

	recommend := &questionnaire.Questionnaire{Key: "r", Version: 1, Questions: []questionnaire.Question{{Key: "nps", Type: questionnaire.NPS}}}
	nps := func(promoters, detractors, n int) *Report {
		values := slices.Concat(slices.Repeat([]float64{9}, promoters), slices.Repeat([]float64{6}, detractors), slices.Repeat([]float64{8}, n-promoters-detractors))
		return publish(&asked{closed(department("a", 20)), recommend, given("a", []string{"nps"}, people(values...)...)}, anonymity.Default)
	}
	near(t, "nps", nps(5, 2, 10).Questions[0].NPS, 30, 1e-9)
	near(t, "low", nps(5, 2, 10).Questions[0].NPSLow, -19, 0.5)
	near(t, "high", nps(5, 2, 10).Questions[0].NPSHigh, 65, 0.5)
	change := Compare(nps(9, 1, 14), nps(5, 4, 12)).Questions[0]
	near(t, "nps change", change.NPS, 40.4, 0.05)
	near(t, "low", change.NPSLow, -12.6, 0.05)
	near(t, "high", change.NPSHigh, 93.4, 0.05)
}

func TestOverall(t *testing.T) {
	q := scored("all")
	var answers []answer
	answers = append(answers, given("a", []string{"all"}, people(70, 70, 70, 70, 90)...)...)      // 74
	answers = append(answers, given("b", []string{"all"}, people(90, 90, 90, 90, 90, 100)...)...) // 91.67
	answers = append(answers, given("c", []string{"all"}, people(10, 20)...)...)
	answers = append(answers, given("d", []string{"all"}, people(30, 40, 50)...)...)
	answers = append(answers, given("not asked", []string{"all"}, people(1, 2, 3, 4, 5)...)...)
	r := publish(&asked{closed(department("a", 100), department("b", 20), department("c", 2), department("d", 3), department("e", 9)), q, answers}, anonymity.Default)
	near(t, "simple", r.Overall.Mean, (74+550.0/6)/2, 1e-9)
	near(t, "weighted", r.Overall.Weighted, (100*74+20*550.0/6)/120, 1e-9)
	near(t, "all answers", r.Questions[0].Mean, (370+550+30+120)/16.0, 1e-9)
	if o := r.Overall; o.Departments != 2 || o.Hidden != 3 || o.N != 11 || o.Indicative {
		t.Errorf("%+v", o)
	}
	var reasons []anonymity.Reason
	for _, d := range r.Departments {
		reasons = append(reasons, d.Hidden)
		if d.Hidden != anonymity.Shown && (d.Mean != nil || d.N != 0 || d.Rank != 0 || d.Shrunk != nil) {
			t.Errorf("%s is hidden and has figures: %+v", d.Department, d.Figures)
		}
	}
	if diff := cmp.Diff([]anonymity.Reason{"", "", anonymity.TooFew, anonymity.TooFew, anonymity.NoAnswer}, reasons); diff != "" {
		t.Error(diff)
	}
	if r.Response.Answered != 16 || r.Response.Expected != 134 || r.Departments[0].Rank != 2 || r.Departments[1].Rank != 1 {
		t.Errorf("%+v %+v", r.Response, r.Departments)
	}
	if s := *r.Departments[0].Shrunk; s <= 74 || s >= *r.Overall.Mean {
		t.Errorf("shrunk to %v", s)
	}
}

// Who left a question out cannot be found by setting a department's score
// against its questions' scores: the score is made of these and of nothing else.
func TestNothingInTheScore(t *testing.T) {
	q := scored("one", "two")
	nan := math.NaN()
	lone := func(x float64) *Report {
		return publish(&asked{closed(department("a", 10)), q, given("a", []string{"one", "two"},
			[]float64{70 - x, 50}, []float64{60, 60}, []float64{50, 70}, []float64{80, 80}, []float64{90, 40}, []float64{x, nan})}, anonymity.Default)
	}
	a, b := lone(0), lone(70) // the same means, and whoever left one out said something else
	if *a.Departments[0].Mean != *b.Departments[0].Mean {
		t.Errorf("%v and %v", *a.Departments[0].Mean, *b.Departments[0].Mean)
	}
	near(t, "mean", a.Departments[0].Mean, (350.0/6+60)/2, 1e-9)
}

// A question that few of a department answered is hidden there, and so is the
// next smallest, and the department's score does without it.
func TestFewAnswers(t *testing.T) {
	q := scored("one", "two")
	nan := math.NaN()
	keys := []string{"one", "two"}
	answers := given("a", keys, []float64{10, 0}, []float64{20, 0}, []float64{30, 0}, []float64{40, nan}, []float64{50, nan})
	for i := range 6 {
		answers = append(answers, given("b", keys, []float64{float64(10 * i), 100})...)
		answers = append(answers, given("c", keys, []float64{float64(10 * i), 90}, []float64{5, 90})...)
	}
	r := publish(&asked{closed(department("a", 9), department("b", 9), department("c", 19)), q, answers}, anonymity.Default)
	hidden := make(map[string]anonymity.Reason)
	for _, c := range r.Cells {
		hidden[c.Department+" "+c.Question] = c.Hidden
	}
	want := map[string]anonymity.Reason{"a one": "", "b one": "", "c one": "", "a two": anonymity.TooFew, "b two": anonymity.ForOther, "c two": ""}
	if diff := cmp.Diff(want, hidden); diff != "" {
		t.Error(diff)
	}
	near(t, "a", r.Departments[0].Mean, 30, 1e-9)
	near(t, "b", r.Departments[1].Mean, 25, 1e-9)
	if Compare(r, r).Cells[0].Mean == nil || len(Compare(r, r).Cells) != 4 {
		t.Errorf("%+v", Compare(r, r).Cells)
	}
}

func TestTrendsJoin(t *testing.T) {
	a, b := scored("one", "two"), scored("one", "three")
	b.Questions[0].Type, b.Questions[0].Levels = questionnaire.Level, template(t).Questions[0].Levels
	answers := given("a", []string{"one", "two", "three"}, [][]float64{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4}, {5, 5, 5}}...)
	c := Compare(publish(&asked{closed(department("a", 9)), b, answers}, anonymity.Default), publish(&asked{closed(department("a", 9)), a, answers}, anonymity.Default))
	if c.SameBasis || c.Overall != nil || len(c.Departments)+len(c.Questions)+len(c.Cells) > 0 {
		t.Errorf("other scales and keys are compared: %+v", c)
	}
}

func comment(department, text string) answer {
	return answer{ID: strconv.FormatUint(rand.Uint64(), 16), Department: department, Texts: map[string]string{"comment": text, "other": text}}
}

func open() *questionnaire.Questionnaire {
	return &questionnaire.Questionnaire{Key: "open", Version: 1, Questions: []questionnaire.Question{{Key: "comment", Type: questionnaire.FreeText}, {Key: "other", Type: questionnaire.FreeText}, {Key: "n", Type: questionnaire.NPS}}}
}

func TestComments(t *testing.T) {
	var answers []answer
	for i := range 9 {
		answers = append(answers, comment("a", fmt.Sprintf("会议通知太晚 %d", i)))
	}
	for i := range 7 {
		answers = append(answers, comment("b", fmt.Sprintf("Notice is late %d", i)))
	}
	answers = append(answers, comment("c", "  "), comment("nobody", "not asked"))
	w := closed(department("a", 9), department("b", 9), department("c", 9))
	c, err := listComments(&asked{w, open(), answers}, "comment", anonymity.Default)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range c.List { // b has 7: too few, so a goes with it
		if one.Department != "" {
			t.Fatalf("named: %+v", c.Groups)
		}
	}
	if c.N != 16 || c.Groups[0].Hidden != anonymity.ForOther || c.Groups[1].Hidden != anonymity.TooFew {
		t.Errorf("%+v", c.Groups)
	}
	if !slices.IsSortedFunc(c.List, func(a, b Comment) int { return cmpString(a.ID, b.ID) }) {
		t.Error("in the order of their answers")
	}
	other, _ := listComments(&asked{w, open(), answers}, "other", anonymity.Default)
	for i := range c.List {
		if other.has(c.List[i].ID) {
			t.Error("one person's comments to two questions have one id")
		}
	}
	few, _ := listComments(&asked{w, open(), answers[:7]}, "comment", anonymity.Default)
	if few.Hidden != anonymity.TooFew || few.List != nil || few.N != 0 || few.Groups != nil {
		t.Errorf("%+v", few)
	}
	if _, err := listComments(&asked{w, open(), answers}, "n", anonymity.Default); err == nil {
		t.Error("numbers are listed as comments")
	}
	words, err := frequentWords(c.List)
	if err != nil {
		t.Fatal(err)
	}
	want := []Word{{"会议", 9}, {"太晚", 9}, {"通知", 9}, {"late", 7}, {"notice", 7}}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
	if got := c.searched(Search{Text: "NOTICE"}); len(got) != 7 {
		t.Errorf("found %d", len(got))
	}
}

func cmpString(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// Slow and obvious: what is shown of any wave is what a reader with all answers
// at hand would compute.
func TestAgainstSlow(t *testing.T) {
	q := template(t)
	items := itemsOf(q)
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) answer {
			a := answer{ID: strconv.FormatUint(rapid.Uint64().Draw(t, "id"), 10), Department: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "department"), Numbers: make(map[string]float64)}
			for _, it := range items {
				if v := rapid.IntRange(0, 6).Draw(t, it.key); v > 0 { // 6 is no level
					a.Numbers[it.key] = float64(v)
				}
			}
			return a
		}), 0, 60).Draw(t, "answers")
		r := publish(&asked{closed(department("a", 60), department("b", 60), department("c", 60)), q, answers}, anonymity.Default)
		worth := map[float64]float64{5: 100, 4: 80, 3: 60, 2: 30, 1: 0}
		for _, c := range r.Cells {
			var points []float64
			good := 0.0
			for _, a := range answers {
				if p, ok := worth[a.Numbers[c.Question]]; ok && a.Department == c.Department {
					points = append(points, p)
					if p >= 80 {
						good++
					}
				}
			}
			if c.Hidden != anonymity.Shown {
				if c.Mean != nil || c.N != 0 {
					t.Fatalf("hidden: %+v", c)
				}
				continue
			}
			if len(points) < 5 || c.N != uint64(len(points)) {
				t.Fatalf("%d answers are shown as %d", len(points), c.N)
			}
			mean, spread := 0.0, 0.0
			for _, p := range points {
				mean += p / float64(len(points))
			}
			for _, p := range points {
				spread += (p - mean) * (p - mean) / float64(len(points)-1)
			}
			if math.Abs(*c.Mean-mean) > 1e-9 || math.Abs(c.sample.Variance-spread) > 1e-6 || math.Abs(*c.Share-good/float64(len(points))) > 1e-9 {
				t.Fatalf("%+v: want mean %v, variance %v, share of %v", c, mean, spread, good)
			}
		}
	})
}
