package dashboard

import (
	"slices"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// option is an entry of a filter.
type option struct {
	Key, Name string
	Chosen    bool
}

// selection is a filter with its options. The first option stands for "all" or
// "as usual" where its key is empty.
type selection struct {
	Name, Label string
	Options     []option
}

// dates is a filter of whole days, both ends included as people write them.
type dates struct {
	Label                 string
	FromName, ThroughName string
	From, Through         string
}

// filterForm is the row of filters above the figures; on a phone it is a sheet.
type filterForm struct {
	Action   string // URL path of the page
	Fields   []selection
	Dates    []dates
	Language i18n.Language // kept in the URL when it was there
	Chosen   int           // how many filters narrow the page down
}

// maxQuarterOptions is every quarter that can be chosen.
const maxQuarterOptions = 4 * (lastYear - firstYear)

// form has the filters of the Overview.
func (v view) form(action string) filterForm {
	f := v.filters
	form := filterForm{Action: action, Language: f.Language}
	for _, chosen := range []string{f.Process, f.Department} {
		if chosen != "" {
			form.Chosen++
		}
	}
	form.Fields = []selection{
		{Name: "quarter", Label: v.T("filter.quarter"), Options: v.quarterOptions()},
		{Name: "process", Label: v.T("filter.process"), Options: v.processOptions(v.T("filter.all_processes"))},
		{Name: "department", Label: v.T("filter.department"), Options: v.departmentOptions()},
		{Name: "clock", Label: v.T("filter.clock"), Options: v.clockOptions()},
	}
	return form
}

// quarterOptions are the quarters with data and the chosen one, the newest
// first, or a word for chosen days.
func (v view) quarterOptions() []option {
	var list []option
	if v.now.Quarter == (quarter{}) {
		list = append(list, option{"", v.T("filter.chosen_days"), true})
	}
	return append(list, v.quarters(v.now.Quarter)...)
}

// quarters are those with data and, if it is none of them, the chosen one.
func (v view) quarters(chosen quarter) (list []option) {
	seen := chosen == (quarter{})
	for q := v.figures.Last; q.minus(v.figures.First) >= 0 && len(list) < maxQuarterOptions; q = q.add(-1) {
		seen = seen || q == chosen
		list = append(list, option{q.String(), q.String(), q == chosen})
	}
	if !seen {
		list = append(list, option{chosen.String(), chosen.String(), true})
	}
	return list
}

// processOptions are the processes; all, if there is such a choice, names every one.
func (v view) processOptions(all string) []option {
	var keys []string
	for i := range v.names.handbook.Processes {
		keys = append(keys, v.names.handbook.Processes[i].Key)
	}
	list := choices(keys, v.figures.ProcessKeys, v.filters.Process, v.names.process)
	if all == "" {
		return list
	}
	return append([]option{{"", all, v.filters.Process == ""}}, list...)
}

func (v view) departmentOptions() []option {
	var keys []string
	for i := range v.names.handbook.Departments {
		keys = append(keys, v.names.handbook.Departments[i].Key)
	}
	all := option{"", v.T("filter.all_departments"), v.filters.Department == ""}
	return append([]option{all}, choices(keys, v.figures.DepartmentKeys, v.filters.Department, v.names.department)...)
}

func (v view) classOptions() []option {
	var keys []string
	for i := range v.names.handbook.Classes {
		keys = append(keys, v.names.handbook.Classes[i].Key)
	}
	all := option{"", v.T("filter.all_classes"), v.filters.Class == ""}
	return append([]option{all}, choices(keys, nil, v.filters.Class, v.names.class)...)
}

func (v view) stageOptions() []option {
	stages := v.names.stages(v.lead)
	keys := make([]string, len(stages))
	for i := range stages {
		keys[i] = stages[i].Key
	}
	name := func(key string) string { return v.names.stage(v.lead, key) }
	all := option{"", v.T("filter.all_stages"), v.filters.Stage == ""}
	return append([]option{all}, choices(keys, nil, v.filters.Stage, name)...)
}

func (v view) clockOptions() (list []option) {
	for _, clock := range []analytics.Clock{analytics.ClockWorking, analytics.ClockElapsed} {
		list = append(list, option{string(clock), v.T("clock." + string(clock)), clock == v.filters.Clock})
	}
	return list
}

func (v view) bucketOptions() (list []option) {
	for _, b := range trendBuckets {
		key := b
		if b == string(analytics.BucketQuarter) {
			key = "" // the usual one stays out of the URL
		}
		list = append(list, option{key, v.T("filter.bucket." + b), key == string(v.filters.Bucket)})
	}
	return list
}

// beforeOptions are what the period can be compared with.
func (v view) beforeOptions() []option {
	f := v.filters
	list := []option{
		{"", v.T("filter.before.usual"), f.Before == "" && f.BeforeFrom.IsZero()},
		{beforeYear, v.T("filter.before.last_year"), f.Before == beforeYear},
		{beforePrevious, v.T("filter.before.previous"), f.Before == beforePrevious},
	}
	if !f.BeforeFrom.IsZero() {
		list = append([]option{{"", v.T("filter.chosen_days"), true}}, list...)
	}
	chosen, _ := parseQuarter(f.Before)
	return append(list, v.quarters(chosen)...)
}

// stretchDates are the fields for days of one's own choice.
func (v view) stretchDates() []dates {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(v.fiscal.zone).Format(time.DateOnly)
	}
	through := func(to time.Time) string {
		if to.IsZero() {
			return ""
		}
		return text(to.Add(-time.Nanosecond))
	}
	f := v.filters
	return []dates{
		{Label: v.T("filter.days"), FromName: "from", ThroughName: "through", From: text(f.From), Through: through(f.To)},
		{Label: v.T("filter.before.days"), FromName: "before_from", ThroughName: "before_through", From: text(f.BeforeFrom), Through: through(f.BeforeTo)},
	}
}

