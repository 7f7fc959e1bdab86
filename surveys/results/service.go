package results

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

var (
	//go:embed answers.sql
	answersSQL string
	//go:embed freeze.sql
	freezeSQL string
	//go:embed tags.sql
	tagsSQL string
)

// Waves are what a Results asks of surveys/store.
type Waves interface {
	Waves() []*wave.Wave // the latest quarter first
	Wave(key string) (*wave.Wave, bool)
	Questionnaire(v wave.Version) (*questionnaire.Questionnaire, bool)
	History(ctx context.Context, key string) ([]*wave.Wave, error)
}

// Settle is how long after its closing the answers of a wave are waited for where
// several processes take them: one that has not heard of the closing yet may take
// another answer in this time, and one that has lets its last one arrive.
const Settle = 20 * time.Second

// Log is where answers come from.
type Log struct {
	// Positions are how far each partition of the log has come, and the tables with it.
	Positions func(ctx context.Context) ([]Position, error)
	// Settle is how long after its closing a wave may still be given answers: 0
	// where this process alone takes them, see [Settle].
	Settle time.Duration
}

// Position is how far a partition of the log has come.
type Position struct {
	Partition   int
	End, Stored int64 // offsets: of the next answer, and before which all are stored
}

// BehindError says that answers to a closed wave are still on their way. It
// matches [ErrNotReady].
type BehindError struct {
	Waiting int64 // answers in the log that are not stored; 0 when the log cannot be asked
	Err     error // why it cannot
}

func (e *BehindError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: whether all answers are stored is not known, since the log does not answer: %v", ErrNotReady, e.Err)
	}
	return fmt.Sprintf("%v: %d answers in the log are not stored yet", ErrNotReady, e.Waiting)
}

// Is reports whether target is [ErrNotReady].
func (e *BehindError) Is(target error) bool { return target == ErrNotReady }

func (e *BehindError) Unwrap() error { return e.Err }

// Results answers what came of waves. What it has computed of a closed wave it
// keeps, as that does not change any more.
type Results struct {
	waves Waves
	conn  driver.Conn
	rule  anonymity.Rule
	log   Log
	now   func() time.Time

	mu     sync.Mutex
	known  map[string]*found // by wave
	frozen sync.Map          // keys of waves of which it is decided which answers count

	closing sync.Mutex
	ends    map[string]map[int]int64 // of the log, by wave and partition, when the wave was closed
}

// found is what was computed of a wave; it is shared and only read.
type found struct {
	revision uint64
	report   *Report
	comments map[string]*Comments // by question, without tags
}

// New checks the rule. conn has the tables of ingest/warehouse.
func New(waves Waves, conn driver.Conn, rule anonymity.Rule, log Log) (*Results, error) {
	if err := rule.Check(); err != nil {
		return nil, err
	}
	return &Results{waves: waves, conn: conn, rule: rule, log: log, now: time.Now, known: make(map[string]*found), ends: make(map[string]map[int]int64)}, nil
}

// Rule is that by which groups are hidden.
func (r *Results) Rule() anonymity.Rule { return r.rule }

// Answered are the waves that have results, the latest quarter first.
func (r *Results) Answered() []*wave.Wave {
	var answered []*wave.Wave
	for _, w := range r.waves.Waves() {
		if w.Answered() {
			answered = append(answered, w)
		}
	}
	return answered
}

// Report returns what came of a wave. The error matches [ErrUnknown], or
// [ErrNotReady] before the wave is closed. The report is shared: read only.
func (r *Results) Report(ctx context.Context, key string) (*Report, error) {
	f, err := r.find(ctx, key)
	if err != nil {
		return nil, err
	}
	return f.report, nil
}

// Choose is a report of some departments only: what is hidden in the whole stays
// so, and what was not is taken together anew. Questions of all answers are not in
// it, since those of some departments would be another way to the hidden ones.
func (r *Report) Choose(departments []string) *Report {
	if len(departments) == 0 {
		return r
	}
	chosen := *r
	chosen.Departments, chosen.Cells, chosen.Questions, chosen.Counts, chosen.Response = nil, nil, nil, nil, Response{}
	for i := range r.Departments {
		if d := &r.Departments[i]; slices.Contains(departments, d.Department) {
			chosen.Departments = append(chosen.Departments, *d)
			chosen.Response.Answered += d.Answered
			chosen.Response.Expected += d.Expected
		}
	}
	chosen.Response.rate()
	for i := range r.Cells {
		if slices.Contains(departments, r.Cells[i].Department) {
			chosen.Cells = append(chosen.Cells, r.Cells[i])
		}
	}
	for _, c := range r.Counts {
		if c.Department != "" && slices.Contains(departments, c.Department) {
			chosen.Counts = append(chosen.Counts, c)
		}
	}
	chosen.Overall = r.overall(func(d *Department) bool { return slices.Contains(departments, d.Department) })
	return &chosen
}

// Previous is the wave that a wave is compared with unless another is named: the
// last with results before it that asked the same questionnaire; false when it is
// the first.
func (r *Results) Previous(key string) (string, bool) {
	w, ok := r.waves.Wave(key)
	if !ok {
		return "", false
	}
	for _, one := range r.Answered() {
		if one.Key != w.Key && one.Questionnaire.Key == w.Questionnaire.Key && (one.Quarter.Before(w.Quarter) || one.Quarter == w.Quarter && one.Closes.Before(w.Closes)) {
			return one.Key, true
		}
	}
	return "", false
}

