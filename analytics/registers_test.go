package analytics_test

import (
	"errors"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/ingest/event"
)

// registered is the office of the tests with registers over its processes.
func registered() *handbook.Handbook {
	hb := office()
	hb.Registers = handbook.Registers{
		Liaison:   &handbook.LiaisonRegister{Process: "approval", Routed: []string{"reviewed"}, Closed: []string{"core"}},
		Blockers:  &handbook.BlockersRegister{Process: "purchase", TakenUp: []string{"current"}, Resolved: []string{"quarter"}},
		Decisions: &handbook.DecisionsRegister{By: []string{"finance"}, Requests: []handbook.RequestStage{{Process: "archive", Stage: "paper", Class: "core"}}, Within: handbook.Duration(24 * time.Hour), Clock: "working"},
		Team:      &handbook.TeamRegister{Departments: []string{"office"}},
	}
	return hb
}

// A share of limits kept in a register is the on-time rate of that limit, from
// events and from facts alike, whatever duplicates and disorder there are.
func TestRegistersAgreeWithTheOnTimeRate(t *testing.T) {
	d := dice(77)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, records)
	hb, cal := registered(), workdays(t, "Asia/Shanghai")
	plain := analytics.New(conn, hb, cal)
	over := overFacts(conn, hb, cal)
	compared := 0
	for _, quarter := range []time.Month{time.January, time.April, time.July} /* all over by the newest event */ {
		for _, department := range [][]string{nil, {"sales"}} {
			q := analytics.Query{From: day(2026, quarter, 1), To: day(2026, quarter+3, 1), Zone: cal.Zone(), Department: department}
			all, err := over.Registers(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			same, err := plain.Registers(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range all.Registers {
				for j, f := range r.Figures {
					g := same.Registers[i].Figures[j]
					if f.N != g.N || (f.Count != nil && *f.Count != *g.Count) || (f.Median != nil && *f.Median != *g.Median) {
						t.Errorf("%s/%s: %+v from facts, %+v from events", r.Key, f.Figure, f, g)
					}
				}
			}
			for _, c := range []struct{ register, figure, limit string }{
				{register.Liaison, register.Routed, "approval/reviewed"},
				{register.Liaison, register.ClosedKept, "approval/core"},
				{register.Blockers, register.TakenUp, "purchase/current"},
				{register.Blockers, register.ResolvedKept, "purchase/quarter"},
			} {
				q.Limits = []string{c.limit}
				want := ask(t, over, "on_time_rate", q)
				q.Limits = nil
				got := figureOf(t, all, c.register, c.figure)
				var n, kept uint64
				if len(want.Series) > 0 && len(want.Series[0].Points) > 0 {
					n, kept = want.Series[0].Points[0].N, *want.Series[0].Points[0].Count
				}
				if n != got.N || (n > 0 && kept != *got.Count) {
					t.Errorf("%s/%s of %v from %s: %d of %d, the on-time rate has %d of %d", c.register, c.figure, department, q.From.Format(time.DateOnly), got.Count, got.N, kept, n)
				}
				compared += int(n)
			}
		}
	}
	if compared < 60 {
		t.Errorf("only %d cases were compared", compared)
	}
}

func figureOf(t *testing.T, all *analytics.Registers, key, figure string) register.Figure {
	t.Helper()
	for _, r := range all.Registers {
		for _, f := range r.Figures {
			if r.Key == key && f.Figure == figure {
				return f
			}
		}
	}
	t.Fatalf("no %s/%s", key, figure)
	return register.Figure{}
}

func TestRegisterQuestions(t *testing.T) {
	conn := store(t)
	hb, cal := registered(), workdays(t, "Asia/Shanghai")
	m := analytics.New(conn, hb, cal)
	q := analytics.Query{From: day(2026, time.July, 1), To: day(2026, time.October, 1)}
	if _, err := m.Register(t.Context(), "nothing", q); !errors.Is(err, analytics.ErrQuery) {
		t.Errorf("an unknown register: %v", err)
	}
	if _, err := m.Register(t.Context(), register.Emergencies, q); !errors.Is(err, analytics.ErrQuery) {
		t.Errorf("a register that is not kept: %v", err)
	}
	q.Process = []string{"approval"}
	if _, err := m.Registers(t.Context(), q); !errors.Is(err, analytics.ErrQuery) {
		t.Errorf("a filter by process: %v", err)
	}
	all, err := m.Registers(t.Context(), analytics.Query{From: day(2026, time.July, 1), To: day(2026, time.October, 1)})
	if err != nil || len(all.Registers) != 3 || len(all.Missing) != 3 {
		t.Errorf("an empty store: %+v %v", all, err)
	}
	none := analytics.New(conn, office(), cal)
	if _, err := none.Team(t.Context(), analytics.Query{From: day(2026, time.July, 1), To: day(2026, time.October, 1)}); !errors.Is(err, analytics.ErrNoTeam) {
		t.Errorf("no team: %v", err)
	}
}

// The team is counted from its own steps, and a process that one person does
// alone is red.
func TestTeam(t *testing.T) {
	conn := store(t)
	cal := workdays(t, "Asia/Shanghai")
	begin := time.Date(2026, time.July, 6, 9, 0, 0, 0, cal.Zone())
	var events []event.Event
	tell := func(process, id, actor string, after time.Duration, action event.Action) {
		events = append(events, event.Event{
			ID: id + "-" + actor + "-" + string(action), Source: "/test", Type: event.TypeTask, Time: begin.Add(after).UTC(),
			Task: &event.Task{Process: process, CaseID: id, Stage: "review", Action: action, Department: "sales", Actor: actor, ActorDepartment: "office"},
		})
	}
	for i := range 4 {
		id := string(rune('a' + i))
		tell("approval", id, "li", 0, event.Start)
		tell("approval", id, "wang", time.Hour, event.Approve)
		tell("meeting", "m-"+id, "li", 0, event.Start)
		tell("meeting", "m-"+id, "li", time.Hour, event.Complete)
		tell("meeting", "m-"+id, "wang", time.Hour, event.Comment) // a remark is no step
	}
	events[0].Task.ActorDepartment = "sales" // not of the team
	insert(t, conn, oracle.Log(events))
	m := analytics.New(conn, registered(), cal)
	got, err := m.Team(t.Context(), analytics.Query{From: day(2026, time.July, 1), To: day(2026, time.October, 1), Zone: cal.Zone()})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Processes) != 2 || got.Processes[0].Light != register.Green || got.Processes[1].Light != register.Red {
		t.Errorf("processes %+v", got.Processes)
	}
	if len(got.Workload) != 2 || got.Workload[0].Person != "li" || got.Workload[0].Steps != 11 || got.Workload[1].Steps != 4 || got.Workload[1].Waited != 4*3600 {
		t.Errorf("workload %+v", got.Workload)
	}
}
