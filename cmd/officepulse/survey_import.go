package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/spf13/cobra"

	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/importer"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

// surveyImportPath is where a survey that was held elsewhere is brought in: the
// wave first, then its answers as events, then its closing.
const surveyImportPath = "/api/v1/surveys/import"

// maxSurveyBody bounds a questionnaire with its departments.
const maxSurveyBody = 4 << 20

// SurveyImport is the body of POST /api/v1/surveys/import.
type SurveyImport struct {
	Wave          string                       `json:"wave"`
	Quarter       wave.Quarter                 `json:"quarter"`
	Title         questionnaire.Text           `json:"title"`
	Anonymous     bool                         `json:"anonymous"`
	Closes        time.Time                    `json:"closes"` // when the survey ended
	Departments   []wave.Department            `json:"departments"`
	Questionnaire *questionnaire.Questionnaire `json:"questionnaire"` // its version is given here
}

// SurveyImported is the answer: the wave as it is, and under which name its
// answers have to come.
type SurveyImported struct {
	Wave          string     `json:"wave"`
	Questionnaire string     `json:"questionnaire"`
	State         wave.State `json:"state"` // draft: answers may come; closed or published: it was imported before
}

// surveyImportAPI is for operators.
func (o *office) surveyImportAPI(r gin.IRouter) {
	r.POST(surveyImportPath, o.tokenOnly, o.importSurvey)
	r.POST(surveyImportPath+"/:wave/close", o.tokenOnly, o.closeImport)
}

func (o *office) importSurvey(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSurveyBody)
	var in SurveyImport
	if err := c.ShouldBindJSON(&in); err != nil {
		problem(c, http.StatusBadRequest, fmt.Sprintf("the body is no survey: %v", err))
		return
	}
	if in.Questionnaire == nil {
		problem(c, http.StatusBadRequest, "the body has no questionnaire")
		return
	}
	imported, err := o.prepareWave(c.Request.Context(), &in, actorName(c))
	if err != nil {
		o.surveyProblem(c, err)
		return
	}
	c.JSON(http.StatusOK, imported)
}

func (o *office) closeImport(c *gin.Context) {
	w, err := o.closeWave(c.Request.Context(), c.Param("wave"), actorName(c), questionnaire.Text{})
	if err != nil {
		o.surveyProblem(c, err)
		return
	}
	c.JSON(http.StatusOK, SurveyImported{Wave: w.Key, Questionnaire: w.Questionnaire.ID(), State: w.State})
}

func actorName(c *gin.Context) string {
	if name := strings.TrimSpace(c.GetHeader("X-Actor")); name != "" && len(name) <= 100 {
		return name
	}
	return "operator"
}

// surveyProblem tells refusals to the program; the rest goes to the log.
func (o *office) surveyProblem(c *gin.Context, err error) {
	if _, refused := errors.AsType[*wave.RefusedError](err); refused {
		problem(c, http.StatusUnprocessableEntity, err.Error())
		return
	}
	if invalid, ok := errors.AsType[*questionnaire.InvalidError](err); ok {
		problem(c, http.StatusUnprocessableEntity, invalid.Error())
		return
	}
	o.logger.ErrorContext(c.Request.Context(), "survey not imported", "error", err)
	problem(c, http.StatusServiceUnavailable, "the survey cannot be kept at the moment; the server's log says why. Doing the same again is safe.")
}

const importReason = "imported from a survey that was held elsewhere"

// prepareWave keeps the questionnaire, unless it is known, and a draft of the
// wave. A wave that is there already is left as it is.
func (o *office) prepareWave(ctx context.Context, in *SurveyImport, author string) (*SurveyImported, error) {
	if w, ok := o.surveys.Wave(in.Wave); ok {
		return &SurveyImported{Wave: w.Key, Questionnaire: w.Questionnaire.ID(), State: w.State}, nil
	}
	by := wave.By{Author: author, Reason: importReason, At: in.Closes.Add(-time.Hour)}
	version, err := o.knownQuestionnaire(ctx, in.Questionnaire, by)
	if err != nil {
		return nil, err
	}
	w, err := wave.New(&wave.Wave{
		Key: in.Wave, Quarter: in.Quarter, Title: in.Title, Questionnaire: version, Opens: in.Closes.Add(-24 * time.Hour), Closes: in.Closes,
		Departments: in.Departments, Anonymous: in.Anonymous,
	}, by)
	if err != nil {
		return nil, err
	}
	if err := o.surveys.Save(ctx, w); err != nil {
		return nil, err
	}
	return &SurveyImported{Wave: w.Key, Questionnaire: version.ID(), State: w.State}, nil
}

