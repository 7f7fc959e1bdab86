package wave

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/officepulse/surveys/questionnaire"
)

// Limits of what a wave may carry.
const (
	maxDepartments = 1000
	maxTitle       = 200  // characters
	maxOutcome     = 4000 // characters
	maxReason      = 500  // characters
	maxExpected    = 1_000_000
	mostReminders  = 5
	earliestRemind = 60 // days before closing
)

// key is a name that is safe in links, files and SQL.
var key = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

// By says who does something and why.
type By struct {
	Author string
	Reason string
	At     time.Time
}

// check is nil when the deed can be told of later.
func (b By) check() error {
	switch {
	case strings.TrimSpace(b.Author) == "":
		return refuse(NoAuthor, "", "say who does this")
	case strings.TrimSpace(b.Reason) == "":
		return refuse(NoReason, "", "say why, so that it can be understood a year from now")
	case utf8.RuneCountInString(b.Reason) > maxReason:
		return refuse(TooLong, "reason", "the reason has more than %d characters; shorten it", maxReason)
	}
	return nil
}

// New makes the first revision of a wave from a draft, in which Revision, State
// and Change need not be set. The error joins a [RefusedError] for every mistake.
func New(draft *Wave, by By) (*Wave, error) {
	w := draft.clone()
	w.Revision, w.State, w.Outcome, w.ClosedAt = 1, Draft, questionnaire.Text{}, time.Time{}
	w.Change = change(Create, by, nil)
	return w, errors.Join(by.check(), w.check())
}

// Edited is the draft with other contents. The key stays, whatever it is there.
func (w *Wave) Edited(to *Wave, by By) (*Wave, error) {
	if w.State != Draft {
		return nil, w.wrongState("changed", "what is asked, and whom, is fixed from the opening on, so that answers stay comparable; change the closing time only, or make another wave", Draft)
	}
	next := to.clone()
	next.Key, next.State, next.Outcome, next.ClosedAt = w.Key, Draft, questionnaire.Text{}, time.Time{}
	next.Revision = w.Revision + 1
	next.Change = change(Edit, by, differences(w, next))
	return next, errors.Join(by.check(), next.check())
}

// Opened is the draft opened: departments get the names and headcounts that the
// handbook has now, and keep them. current are the handbook's departments.
func (w *Wave) Opened(current []Department, by By) (*Wave, error) {
	if w.State != Draft {
		return nil, w.wrongState("opened", "make the next wave from it instead", Draft)
	}
	next := w.clone()
	next.Revision, next.State = w.Revision+1, Open
	faults := []error{by.check()}
	for i := range next.Departments {
		d := &next.Departments[i]
		faults = append(faults, d.freeze(current))
	}
	if !by.At.Before(next.Closes) {
		faults = append(faults, refuse(PastClosing, "", "its closing time, %s, is over; give it a later one before opening it", next.Closes.Format(time.RFC3339)))
	}
	next.Change = change(Launch, by, differences(w, next))
	return next, errors.Join(append(faults, next.check())...)
}

// freeze takes over what the handbook says of a department.
func (d *Department) freeze(current []Department) error {
	i := slices.IndexFunc(current, func(one Department) bool { return one.Key == d.Key })
	if i < 0 {
		return refuse(UnknownPlace, d.Key, "the handbook has no department %q; take it out, or add it to the handbook and reload that", d.Key)
	}
	d.Name, d.Headcount = current[i].Name, current[i].Headcount
	if d.Expected == 0 {
		d.Expected = d.Headcount
	}
	if d.Expected < 1 || d.Expected > d.Headcount {
		return refuse(BadExpected, d.Key, "%d people are expected to answer for %q, which has %d; expect at least one and at most all", d.Expected, d.Key, d.Headcount)
	}
	return nil
}

