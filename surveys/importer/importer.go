// Package importer makes a questionnaire and answers of a CSV file in which each
// row is what one person answered and each column a question.
package importer

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/questionnaire"
)

// Kind is how a column is read.
type Kind string

// The kinds. Without one a column is what its values look like.
const (
	Level Kind = "level" // 1 to 5
	Score Kind = "score" // 0 to 100
	NPS   Kind = "nps"   // 0 to 10
	One   Kind = "single"
	Text  Kind = "text"
	Skip  Kind = "skip"
)

// Options say what a file cannot.
type Options struct {
	Key    string          // of the questionnaire
	Title  string          //
	As     map[string]Kind // by column
	Column string          // that names the department; "" for one department of all
	Only   string          // key of that one
}

// Survey is a file that was read.
type Survey struct {
	Questionnaire *questionnaire.Questionnaire
	Answers       []Answer
	Departments   []string // keys, in order of their names
	Names         map[string]string
	Skipped       []string // columns that are no question, with the reason
}

// Answer is one row.
type Answer struct {
	ID         string // made of the row, the same every time
	Department string
	Values     questionnaire.Answers
}

// ErrFile is returned for a file that is no survey. It names everything found.
var ErrFile = errors.New("this file cannot be imported as a survey")

const (
	mostOptions = 50
	mostFaults  = 20
	longText    = 25 // characters on average, from which a column is taken for what people wrote
)

// satisfied is the scale of columns with levels.
func satisfied() []questionnaire.Step {
	step := func(value int, points float64, zh, en string) questionnaire.Step {
		return questionnaire.Step{Value: value, Points: points, Text: questionnaire.Text{ZH: zh, EN: en}}
	}
	return []questionnaire.Step{
		step(5, 100, "非常满意", "Very satisfied"), step(4, 80, "满意", "Satisfied"), step(3, 60, "一般", "Neither"),
		step(2, 30, "不满意", "Dissatisfied"), step(1, 0, "非常不满意", "Very dissatisfied"),
	}
}

// Read reads a file: UTF-8 with or without byte order mark, or, as spreadsheets
// write without being asked, GB 18030 or Windows-1252. The error matches [ErrFile].
func Read(r io.Reader, o Options) (*Survey, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read a survey: %w", err)
	}
	text, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	reader := csv.NewReader(strings.NewReader(text))
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%w: there is a row of names and at least one answer in a survey", ErrFile)
	}
	head := rows[0]
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for name := range o.As {
		if !slices.Contains(head, name) {
			return nil, fmt.Errorf("%w: there is no column %q; the columns are %s", ErrFile, name, strings.Join(head, ", "))
		}
	}
	if o.Column != "" && !slices.Contains(head, o.Column) {
		return nil, fmt.Errorf("%w: there is no column %q with departments", ErrFile, o.Column)
	}
	s := &Survey{
		Questionnaire: &questionnaire.Questionnaire{Key: o.Key, Version: 1, Title: questionnaire.Text{ZH: o.Title, EN: o.Title}},
		Names:         make(map[string]string),
	}
	f := file{options: o, rows: rows[1:], survey: s, taken: make(map[string]bool)}
	for at, name := range head {
		f.column(at, name)
	}
	if len(f.faults) == 0 && len(s.Questionnaire.Questions) == 0 {
		f.faults = append(f.faults, "no column is a question")
	}
	if len(f.faults) > 0 {
		return nil, fmt.Errorf("%w:\n%s", ErrFile, strings.Join(f.faults, "\n"))
	}
	f.answers()
	return s, nil
}

// decode turns a file into UTF-8. Chinese letters are pairs of bytes above 0x80
// and stand together; the letters of Windows-1252 stand alone among plain ones.
func decode(content []byte) (string, error) {
	if utf8.Valid(content) {
		return string(content), nil
	}
	high, alone := 0, 0
	for i, b := range content {
		if b < utf8.RuneSelf {
			continue
		}
		high++
		if (i == 0 || content[i-1] < utf8.RuneSelf) && (i == len(content)-1 || content[i+1] < utf8.RuneSelf) {
			alone++
		}
	}
	charset := simplifiedchinese.GB18030
	if 2*alone > high {
		charset = charmap.Windows1252
	}
	text, err := charset.NewDecoder().Bytes(content)
	if err != nil || strings.ContainsRune(string(text), utf8.RuneError) {
		return "", errors.New("the text is neither UTF-8 nor GB 18030; save the file as CSV UTF-8")
	}
	return string(text), nil
}

// file is a table that is being read.
type file struct {
	options Options
	rows    [][]string
	survey  *Survey
	taken   map[string]bool
	columns []column
	place   int // of the department, -1 for none
	faults  []string
}

// column is one that is a question.
type column struct {
	at      int
	key     string
	kind    Kind
	options map[string]string // value: key
}

func (f *file) fault(row int, name, text string) {
	if len(f.faults) < mostFaults {
		f.faults = append(f.faults, fmt.Sprintf("line %d, column %q: %s", row+2, name, text))
	}
}