// knownQuestionnaire is the newest version, if it asks just this, or a new one.
func (o *office) knownQuestionnaire(ctx context.Context, q *questionnaire.Questionnaire, by wave.By) (wave.Version, error) {
	if newest, ok := o.surveys.Newest(q.Key); ok {
		q.Version = newest.Version
		if len(q.Changes(newest)) == 0 && q.Title == newest.Title && len(q.Questions) == len(newest.Questions) {
			return wave.VersionOf(newest), nil
		}
		q.Version++
	} else {
		q.Version = 1
	}
	if mistakes := q.Check(); len(mistakes) > 0 {
		return wave.Version{}, &questionnaire.InvalidError{Mistakes: mistakes}
	}
	if err := o.surveys.AddQuestionnaire(ctx, q, by); err != nil {
		return wave.Version{}, err
	}
	return wave.VersionOf(q), nil
}

// closeWave opens the draft of an imported wave and closes it at once, after its
// answers have been stored: so nobody can answer it, and all of them count. What
// came of it, if that is known, is published.
func (o *office) closeWave(ctx context.Context, key, author string, outcome questionnaire.Text) (*wave.Wave, error) {
	w, ok := o.surveys.Wave(key)
	if !ok {
		return nil, &wave.RefusedError{Code: wave.WrongState, Subject: key, Text: fmt.Sprintf("there is no wave %q; send it first", key)}
	}
	by := wave.By{Author: author, Reason: importReason, At: w.Closes.Add(-time.Minute)}
	var err error
	step := func(next *wave.Wave, failed error) {
		if err = failed; err == nil {
			err = o.surveys.Save(ctx, next)
		}
		if err == nil {
			w = next
		}
	}
	if w.State == wave.Draft {
		step(w.Opened(w.Departments, by))
	}
	by.At = time.Now().Add(-results.Settle) // nobody has answered it elsewhere, so nobody has to be waited for
	if err == nil && w.State == wave.Open {
		step(w.ClosedNow(by))
	}
	if again, _ := o.surveys.Wave(key); errors.Is(err, store.ErrOvertaken) && again.State == wave.Closed { // its time is over, so others may have closed it
		w, err = again, nil
	}
	if err == nil && w.State == wave.Closed && outcome != (questionnaire.Text{}) {
		step(w.PublishedWith(outcome, by))
	}
	if err == nil {
		if _, err = o.surveys.results.Report(ctx, key); errors.Is(err, results.ErrNotReady) { // it will be
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

func surveyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "survey", Short: "Work with surveys"}
	cmd.AddCommand(surveyImportCommand())
	return cmd
}

// surveyFile is what a command says of a file.
type surveyFile struct {
	quarter, wave, title, name, department, column, as, zone string
	named                                                    bool
	headcount                                                int
}

func surveyImportCommand() *cobra.Command {
	var f surveyFile
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a survey that was held elsewhere: a CSV file with a row for each person",
		Long: `Import a survey that was held elsewhere, from a CSV file in which each row is what
one person answered and each column a question. A questionnaire is made of the
columns, the answers go through the gateway and Kafka like all others, and the
wave is closed. Columns whose values are 1 to 5 are read as levels of
satisfaction, long texts as comments, few different values as options; what a
column is can be said with --as. Importing a file again changes nothing.`,
		Example: `  officepulse survey import somerville_2015.csv --quarter 2015Q4 --title "Somerville 2015"
  officepulse survey import feedback.csv --quarter 2026Q2 --department-column 部门 --as "推荐=nps,备注=text"`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), c, args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.quarter, "quarter", "", "quarter that the survey asks about, such as 2015Q4 (needed)")
	cmd.Flags().StringVar(&f.wave, "wave", "", "key of the wave; the quarter and the file's name when left out")
	cmd.Flags().StringVar(&f.title, "title", "", "title of the survey; the file's name when left out")
	cmd.Flags().StringVar(&f.name, "questionnaire", "", "key of the questionnaire; the file's name when left out")
	cmd.Flags().StringVar(&f.column, "department-column", "", "column that names the department")
	cmd.Flags().StringVar(&f.department, "department", "all", "key of the one department, where no column names it")
	cmd.Flags().IntVar(&f.headcount, "headcount", 0, "people asked in the one department; as many as answered when left out")
	cmd.Flags().StringVar(&f.as, "as", "", "what columns are: COLUMN=level|score|nps|single|text|skip, parted by commas")
	cmd.Flags().BoolVar(&f.named, "named", false, "the survey was not anonymous")
	cmd.Flags().StringVar(&f.zone, "timezone", "Asia/Shanghai", "zone in which the quarter ends")
	_ = cmd.MarkFlagRequired("quarter")
	return cmd
}

