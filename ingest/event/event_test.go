package event_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/ingest/event"
)

var now = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

const task = `{"specversion":"1.0","id":"e1","source":"/erp","type":"officepulse.task.v1","time":"2026-09-30T17:00:00.123456+08:00",` +
	`"data":{"process":"doc_approval","case_id":"c1","stage":"review","action":"approve","department":"财务","attributes":{"class":"core"}}}`

const fault = `{"specversion":"1.0","id":"f1","source":"/erp","type":"officepulse.fault.v1","time":"2026-09-30T09:00:00Z",` +
	`"data":{"fault_id":"F1","process":"seal","kind":"late","severity":"minor","status":"reported","department":"sales","found_at":"2026-09-30T09:00:00Z"}}`

const answer = `{"specversion":"1.0","id":"a1","source":"/survey","type":"officepulse.answer.v1","time":"2026-09-30T00:00:00Z",` +
	`"data":{"answer_id":"A1","wave":"2026Q3","questionnaire":"q.v1","department":"sales","answers":{"score":4,"why":"quick","tags":["a","b"]}}}`

func TestDecodeEncode(t *testing.T) {
	for _, text := range []string{task, fault, answer} {
		e, err := event.Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := e.Validate(now); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		bytes, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := event.Decode(bytes)
		if err != nil {
			t.Fatalf("%s: %v", bytes, err)
		}
		if diff := cmp.Diff(e, again, cmp.AllowUnexported(event.Value{})); diff != "" {
			t.Errorf("decoded, encoded and decoded (-first +second):\n%s", diff)
		}
	}
}

func TestDecodeTime(t *testing.T) {
	e, err := event.Decode([]byte(task))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 9, 30, 9, 0, 0, 123_000_000, time.UTC); !e.Time.Equal(want) || e.Time.Location() != time.UTC {
		t.Errorf("time is %v, want %v: UTC, to the millisecond", e.Time, want)
	}
}

// Every message has to name the place and what would be right.
func TestBadInput(t *testing.T) {
	f := func(name, text string, want ...string) {
		t.Helper()
		e, err := event.Decode([]byte(text))
		if err == nil {
			err = e.Validate(now)
		}
		if !errors.Is(err, event.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", name, err, w)
			}
		}
	}
	edit := func(old, with string) string {
		t.Helper()
		if !strings.Contains(task, old) {
			t.Fatalf("%s does not occur", old)
		}
		return strings.Replace(task, old, with, 1)
	}
	f("empty", ``, "no valid JSON")
	f("cut off", task[:100], "no valid JSON")
	f("text after the end", task+"x", "no valid JSON", "byte")
	f("unknown type", edit("task.v1", "task.v9"), "type", "officepulse.task.v9", "officepulse.fault.v1")
	f("missing field", edit(`"stage":"review",`, ""), "data/stage is missing")
	f("several at once", edit(`"stage":"review","action":"approve",`, ""), "data/action is missing", "approve", "data/stage is missing")
	f("wrong enum", edit("approve", "explode"), "data/action", `"explode" is not allowed`, "submit, start")
	f("future", edit("2026-09-30", "2026-10-03"), "time", "more than a day in the future", "time zone")
	f("distant past", edit("2026-09-30", "1899-09-30"), "1900")
	f("due beyond what can be stored", edit(`"stage"`, `"due_at":"2262-06-01T00:00:00Z","stage"`), "data/due_at", "2261")
	f("no zone", edit(".123456+08:00", ""), "time", "RFC 3339")
	f("hour of one digit", edit("T17:00", "T7:00"), "time", "RFC 3339")
	f("absurd zone", edit("+08:00", "+99:00"), "time", "RFC 3339")
	f("no time", edit(`"time":"2026-09-30T17:00:00.123456+08:00",`, ""), "time is missing", "RFC 3339")
	f("no id", edit(`"id":"e1",`, ""), "id is missing")
	f("invalid UTF-8", edit("review", "re\xffview"), "no valid JSON", "UTF-8")
	f("duplicate key", edit(`"case_id":"c1",`, `"case_id":"c1","case_id":"c2",`), "data/case_id", "duplicate")
	f("duplicate key outside data", edit(`"id":"e1",`, `"id":"e1","id":"e2",`), "id", "duplicate")
	f("wrong JSON type", edit(`"case_id":"c1"`, `"case_id":7`), "data/case_id", "number")
	f("data not an object", edit(`"data":{`, `"data":[],"x":{`), "data", "array")
	f("everything at once", `{"specversion":"0.3","type":"x","time":"soon"}`, "specversion", "type", "time", "id is missing", "source is missing")
	f("nothing but a version", `{"specversion":"1.0"}`, "type", "id is missing", "source is missing", "time is missing")
	f("no data", `{"specversion":"1.0","id":"e","source":"s","type":"officepulse.task.v1","time":"2026-09-30T17:00:00Z"}`, "data is missing")
	f("other version", edit(`"1.0"`, `"0.3"`), "specversion", `use "1.0"`)
	f("not JSON data", edit(`"id"`, `"datacontenttype":"text/plain","id"`), "datacontenttype", "application/json")
	f("base64", edit(`"data":`, `"data_base64":"aaaa","data":`), "data_base64")
	f("control character", edit("review", `re\u0000view`), "data/stage", "control character")
	f("long name", edit("review", strings.Repeat("x", 300)), "data/stage", "at most 256")
	f("oversize", edit("review", strings.Repeat("x", event.MaxBytes)), "at most 262144")
	f("bad answer", strings.Replace(answer, "4,", "true,", 1), "data/answers/score", "number")
	f("no answers", strings.Replace(answer, `{"score":4,"why":"quick","tags":["a","b"]}`, "{}", 1), "data/answers")
	f("bad severity", strings.Replace(fault, "minor", "tiny", 1), "data/severity", "critical")
}

