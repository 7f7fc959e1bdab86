// Package messages asks people for answers: a wave that is open goes in; its
// invitations, the reminders of those who have not answered and the notices to
// groups go out, each once.
package messages

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/surveys/groupchat"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/mail"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

// DepartmentSeed makes a department's link the same whenever it is made.
const DepartmentSeed = "department"

// Surveys are what a Runner asks of surveys/store.
type Surveys interface {
	Waves() []*wave.Wave
	Links(ctx context.Context, wave string) ([]store.Link, error)
	UsedLinks(wave string) map[string]bool
}

// Mailer brings letters to people.
type Mailer interface {
	Send(ctx context.Context, letters []mail.Letter) []error
}

// Teller tells groups.
type Teller interface {
	Send(ctx context.Context, h groupchat.Hook, n groupchat.Notice) error
}

// Group is a group of one department.
type Group struct {
	Name       string // in what is stored
	Department string // whose link it gets
	Hook       groupchat.Hook
}

// Runner sends what is due. All fields but Mail, Tell and Groups are needed.
type Runner struct {
	Surveys Surveys
	Conn    driver.Conn
	Mail    Mailer // nil: nobody gets mail
	Tell    Teller // nil: no group is told
	Groups  []Group
	Forms   *url.URL // under which links open, e.g. https://office.example.com/s/
	Secret  invitation.Secret
	Zone    *time.Location
	Now     func() time.Time
	Logger  *slog.Logger

	// Retry is how long a letter that the server could not take waits until it is
	// tried again; nil: not at all.
	Retry []time.Duration
}

// DefaultRetry suits servers that let a new sender wait.
var DefaultRetry = []time.Duration{time.Minute, 10 * time.Minute}

const (
	every      = time.Minute
	askTimeout = 20 * time.Second
	batch      = 100 // letters over one connection
)

// Run sends what is due until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.Logger.WarnContext(ctx, "messages about a survey were not sent; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Step sends once what is due now. What it began is not begun again by anybody,
// whatever became of it: a person would rather miss a reminder than get it twice.
func (r *Runner) Step(ctx context.Context) error {
	var faults []error
	for _, w := range r.Surveys.Waves() {
		if w.Phase(r.Now()) == wave.Taking {
			faults = append(faults, r.wave(ctx, w))
		}
	}
	return errors.Join(faults...)
}

func (r *Runner) wave(ctx context.Context, w *wave.Wave) error {
	begun, err := r.begun(ctx, w.Key)
	if err != nil {
		return err
	}
	var links []store.Link
	if r.Mail != nil {
		if links, err = r.Surveys.Links(ctx, w.Key); err != nil {
			return err
		}
	}
	reminder := Reminder(w, r.Now(), r.Zone, begun.jobs())
	faults := []error{r.notices(ctx, w, noticeJob, begun), r.invite(ctx, w, links, begun)}
	if reminder != "" {
		faults = append(faults, r.remind(ctx, w, links, reminder, begun), r.notices(ctx, w, noticeJob+"-"+reminder, begun))
	}
	return errors.Join(faults...)
}

// invite sends the links of those who have an address and were not invited.
func (r *Runner) invite(ctx context.Context, w *wave.Wave, links []store.Link, begun parts) error {
	if r.Mail == nil {
		return nil
	}
	var mine []store.Link
	for _, l := range Unanswered(links, nil) {
		if begun.has(inviteJob, l.Hash) {
			continue
		}
		own, err := r.begin(ctx, w.Key, inviteJob, l.Hash)
		if err != nil {
			return err
		}
		if own {
			mine = append(mine, l)
		}
		if len(mine) == batch {
			if err := r.letters(ctx, w, mail.Invitation, mine, inviteJob); err != nil {
				return err
			}
			mine = nil
		}
	}
	return r.letters(ctx, w, mail.Invitation, mine, inviteJob)
}

// remind goes through the links by the first digit of their hashes, so that what
// is stored of a reminder that was cut short does not say who got it. Whether a
// link was used is looked up for each part, as late as can be.
func (r *Runner) remind(ctx context.Context, w *wave.Wave, links []store.Link, job string, begun parts) error {
	if r.Mail == nil {
		return nil
	}
	for _, digit := range "0123456789abcdef" {
		part := string(digit)
		if begun.has(job, part) {
			continue
		}
		own, err := r.begin(ctx, w.Key, job, part)
		if err != nil {
			return err
		}
		if !own {
			continue
		}
		var mine []store.Link
		for _, l := range Unanswered(links, r.Surveys.UsedLinks(w.Key)) {
			if strings.HasPrefix(l.Hash, part) {
				mine = append(mine, l)
			}
		}
		if err := r.letters(ctx, w, mail.Reminder, mine, job); err != nil {
			return err
		}
	}
	return nil
}

