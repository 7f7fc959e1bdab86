package warehouse_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

func letter(offset int64, kind delivery.Kind, reason string) delivery.Letter {
	return delivery.Letter{
		Place: delivery.Place{Log: "L", Topic: "officepulse.task.v1", Partition: 1, Offset: offset}, Last: offset,
		Kind: kind, Reason: reason, Key: "c1", Value: "no \x00\xff json", Headers: []delivery.Header{{Name: "h", Value: "\xfe"}}, Size: 10,
		ProducedAt: noon, PutAt: noon.Add(time.Duration(offset) * time.Second), Filed: delivery.Place{Offset: offset},
	}
}

func TestLettersAreFiledOnceAndFound(t *testing.T) {
	w := warehouse.NewWriter(open(t))
	first := []delivery.Letter{letter(1, delivery.Malformed, "no JSON"), letter(2, delivery.Invalid, "stage is missing")}
	for _, token := range []string{"a", "b"} { // put aside twice
		if err := w.InsertLetters(t.Context(), token, first); err != nil {
			t.Fatal(err)
		}
	}
	all, err := w.Letters(t.Context(), delivery.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Place.Offset != 2 || all[0].State != delivery.Open || len(all[0].ID) != 16 {
		t.Fatalf("got %+v, want both letters, the newest first", all)
	}
	whole, err := w.Letter(t.Context(), all[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := first[0]
	if whole.Value != want.Value || !slices.Equal(whole.Headers, want.Headers) || whole.Place != want.Place || !whole.PutAt.Equal(want.PutAt) || whole.Reason != want.Reason {
		t.Errorf("got %+v\nwant %+v", whole.Letter, want)
	}
	for _, f := range []delivery.Filter{{Kind: delivery.Invalid}, {Text: "STAGE"}, {Topic: "officepulse.task.v1", Kind: delivery.Invalid, State: delivery.Open}, {Limit: 1}} {
		if got, err := w.Letters(t.Context(), f); err != nil || len(got) != 1 || got[0].ID != all[0].ID {
			t.Errorf("filter %+v: got %d letters, %v; want the second alone", f, len(got), err)
		}
	}
	if _, err := w.Letter(t.Context(), "none"); !errors.Is(err, delivery.ErrNoLetter) {
		t.Errorf("unknown id: got %v", err)
	}
}

func TestActsDecideTheState(t *testing.T) {
	w := warehouse.NewWriter(open(t))
	if err := w.InsertLetters(t.Context(), "a", []delivery.Letter{letter(1, delivery.Invalid, "x")}); err != nil {
		t.Fatal(err)
	}
	all, err := w.Letters(t.Context(), delivery.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	at := noon
	for _, step := range []struct {
		deed delivery.Deed
		ok   bool
		want delivery.State
	}{
		{delivery.Edit, true, delivery.Open},
		{delivery.DryRun, true, delivery.Open},
		{delivery.Replay, false, delivery.Open},
		{delivery.Discard, true, delivery.Discarded},
		{delivery.Replay, true, delivery.Replayed},
	} {
		at = at.Add(time.Microsecond)
		act := delivery.Act{LetterID: all[0].ID, At: at, Deed: step.deed, Actor: "director", Reason: "why", Text: "{}", OK: step.ok, Outcome: "o"}
		if err := w.Note(t.Context(), act); err != nil {
			t.Fatal(err)
		}
		l, err := w.Letter(t.Context(), all[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if l.State != step.want || l.Acts[len(l.Acts)-1] != act {
			t.Errorf("after %s: %s, last act %+v; want %s, %+v", step.deed, l.State, l.Acts[len(l.Acts)-1], step.want, act)
		}
	}
	counts, err := w.LetterCounts(t.Context())
	if err != nil || len(counts) != 1 || counts[0] != (delivery.Count{Kind: delivery.Invalid, Topic: "officepulse.task.v1", State: delivery.Replayed, N: 1}) {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// Coverage is made of sets: merging and repeating change nothing, a missing
// offset stays missing, and every kind of copy is told from the others.
func TestCoverage(t *testing.T) {
	conn := open(t)
	w := warehouse.NewWriter(conn)
	insert := func(token string, offsets ...int64) {
		t.Helper()
		records := slices.Grow([]event.Record(nil), len(offsets))
		for _, o := range offsets {
			r := task(int(o))
			r.Log, r.Partition, r.Offset = "L", 1, o
			records = append(records, r)
		}
		if err := w.Insert(t.Context(), event.TypeTask, token, records); err != nil {
			t.Fatal(err)
		}
	}
	insert("a", 0, 1, 2)
	insert("b", 2, 3) // 2 a second time: a redelivery under another token
	resent := task(1)
	resent.Log, resent.Partition, resent.Offset = "L", 1, 6
	reused := task(3)
	reused.Log, reused.Partition, reused.Offset = "L", 1, 7
	reused.Task.CaseID = "another"
	if err := w.Insert(t.Context(), event.TypeTask, "c", []event.Record{resent, reused}); err != nil {
		t.Fatal(err)
	}
	if err := w.InsertLetters(t.Context(), "d", []delivery.Letter{letter(4, delivery.Invalid, "x")}); err != nil {
		t.Fatal(err)
	}
	if err := w.NoteGaps(t.Context(), []delivery.Gap{{Place: delivery.Place{Log: "L", Topic: "officepulse.task.v1", Partition: 1, Offset: 8}, Last: 9}}); err != nil {
		t.Fatal(err)
	}
	if err := w.NoteGaps(t.Context(), []delivery.Gap{{Place: delivery.Place{Log: "L", Topic: "officepulse.task.v1", Partition: 1, Offset: 10}, Last: 11, Lost: true}}); err != nil {
		t.Fatal(err)
	}
	look := func() delivery.Coverage {
		t.Helper()
		got, reused, err := w.Coverage(t.Context(), "L", []delivery.Place{{Topic: "officepulse.task.v1", Partition: 1, Offset: 12}, {Topic: "officepulse.fault.v1", Partition: 0, Offset: -1}})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || reused != 1 {
			t.Fatalf("%d partitions, %d ids used twice; want 2 and 1", len(got), reused)
		}
		for _, c := range got {
			if strings.Contains(c.Topic, "task") {
				return c
			}
		}
		t.Fatal("no partition of tasks")
		return delivery.Coverage{}
	}
	c := look()
	if c.Stored != 6 || c.DeadLettered != 1 || c.Covered != 9 || c.First != 0 {
		t.Errorf("stored %d, put aside %d, covered %d from %d; want 6, 1, 9 from 0", c.Stored, c.DeadLettered, c.Covered, c.First)
	}
	if c.Rows != 7 || c.Offsets != 6 || c.Keys != 5 || c.Visible != 5 || c.VisibleKeys != 5 {
		t.Errorf("rows %d, offsets %d, keys %d, visible %d of %d; want 7, 6, 5, 5 of 5", c.Rows, c.Offsets, c.Keys, c.Visible, c.VisibleKeys)
	}
	if err := conn.Exec(t.Context(), "OPTIMIZE TABLE task_events FINAL"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(t.Context(), "OPTIMIZE TABLE log_coverage FINAL"); err != nil {
		t.Fatal(err)
	}
	if c := look(); c.Stored != 6 || c.Covered != 9 || c.Rows != 5 {
		t.Errorf("after merging: stored %d, covered %d, rows %d; want 6, 9, 5", c.Stored, c.Covered, c.Rows)
	}
}

// An id has 16 digits, also where its number begins with zeros.
func TestLetterIDsAreAllOfOneLength(t *testing.T) {
	w := warehouse.NewWriter(open(t))
	var many []delivery.Letter
	for offset := range int64(1000) {
		many = append(many, letter(offset, delivery.Invalid, "x"))
	}
	if err := w.InsertLetters(t.Context(), "a", many); err != nil {
		t.Fatal(err)
	}
	all, err := w.Letters(t.Context(), delivery.Filter{Limit: len(many)})
	if err != nil {
		t.Fatal(err)
	}
	zeros := 0
	for _, l := range all {
		if strings.HasPrefix(l.ID, "00") {
			zeros++
		}
		if len(l.ID) != 16 {
			t.Errorf("id %q", l.ID)
		}
	}
	if zeros == 0 {
		t.Error("no id begins with zeros: this test tests nothing")
	}
}
