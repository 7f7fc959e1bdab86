package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// tellWaves keeps the demo story's surveys as waves that are closed and published,
// once their answers are stored.
func (o *office) tellWaves(ctx context.Context) error {
	if o.surveys == nil {
		return nil
	}
	q, err := questionnaire.Template()
	if err != nil {
		return err
	}
	fiscal := wave.Fiscal{Zone: o.promises.Load().calendar.Zone(), First: time.January}
	for _, told := range demo.Path() {
		quarter, err := wave.ParseQuarter(told.Name)
		if err != nil {
			return err
		}
		counts, err := o.surveys.Counts(ctx, told.Name)
		if err != nil {
			return err
		}
		in := &SurveyImport{
			Wave: told.Name, Quarter: quarter, Anonymous: true, Closes: fiscal.Start(quarter.Next()), Questionnaire: q,
			Title: questionnaire.Text{
				ZH: fmt.Sprintf("%d年第%s季度满意度调查", quarter.Year, []string{"一", "二", "三", "四"}[quarter.Number-1]), EN: "Satisfaction, " + told.Name,
			},
		}
		for _, d := range o.promises.Load().handbook.Departments {
			if n := counts[d.Key]; n > 0 {
				in.Departments = append(in.Departments, wave.Department{
					Key: d.Key, Name: questionnaire.Text{ZH: d.Name.ZH, EN: d.Name.EN}, Headcount: d.Headcount, Expected: invited(told.Name, d.Key, int(n), d.Headcount), //nolint:gosec // people
				})
			}
		}
		if len(in.Departments) == 0 {
			continue // the story was cut before this quarter
		}
		if _, err := o.prepareWave(ctx, in, "demo"); err != nil {
			return fmt.Errorf("keep the survey of %s: %w", told.Name, err)
		}
		if _, err := o.closeWave(ctx, told.Name, "demo", demo.Outcome(told.Name)); err != nil {
			return fmt.Errorf("close the survey of %s: %w", told.Name, err)
		}
	}
	return nil
}

// invited is how many were asked when n answered: 70 to 90 % answer.
func invited(quarter, department string, n, headcount int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(quarter + department))
	share := 70 + int(h.Sum32()%21)
	return max(n, min(headcount, (100*n+share/2)/share))
}
