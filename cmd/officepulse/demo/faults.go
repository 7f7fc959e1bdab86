package demo

import (
	"time"

	"example.com/officepulse/ingest/event"
)

// kind is a way in which a process goes wrong.
type kind struct {
	key    string
	weight float64
	stage  string // where it happens
	by     string // department responsible; "" for the case's own
}

var kinds = map[string][]kind{
	"doc_approval": {
		{"wrong_format", 30, "draft", ""},
		{"missing_attachment", 25, "draft", ""},
		{"review_missed", 20, "office_review", office},
		{"wrong_version", 10, "sign", office},
		{"overdue", 15, "department_head", ""},
	},
	"meeting": {
		{"notice_missed", 40, "notice", office},
		{"room_conflict", 20, "venue", office},
		{"equipment_failure", 25, "venue", "technology"},
		{"minutes_error", 15, "minutes", office},
	},
	"supplies": {
		{"wrong_specification", 30, "plan", ""},
		{"item_missing", 25, "purchase", "procurement"},
		{"adhoc_purchase", 30, "plan", ""},
		{"issue_unregistered", 15, "issue", office},
	},
	"archive": {
		{"archived_late", 45, "paper", office},
		{"paper_copy_missing", 30, "paper", office},
		{"misfiled", 25, "electronic", office},
	},
	"seal": {
		{"seal_unregistered", 50, "register", office},
		{"seal_wrong_document", 30, "stamp", office},
		{"seal_without_approval", 20, "approval", ""},
	},
	"incoming": {
		{"circulation_missed", 40, "circulate", office},
		{"misrouted", 25, "first_review", office},
		{"handling_delayed", 35, "handle", ""},
	},
	"data_request":        {{"wrong_data", 45, "collect", "finance"}, {"not_forwarded", 55, "deliver", office}},
	"supervision":         {{"feedback_late", 65, "report", ""}, {"result_incomplete", 35, "close_out", ""}},
	"liaison_item":        {{"not_routed", 40, "route", office}, {"reply_late", 60, "handle", ""}},
	"test_report":         {{"report_wrong", 40, "reply", "quality"}, {"reply_late", 60, "reply", "quality"}},
	"reception":           {{"arrangement_missed", 50, "arrange", office}, {"schedule_conflict", 35, "host", ""}, {"over_budget", 15, "settle", ""}},
	"special_procurement": {{"papers_incomplete", 100, "application", ""}},
	"emergency":           {{"reported_late", 60, "report", ""}, {"department_not_notified", 40, "notify", office}},
}

var (
	severities = []float64{70, 25, 5}  // minor, major, critical
	foundLag   = spread{1.5 * 24, 0.8} // elapsed hours until it is noticed
	reportLag  = spread{0.5, 0.6}      // working hours until it is reported
	judgeLag   = spread{3, 0.7}        // working hours until it is confirmed or dismissed
	correctLag = spread{8, 0.8}        // working hours until it is put right
)

const (
	dismissedShare = 0.06 // of all reports
	correctedShare = 0.92 // of the confirmed faults
	secondShare    = 0.06 // of the faulty cases, those with another fault
)

// judge decides whether a completed case was faulty. Reports that come to
// nothing concern any case.
func (t *tale) judge(f *flow, m *matter) {
	start := time.UnixMilli(m.steps[0].at)
	p := f.faults.at(effect(f.change, start))
	if f.bump != nil {
		p *= f.bump(start)
	}
	reports := 0
	if f.quota.take(p) {
		t.facts.Faulty++
		for again := true; again; again = reports < 2 && f.r.Float64() < secondShare {
			reports++
			t.report(f, m, reports, event.Confirmed)
		}
	}
	if f.dismissed.take(p * dismissedShare / (1 - dismissedShare)) {
		t.report(f, m, reports+1, event.Dismissed)
	}
}

// report tells a fault from its being noticed to its end.
func (t *tale) report(f *flow, m *matter, n int, verdict event.Status) {
	weights := make([]float64, len(f.kinds))
	for i, k := range f.kinds {
		weights[i] = k.weight
	}
	k := f.kinds[pick(f.r, weights)]
	responsible := k.by
	if responsible == "" {
		responsible = m.department
	}
	found := t.found(f, m, k.stage)
	fault := event.Fault{
		FaultID: "F-" + m.id + "-" + pad(n, 1), Process: m.process, CaseID: m.id, Stage: k.stage, Kind: k.key,
		Severity: event.Severities()[pick(f.r, severities)], Department: responsible,
		ReportedBy: t.people.someone(m.department).id, FoundAt: found,
	}
	at := found
	var events []event.Event
	next := func(lag spread, status event.Status) {
		at = t.calendar.Add(at, f.draw(lag)).UTC().Truncate(time.Millisecond)
		told := fault
		told.Status = status
		events = append(events, event.Event{
			ID: "demo-" + fault.FaultID + "-" + pad(len(events)+1, 1), Source: Source, Type: event.TypeFault,
			Time: at, Sequence: sequence(len(events)), Fault: &told,
		})
	}
	next(reportLag, event.Reported)
	next(judgeLag, verdict)
	if verdict == event.Confirmed {
		t.facts.Faults++
		if f.r.Float64() < correctedShare {
			next(correctLag, event.Corrected)
		}
	} else {
		t.facts.Dismissed++
	}
	t.facts.Reports += t.postEvents(events...)
}

// found is when a fault in a stage is noticed, some time after the stage was left.
func (t *tale) found(f *flow, m *matter, stage string) time.Time {
	left := m.steps[len(m.steps)-1].at
	for _, s := range m.steps {
		if s.stage == stage {
			left = s.at
		}
	}
	return time.UnixMilli(left).Add(f.draw(foundLag)).UTC().Truncate(time.Millisecond)
}
