package results

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/surveys/wave"
)

// published are all figures that can be asked for of two waves, by name: every
// choice of departments, every comparison, as the API writes them. Left out are
// counts, and what is no linear function of the answers: bounds of intervals and
// shrunk scores. (From these a group's spread can be had, which is one of a group
// as large as its mean's.)
func published(tb testing.TB, now, before *asked, rule anonymity.Rule) map[string]float64 {
	tb.Helper()
	figures := make(map[string]float64)
	keep := func(name string, answer any) {
		text, err := json.Marshal(answer)
		if err != nil {
			tb.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(text, &tree); err != nil {
			tb.Fatal(err)
		}
		flatten(name, tree, figures)
	}
	a, b := publish(now, rule), publish(before, rule)
	for choice := range 1 << len(now.wave.Departments) {
		var chosen []string
		for i, d := range now.wave.Departments {
			if choice&(1<<i) != 0 {
				chosen = append(chosen, d.Key)
			}
		}
		name := fmt.Sprint(chosen)
		keep("now "+name, a.Choose(chosen))
		keep("before "+name, b.Choose(chosen))
		keep("change "+name, Compare(a.Choose(chosen), b.Choose(chosen)))
	}
	keep("change", Compare(a, b))
	keep("back", Compare(b, a))
	return figures
}

// flatten names every number of an answer by its way there and its row's keys.
func flatten(name string, tree any, figures map[string]float64) {
	switch v := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !strings.HasSuffix(key, "_low") && !strings.HasSuffix(key, "_high") && key != "shrunk" && key != "rank" {
				flatten(name+"/"+key, v[key], figures)
			}
		}
	case []any:
		for i, one := range v {
			flatten(fmt.Sprintf("%s/%d", name, i), one, figures)
		}
	case float64:
		figures[name] = v
	}
}

// unknown is a person's answer to a question of one of the waves.
type unknown struct {
	answer   *answer
	question string
	person   int
}

// TestAttack lets somebody who knows who is in which department and who answered
// what, and nothing of the answers themselves, ask for everything and combine it
// at will: no combination is about fewer people than the threshold.
//
// How each figure depends on each answer is found by changing that answer a
// little, so that the test knows no formula. A combination about the people in S
// only exists if and only if the figures' dependences have a higher rank than
// without the columns of S.
func TestAttack(t *testing.T) {
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		rule := anonymity.Rule{Scores: rapid.IntRange(3, 5).Draw(t, "threshold"), Comments: 8}
		keys := []string{"one", "two", "three"}[:rapid.IntRange(1, 3).Draw(t, "questions")]
		departments := []wave.Department{department("a", 9), department("b", 5), department("c", 30), department("d", 7)}[:rapid.IntRange(1, 4).Draw(t, "departments")]
		people := 0
		hold := func(name string) *asked {
			w := &asked{wave: closed(departments...), questionnaire: scored(keys...)}
			w.wave.Key = name
			for _, d := range departments {
				for range rapid.IntRange(0, 8).Draw(t, "answers of "+d.Key) {
					one := answer{ID: strconv.Itoa(people), Department: d.Key, Numbers: make(map[string]float64)}
					for _, key := range keys {
						if rapid.IntRange(0, 4).Draw(t, "answers "+key) > 0 {
							one.Numbers[key] = float64(rapid.IntRange(10, 90).Draw(t, key))
						}
					}
					people++
					w.answers = append(w.answers, one)
				}
			}
			return w
		}
		now, before := hold("now"), hold("before")
		var unknowns []unknown
		person := 0
		for _, w := range []*asked{now, before} {
			for i := range w.answers {
				for _, key := range keys {
					if _, ok := w.answers[i].Numbers[key]; ok {
						unknowns = append(unknowns, unknown{&w.answers[i], key, person})
					}
				}
				person++
			}
		}
		rows := dependences(t, now, before, rule, unknowns)
		whole := rank(rows, nil)
		try := func(group []int) {
			checks++
			out := make([]bool, len(unknowns))
			for i, u := range unknowns {
				out[i] = slices.Contains(group, u.person)
			}
			if rank(rows, out) < whole {
				t.Fatalf("figures can be combined to one about %d people only: %v", len(group), group)
			}
		}
		for _, group := range smallGroups(now, before, rule.Scores, person) {
			try(group)
		}
	})
	if checks < 500 {
		t.Errorf("only %d groups were tried", checks)
	}
}

// dependences are how the figures change with each answer; equal rows once.
func dependences(t *rapid.T, now, before *asked, rule anonymity.Rule, unknowns []unknown) [][]float64 {
	quiet := &testing.T{}
	base := published(quiet, now, before, rule)
	names := slices.Sorted(maps.Keys(base))
	rows := make([][]float64, len(names))
	for i := range rows {
		rows[i] = make([]float64, len(unknowns))
	}
	const step = 1.0
	for j, u := range unknowns {
		u.answer.Numbers[u.question] += step
		moved := published(quiet, now, before, rule)
		u.answer.Numbers[u.question] -= step
		if len(moved) != len(base) {
			t.Fatal("what is shown depends on what was answered")
		}
		for i, name := range names {
			rows[i][j] = (moved[name] - base[name]) / step
		}
	}
	seen := make(map[string]bool)
	return slices.DeleteFunc(rows, func(row []float64) bool {
		var b strings.Builder
		for _, v := range row {
			fmt.Fprintf(&b, "%.6f ", v)
		}
		text := b.String()
		known := seen[text] || strings.Trim(text, "0. -") == ""
		seen[text] = true
		return known
	})
}

