package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/ingest/event"
)

// AttributeLifecycle keeps the XES transition of an event that no action fits.
const AttributeLifecycle = "lifecycle"

// builder makes events of records. It is the same at every reading, so that all
// readings agree on which records are events.
type builder struct {
	opts  Options
	clock *clock
	names [fieldCount]string // as the file calls the fields

	early, dateOnly           int64 // events taken with a warning
	firstEarly, firstDateOnly string
	midnight                  bool // the last event's time had no time of day
}

func newBuilder(opts Options, c *clock, names [fieldCount]string) *builder {
	return &builder{opts: opts, clock: c, names: names}
}

// event makes the event of a record, without its id and sequence, which depend on
// the rows before it.
func (b *builder) event(rec *record) (event.Event, *fault) {
	if rec.fault != nil {
		return event.Event{}, rec.fault
	}
	v := rec.values
	for f := range v {
		v[f] = strings.TrimSpace(v[f])
	}
	at, f := b.time(fieldTime, v[fieldTime])
	if f != nil {
		return event.Event{}, f
	}
	b.midnight = at.dateOnly
	t := &event.Task{
		Process:         b.opts.Process,
		CaseID:          v[fieldCase],
		Stage:           v[fieldStage],
		Department:      known(v[fieldDepartment]),
		Actor:           known(v[fieldActor]),
		ActorDepartment: known(v[fieldActorDepartment]),
	}
	if t.Department == "" {
		t.Department = event.MissingDepartment
	}
	var transition string
	t.Action, transition = action(v[fieldAction], rec.lifecycle)
	t.Attributes = b.attributes(known(v[fieldClass]), transition)
	if due := known(v[fieldDue]); due != "" {
		limit, f := b.time(fieldDue, due)
		if f != nil {
			return event.Event{}, f
		}
		t.DueAt = limit.time
		if limit.dateOnly { // "by May 5" lasts until that day ends
			t.DueAt = limit.time.Add(24*time.Hour - time.Millisecond)
		}
	}
	return event.Event{Source: b.opts.Source, Type: event.TypeTask, Time: at.time, Task: t}, nil
}

func (b *builder) time(f field, s string) (instant, *fault) {
	if s == "" {
		return instant{}, b.fault(f, "is missing or empty")
	}
	at, err := b.clock.parse(s)
	if err != nil {
		return instant{}, b.fault(f, err.Error())
	}
	return at, nil
}

// fault names the field, and the column if that has another name.
func (b *builder) fault(f field, reason string) *fault {
	return &fault{kind: fieldNames[f], reason: b.title(f) + " " + reason}
}

func (b *builder) title(f field) string {
	if b.names[f] == "" || b.names[f] == fieldNames[f] {
		return fieldNames[f]
	}
	return fmt.Sprintf("%s (column %q)", fieldNames[f], b.names[f])
}

func (b *builder) attributes(class, transition string) map[string]string {
	a := map[string]string{}
	if class != "" {
		a[event.AttributeClass] = class
	}
	if transition != "" {
		a[AttributeLifecycle] = transition
	}
	if b.opts.AssumeComplete {
		a[event.AttributeAssumeComplete] = "true"
	}
	if len(a) == 0 {
		return nil
	}
	return a
}

// check is [event.Event.Validate] in the words of the file.
func (b *builder) check(e *event.Event) *fault {
	err := e.Validate(b.opts.Now)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*event.InvalidError](err)
	if !ok || len(invalid.Problems) == 0 {
		return &fault{kind: "event", reason: err.Error()}
	}
	var reasons []string
	kind := ""
	for _, p := range invalid.Problems {
		name := strings.TrimPrefix(strings.TrimPrefix(p.Pointer, "/"), "data/")
		if kind == "" {
			kind, _, _ = strings.Cut(name, "/")
		}
		if f := slices.Index(fieldNames[:], name); f >= 0 {
			name = b.title(field(f))
		}
		reasons = append(reasons, name+" "+p.Detail)
	}
	return &fault{kind: kind, reason: strings.Join(reasons, "; ")}
}

// doubtful is the time before which an event is worth a warning: few offices kept
// logs, and systems that lose a date often write their epoch.
var doubtful = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// remark counts an event that is taken, but looks doubtful.
func (b *builder) remark(rec *record, e *event.Event) {
	if e.Time.Before(doubtful) {
		if b.early == 0 {
			b.firstEarly = place(rec.line, rec.trace, rec.event) + ", " + e.Time.Format(time.RFC3339)
		}
		b.early++
	}
	if b.midnight {
		if b.dateOnly == 0 {
			b.firstDateOnly = place(rec.line, rec.trace, rec.event)
		}
		b.dateOnly++
	}
}

// known is s, or "" if it is one of the words that logs write for nothing.
func known(s string) string {
	switch strings.ToUpper(s) {
	case "EMPTY", "UNKNOWN", "MISSING", "?", "NIL", strings.ToUpper(event.MissingDepartment):
		return ""
	}
	return s
}

// words are what exports write for an action, besides the action's own name.
var words = map[string]event.Action{
	"提交": event.Submit, "发起": event.Submit, "开始": event.Start, "完成": event.Complete, "办理": event.Complete,
	"同意": event.Approve, "通过": event.Approve, "退回": event.Return, "拒绝": event.Reject, "驳回": event.Reject,
	"签发": event.Sign, "归档": event.Archive, "通知": event.Notify, "抄送": event.Notify, "审核": event.Check, "催办": event.Remind,
	"转交": event.Transfer, "转办": event.Transfer, "撤回": event.Withdraw, "撤销": event.Withdraw,
	"评论": event.Comment, "备注": event.Comment, "重新打开": event.Reopen, "关闭": event.Close,
}

// transitions are those of the standard XES lifecycle that an action fits.
// https://xes-standard.org, lifecycle extension
var transitions = map[string]event.Action{
	"complete": event.Complete,
	"start":    event.Start,
	"withdraw": event.Withdraw, "ate_abort": event.Withdraw, "pi_abort": event.Withdraw,
	"reassign": event.Transfer, "assign": event.Transfer,
}

// action reads what was done. No word is complete, since most logs tell nothing
// but the end of each step. A lifecycle transition without an action of its own
// becomes a comment that keeps the transition. What is not known goes on as it
// is, for the check to refuse.
func action(s string, lifecycle bool) (a event.Action, transition string) {
	word := strings.ToLower(s)
	if word == "" {
		return event.Complete, ""
	}
	if lifecycle {
		if a, ok := transitions[word]; ok {
			return a, ""
		}
		return event.Comment, s
	}
	if a, ok := words[word]; ok {
		return a, ""
	}
	return event.Action(word), ""
}