func (f *file) column(at int, name string) {
	if name == f.options.Column && name != "" {
		f.place = at
		return
	}
	values, n, length := f.values(at)
	kind := f.options.As[name]
	if kind == "" {
		kind = looks(values, length, n)
	}
	if kind == Skip {
		f.survey.Skipped = append(f.survey.Skipped, fmt.Sprintf("%s (%d different values)", name, len(values)))
		return
	}
	c := column{at: at, key: f.free(name), kind: kind}
	q := questionnaire.Question{Key: c.key, Text: questionnaire.Text{ZH: name, EN: name}}
	switch kind {
	case Level:
		q.Type, q.Levels, q.Weight = questionnaire.Level, satisfied(), 1
		f.numbers(at, name, 1, 5)
	case Score:
		q.Type, q.Weight = questionnaire.Score, 1
		f.numbers(at, name, 0, 100)
	case NPS:
		q.Type = questionnaire.NPS
		f.numbers(at, name, 0, 10)
	case Text:
		q.Type, q.MaxLength = questionnaire.FreeText, questionnaire.MostLength
		f.texts(at, name)
	case One:
		q.Type = questionnaire.Single
		c.options = f.choices(&q, name, values)
	default:
		f.faults = append(f.faults, fmt.Sprintf("column %q: %q is no kind; there are level, score, nps, single, text and skip", name, kind))
	}
	f.columns = append(f.columns, c)
	f.survey.Questionnaire.Questions = append(f.survey.Questionnaire.Questions, q)
}

// values are those of a column in order, how many cells have one, and how long
// they are on average.
func (f *file) values(at int) (values []string, n int, length float64) {
	seen := make(map[string]bool)
	for _, row := range f.rows {
		value := strings.TrimSpace(row[at])
		if value == "" {
			continue
		}
		n++
		length += float64(utf8.RuneCountInString(value))
		if !seen[value] {
			seen[value] = true
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return values, n, length / float64(max(1, n))
}

// looks says what the values of a column look like. One that never changes, or
// has more values than a list of options, is no question.
func looks(values []string, length float64, n int) Kind {
	low, high, whole := 0, 0, len(values) > 0
	for i, value := range values {
		number, err := strconv.Atoi(value)
		whole = whole && err == nil
		if i == 0 {
			low, high = number, number
		}
		low, high = min(low, number), max(high, number)
	}
	switch {
	case len(values) < 2:
		return Skip
	case whole && low >= 1 && high <= 5 && len(values) > 2:
		return Level
	case length >= longText && len(values) > n/2:
		return Text
	case len(values) <= mostOptions && (!whole || len(values) == 2):
		return One
	case whole && low >= 0 && high <= 100:
		return Score
	default:
		return Skip
	}
}

func (f *file) numbers(at int, name string, low, high int) {
	for i, row := range f.rows {
		value := strings.TrimSpace(row[at])
		if n, err := strconv.Atoi(value); value != "" && (err != nil || n < low || n > high) {
			f.fault(i, name, fmt.Sprintf("%q is no whole number from %d to %d", value, low, high))
		}
	}
}

func (f *file) texts(at int, name string) {
	for i, row := range f.rows {
		if len(row[at]) > event.MaxText {
			f.fault(i, name, fmt.Sprintf("the text has %d bytes, and %d are allowed", len(row[at]), event.MaxText))
		}
	}
}

func (f *file) choices(q *questionnaire.Question, name string, values []string) map[string]string {
	if n := len(values); n < 2 || n > mostOptions {
		f.faults = append(f.faults, fmt.Sprintf("column %q: %d different values are no options; 2 to %d are", name, n, mostOptions))
	}
	options, taken := make(map[string]string), make(map[string]bool)
	for _, value := range values {
		key := unique(slug(value), taken)
		options[value] = key
		q.Options = append(q.Options, questionnaire.Option{Key: key, Text: questionnaire.Text{ZH: value, EN: value}})
	}
	return options
}

func (f *file) free(name string) string { return unique(slug(name), f.taken) }

const mostKey = 60

// slug makes a key of a name.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsLetter(r) || b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := strings.Trim(b.String(), "_")
	if key == "" || key[0] < 'a' {
		key = strings.TrimSuffix("q_"+key, "_")
	}
	return strings.TrimRight(key[:min(len(key), mostKey-4)], "_")
}

// unique numbers a key that is taken.
func unique(key string, taken map[string]bool) string {
	one := key
	for n := 2; taken[one]; n++ {
		one = key + "_" + strconv.Itoa(n)
	}
	taken[one] = true
	return one
}

func (f *file) answers() {
	s := f.survey
	keys := make(map[string]string) // of departments, by name
	taken := make(map[string]bool)
	for i, row := range f.rows {
		name := f.options.Only
		if f.options.Column != "" {
			name = strings.TrimSpace(row[f.place])
		}
		if _, ok := keys[name]; !ok {
			key := name
			if f.options.Column != "" {
				key = unique(slug(name), taken)
			}
			keys[name], s.Names[key] = key, name
			s.Departments = append(s.Departments, key)
		}
		a := Answer{ID: rowID(s.Questionnaire.Key, i, row), Department: keys[name], Values: make(questionnaire.Answers)}
		for _, c := range f.columns {
			value := strings.TrimSpace(row[c.at])
			switch {
			case value == "":
			case c.kind == Text:
				a.Values[c.key] = event.Text(value)
			case c.kind == One:
				a.Values[c.key] = event.Text(c.options[value])
			default:
				n, _ := strconv.Atoi(value)
				a.Values[c.key] = event.Number(float64(n))
			}
		}
		if len(a.Values) > 0 { // an empty row is no answer
			s.Answers = append(s.Answers, a)
		}
	}
	slices.Sort(s.Departments)
}

// rowID names a row of a file, the same every time it is read.
func rowID(key string, row int, values []string) string {
	sum := sha256.Sum256([]byte("officepulse survey row\x00" + key + "\x00" + strconv.Itoa(row) + "\x00" + strings.Join(values, "\x1f")))
	return hex.EncodeToString(sum[:16])
}

// Slug makes a key of a name, e.g. of a file's.
func Slug(name string) string { return slug(name) }
