package pagebench

import "time"

// spread is a lognormal duration.
type spread struct{ median, sigma float64 } // hours, of office hours as a rule; of the logarithm

// leg is one step of a flow. The first of a flow opens the case.
type leg struct {
	stage, action string
	by            string // department that acts; "" for the case's own, "*" for any
	before, after spread // since the step before; a zero after is as before
	only          string // which cases go this way, a word of cases.sql; "" for all
}

// fault is a way in which a process goes wrong.
type fault struct {
	kind   string
	weight float64
	stage  string
	by     string // department responsible; "" for the case's own
}

// flow is how the cases of a process go, before and after it was improved.
type flow struct {
	process, prefix string // of its case ids
	volume          float64
	weight          func(day time.Time) float64 // of a working day; nil for the usual
	since, change   time.Time                   // no case before; when it was improved; zero for always and never
	department      string                      // whose cases these are; "" for any
	coreShare       float64
	returned        [2]float64 // probability that papers go back, before and after
	faulty          [2]float64 // probability of a fault, likewise
	elapsed, urgent bool       // durations are not of office hours; nobody withdraws it
	dueLeg          int        // the step that brings a due date, counted from 1; 0 for none
	dueDays         float64    // working days
	meetingLeg      int        // the step that is at an appointed time; 0 for none
	order           string     // attribute of supplies
	legs            []leg
	faults          []fault
}

const (
	office     = "office"
	leadership = "leadership"
)

// date is midnight in the office's zone.
type date func(year int, month time.Month, day int) time.Time

