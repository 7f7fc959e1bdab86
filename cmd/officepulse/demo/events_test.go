package demo_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/ingest/event"
)

var storyEnd = time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC) // midnight in Shanghai

func TestEveryEventIsValid(t *testing.T) {
	events, _ := generate(t, demo.Options{Preset: demo.S})
	for i := range events {
		e := &events[i]
		if err := e.Validate(storyEnd); err != nil {
			t.Fatalf("%s: %v", e.ID, err)
		}
		data, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := event.Decode(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if !reflect.DeepEqual(*e, back) {
			t.Fatalf("sent %+v, which reads back as %+v", e, back)
		}
	}
}

// Whatever the story names, the handbook defines; only the unknown template is unknown.
func TestStoryKeepsToTheHandbook(t *testing.T) {
	hb := handbook.Default()
	for _, e := range medium(t).events {
		switch {
		case e.Task != nil:
			checkTask(t, hb, e.Task)
		case e.Fault != nil:
			if _, ok := hb.FaultKind(e.Fault.Kind); !ok {
				t.Fatalf("fault kind %s", e.Fault.Kind)
			}
			checkStage(t, hb, e.Fault.Process, e.Fault.Stage)
			checkDepartment(t, hb, e.Fault.Department)
		case e.Answer != nil:
			checkDepartment(t, hb, e.Answer.Department)
		}
	}
}

func checkTask(t *testing.T, hb *handbook.Handbook, task *event.Task) {
	t.Helper()
	if strings.HasPrefix(task.Process, "template_") {
		return
	}
	checkStage(t, hb, task.Process, task.Stage)
	checkDepartment(t, hb, task.Department)
	checkDepartment(t, hb, task.ActorDepartment)
	class, classed := task.Attributes[event.AttributeClass]
	if _, ok := hb.Class(class); ok != (task.Process == "doc_approval") || ok != classed {
		t.Fatalf("a case of %s has class %q", task.Process, class)
	}
}

func checkStage(t *testing.T, hb *handbook.Handbook, process, stage string) {
	t.Helper()
	p, ok := hb.Process(process)
	if _, known := p.Stage(stage); !ok || !known {
		t.Fatalf("process %s, stage %s", process, stage)
	}
}

func checkDepartment(t *testing.T, hb *handbook.Handbook, key string) {
	t.Helper()
	if _, ok := hb.Department(key); !ok {
		t.Fatalf("department %s", key)
	}
}

// A case begins in its first stage, and its steps have the order of their sequence.
func TestStepsComeInOrder(t *testing.T) {
	story := medium(t)
	for _, c := range story.figures.cases {
		first := c.events[0].Task
		// Some begin with who takes them on, and a meeting is one step.
		plain := c.process != "project_sync" && c.process != "supplier_risk"
		if p, ok := story.figures.hb.Process(c.process); ok && plain && (first.Action != event.Submit || first.Stage != p.Stages[0].Key) {
			t.Fatalf("%s begins with %s in %s", c.id, first.Action, first.Stage)
		}
		for i, e := range c.events[1:] {
			if e.Sequence <= c.events[i].Sequence {
				t.Fatalf("%s: sequence %s comes after %s", c.id, e.Sequence, c.events[i].Sequence)
			}
		}
	}
}

// Countersigning is by as many different departments as there are approvals in
// that stage, since March 2026 by one at most.
func TestCountersigning(t *testing.T) {
	story := medium(t)
	simplified := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range story.figures.cases {
		if c.process != "doc_approval" || c.completed.IsZero() {
			continue
		}
		departments := make(map[string]int)
		for _, e := range c.events {
			if e.Task.Stage == "countersign" && e.Task.Action == event.Approve {
				departments[e.Task.ActorDepartment]++
			}
		}
		after := c.events[0].Time.After(simplified)
		switch n := len(departments); {
		case departments[c.events[0].Task.Department] > 0:
			t.Fatalf("%s is countersigned by its own department", c.id)
		case !after && c.events[0].Time.Before(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)) && (n < 1 || n > 4):
			t.Fatalf("%s is countersigned by %d departments", c.id, n)
		case after && n > 1:
			t.Fatalf("%s is countersigned by %d departments after simplification", c.id, n)
		}
		for d, n := range departments {
			if n > 1 {
				t.Fatalf("%s is countersigned %d times by %s", c.id, n, d)
			}
		}
	}
}

func TestEquipmentChecksNameTheMeeting(t *testing.T) {
	story := medium(t)
	onTime, all := map[bool]int{}, map[bool]int{}
	for _, c := range story.figures.cases {
		for _, e := range c.events {
			if c.process != "meeting" || e.Task.Action != event.Check {
				continue
			}
			begins, err := time.Parse(time.RFC3339, e.Task.Attributes["meeting_start"])
			if err != nil {
				t.Fatal(err)
			}
			after := c.events[0].Time.After(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
			all[after]++
			if begins.Sub(e.Time) >= time.Hour {
				onTime[after]++
			}
		}
	}
	within(t, "checks an hour ahead, before", float64(onTime[false])/float64(all[false]), 0.58, 0.06)
	within(t, "checks an hour ahead, after", float64(onTime[true])/float64(all[true]), 0.93, 0.04)
}

func TestAnswersAreAnonymous(t *testing.T) {
	story := medium(t)
	zone := story.figures.calendar.Zone()
	for _, e := range story.events {
		if e.Answer == nil {
			continue
		}
		local := e.Time.In(zone)
		if local.Hour() != 0 || local.Minute() != 0 || story.figures.quarter(e.Time) != e.Answer.Wave {
			t.Fatalf("answer of wave %s at %v", e.Answer.Wave, local)
		}
		if story.figures.quarter(e.Time.AddDate(0, 0, 14)) == e.Answer.Wave {
			t.Fatalf("answer of wave %s on %v, more than two weeks before its end", e.Answer.Wave, local)
		}
	}
	for wave, departments := range story.figures.scores {
		if len(departments) != 12 {
			t.Errorf("%d departments answered in %s", len(departments), wave)
		}
		for key, scores := range departments {
			least, most := 8, 20
			if key == "legal" {
				least, most = 5, 8
			}
			if len(scores) < least || len(scores) > most {
				t.Errorf("%d people of %s answered in %s", len(scores), key, wave)
			}
		}
	}
	within(t, "response rate", float64(story.facts.Answers)/float64(story.facts.Invited), 0.8, 0.05)
}

// The two incidents that the register of changes refers to.
func TestIncidents(t *testing.T) {
	story := medium(t)
	zone := story.figures.calendar.Zone()
	stops, papers := 0, 0
	for _, c := range story.figures.cases {
		last := c.events[len(c.events)-1]
		switch {
		case last.Task.Attributes["type"] == "supplier_stop" && c.events[0].Time.In(zone).Format("2006-01-02 15:04") == "2025-10-13 09:12":
			stops++
			handled := c.events[3].Time.In(zone).Format(time.DateOnly)
			reviewed := c.completed.In(zone).Format(time.DateOnly)
			if handled != "2025-10-16" || reviewed != "2025-10-22" {
				t.Errorf("supplier stop handled on %s, reviewed on %s", handled, reviewed)
			}
		case c.process == "special_procurement" && c.events[0].Time.In(zone).Format("2006-01-02 15:04") == "2025-07-28 09:40":
			papers++
		}
	}
	if stops != 1 || papers != 1 {
		t.Errorf("%d supplier stops and %d delayed purchases", stops, papers)
	}
}