// analysisForm has the filters of the analysis pages. The stage, the clock and
// the step of trends are for those about time.
func (v view) analysisForm(action string, timed bool) filterForm {
	f := v.filters
	form := filterForm{Action: action, Language: f.Language, Dates: v.stretchDates()}
	for _, chosen := range []bool{f.Process != "", f.Department != "", f.Class != "", f.Stage != "", !f.From.IsZero(), f.Before != "" || !f.BeforeFrom.IsZero()} {
		if chosen {
			form.Chosen++
		}
	}
	all := v.T("filter.all_processes")
	if timed { // times of different processes do not add up to anything
		all = ""
	}
	form.Fields = []selection{
		{Name: "quarter", Label: v.T("filter.quarter"), Options: v.quarterOptions()},
		{Name: "before", Label: v.T("filter.before.label"), Options: v.beforeOptions()},
		{Name: "process", Label: v.T("filter.process"), Options: v.chosenProcess(v.processOptions(all), timed)},
		{Name: "department", Label: v.T("filter.department"), Options: v.departmentOptions()},
		{Name: "class", Label: v.T("filter.class"), Options: v.classOptions()},
	}
	if timed {
		form.Fields = append(form.Fields,
			selection{Name: "stage", Label: v.T("filter.stage"), Options: v.stageOptions()},
			selection{Name: "bucket", Label: v.T("filter.bucket.label"), Options: v.bucketOptions()},
			selection{Name: "clock", Label: v.T("filter.clock"), Options: v.clockOptions()})
	}
	return form
}

// chosenProcess marks the usual process where none is chosen but one is shown.
func (v view) chosenProcess(list []option, timed bool) []option {
	if timed && !slices.ContainsFunc(list, func(o option) bool { return o.Chosen }) {
		for i := range list {
			list[i].Chosen = list[i].Key == v.lead
		}
	}
	return list
}

// choices are the keys that the handbook has, then those that only the data
// has, then the chosen one if neither knows it.
func choices(handbook, data []string, chosen string, name func(string) string) []option {
	all := slices.Clone(handbook)
	for _, key := range append(slices.Clone(data), chosen) {
		if key != "" && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	list := make([]option, len(all))
	for i, key := range all {
		list[i] = option{key, name(key), key == chosen}
	}
	return list
}