// flowsOf lists what the office does: the processes of the shipped handbook in
// the order of their routes, with the volumes (cases a month), durations, faults
// and changes of DOMAIN.md §5. What that page leaves out is as in the demo's
// story, or our own.
func flowsOf(on date) []flow {
	manual := on(2026, time.April, 1)
	supplies := []leg{
		{stage: "plan", action: "submit"},
		{stage: "plan", action: "approve", by: office, before: spread{4, 0.7}, after: spread{3, 0.6}},
		{stage: "purchase", action: "complete", by: "procurement", before: spread{24, 0.5}, after: spread{20, 0.45}},
		{stage: "receipt", action: "check", by: "logistics", before: spread{4, 0.6}},
		{stage: "issue", action: "complete", by: office, before: spread{6, 0.7}, after: spread{4, 0.6}},
	}
	supplyFaults := []fault{
		{"wrong_specification", 30, "plan", ""},
		{"item_missing", 25, "purchase", "procurement"},
		{"adhoc_purchase", 30, "plan", ""},
		{"issue_unregistered", 15, "issue", office},
	}
	return []flow{
		{
			process: "doc_approval", prefix: "DA", volume: 300, change: on(2026, time.March, 2), coreShare: 0.22,
			returned: [2]float64{0.18, 0.08}, faulty: [2]float64{0.085, 0.055}, dueLeg: 1, dueDays: 3,
			legs: []leg{
				{stage: "draft", action: "submit"},
				{stage: "department_head", action: "return", before: spread{3, 0.9}, only: "returned_1"},
				{stage: "draft", action: "submit", before: spread{2, 0.7}, only: "returned_1"},
				{stage: "department_head", action: "approve", before: spread{3, 0.9}},
				{stage: "countersign", action: "approve", by: "*", before: spread{3, 0.8}, only: countersigned},
				{stage: "countersign", action: "approve", by: "*", before: spread{3, 0.8}, only: countersigned},
				{stage: "countersign", action: "approve", by: "*", before: spread{3, 0.8}, only: countersigned},
				{stage: "countersign", action: "approve", by: "*", before: spread{3, 0.8}, only: countersigned},
				{stage: "office_review", action: "return", by: office, before: spread{2.5, 0.7}, after: spread{3, 0.8}, only: "returned_2"},
				{stage: "draft", action: "submit", before: spread{2, 0.7}, only: "returned_2"},
				{stage: "office_review", action: "start", by: office, before: spread{1.8, 0.7}, after: spread{2.2, 0.8}},
				{stage: "office_review", action: "approve", by: office, before: spread{0.7, 0.7}, after: spread{0.8, 0.8}},
				{stage: "sign", action: "sign", by: leadership, before: spread{4.5, 1.0}, only: "by_leadership"},
				{stage: "sign", action: "sign", by: office, before: spread{0.03, 0.5}, only: "by_office"},
			},
			faults: []fault{
				{"wrong_format", 30, "draft", ""},
				{"missing_attachment", 25, "draft", ""},
				{"review_missed", 20, "office_review", office},
				{"wrong_version", 10, "sign", office},
				{"overdue", 15, "department_head", ""},
			},
		},
		{
			process: "archive", prefix: "AR", volume: 260, change: manual, faulty: [2]float64{0.060, 0.033}, elapsed: true, dueLeg: 1, dueDays: 1,
			legs: []leg{
				{stage: "electronic", action: "submit", by: office},
				{stage: "electronic", action: "archive", by: office, before: spread{7, 1.0}, after: spread{3.5, 0.7}},
				{stage: "paper", action: "archive", by: office, before: spread{7, 1.0}, after: spread{3.5, 0.7}},
			},
			faults: []fault{
				{"archived_late", 45, "paper", office},
				{"paper_copy_missing", 30, "paper", office},
				{"misfiled", 25, "electronic", office},
			},
		},
		{
			process: "meeting", prefix: "ME", volume: 150, change: on(2026, time.February, 2), faulty: [2]float64{0.120, 0.060},
			dueLeg: 7, dueDays: 2, meetingLeg: 6,
			legs: []leg{
				{stage: "request", action: "submit"},
				{stage: "agenda", action: "complete", by: office, before: spread{3, 0.7}},
				{stage: "notice", action: "notify", by: office, before: spread{1, 0.5}},
				{stage: "notice", action: "complete", by: office, before: spread{6, 0.8}, after: spread{1.5, 0.6}},
				{stage: "venue", action: "complete", by: office, before: spread{2, 0.6}, after: spread{0.5, 0.5}},
				{stage: "venue", action: "check", by: "technology"}, // some minutes before the meeting
				{stage: "minutes", action: "start", by: office, before: spread{0.05, 0.5}},
				{stage: "minutes", action: "complete", by: office, before: spread{14, 0.6}, after: spread{9, 0.5}},
			},
			faults: []fault{
				{"notice_missed", 40, "notice", office},
				{"room_conflict", 20, "venue", office},
				{"equipment_failure", 25, "venue", "technology"},
				{"minutes_error", 15, "minutes", office},
			},
		},
		{
			process: "supplies", prefix: "SP", volume: 180, change: manual, faulty: [2]float64{0.100, 0.055}, order: "planned",
			weight: func(day time.Time) float64 { return planDay(day, manual) * (1 - adHocShare(day, manual)) }, legs: supplies, faults: supplyFaults,
		},
		{
			process: "supplies", prefix: "SA", volume: 180, change: manual, faulty: [2]float64{0.100, 0.055}, order: "ad_hoc",
			weight: func(day time.Time) float64 { return usual(day) * adHocShare(day, manual) }, legs: supplies, faults: supplyFaults,
		},
		{
			process: "seal", prefix: "SE", volume: 300, change: manual, faulty: [2]float64{0.030, 0.020},
			legs: []leg{
				{stage: "application", action: "submit"},
				{stage: "approval", action: "approve", before: spread{3.5, 0.8}, after: spread{2.6, 0.7}},
				{stage: "stamp", action: "complete", by: office, before: spread{0.3, 0.5}},
				{stage: "register", action: "complete", by: office, before: spread{0.1, 0.5}},
			},
			faults: []fault{
				{"seal_unregistered", 50, "register", office},
				{"seal_wrong_document", 30, "stamp", office},
				{"seal_without_approval", 20, "approval", ""},
			},
		},
		{
			process: "incoming", prefix: "IN", volume: 120, change: manual, faulty: [2]float64{0.050, 0.034}, dueLeg: 1, dueDays: 7,
			legs: []leg{
				{stage: "receive", action: "submit", by: office},
				{stage: "register", action: "complete", by: office, before: spread{0.5, 0.5}},
				{stage: "first_review", action: "approve", by: office, before: spread{3, 0.7}, after: spread{2.5, 0.6}},
				{stage: "handle", action: "start", before: spread{6, 0.7}},
				{stage: "handle", action: "complete", before: spread{2, 0.7}},
				{stage: "circulate", action: "notify", by: "*", before: spread{2, 0.7}},
				{stage: "reply", action: "complete", by: office, before: spread{2, 0.7}},
			},
			faults: []fault{
				{"circulation_missed", 40, "circulate", office},
				{"misrouted", 25, "first_review", office},
				{"handling_delayed", 35, "handle", ""},
			},
		},
		{
			process: "data_request", prefix: "DR", volume: 60, change: on(2026, time.April, 13), faulty: [2]float64{0.070, 0.050}, dueLeg: 1, dueDays: 1,
			legs: []leg{
				{stage: "request", action: "submit"},
				{stage: "collect", action: "start", by: "finance", before: spread{6, 0.9}, after: spread{3.5, 0.7}},
				{stage: "collect", action: "complete", by: "finance", before: spread{2, 0.9}, after: spread{1.2, 0.7}},
				{stage: "deliver", action: "complete", by: office, before: spread{0.5, 0.5}},
			},
			faults: []fault{{"wrong_data", 45, "collect", "finance"}, {"not_forwarded", 55, "deliver", office}},
		},
		{
			process: "supervision", prefix: "SU", volume: 30, change: manual, faulty: [2]float64{0.080, 0.060}, dueLeg: 1, dueDays: 15,
			legs: []leg{
				{stage: "register", action: "submit", by: office},
				{stage: "assign", action: "notify", by: office, before: spread{1, 0.6}},
				{stage: "track", action: "check", by: office, before: spread{32, 0.6}},
				{stage: "track", action: "check", by: office, before: spread{32, 0.6}},
				{stage: "report", action: "complete", before: spread{8, 0.6}},
				{stage: "close_out", action: "close", by: office, before: spread{4, 0.6}},
			},
			faults: []fault{{"feedback_late", 65, "report", ""}, {"result_incomplete", 35, "close_out", ""}},
		},
		{
			process: "liaison_item", prefix: "LI", volume: 45, since: on(2026, time.April, 13), weight: mondays, faulty: [2]float64{0.016, 0.016},
			legs: []leg{
				{stage: "raise", action: "submit"},
				{stage: "route", action: "transfer", by: office, before: spread{0.5, 0.6}},
				{stage: "handle", action: "start", by: "*", before: spread{10, 0.8}},
				{stage: "handle", action: "close", by: "*", before: spread{4, 0.8}},
			},
			faults: []fault{{"not_routed", 40, "route", office}, {"reply_late", 60, "handle", ""}},
		},
		{
			process: "test_report", prefix: "TR", volume: 25, since: on(2026, time.May, 18), department: "sales", faulty: [2]float64{0.015, 0.015}, dueLeg: 1, dueDays: 1,
			legs: []leg{
				{stage: "request", action: "submit"},
				{stage: "reply", action: "start", by: "quality", before: spread{2.4, 0.5}},
				{stage: "reply", action: "complete", by: "quality", before: spread{1, 0.5}},
			},
			faults: []fault{{"report_wrong", 40, "reply", "quality"}, {"reply_late", 60, "reply", "quality"}},
		},
		{
			process: "reception", prefix: "RE", volume: 12, change: manual, faulty: [2]float64{0.090, 0.070},
			legs: []leg{
				{stage: "plan", action: "submit"},
				{stage: "approval", action: "approve", by: office, before: spread{3, 0.7}},
				{stage: "arrange", action: "complete", by: office, before: spread{8, 0.6}},
				{stage: "host", action: "complete", before: spread{24, 0.5}},
				{stage: "settle", action: "complete", by: office, before: spread{8, 0.6}},
			},
			faults: []fault{{"arrangement_missed", 50, "arrange", office}, {"schedule_conflict", 35, "host", ""}, {"over_budget", 15, "settle", ""}},
		},
		{
			process: "special_procurement", prefix: "SQ", volume: 4, change: on(2025, time.August, 18), department: "r_and_d",
			returned: [2]float64{0.55, 0.10}, faulty: [2]float64{0.100, 0.050},
			legs: []leg{
				{stage: "application", action: "submit"},
				{stage: "review", action: "return", by: office, before: spread{12, 0.6}, only: "returned"},
				{stage: "application", action: "submit", before: spread{16, 0.6}, only: "returned"},
				{stage: "review", action: "approve", by: office, before: spread{12, 0.6}},
				{stage: "purchase", action: "complete", by: "procurement", before: spread{60, 0.5}},
			},
			faults: []fault{{"papers_incomplete", 100, "application", ""}},
		},
		{
			process: "emergency", prefix: "EM", volume: 1.5, change: manual, faulty: [2]float64{0.100, 0.060}, elapsed: true, urgent: true,
			legs: []leg{
				{stage: "report", action: "submit"},
				{stage: "activate", action: "start", by: office, before: spread{0.67, 0.6}, after: spread{0.3, 0.5}},
				{stage: "notify", action: "notify", by: office, before: spread{0.3, 0.6}, after: spread{0.15, 0.5}},
				{stage: "handle", action: "complete", before: spread{30, 0.6}, after: spread{18, 0.6}},
				{stage: "review", action: "complete", by: office, before: spread{80, 0.6}},
			},
			faults: []fault{{"reported_late", 60, "report", ""}, {"department_not_notified", 40, "notify", office}},
		},
		{
			process: "project_coord", prefix: "PC", volume: 6, change: manual, faulty: [2]float64{0.070, 0.050},
			legs: []leg{
				{stage: "raise", action: "submit"},
				{stage: "coordinate", action: "start", by: office, before: spread{3, 0.7}, after: spread{1.5, 0.6}},
				{stage: "coordinate", action: "complete", by: office, before: spread{4, 0.7}},
				{stage: "resolve", action: "close", before: spread{20, 0.7}, after: spread{14, 0.6}},
			},
			faults: []fault{{"sync_missed", 100, "coordinate", office}},
		},
		{
			process: "supplier_risk", prefix: "SR", volume: 3, since: on(2026, time.January, 5), department: "procurement", faulty: [2]float64{0.050, 0.050},
			legs: []leg{
				{stage: "collect", action: "submit", by: "procurement"},
				{stage: "rate", action: "complete", by: "procurement", before: spread{24, 0.6}},
				{stage: "publish", action: "complete", by: office, before: spread{8, 0.6}},
			},
			faults: []fault{{"rating_outdated", 100, "rate", "procurement"}},
		},
	}
}