// parseAs reads COLUMN=KIND,….
func parseAs(text string) (map[string]importer.Kind, error) {
	as := make(map[string]importer.Kind)
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		name, kind, ok := strings.Cut(part, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--as: %q is not COLUMN=KIND", part)
		}
		as[strings.TrimSpace(name)] = importer.Kind(strings.TrimSpace(kind))
	}
	return as, nil
}

func (f *surveyFile) run(ctx context.Context, c *client, path string, out, messages io.Writer) error {
	quarter, err := wave.ParseQuarter(f.quarter)
	if err != nil {
		return fmt.Errorf("--quarter: %w", err)
	}
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return fmt.Errorf("--timezone: %q is no time zone", f.zone)
	}
	as, err := parseAs(f.as)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	title, name := base, importer.Slug(base)
	if f.title != "" {
		title = f.title
	}
	if f.name != "" {
		name = f.name
	}
	content, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("open the survey: %w", err)
	}
	defer func() { _ = content.Close() }()
	read, err := importer.Read(content, importer.Options{Key: name, Title: title, As: as, Column: f.column, Only: f.department})
	if err != nil {
		return err
	}
	in := f.survey(read, quarter, title, name)
	in.Closes = wave.Fiscal{Zone: zone, First: time.January}.Start(quarter.Next())
	var known SurveyImported
	if err := c.ask(ctx, http.MethodPost, surveyImportPath, in, &known); err != nil {
		return err
	}
	for _, column := range read.Skipped {
		_, _ = fmt.Fprintf(messages, "left out, no question: column %s\n", column)
	}
	if known.State != wave.Draft {
		_, err := fmt.Fprintf(out, "wave %s is %s already; nothing has changed\n", known.Wave, known.State)
		return err
	}
	if err := sendAnswers(ctx, c, read, &known, in.Closes, "/officepulse/survey-import/"+filepath.Base(path)); err != nil {
		return err
	}
	if err := c.ask(ctx, http.MethodPost, surveyImportPath+"/"+known.Wave+"/close", nil, &known); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "wave %s: %d answers to %d questions of %s, %s\n", known.Wave, len(read.Answers), len(read.Questionnaire.Questions), known.Questionnaire, known.State)
	return err
}

// survey is what the service has to know of the file.
func (f *surveyFile) survey(read *importer.Survey, quarter wave.Quarter, title, name string) *SurveyImport {
	in := &SurveyImport{
		Wave: f.wave, Quarter: quarter, Title: questionnaire.Text{ZH: title, EN: title}, Anonymous: !f.named, Questionnaire: read.Questionnaire,
	}
	if in.Wave == "" {
		in.Wave = quarter.String() + "." + name
	}
	answered := make(map[string]int)
	for i := range read.Answers {
		answered[read.Answers[i].Department]++
	}
	for _, key := range read.Departments {
		asked := answered[key]
		if f.column == "" && f.headcount > asked {
			asked = f.headcount
		}
		if asked > 0 {
			in.Departments = append(in.Departments, wave.Department{Key: key, Name: questionnaire.Text{ZH: read.Names[key], EN: read.Names[key]}, Headcount: asked, Expected: asked})
		}
	}
	return in
}

// sendAnswers publishes the answers and waits until they are stored. They carry
// the last day of the quarter, since the file does not say when they were given.
func sendAnswers(ctx context.Context, c *client, read *importer.Survey, to *SurveyImported, closes time.Time, source string) error {
	day := closes.Add(-24 * time.Hour)
	events := make([]event.Event, len(read.Answers))
	for i := range read.Answers {
		a := &read.Answers[i]
		events[i] = event.Event{
			ID: "survey-" + to.Wave + "-" + a.ID, Source: source, Type: event.TypeAnswer, Time: day.UTC(),
			Answer: &event.Answer{AnswerID: a.ID, Wave: to.Wave, Questionnaire: to.Questionnaire, Department: a.Department, Answers: a.Values},
		}
	}
	for batch := range slices.Chunk(events, batchEvents) {
		if err := c.send(ctx, batch); err != nil {
			return err
		}
	}
	return c.waitStored(ctx)
}