// Extended has another closing time. Once the time is over nothing can be
// extended: results may have been seen, and further answers would not be free of them.
func (w *Wave) Extended(closes time.Time, by By) (*Wave, error) {
	if w.State != Open {
		return nil, w.wrongState("extended", "a draft's times are changed by editing it, and a closed wave takes no more answers", Open)
	}
	if w.Overdue(by.At) {
		return nil, refuse(PastClosing, "", "its time is over since %s, and an answer may not come after results; ask again in the next wave", w.Closes.Format(time.RFC3339))
	}
	next := w.clone()
	next.Revision, next.Closes = w.Revision+1, closes
	next.Change = change(Extend, by, differences(w, next))
	err := by.check()
	if !by.At.Before(closes) {
		err = errors.Join(err, refuse(PastClosing, "", "%s is over; to end the wave now, close it", closes.Format(time.RFC3339)))
	}
	return next, errors.Join(err, next.check())
}

// ClosedNow takes no more answers, for good.
func (w *Wave) ClosedNow(by By) (*Wave, error) {
	if w.State != Open {
		return nil, w.wrongState("closed", "only an open wave can be", Open)
	}
	next := w.clone()
	next.Revision, next.State, next.ClosedAt = w.Revision+1, Closed, w.Closes
	if by.At.Before(w.Closes) {
		next.ClosedAt = by.At
	}
	next.Change = change(Close, by, differences(w, next))
	return next, by.check()
}

// PublishedWith tells everybody what comes of the answers. Told again, it is a
// correction of that text.
func (w *Wave) PublishedWith(outcome questionnaire.Text, by By) (*Wave, error) {
	if !w.Answered() {
		return nil, w.wrongState("published", "close it first; nothing of an open wave is shown", Closed)
	}
	next := w.clone()
	next.Revision, next.State = w.Revision+1, Published
	next.Outcome = questionnaire.Text{ZH: strings.TrimSpace(outcome.ZH), EN: strings.TrimSpace(outcome.EN)}
	deed := Publish
	if w.State == Published {
		deed = Correct
	}
	next.Change = change(deed, by, differences(w, next))
	err := by.check()
	switch longest := max(utf8.RuneCountInString(outcome.ZH), utf8.RuneCountInString(outcome.EN)); {
	case next.Outcome == questionnaire.Text{}:
		err = errors.Join(err, refuse(NoOutcome, "", "say in a sentence or two what comes of the answers; people who never hear of it stop answering"))
	case longest > maxOutcome:
		err = errors.Join(err, refuse(TooLong, "outcome", "what comes of the answers has more than %d characters; shorten it", maxOutcome))
	}
	return next, err
}

// NextFrom is a draft of the next quarter's wave made from the last one: the same
// questions in their newest version, the same departments and as many days before
// the quarter's end. Headcounts come from the handbook when it is opened.
func NextFrom(last *Wave, newest Version, f Fiscal) *Wave {
	w := last.clone()
	w.Quarter = last.Quarter.Next()
	w.Key = w.Quarter.String()
	w.State, w.Revision, w.Outcome, w.Change, w.ClosedAt = Draft, 0, questionnaire.Text{}, Change{}, time.Time{}
	if newest.Key == last.Questionnaire.Key {
		w.Questionnaire = newest
	}
	w.Opens, w.Closes = f.moved(last.Opens, last.Quarter, w.Quarter), f.moved(last.Closes, last.Quarter, w.Quarter)
	for i := range w.Departments {
		d := &w.Departments[i]
		if d.Expected == d.Headcount {
			d.Expected = 0 // everybody, however many they are by then
		}
	}
	w.Title = renamed(last.Title, last.Quarter, w.Quarter)
	return w
}

// renamed puts the new quarter where the title names the old one.
func renamed(title questionnaire.Text, from, to Quarter) questionnaire.Text {
	names := func(q Quarter) []string {
		chinese := [...]string{"一", "二", "三", "四"}[q.Number-1]
		return []string{
			q.String(), fmt.Sprintf("%d年第%s季度", q.Year, chinese), fmt.Sprintf("%d年%s季度", q.Year, chinese),
			fmt.Sprintf("Q%d %d", q.Number, q.Year), fmt.Sprintf("%d Q%d", q.Year, q.Number),
		}
	}
	var pairs []string
	for i, name := range names(from) {
		pairs = append(pairs, name, names(to)[i])
	}
	r := strings.NewReplacer(pairs...)
	return questionnaire.Text{ZH: r.Replace(title.ZH), EN: r.Replace(title.EN)}
}