// countersigned is the condition of legs of which a case takes as many as
// departments countersign it.
const countersigned = "countersigned"

// usual is how busy a working day is, of a month: weekday, season, and half a
// percent more each month.
func usual(day time.Time) float64 {
	weight := 12.0 / 248
	switch day.Weekday() {
	case time.Monday:
		weight *= 1.15
	case time.Friday:
		weight *= 0.85
	case time.Saturday, time.Sunday: // make-up days
		weight *= 0.7
	default:
	}
	switch day.Month() {
	case time.December:
		weight *= 1.25
	case time.January:
		weight *= 1.1
	case time.July:
		weight *= 1.05
	default:
	}
	months := (day.Year()-2025)*12 + int(day.Month()-time.October)
	return weight * (1 + 0.005*float64(months))
}

// planDay is the share of a month's supply plans that come on a day: most by the
// fifth, and nearly all since the manual asks for it.
func planDay(day, manual time.Time) float64 {
	late := 0.03
	if !day.Before(manual) {
		late = 0.008
	}
	switch d := day.Day(); {
	case d <= 5:
		return 0.2
	case d <= 10:
		return late
	default:
		return 0
	}
}

func adHocShare(day, manual time.Time) float64 {
	if day.Before(manual) {
		return 0.35
	}
	return 0.08
}

// mondays is when the liaison meeting is held.
func mondays(day time.Time) float64 {
	if day.Weekday() != time.Monday {
		return 0
	}
	return 12.0 / 50
}
