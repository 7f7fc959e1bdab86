// Package handbook is what the office has promised (《办公室工作流程手册》):
// which processes there are, through which stages they run, when a case has
// ended, who the departments are and when the office is open. It reads one
// YAML file and reports every mistake in it with its line.
package handbook

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
	Timezone        string          `yaml:"timezone"`          // IANA name, e.g. Asia/Shanghai
	FiscalYearStart int             `yaml:"fiscal_year_start"` // month 1 to 12 in which quarter 1 begins
	OfficeHours     Hours           `yaml:"office_hours"`      // of a working day, local time
	Headline        string          `yaml:"headline"`          // the process whose lead time the Overview shows
	Departments     []Department    `yaml:"departments"`
	Processes       []Process       `yaml:"processes"`
	FaultKinds      []Named         `yaml:"fault_kinds"`
	Classes         []Named         `yaml:"classes"`
	Questionnaires  []Questionnaire `yaml:"questionnaires"`
}

// Named is a key with its names.
type Named struct {
	Key  string `yaml:"key"`
	Name Text   `yaml:"name"`
}

// Department is a part of the company.
type Department struct {
	Key       string `yaml:"key"` // as in events
	Name      Text   `yaml:"name"`
	Headcount int    `yaml:"headcount"`
}

// Process is a kind of work the office does.
type Process struct {
	Key    string  `yaml:"key"` // as in events
	Name   Text    `yaml:"name"`
	Ends   Step    `yaml:"ends"` // the step that completes a case
	Stages []Stage `yaml:"stages"`
}

// Step is an action in a stage.
type Step struct {
	Stage  string `yaml:"stage"`
	Action string `yaml:"action"`
}

// Stage is a part of a process.
type Stage struct {
	Key     string `yaml:"key"` // as in events
	Name    Text   `yaml:"name"`
	Repeats bool   `yaml:"repeats"` // several visits are expected (countersigning) and are no rework
}

// Questionnaire says what the answers to a survey are worth.
type Questionnaire struct {
	Key    string          `yaml:"key"` // as in events, version included
	Name   Text            `yaml:"name"`
	Levels map[int]float64 `yaml:"levels"` // level answered -> points, 0 to 100
	Items  []Item          `yaml:"items"`
}

// Item is a question that counts towards satisfaction.
type Item struct {
	Key    string  `yaml:"key"` // as in events
	Name   Text    `yaml:"name"`
	Weight float64 `yaml:"weight"` // > 0; the weights are normalised over the questions answered
}