func (w *Wave) wrongState(deed, remedy string, right State) error {
	return refuse(WrongState, string(w.State), "wave %s is %s and cannot be %s, which takes one that is %s: %s", w.Key, w.State, deed, right, remedy)
}

func change(deed Deed, by By, what []string) Change {
	return Change{Deed: deed, By: strings.TrimSpace(by.Author), At: by.At.UTC(), Reason: strings.TrimSpace(by.Reason), What: what}
}

// check finds every mistake in what a wave says.
func (w *Wave) check() error {
	var faults []error
	add := func(code Code, subject, format string, values ...any) {
		faults = append(faults, refuse(code, subject, format, values...))
	}
	if !key.MatchString(w.Key) {
		add(BadKey, w.Key, "%q is no key; use up to 63 letters, digits, _ . and -, such as 2026Q3", w.Key)
	}
	if w.Quarter.Number < 1 || w.Quarter.Number > 4 {
		add(BadQuarter, "", "say which quarter is asked about, such as 2026Q3")
	}
	if w.Title.ZH == "" || w.Title.EN == "" {
		add(NoTitle, "", "give the wave a title in both languages")
	}
	if max(utf8.RuneCountInString(w.Title.ZH), utf8.RuneCountInString(w.Title.EN)) > maxTitle {
		add(TooLong, "title", "the title has more than %d characters; shorten it", maxTitle)
	}
	if w.Questionnaire.Key == "" || w.Questionnaire.Number < 1 {
		add(NoQuestionnaire, "", "choose the questionnaire that is asked")
	}
	if w.Opens.IsZero() || w.Closes.IsZero() || !w.Opens.Before(w.Closes) {
		add(BadTimes, "", "give a time of opening and a later one of closing")
	}
	faults = append(faults, w.checkDepartments(), w.Reminders.check())
	return errors.Join(faults...)
}

func (w *Wave) checkDepartments() error {
	if n := len(w.Departments); n == 0 || n > maxDepartments {
		return refuse(NoDepartments, "", "choose the departments that are asked: at least one, at most %d", maxDepartments)
	}
	var faults []error
	seen := make(map[string]bool, len(w.Departments))
	for _, d := range w.Departments {
		if seen[d.Key] || d.Key == "" {
			faults = append(faults, refuse(TwiceAsked, d.Key, "department %q stands there twice; take one out", d.Key))
		}
		seen[d.Key] = true
		if d.Expected < 0 || d.Expected > maxExpected {
			faults = append(faults, refuse(BadExpected, d.Key, "%d people cannot be expected to answer for %q; write how many are asked, or 0 for everybody", d.Expected, d.Key))
		}
	}
	return errors.Join(faults...)
}

func (r Reminders) check() error {
	if r.AtMost < 0 || r.AtMost > mostReminders || len(r.DaysBefore) > mostReminders {
		return refuse(BadReminders, "", "remind people %d times at most: more is read as pressure", mostReminders)
	}
	for i, day := range r.DaysBefore {
		if day < 0 || day > earliestRemind || i > 0 && day >= r.DaysBefore[i-1] {
			return refuse(BadReminders, "", "write on which days before closing people are reminded, the earliest first, such as 7, 2; none is more than %d days before", earliestRemind)
		}
	}
	return nil
}

// differences names the parts of a wave that are others now.
func differences(was, now *Wave) []string {
	var names []string
	before, after := reflect.ValueOf(*was), reflect.ValueOf(*now)
	for i := range before.NumField() {
		name, _, _ := strings.Cut(before.Type().Field(i).Tag.Get("json"), ",")
		if name == "revision" || name == "change" || name == "key" {
			continue
		}
		a, b := before.Field(i).Interface(), after.Field(i).Interface()
		if t, ok := a.(time.Time); ok && t.Equal(b.(time.Time)) { //nolint:forcetypeassert // fields of one type
			continue
		}
		if !reflect.DeepEqual(a, b) {
			names = append(names, name)
		}
	}
	return names
}
