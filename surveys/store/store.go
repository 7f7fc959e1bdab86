// Package store keeps questionnaires, waves and links: what the director decides
// goes in as rows that are only ever added, what holds now comes out. It answers
// from memory, which it also keeps in a file, so that the forms of open waves open
// and take answers while ClickHouse is away.
package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// What can go wrong, see [wave.ErrOvertaken] and [wave.ErrAway].
var (
	ErrOvertaken = wave.ErrOvertaken
	ErrAway      = wave.ErrAway
)

const (
	refreshEvery = 10 * time.Second
	askTimeout   = 20 * time.Second
	clockAuthor  = "schedule" // closes waves whose time is over
	clockReason  = "the closing time is over"
)

// Store keeps everything about surveys but the answers.
type Store struct {
	conn   driver.Conn
	dir    string
	logger *slog.Logger
	now    func() time.Time

	known atomic.Pointer[snapshot]
	held  sync.Mutex // while known is replaced
	uses  *uses
	forms sync.RWMutex // held for reading while an answer is on its way
}

// Open reads what the directory dir holds, which is made if need be, and what
// the database holds if that answers. conn has the tables of ingest/warehouse.
func Open(ctx context.Context, dir string, conn driver.Conn, logger *slog.Logger) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, usesDir), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of surveys: %w", err)
	}
	s := &Store{conn: conn, dir: dir, logger: logger, now: time.Now}
	var err error
	if s.uses, err = readUses(filepath.Join(dir, usesDir)); err != nil {
		return nil, err
	}
	kept, err := readSnapshot(filepath.Join(dir, snapshotFile))
	if err != nil {
		return nil, err
	}
	s.known.Store(kept)
	if err := s.Refresh(ctx); err != nil {
		logger.WarnContext(ctx, "surveys as they were last seen", "error", err)
	}
	return s, nil
}

// Run keeps memory and database in step until ctx ends: it reads what others
// have changed, tells the database which links were used, and closes waves whose
// time is over.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.Step(ctx); err != nil && ctx.Err() == nil {
				s.logger.WarnContext(ctx, "surveys and database are not in step; trying again", "error", err)
			}
		}
	}
}

// Step does once what Run does again and again.
func (s *Store) Step(ctx context.Context) error {
	return errors.Join(s.Refresh(ctx), s.closeOverdue(ctx), s.tellUses(ctx))
}

