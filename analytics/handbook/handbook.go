// Package handbook is what the office has promised (《办公室工作流程手册》):
// which processes there are, through which stages they run, when a case has
// ended and by when, who the departments are and when the office is open. It
// reads one YAML file, in which every version of the handbook has its place, and
// reports every mistake in it with its line and what to do about it.
package handbook

import "example.com/officepulse/analytics/calendar"

// Text is a name in both languages.
type Text struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// In returns the name in a language, "zh" or "en"; the other one when it is missing.
func (t Text) In(language string) string {
	if (language == "zh" && t.ZH != "") || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

// Handbook is one version of the office's promises.
type Handbook struct {
	Version         string          `yaml:"version"`
	From            calendar.Date   `yaml:"from"`              // the first day on which it holds; 0: since ever
	Timezone        string          `yaml:"timezone"`          // IANA name, e.g. Asia/Shanghai; the same in all versions
	FiscalYearStart int             `yaml:"fiscal_year_start"` // month 1 to 12 in which quarter 1 begins; the same in all versions
	OfficeHours     Hours           `yaml:"office_hours"`      // of a working day, local time
	Headline        string          `yaml:"headline"`          // the process whose lead time the Overview shows
	Company         Company         `yaml:"calendar"`
	Departments     []Department    `yaml:"departments"`
	Roles           []Named         `yaml:"roles"` // who may be responsible besides departments
	Processes       []Process       `yaml:"processes"`
	FaultKinds      []Named         `yaml:"fault_kinds"`
	Classes         []Named         `yaml:"classes"`
	Questionnaires  []Questionnaire `yaml:"questionnaires"`
	Registers       Registers       `yaml:"registers"` // a later version replaces them as a whole; so below
	Warnings        Warnings        `yaml:"warnings"`

	history *History            // nil: made by hand, the only version
	years   []calendar.YearFile // read from Company.YearFiles
}

// Named is a key with its names.
type Named struct {
	Key     string `yaml:"key"`
	Name    Text   `yaml:"name"`
	Removed bool   `yaml:"removed"` // in a later version: the entry no longer holds; so below
}

// Department is a part of the company.
type Department struct {
	Key       string `yaml:"key"` // as in events
	Name      Text   `yaml:"name"`
	Headcount int    `yaml:"headcount"`
	Removed   bool   `yaml:"removed"`
}

// Process is a kind of work the office does.
type Process struct {
	Key        string  `yaml:"key"` // as in events
	Name       Text    `yaml:"name"`
	Ends       Step    `yaml:"ends"` // the step that completes a case
	Stages     []Stage `yaml:"stages"`
	Routes     []Route `yaml:"routes"`     // none: any way through the stages is as good
	Limits     []Limit `yaml:"limits"`     // none: no promise
	Exceptions Text    `yaml:"exceptions"` // what is done when it cannot go its way (异常处理); may be empty
	// Services are keys of services in questionnaires that this process does: what
	// people think of them is set against how much of it is on time. Without any it
	// does the service of its own key.
	Services []string `yaml:"services"`
	Removed  bool     `yaml:"removed"`
}

// Step is an action in a stage.
type Step struct {
	Stage  string `yaml:"stage"`
	Action string `yaml:"action"`
}

// Stage is a part of a process.
type Stage struct {
	Key         string `yaml:"key"` // as in events
	Name        Text   `yaml:"name"`
	Responsible string `yaml:"responsible"` // key of a department or a role; "": nobody named
	Repeats     bool   `yaml:"repeats"`     // several visits are expected (countersigning) and are no rework
}

// Route is the way through a process that cases of a class have to take: the
// stages in this order, each once, but for those that may be skipped or repeated.
type Route struct {
	Class     string   `yaml:"class"` // "": every class without a route of its own
	Stages    []string `yaml:"stages"`
	MaySkip   []string `yaml:"may_skip"`
	MayRepeat []string `yaml:"may_repeat"` // besides the stages that repeat anyway
}

// Questionnaire says what the answers to a survey are worth.
type Questionnaire struct {
	Key     string          `yaml:"key"` // as in events, version included
	Name    Text            `yaml:"name"`
	Levels  map[int]float64 `yaml:"levels"` // level answered -> points, 0 to 100
	Items   []Item          `yaml:"items"`
	Removed bool            `yaml:"removed"`
}

// Item is a question that counts towards satisfaction.
type Item struct {
	Key    string  `yaml:"key"` // as in events
	Name   Text    `yaml:"name"`
	Weight float64 `yaml:"weight"` // > 0; the weights are normalised over the questions answered
}