func TestKey(t *testing.T) {
	for text, want := range map[string]string{task: "c1", fault: "F1", answer: "A1"} {
		e, err := event.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Key(); got != want {
			t.Errorf("key of %s is %q, want %q", e.Type, got, want)
		}
	}
}

// Whatever bytes arrive: no panic, and what is taken for an event survives a
// round trip unchanged.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{task, fault, answer, `{}`, `[]`, `{"specversion":"1.0","type":"officepulse.answer.v1","data":{"answers":{"a":[]}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := event.Decode(data)
		if err != nil {
			if !errors.Is(err, event.ErrInvalid) {
				t.Fatalf("%q: %v is no ErrInvalid", data, err)
			}
			return
		}
		if e.Validate(now) != nil {
			return
		}
		bytes, err := e.Encode()
		if err != nil {
			t.Fatalf("%q: encode: %v", data, err)
		}
		again, err := event.Decode(bytes)
		if err != nil {
			t.Fatalf("%q became %q: %v", data, bytes, err)
		}
		if diff := cmp.Diff(e, again, cmp.AllowUnexported(event.Value{})); diff != "" {
			t.Fatalf("%q:\n%s", data, diff)
		}
	})
}

// The fast decoder says exactly what the plain one says, whatever it decoded before.
func FuzzDecoder(f *testing.F) {
	for _, text := range []string{
		task, fault, answer, task + " ", " " + task, strings.Replace(task, `"class":"core"`, ``, 1), strings.Replace(task, `"c1"`, `"c\u0031"`, 1),
		strings.Replace(task, `"stage"`, `"due_at":"2026-09-30T17:00:00Z","stage"`, 1), strings.Replace(task, `"core"`, `"}"`, 1),
		strings.Replace(task, `"core"}`, `"core",}`, 1), strings.Replace(task, `"id":"e1",`, `"id":"e1","id":"e1",`, 1),
		strings.Replace(task, `"data"`, `"datacontenttype":"application/json","data"`, 1),
	} {
		f.Add([]byte(task), []byte(text))
	}
	f.Fuzz(func(t *testing.T, before, data []byte) {
		var d event.Decoder
		_, _ = d.Decode(before)
		got, gotErr := d.Decode(data)
		want, wantErr := event.Decode(data)
		if (gotErr == nil) != (wantErr == nil) || (gotErr != nil && gotErr.Error() != wantErr.Error()) {
			t.Fatalf("%q after %q: error %v, want %v", data, before, gotErr, wantErr)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(event.Value{})); diff != "" {
			t.Fatalf("%q after %q (-plain +fast):\n%s", data, before, diff)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(task)
	f := func(name string, decode func([]byte) (event.Event, error)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	var d event.Decoder
	f("plain", event.Decode)
	f("fast", d.Decode)
}