// Compare says how a wave differs from another, or from the previous one when
// before is "". The error is that of [Results.Report].
func (r *Results) Compare(ctx context.Context, key, before string) (*WaveComparison, error) {
	if before == "" {
		var ok bool
		if before, ok = r.Previous(key); !ok {
			return nil, fmt.Errorf("%w: before %s there is none to compare it with", ErrUnknown, key)
		}
	}
	now, err := r.Report(ctx, key)
	if err != nil {
		return nil, err
	}
	was, err := r.Report(ctx, before)
	if err != nil {
		return nil, err
	}
	return Compare(now, was), nil
}

// Comments lists what people wrote to a question. The error is that of [Results.Report].
func (r *Results) Comments(ctx context.Context, key, question string, s Search) (*Comments, error) {
	f, err := r.find(ctx, key)
	if err != nil {
		return nil, err
	}
	all, ok := f.comments[question]
	if !ok {
		return nil, fmt.Errorf("%w: %s is no question to which people write", ErrUnknown, question)
	}
	tags, err := r.tags(ctx, key, question)
	if err != nil {
		return nil, err
	}
	c := *all
	c.List = slices.Clone(all.List)
	for i := range c.List {
		c.List[i].Tags = tags[c.List[i].ID]
	}
	c.List = c.searched(s)
	return &c, nil
}

// OpenQuestions are the keys of those to which people write, in order. The error
// is that of [Results.Report].
func (r *Results) OpenQuestions(key string) []string {
	var keys []string
	w, ok := r.waves.Wave(key)
	if !ok {
		return nil
	}
	if q, ok := r.waves.Questionnaire(w.Questionnaire); ok {
		for i := range q.Questions {
			if q.Questions[i].Type == questionnaire.FreeText {
				keys = append(keys, q.Questions[i].Key)
			}
		}
	}
	return keys
}

// maxTag is how long a tag may be, in characters.
const maxTag = 30

// ErrTag is returned for a tag that is none.
var ErrTag = fmt.Errorf("a tag has 1 to %d characters and no line breaks", maxTag)

// Tag puts a tag on a comment that is listed, or takes it off.
func (r *Results) Tag(ctx context.Context, key, question, comment, tag string, on bool, author string) error {
	tag = strings.TrimSpace(tag)
	if tag == "" || !utf8.ValidString(tag) || utf8.RuneCountInString(tag) > maxTag || strings.ContainsFunc(tag, unicode.IsControl) {
		return ErrTag
	}
	f, err := r.find(ctx, key)
	if err != nil {
		return err
	}
	if c, ok := f.comments[question]; !ok || !c.has(comment) {
		return fmt.Errorf("%w: comment %s", ErrUnknown, comment)
	}
	err = r.conn.Exec(ctx, "INSERT INTO survey_comment_tags (wave, question, comment, tag, is_on, author, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		key, question, comment, tag, on, author, r.now().UTC())
	if err != nil {
		return fmt.Errorf("keep a tag: %w", err)
	}
	return nil
}

func (r *Results) tags(ctx context.Context, key, question string) (tags map[string][]string, err error) {
	rows, err := r.conn.Query(ctx, tagsSQL, clickhouse.Named("wave", key), clickhouse.Named("question", question))
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	tags = make(map[string][]string)
	for rows.Next() {
		var comment, tag string
		if err := rows.Scan(&comment, &tag); err != nil {
			return nil, fmt.Errorf("read tags: %w", err)
		}
		tags[comment] = append(tags[comment], tag)
	}
	return tags, rows.Err()
}

// find computes a wave's results, or remembers them. Several people who open a
// page at once wait for one computation.
func (r *Results) find(ctx context.Context, key string) (*found, error) {
	w, ok := r.waves.Wave(key)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: wave %s", ErrUnknown, key)
	case !w.Answered():
		return nil, fmt.Errorf("%w: %s is %s", ErrNotReady, key, w.State)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.known[key]; f != nil && f.revision == w.Revision {
		return f, nil
	}
	if f := r.known[key]; f != nil { // told differently since; the answers are the same
		told := *f.report
		told.State, told.Title = w.State, w.Title
		r.known[key] = &found{w.Revision, &told, f.comments}
		return r.known[key], nil
	}
	f, err := r.compute(ctx, w)
	if err != nil {
		return nil, err
	}
	r.known[key] = f
	return f, nil
}

func (r *Results) compute(ctx context.Context, w *wave.Wave) (*found, error) {
	q, ok := r.waves.Questionnaire(w.Questionnaire)
	if !ok {
		return nil, fmt.Errorf("%w: questionnaire %s of wave %s", ErrUnknown, w.Questionnaire.ID(), w.Key)
	}
	if err := r.freeze(ctx, w); err != nil {
		return nil, err
	}
	answers, err := r.answers(ctx, w)
	if err != nil {
		return nil, err
	}
	a := &asked{w, q, answers}
	f := &found{revision: w.Revision, report: publish(a, r.rule), comments: make(map[string]*Comments)}
	for _, question := range r.OpenQuestions(w.Key) {
		c, err := listComments(a, question, r.rule)
		if err != nil {
			return nil, err
		}
		if c.Words, err = frequentWords(c.List); err != nil {
			return nil, err
		}
		f.comments[question] = c
	}
	return f, nil
}

func (r *Results) answers(ctx context.Context, w *wave.Wave) (answers []answer, err error) {
	err = r.conn.Select(ctx, &answers, answersSQL, clickhouse.Named("wave", w.Key), clickhouse.Named("questionnaire", w.Questionnaire.ID()))
	if err != nil {
		return nil, fmt.Errorf("read the answers of wave %s: %w", w.Key, err)
	}
	return answers, nil
}
