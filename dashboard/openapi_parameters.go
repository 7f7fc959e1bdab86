package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/dashboard/openapi"
)

// parameterDocs are the parameters of questions by their names. Values are taken
// from where the parser takes them.
func parameterDocs() map[string]openapi.Parameter {
	list := func(of string) openapi.Parameter {
		return openapi.Parameter{Description: "Only of these " + of + "; several, repeated or with commas as in CSV, are alternatives. Default: all.", List: true}
	}
	day := func(text string) openapi.Parameter {
		return openapi.Parameter{Description: text, Format: "date", Example: "2026-07-01"}
	}
	required := func(p openapi.Parameter) openapi.Parameter {
		p.Required = true
		return p
	}
	return map[string]openapi.Parameter{
		"from":       day("First day, in the time zone. Default: the first day with data."),
		"to":         day("The day after the last, in the time zone. Default: the day after the last with data."),
		"bucket":     {Description: "How the period is parted.", Enum: buckets, Default: string(analytics.BucketNone)},
		"by":         {Description: "What the series are told apart by.", Enum: groupings, Default: string(analytics.ByNone)},
		"process":    list("processes"),
		"department": list("departments"),
		"stage":      list("stages"),
		"class":      list("classes"),
		"limit_key":  list("limits, by their keys process/limit"),
		"clock":      {Description: "Whether every second counts, or office hours.", Enum: clocks, Default: string(analytics.ClockElapsed)},
		"timezone":   {Description: "IANA name; whose days, weeks, months and quarters count. Default: the handbook's.", Example: "Asia/Shanghai"},
		"limit":      wholeParameter("limit", "Rows of a table.", 1, analytics.MaxLimit, analytics.DefaultLimit),

		"about":    {Description: "The metric whose cases are listed.", Enum: analytics.CaseAbouts(), Default: "lead_time"},
		"kind":     list("kinds of faults or, about deviations, of these: " + strings.Join(texts(analytics.DeviationKinds()), ", ")),
		"variant":  {Description: "Of variants: the stages in order, parted by commas as in CSV."},
		"first":    {Description: "Of transitions and handovers: the stage or department that came first."},
		"second":   {Description: "Of transitions and handovers: the one that followed."},
		"at_least": {Description: "Only cases whose time on the clock is at least this many seconds.", Type: "number"},
		"below":    {Description: "Only cases whose time on the clock is less than this many seconds.", Type: "number"},
		"order":    {Description: "What comes first: the longest time, the last that ended, the last that began.", Enum: caseOrders, Default: string(analytics.OrderTime)},
		"offset":   wholeParameter("offset", "How many to pass over.", 0, analytics.MaxOffset, 0),

		"rows":          {Description: "What the rows are.", Enum: matrixGroupings, Default: string(analytics.ByProcess)},
		"columns":       {Description: "What the columns are.", Enum: matrixGroupings, Default: string(analytics.ByDepartment)},
		"chart":         {Description: "Which control chart. Default: the usual one of the metric.", Enum: chartKinds},
		"value":         {Description: "Which value of a point is charted. Default: the usual one of the metric.", Enum: chartValues},
		"min_n":         {Description: "Leave out points that rest on fewer.", Type: "integer"},
		"baseline_from": day("First day of the baseline, from which the limits are computed. Default: the first points of the period."),
		"baseline_to":   day("The day after the last of the baseline."),
		"before_from":   required(day("First day of the earlier period.")),
		"before_to":     required(day("The day after the last of the earlier period.")),

		"sort": {Description: "What a table is ordered by, the largest first.", Enum: orders, Default: string(analytics.SortCount)},
	}
}

// documented are those with these names. One that is not described has no
// description, which a test finds.
func documented(names ...string) []openapi.Parameter {
	known := parameterDocs()
	list := make([]openapi.Parameter, len(names))
	for i, name := range names {
		list[i] = known[name]
		list[i].Name = name
	}
	return list
}

// wholeParameter is a parameter that is a whole number.
func wholeParameter(name, description string, least, most, otherwise int) openapi.Parameter {
	low, high := float64(least), float64(most)
	return openapi.Parameter{Name: name, Description: description, Type: "integer", Minimum: &low, Maximum: &high, Default: otherwise}
}

func metricParameter(names []string) openapi.Parameter {
	return openapi.Parameter{Name: "metric", In: openapi.InPath, Description: "Which one.", Enum: names}
}

func actorParameter() openapi.Parameter {
	return openapi.Parameter{Name: "X-Actor", In: openapi.InHeader, Description: fmt.Sprintf("Who does it, for the history; %d bytes at most. Default: operator.", maxActorBytes)}
}

// exportParameters are those of every answer that may also be a file.
func exportParameters() []openapi.Parameter {
	return []openapi.Parameter{
		{Name: "format", Description: "How the answer is written; the header Accept says it too.", Enum: formats, Default: string(formatJSON)},
		{Name: "lang", Description: "Of the headings in a file; with another format than json only. Default: as Accept-Language says.", Enum: []string{string(i18n.Chinese), string(i18n.English)}},
		{Name: "part", Description: "Which of an answer's tables a CSV file has; with format csv only. Default: the first."},
	}
}

// fileAnswer is an answer that may also be a file.
func fileAnswer(description string, value any) []openapi.Answer {
	answer := openapi.Answer{Status: http.StatusOK, Description: description, Content: []openapi.Content{{Media: openapi.JSON, Type: value}}}
	for media, f := range mediaTypes {
		if f != formatJSON {
			answer.Content = append(answer.Content, openapi.Content{Media: media})
		}
	}
	return []openapi.Answer{answer}
}