// letters sends, tries again what the server could not take, and notes how many went out.
func (r *Runner) letters(ctx context.Context, w *wave.Wave, kind mail.Kind, links []store.Link, job string) error {
	if len(links) == 0 {
		return nil
	}
	letters := make([]mail.Letter, len(links))
	for i := range links {
		invited := links[i].Invitation(r.Secret)
		letters[i] = mail.Letter{
			Kind: kind, To: links[i].Recipient, Language: "zh", Title: w.Title, Link: r.Forms.JoinPath(invited.Code(r.Secret)).String(),
			Closes: w.Closes.In(r.Zone), Anonymous: w.Anonymous,
		}
	}
	sent, refused := 0, 0
	for try := 0; ; try++ {
		var again []mail.Letter
		for i, err := range r.Mail.Send(ctx, letters) {
			switch {
			case err == nil:
				sent++
			case mail.Transient(err) && try < len(r.Retry):
				again = append(again, letters[i])
			default:
				refused++
				r.Logger.WarnContext(ctx, "a letter was not taken", "wave", w.Key, "job", job, "error", err)
			}
		}
		if len(again) == 0 {
			break
		}
		letters = again
		if err := pause(ctx, r.Retry[try]); err != nil {
			refused += len(again)
			break
		}
	}
	return r.done(ctx, w.Key, job, "", sent, refused)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// notices tells the groups of the departments that are asked.
func (r *Runner) notices(ctx context.Context, w *wave.Wave, job string, begun parts) error {
	if r.Tell == nil {
		return nil
	}
	var faults []error
	for _, g := range r.Groups {
		if _, asked := w.Department(g.Department); !asked || begun.has(job, g.Name) {
			continue
		}
		faults = append(faults, r.notice(ctx, w, job, g))
	}
	return errors.Join(faults...)
}

func (r *Runner) notice(ctx context.Context, w *wave.Wave, job string, g Group) error {
	invited := invitation.Again(r.Secret, invitation.Department, w.Key, g.Department, DepartmentSeed)
	link, err := groupchat.Open(r.Forms, &invited, r.Secret)
	if err != nil {
		return err
	}
	notice, err := groupchat.NewNotice(w.Title, w.Closes.In(r.Zone), link, r.Secret)
	if err != nil {
		return err
	}
	own, err := r.begin(ctx, w.Key, job, g.Name)
	if err != nil || !own {
		return err
	}
	if err := r.Tell.Send(ctx, g.Hook, notice); err != nil {
		return errors.Join(fmt.Errorf("tell the group %s: %w", g.Name, err), r.done(ctx, w.Key, job, g.Name, 0, 1))
	}
	return r.done(ctx, w.Key, job, g.Name, 1, 0)
}

// parts are those that were begun, by job.
type parts map[[2]string]bool

func (p parts) has(job, part string) bool { return p[[2]string{job, part}] }

func (p parts) jobs() []string {
	var jobs []string
	seen := make(map[string]bool)
	for one := range p {
		if !seen[one[0]] {
			seen[one[0]] = true
			jobs = append(jobs, one[0])
		}
	}
	return jobs
}

func (r *Runner) begun(ctx context.Context, key string) (begun parts, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	rows, err := r.Conn.Query(ctx, "SELECT job, part FROM survey_messages WHERE wave = {wave:String} AND state = 'begun'", clickhouse.Named("wave", key))
	if err != nil {
		return nil, fmt.Errorf("read what was sent about wave %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	begun = make(parts)
	for rows.Next() {
		var job, part string
		if err := rows.Scan(&job, &part); err != nil {
			return nil, fmt.Errorf("read what was sent about wave %s: %w", key, err)
		}
		begun[[2]string{job, part}] = true
	}
	return begun, rows.Err()
}

// begin notes that a part is about to be sent. own is false when somebody else,
// or this process in a former life, has begun it.
func (r *Runner) begin(ctx context.Context, key, job, part string) (own bool, err error) {
	id := rand.Text()
	if err := r.put(ctx, "begun/"+key+"/"+job+"/"+part, key, job, part, "begun", id, 0, 0); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	const ask = "SELECT id FROM survey_messages WHERE wave = {wave:String} AND job = {job:String} AND part = {part:String} AND state = 'begun' LIMIT 1"
	var first string
	if err := r.Conn.QueryRow(ctx, ask, clickhouse.Named("wave", key), clickhouse.Named("job", job), clickhouse.Named("part", part)).Scan(&first); err != nil {
		return false, fmt.Errorf("read who sends %s of wave %s: %w", job, key, err)
	}
	return first == id, nil
}

func (r *Runner) done(ctx context.Context, key, job, part string, sent, refused int) error {
	id := rand.Text()
	ctx = context.WithoutCancel(ctx) // what has gone out is told even when the program ends
	return r.put(ctx, "done/"+id, key, job, part, "done", id, sent, refused)
}

func (r *Runner) put(ctx context.Context, token, key, job, part, state, id string, sent, refused int) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplicate": 1, "insert_deduplication_token": token, "async_insert": 0}))
	rows, err := r.Conn.PrepareBatch(ctx, "INSERT INTO survey_messages (wave, job, part, state, id, sent, refused, day)")
	if err != nil {
		return fmt.Errorf("note %s of wave %s: %w", job, key, err)
	}
	defer func() { _ = rows.Close() }()
	if err := rows.Append(key, job, part, state, id, uint32(sent), uint32(refused), r.Now().In(r.Zone)); err != nil { //nolint:gosec // counts of letters
		return fmt.Errorf("note %s of wave %s: %w", job, key, err)
	}
	if err := rows.Send(); err != nil {
		return fmt.Errorf("note %s of wave %s: %w", job, key, err)
	}
	return nil
}

// Sent is what was sent about a wave, by job: how many messages, and how many
// were refused.
type Sent struct {
	Job     string `ch:"job"`
	Sent    uint64 `ch:"sent"`
	Refused uint64 `ch:"refused"`
}

// Sent sums up what was sent about a wave.
func (r *Runner) Sent(ctx context.Context, key string) (sent []Sent, err error) {
	const ask = "SELECT job, sum(m.sent) AS sent, sum(m.refused) AS refused FROM survey_messages AS m WHERE wave = {wave:String} AND state = 'done' GROUP BY job ORDER BY job"
	if err := r.Conn.Select(ctx, &sent, ask, clickhouse.Named("wave", key)); err != nil {
		return nil, fmt.Errorf("read what was sent about wave %s: %w", key, err)
	}
	return sent, nil
}
