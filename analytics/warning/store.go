package warning

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/stats"
)

// Warning is a warning that was raised.
type Warning struct {
	Rule      string
	Subject   string
	Number    uint32    // of those about this subject, from 1
	Raised    time.Time // the moment whose reading raised it
	Noted     time.Time // when that was noticed
	Cleared   time.Time // zero: it stands
	Value     float64   // that raised it
	Threshold float64
	N         uint64
}

// ScoreCard is how often the rules were right, as last gone through.
type ScoreCard struct {
	Made     time.Time
	From, To time.Time
	Settings string // fingerprint of the handbook and version of the calendar
	Scores   []Score
}

// Store keeps warnings as rows that are only ever added. conn has the tables of
// ingest/warehouse.
type Store struct{ conn driver.Conn }

// NewStore returns the store behind conn.
func NewStore(conn driver.Conn) *Store { return &Store{conn} }

const askTimeout = 20 * time.Second

const listSQL = `SELECT rule, subject, number,
    maxIf(at, state = 'raised') AS raised, maxIf(noted_at, state = 'raised') AS noted, maxIf(at, state = 'cleared') AS cleared, countIf(state = 'cleared') > 0 AS is_cleared,
    anyIf(value, state = 'raised') AS value, anyIf(threshold, state = 'raised') AS threshold, anyIf(n, state = 'raised') AS n
FROM warnings
GROUP BY rule, subject, number
HAVING countIf(state = 'raised') > 0 AND ({all:Bool} OR NOT is_cleared)
ORDER BY is_cleared, raised DESC, rule, subject
LIMIT {limit:UInt64}`

// List are the newest warnings, those that stand first.
func (s *Store) List(ctx context.Context, limit int) ([]Warning, error) {
	return s.list(ctx, true, limit)
}

// Open are the warnings that stand, the newest first.
func (s *Store) Open(ctx context.Context) ([]Warning, error) { return s.list(ctx, false, 10_000) }

func (s *Store) list(ctx context.Context, all bool, limit int) ([]Warning, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var rows []struct {
		Rule      string    `ch:"rule"`
		Subject   string    `ch:"subject"`
		Number    uint32    `ch:"number"`
		Raised    time.Time `ch:"raised"`
		Noted     time.Time `ch:"noted"`
		Cleared   time.Time `ch:"cleared"`
		IsCleared bool      `ch:"is_cleared"`
		Value     float64   `ch:"value"`
		Threshold float64   `ch:"threshold"`
		N         uint64    `ch:"n"`
	}
	if err := s.conn.Select(ctx, &rows, listSQL, clickhouse.Named("all", all), clickhouse.Named("limit", limit)); err != nil {
		return nil, fmt.Errorf("read the warnings: %w", err)
	}
	list := make([]Warning, len(rows))
	for i, r := range rows {
		list[i] = Warning{Rule: r.Rule, Subject: r.Subject, Number: r.Number, Raised: r.Raised, Noted: r.Noted, Value: r.Value, Threshold: r.Threshold, N: r.N}
		if r.IsCleared {
			list[i].Cleared = r.Cleared
		}
	}
	return list, nil
}

// put inserts one row. Of rows with the same token the server keeps the first.
func (s *Store) put(ctx context.Context, statement, token string, values ...any) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 1, "insert_deduplication_token": token, "async_insert": 0,
	}))
	batch, err := s.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }()
	if err := batch.Append(values...); err != nil {
		return err
	}
	return batch.Send()
}

const warningRow = "INSERT INTO warnings (rule, subject, number, state, at, noted_at, value, threshold, n)"

// raise keeps that a reading raised a warning, the number-th about its subject.
func (s *Store) raise(ctx context.Context, r Reading, number uint32, threshold float64, now time.Time) error {
	err := s.put(ctx, warningRow, fmt.Sprintf("raised %s %q %d", r.Rule, r.Subject, number),
		r.Rule, r.Subject, number, "raised", r.At.UTC(), now.UTC(), r.Value, threshold, r.N)
	if err != nil {
		return fmt.Errorf("keep a warning of %s: %w", r.Rule, err)
	}
	return nil
}

// clear keeps that a warning is over.
func (s *Store) clear(ctx context.Context, w Warning, r Reading, threshold float64, now time.Time) error {
	err := s.put(ctx, warningRow, fmt.Sprintf("cleared %s %q %d", w.Rule, w.Subject, w.Number),
		w.Rule, w.Subject, w.Number, "cleared", r.At.UTC(), now.UTC(), r.Value, threshold, r.N)
	if err != nil {
		return fmt.Errorf("keep that a warning of %s is over: %w", w.Rule, err)
	}
	return nil
}

// numbers are how many warnings there were about each rule and subject.
func (s *Store) numbers(ctx context.Context) (map[[2]string]uint32, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var rows []struct {
		Rule    string `ch:"rule"`
		Subject string `ch:"subject"`
		Number  uint32 `ch:"number"`
	}
	if err := s.conn.Select(ctx, &rows, "SELECT rule, subject, max(number) AS number FROM warnings GROUP BY rule, subject"); err != nil {
		return nil, fmt.Errorf("number the warnings: %w", err)
	}
	numbers := map[[2]string]uint32{}
	for _, r := range rows {
		numbers[[2]string{r.Rule, r.Subject}] = r.Number
	}
	return numbers, nil
}