// smallGroups are groups under the threshold: everybody alone, every pair, and of
// each wave those of each department, and of each who answered the same, as far as
// they are few.
func smallGroups(now, before *asked, threshold, people int) [][]int {
	var groups [][]int
	for i := range people {
		groups = append(groups, []int{i})
		for j := range i {
			groups = append(groups, []int{j, i})
		}
	}
	person := 0
	for _, w := range []*asked{now, before} {
		of := make(map[string][]int)
		for i := range w.answers {
			a := &w.answers[i]
			of[a.Department] = append(of[a.Department], person)
			pattern := a.Department + fmt.Sprint(slices.Sorted(maps.Keys(a.Numbers)))
			of[pattern] = append(of[pattern], person)
			for key := range a.Numbers {
				of[a.Department+" "+key] = append(of[a.Department+" "+key], person)
				of["all "+key] = append(of["all "+key], person)
			}
			person++
		}
		for _, group := range of {
			if len(group) < threshold {
				groups = append(groups, group)
			}
		}
	}
	return slices.DeleteFunc(groups, func(g []int) bool { return len(g) >= threshold })
}

// rank is that of a matrix without some of its columns.
func rank(rows [][]float64, out []bool) int {
	m := make([][]float64, len(rows))
	for i, row := range rows {
		for j, v := range row {
			if out == nil || !out[j] {
				m[i] = append(m[i], v)
			}
		}
	}
	found := 0
	for column := 0; len(m) > 0 && column < len(m[0]) && found < len(m); column++ {
		best := found
		for i := found; i < len(m); i++ {
			if math.Abs(m[i][column]) > math.Abs(m[best][column]) {
				best = i
			}
		}
		if math.Abs(m[best][column]) < 1e-7 {
			continue
		}
		m[found], m[best] = m[best], m[found]
		for i := found + 1; i < len(m); i++ {
			factor := m[i][column] / m[found][column]
			if factor == 0 {
				continue
			}
			for j := column; j < len(m[i]); j++ {
				m[i][j] -= factor * m[found][j]
			}
		}
		found++
	}
	return found
}

// The attack is one: with the scores of persons in the departments' figures, or
// without the rule for what is left of a total, it succeeds.
func TestAttackSucceedsWithoutTheRule(t *testing.T) {
	keys := []string{"one"}
	w := &asked{wave: closed(department("a", 9), department("b", 9)), questionnaire: scored(keys...)}
	w.answers = append(given("a", keys, people(10, 20, 30, 40, 50, 60)...), given("b", keys, people(10, 20)...)...)
	var unknowns []unknown
	for i := range w.answers {
		unknowns = append(unknowns, unknown{&w.answers[i], "one", i})
	}
	weak := anonymity.Rule{Scores: 1, Comments: 1}
	base := published(t, w, w, weak)
	names := slices.Sorted(maps.Keys(base))
	rows := make([][]float64, len(names))
	for i := range rows {
		rows[i] = make([]float64, len(unknowns))
	}
	for j, u := range unknowns {
		u.answer.Numbers["one"]++
		moved := published(t, w, w, weak)
		u.answer.Numbers["one"]--
		for i, name := range names {
			rows[i][j] = moved[name] - base[name]
		}
	}
	out := make([]bool, len(unknowns))
	out[6], out[7] = true, true
	if rank(rows, out) == rank(rows, nil) {
		t.Error("the two of b are not found although they are shown")
	}
}

// Of questions with levels and options, every count and share that is shown is
// one of enough people, alone and as what is left of all.
func TestCountsOfEnoughPeople(t *testing.T) {
	q := template(t)
	items := itemsOf(q)
	rapid.Check(t, func(t *rapid.T) {
		rule := anonymity.Rule{Scores: rapid.IntRange(3, 6).Draw(t, "threshold"), Comments: 8}
		departments := []wave.Department{department("a", 9), department("b", 9), department("c", 9)}
		var answers []answer
		for _, d := range departments {
			for range rapid.IntRange(0, 9).Draw(t, d.Key) {
				a := answer{ID: strconv.Itoa(len(answers)), Department: d.Key, Numbers: make(map[string]float64)}
				for _, it := range items {
					if v := rapid.IntRange(0, 5).Draw(t, it.key); v > 0 {
						a.Numbers[it.key] = float64(v)
					}
				}
				answers = append(answers, a)
			}
		}
		r := publish(&asked{closed(departments...), q, answers}, rule)
		shown, all := make(map[[2]string]int), make(map[string]int)
		for _, c := range r.Counts {
			if c.Department == "" {
				all[c.Question] += int(c.Count)
			} else {
				shown[[2]string{c.Department, c.Question}] += int(c.Count)
			}
		}
		rest := maps.Clone(all)
		for key, n := range shown {
			if n < rule.Scores {
				t.Fatalf("%d answers of %v are shown", n, key)
			}
			rest[key[1]] -= n
		}
		for question, n := range all {
			if n < rule.Scores {
				t.Fatalf("all %d answers to %s are shown", n, question)
			}
			if rest[question] != 0 && rest[question] < rule.Scores {
				t.Fatalf("%d answers to %s are left", rest[question], question)
			}
		}
	})
}