func (s *Store) closeOverdue(ctx context.Context) error {
	var faults []error
	now := s.now()
	for _, w := range s.Waves() {
		if !w.Overdue(now) {
			continue
		}
		closed, err := w.ClosedNow(wave.By{Author: clockAuthor, Reason: clockReason, At: now})
		if err == nil {
			err = s.Save(ctx, closed)
		}
		if errors.Is(err, ErrOvertaken) { // another process has closed it
			err = nil
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Waves are the newest revisions of all waves, the latest quarter first, then by
// key. They are shared: read only.
func (s *Store) Waves() []*wave.Wave { return s.known.Load().Waves }

// Wave returns the newest revision of a wave and whether there is one.
func (s *Store) Wave(key string) (*wave.Wave, bool) {
	all := s.Waves()
	i := slices.IndexFunc(all, func(w *wave.Wave) bool { return w.Key == key })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// LastPublished is the published wave of the latest quarter before q, nil when
// there is none.
func (s *Store) LastPublished(q wave.Quarter) *wave.Wave {
	for _, w := range s.Waves() {
		if w.State == wave.Published && w.Quarter.Before(q) {
			return w
		}
	}
	return nil
}

// Questionnaires are all versions, by key, the newest of a key first. They are
// shared: read only.
func (s *Store) Questionnaires() []*questionnaire.Questionnaire { return s.known.Load().Questionnaires }

// Questionnaire returns a version and whether there is one.
func (s *Store) Questionnaire(v wave.Version) (*questionnaire.Questionnaire, bool) {
	return s.find(func(q *questionnaire.Questionnaire) bool { return wave.VersionOf(q) == v })
}

// Newest returns the newest version of a questionnaire and whether there is one.
func (s *Store) Newest(key string) (*questionnaire.Questionnaire, bool) {
	return s.find(func(q *questionnaire.Questionnaire) bool { return q.Key == key })
}

func (s *Store) find(is func(*questionnaire.Questionnaire) bool) (*questionnaire.Questionnaire, bool) {
	all := s.Questionnaires()
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// Save keeps a revision, the next after the newest. The error matches
// [ErrOvertaken] when there is another one of this number, and [ErrAway] when
// nobody knows.
func (s *Store) Save(ctx context.Context, w *wave.Wave) error {
	if _, ok := s.Questionnaire(w.Questionnaire); !ok {
		return &wave.RefusedError{Code: wave.QuestionnaireGap, Subject: w.Questionnaire.ID(), Text: fmt.Sprintf("there is no questionnaire %s; save or import it first", w.Questionnaire.ID())}
	}
	before, ok := s.Wave(w.Key)
	switch {
	case ok && w.Revision == 1:
		return &wave.RefusedError{Code: wave.Taken, Subject: w.Key, Text: fmt.Sprintf("there is a wave %s already; choose another key, or change that one", w.Key)}
	case ok && w.Revision <= before.Revision:
		return fmt.Errorf("save revision %d of wave %s, which has %d: %w", w.Revision, w.Key, before.Revision, ErrOvertaken)
	}
	document, err := w.Document()
	if err != nil {
		return err
	}
	id := rand.Text()
	err = s.put(ctx, "INSERT INTO survey_waves (wave, revision, id, state, quarter, questionnaire, anonymous, opens, closes, document, deed, author, at, reason)",
		fmt.Sprintf("wave %s %d", w.Key, w.Revision),
		w.Key, w.Revision, id, string(w.State), w.Quarter.String(), w.Questionnaire.ID(), w.Anonymous, w.Opens.UTC(), w.Closes.UTC(), string(document),
		string(w.Change.Deed), w.Change.By, w.Change.At, w.Change.Reason)
	if err != nil {
		return fmt.Errorf("save wave %s: %w", w.Key, err)
	}
	const mine = "SELECT argMin(id, (at, id)) FROM survey_waves WHERE wave = {key:String} AND revision = {number:UInt64}"
	if err := s.own(ctx, mine, w.Key, w.Revision, id); err != nil {
		return fmt.Errorf("save revision %d of wave %s: %w", w.Revision, w.Key, err)
	}
	return s.replace(func(k *snapshot) { k.putWave(w) })
}

// AddQuestionnaire keeps a new version. Its number has to be the next of its
// key; the error matches [ErrOvertaken] when somebody else has made that.
func (s *Store) AddQuestionnaire(ctx context.Context, q *questionnaire.Questionnaire, by wave.By) error {
	if newest, ok := s.Newest(q.Key); ok && q.Version <= newest.Version {
		return fmt.Errorf("save version %d of %s, which has %d: %w", q.Version, q.Key, newest.Version, ErrOvertaken)
	}
	document, err := q.Document()
	if err != nil {
		return err
	}
	id := rand.Text()
	err = s.put(ctx, "INSERT INTO survey_questionnaires (key, version, id, document, author, at, reason)", "questionnaire "+q.ID(),
		q.Key, uint32(q.Version), id, string(document), by.Author, by.At.UTC(), by.Reason) //nolint:gosec // a version is 1 to 10,000
	if err != nil {
		return fmt.Errorf("save questionnaire %s: %w", q.ID(), err)
	}
	const mine = "SELECT argMin(id, (at, id)) FROM survey_questionnaires WHERE key = {key:String} AND version = {number:UInt64}"
	if err := s.own(ctx, mine, q.Key, uint64(q.Version), id); err != nil { //nolint:gosec // as above
		return fmt.Errorf("save questionnaire %s: %w", q.ID(), err)
	}
	return s.replace(func(k *snapshot) { k.putQuestionnaire(q) })
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
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	defer func() { _ = batch.Close() }()
	if err := batch.Append(values...); err != nil {
		return err
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return nil
}

// own reports whether the row that counts is the one that was put under an id.
func (s *Store) own(ctx context.Context, statement, key string, number uint64, id string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var first string
	if err := s.conn.QueryRow(ctx, statement, clickhouse.Named("key", key), clickhouse.Named("number", number)).Scan(&first); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	if first == id {
		return nil
	}
	if err := s.Refresh(ctx); err != nil { // so that the other's change is seen
		return errors.Join(ErrOvertaken, err)
	}
	return ErrOvertaken
}

// History are all revisions of a wave, the newest first.
func (s *Store) History(ctx context.Context, key string) ([]*wave.Wave, error) {
	documents, err := s.documents(ctx, "SELECT document FROM survey_waves WHERE wave = {key:String} ORDER BY revision DESC, at, id LIMIT 1 BY revision", clickhouse.Named("key", key))
	if err != nil {
		return nil, fmt.Errorf("read the history of wave %s: %w", key, err)
	}
	all := make([]*wave.Wave, len(documents))
	for i, text := range documents {
		if all[i], err = wave.ReadDocument([]byte(text)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Counts is how many answers a wave has from each department. Events on their
// way are not counted yet.
func (s *Store) Counts(ctx context.Context, key string) (counts map[string]uint64, err error) {
	const ask = "SELECT department, uniqExact(answer_id) FROM answer_events WHERE wave = {key:String} GROUP BY department"
	rows, err := s.conn.Query(ctx, ask, clickhouse.Named("key", key))
	if err != nil {
		return nil, fmt.Errorf("count the answers of wave %s: %w: %w", key, ErrAway, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	counts = make(map[string]uint64)
	for rows.Next() {
		var department string
		var n uint64
		if err := rows.Scan(&department, &n); err != nil {
			return nil, fmt.Errorf("count the answers of wave %s: %w", key, err)
		}
		counts[department] = n
	}
	return counts, rows.Err()
}

// Refresh reads what the database holds now.
func (s *Store) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	fresh, err := s.read(ctx)
	if err != nil {
		return fmt.Errorf("read the surveys: %w", err)
	}
	if err := s.readUsed(ctx, fresh); err != nil {
		return err
	}
	return s.replace(func(k *snapshot) { k.merge(fresh) })
}

func (s *Store) read(ctx context.Context) (*snapshot, error) {
	fresh := &snapshot{}
	texts, err := s.documents(ctx, "SELECT document FROM survey_questionnaires ORDER BY key, version, at, id LIMIT 1 BY key, version")
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		q, err := questionnaire.Parse([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("a questionnaire in the database: %w", err)
		}
		fresh.putQuestionnaire(q)
	}
	texts, err = s.documents(ctx, "SELECT document FROM survey_waves ORDER BY wave, revision DESC, at, id LIMIT 1 BY wave")
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		w, err := wave.ReadDocument([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("a wave in the database: %w", err)
		}
		fresh.putWave(w)
	}
	return fresh, nil
}

// documents reads a column of texts.
func (s *Store) documents(ctx context.Context, statement string, parameters ...any) (texts []string, err error) {
	rows, err := s.conn.Query(ctx, statement, parameters...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// replace changes what is known, in memory and in the file.
func (s *Store) replace(change func(*snapshot)) error {
	s.held.Lock()
	defer s.held.Unlock()
	before := s.known.Load()
	next := &snapshot{Waves: slices.Clone(before.Waves), Questionnaires: slices.Clone(before.Questionnaires)}
	change(next)
	s.swap(before, next)
	if next.equal(before) {
		return nil
	}
	return next.write(filepath.Join(s.dir, snapshotFile))
}

// swap makes next what is known. Where it closes a wave it waits for answers that
// are on their way: once a wave is known as closed, no more come from here.
func (s *Store) swap(before, next *snapshot) {
	closes := slices.ContainsFunc(next.Waves, func(w *wave.Wave) bool {
		i := slices.IndexFunc(before.Waves, func(one *wave.Wave) bool { return one.Key == w.Key })
		return w.Answered() && i >= 0 && !before.Waves[i].Answered()
	})
	if closes {
		s.forms.Lock()
		defer s.forms.Unlock()
	}
	s.known.Store(next)
}

// Answering announces an answer; whether its wave takes it has to be asked
// afterwards, and done be called when its outcome is known.
func (s *Store) Answering() (done func()) {
	s.forms.RLock()
	return s.forms.RUnlock
}

// hashName is a link's hash as the tables have it.
func hashName(hash [32]byte) string { return hex.EncodeToString(hash[:]) }