const noticeRow = "INSERT INTO warning_notices (rule, subject, number, channel, state, id, at)"

// mostAttempts is how often a notice is tried that was certainly not taken.
const mostAttempts = 3

// begin claims a notice: true is told to one asker only, and to none once it went
// out, may have gone out, or was refused too often.
func (s *Store) begin(ctx context.Context, w Warning, channel string, now time.Time) (mine bool, err error) {
	of := []any{clickhouse.Named("rule", w.Rule), clickhouse.Named("subject", w.Subject), clickhouse.Named("number", w.Number), clickhouse.Named("channel", channel)}
	const where = " FROM warning_notices WHERE rule = {rule:String} AND subject = {subject:String} AND number = {number:UInt32} AND channel = {channel:String}"
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var begun, refused uint64
	if err := s.conn.QueryRow(asking, "SELECT countIf(state = 'begun'), countIf(state = 'refused')"+where, of...).Scan(&begun, &refused); err != nil {
		return false, fmt.Errorf("look which notices went out: %w", err)
	}
	if begun > refused || refused >= mostAttempts {
		return false, nil
	}
	id := rand.Text()
	token := fmt.Sprintf("begun %s %q %d %q %d", w.Rule, w.Subject, w.Number, channel, begun)
	if err := s.put(ctx, noticeRow, token, w.Rule, w.Subject, w.Number, channel, "begun", id, now.UTC()); err != nil {
		return false, fmt.Errorf("begin a notice: %w", err)
	}
	var kept uint64 // none where another has begun the same
	if err := s.conn.QueryRow(asking, "SELECT count()"+where+" AND id = {id:String}", append(of, clickhouse.Named("id", id))...).Scan(&kept); err != nil {
		return false, fmt.Errorf("look whose notice it is: %w", err)
	}
	return kept > 0, nil
}

// end keeps what became of a notice.
func (s *Store) end(ctx context.Context, w Warning, channel, state string, now time.Time) error {
	id := rand.Text()
	if err := s.put(ctx, noticeRow, id, w.Rule, w.Subject, w.Number, channel, state, id, now.UTC()); err != nil {
		return fmt.Errorf("keep what became of a notice: %w", err)
	}
	return nil
}

// keepScores keeps a run of scores.
func (s *Store) keepScores(ctx context.Context, c *ScoreCard) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO warning_scores (made_at, settings, since, until, rule, raised, hits, false_alarms, pending, lead_seconds)")
	if err != nil {
		return fmt.Errorf("keep how often the rules were right: %w", err)
	}
	defer func() { _ = batch.Close() }()
	for i := range c.Scores {
		v := &c.Scores[i]
		lead := -1.0
		if v.Lead != nil {
			lead = *v.Lead
		}
		if err := batch.Append(c.Made.UTC(), c.Settings, c.From.UTC(), c.To.UTC(), v.Rule, v.Raised, v.Hits, v.False, v.Pending, lead); err != nil {
			return fmt.Errorf("keep how often the rules were right: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("keep how often the rules were right: %w", err)
	}
	return nil
}

// Scores are those of the newest run; nil when there was none.
func (s *Store) Scores(ctx context.Context) (*ScoreCard, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var rows []struct {
		Made     time.Time `ch:"made_at"`
		Settings string    `ch:"settings"`
		From     time.Time `ch:"since"`
		To       time.Time `ch:"until"`
		Rule     string    `ch:"rule"`
		Raised   uint64    `ch:"raised"`
		Hits     uint64    `ch:"hits"`
		False    uint64    `ch:"false_alarms"`
		Pending  uint64    `ch:"pending"`
		Lead     float64   `ch:"lead_seconds"`
	}
	err := s.conn.Select(ctx, &rows, "SELECT made_at, settings, since, until, rule, raised, hits, false_alarms, pending, lead_seconds FROM warning_scores WHERE made_at = (SELECT max(made_at) FROM warning_scores)")
	if err != nil {
		return nil, fmt.Errorf("read how often the rules were right: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // there was no run yet
	}
	card := &ScoreCard{Made: rows[0].Made, From: rows[0].From, To: rows[0].To, Settings: rows[0].Settings}
	for _, rule := range handbook.WarningKeys() {
		for _, r := range rows {
			if r.Rule != rule {
				continue
			}
			v := Score{Rule: rule, Raised: r.Raised, Hits: r.Hits, False: r.False, Pending: r.Pending}
			if n := r.Hits + r.False; n > 0 {
				rate, interval := float64(r.Hits)/float64(n), stats.Wilson(r.Hits, n)
				v.Rate, v.Low, v.High = &rate, &interval.Low, &interval.High
			}
			if r.Lead >= 0 && !math.IsNaN(r.Lead) {
				v.Lead = &r.Lead
			}
			card.Scores = append(card.Scores, v)
		}
	}
	return card, nil
}
