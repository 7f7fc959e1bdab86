package handbook_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/officepulse/analytics/handbook"
)

// changed is the shipped handbook with something else in its last version.
func changed(t *testing.T, from, to string) error {
	t.Helper()
	text := string(handbook.Example())
	i := strings.LastIndex(text, from)
	if i < 0 {
		t.Fatalf("the shipped handbook has no %q", from)
	}
	_, err := handbook.Parse([]byte(text[:i] + to + text[i+len(from):]))
	return err
}

// Every mistake in the registers and the rules of early warning is told with its
// line and a remedy.
func TestRegistersAndWarningsAreChecked(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"liaison: {process: liaison_item", "liaison: {process: nothing", `process "nothing" is none of this version; name one of`},
		{"routed: [routed]", "routed: [nothing]", `"nothing" is no limit of "liaison_item"; name one of routed, closed`},
		{"lights: {green: 90, yellow: 75", "lights: {green: 60, yellow: 75", "yellow begins at 75 and green at 60; write yellow below green"},
		{"lights: {green: 90", "lights: {green: 120", "green 120 is no share; write per cent from 0 to 100"},
		{"sync: {process: project_sync, stage: hold", "sync: {process: project_sync, stage: nothing", `process "project_sync" has no stage "nothing" to meet in`},
		{"    project: project\n", "", "project is missing, by which weekly meetings are told apart; write project:"},
		{"    handled: {stage: handle, action: complete}\n", "", "handled is missing; write the step as {stage: report"},
		{"    high: [high]\n", "", "high is missing; write the ratings"},
		{"    supplier: supplier\n", "", "supplier is missing; write supplier:"},
		{"near: 5d, behind: 30", "near: 5d, behind: 300", "behind 300 is no share"},
		{"    by: [leadership]\n", "    by: [nobody]\n", `department "nobody" is not defined; name one of`},
		{"stage: sign, class: core}]", "stage: nothing, class: core}]", `process "doc_approval" has no stage "nothing"; name one of`},
		{"    within: 2d\n    clock: working\n  team", "    clock: working\n  team", "within is missing; write how long a decision may take"},
		{"    within: 2d\n    clock: working\n  team", "    within: 2d\n    clock: elapsed_roll_forward\n  team", `clock "elapsed_roll_forward" is not for decisions; write clock: working`},
		{"persons: 2, steps: 3", "persons: -1, steps: 3", "persons -1 is none of 1 to 100; write persons: 2"},
		{"quiet: closed", "quiet: sometimes", `quiet "sometimes" is unknown; write closed`},
		{"rules: []", "rules: [{key: nothing}]", `there is no rule "nothing"; name one of near_due, p90_rising`},
		{"rules: []", "rules: [{key: near_due}, {key: near_due}]", `rule "near_due" is there twice; keep one entry`},
		{"rules: []", "rules: [{key: near_due, raise: 1}]", "clear 1.5 is not below raise 1, so the warning would come and go; write clear below raise"},
		{"rules: []", "rules: [{key: response_low, raise: 60}]", "clear 55 is not above raise 60"},
		{"rules: []", "rules: [{key: near_due, raise: 0, clear: 0}]", "raise 0 is not above 0; write from where on to warn"},
		{"rules: []", "rules: [{key: near_due, min_n: -3}]", "min_n -3 is negative; write on how many"},
		{"rules: []", "rules: [{key: near_due, colour: red}]", `unknown key "colour"`},
	} {
		err := changed(t, c.from, c.to)
		if err == nil {
			t.Errorf("%s: read without a complaint", c.to)
			continue
		}
		if !slices.ContainsFunc(handbook.Mistakes(err), func(m handbook.LineError) bool {
			return m.Line > 0 && m.Remedy != "" && strings.Contains(m.Error(), c.want)
		}) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
	if err := changed(t, "rules: []", "rules: [{key: near_due, raise: 3}, {key: one_person, off: true}]"); err != nil {
		t.Errorf("good settings: %v", err)
	}
	hb := handbook.Default()
	if s := hb.Warnings.Setting(handbook.NearDue); s.Raise != 2 || s.MinN != 5 || s.Off {
		t.Errorf("the default is %+v", s)
	}
}
