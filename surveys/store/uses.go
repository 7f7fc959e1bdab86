package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/surveys/invitation"
)

const (
	usesDir    = "uses"
	usesEnding = ".json"
)

// leastTogether is how many uses of one department are told to the database at
// once: among fewer, who watches the tables could see which link and which answer
// came together. What is left when the wave is closed is told to nobody.
const leastTogether = 5

// uses are the links that were used, by wave. They are kept in one file a wave,
// written whole in the order of the hashes: so neither the file nor the table
// that it is told to says when or in which order links were used, and nothing
// that is kept of a link leads to an answer, but for the moment between an
// answer's begin and its end (see [Store.Begin]). When the wave is closed they
// are good for nothing, and are forgotten.
type uses struct {
	dir string

	mu    sync.Mutex
	waves map[string]*waveUses
}

// waveUses are those of a wave.
type waveUses struct {
	links   map[string]use // by hash
	changes uint64         // made in memory so far

	writing sync.Mutex
	written uint64 // of the changes
}

// use is what is kept of one.
type use struct {
	Department string `json:"department"`
	Told       bool   `json:"told,omitempty"` // the database has it
	// Begun is the number of the form that is on its way to the broker; "" once the
	// answer is safe there, which is when the link counts as used.
	Begun string `json:"begun,omitempty"`
}

func readUses(dir string) (*uses, error) {
	u := &uses{dir: dir, waves: make(map[string]*waveUses)}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the used links: %w", err)
	}
	for _, file := range files {
		key, ok := strings.CutSuffix(file.Name(), usesEnding)
		if !ok || strings.HasPrefix(key, ".") { // a file that was not finished
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name())) //nolint:gosec // in the data directory
		if err != nil {
			return nil, fmt.Errorf("read the used links: %w", err)
		}
		w := u.of(key)
		if err := json.Unmarshal(text, &w.links); err != nil {
			return nil, fmt.Errorf("read the used links in %s: %w; put back the file from a backup, or people could answer twice", file.Name(), err)
		}
	}
	return u, nil
}

// of returns the uses of a wave; the caller holds mu, or is alone.
func (u *uses) of(wave string) *waveUses {
	w, ok := u.waves[wave]
	if !ok {
		w = &waveUses{links: make(map[string]use)}
		u.waves[wave] = w
	}
	return w
}

func (u *uses) used(wave, link string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	one, ok := u.of(wave).links[link]
	return ok && one.Begun == ""
}

// change changes the uses of a wave, and returns once that is on disk. Changes
// that come together are written together.
func (u *uses) change(wave string, to func(links map[string]use)) error {
	u.mu.Lock()
	w := u.of(wave)
	to(w.links)
	w.changes++
	mine := w.changes
	u.mu.Unlock()

	w.writing.Lock()
	defer w.writing.Unlock()
	if w.written >= mine {
		return nil
	}
	u.mu.Lock()
	text, err := json.Marshal(w.links) // in the order of the hashes
	all, forgotten := w.changes, u.waves[wave] != w
	u.mu.Unlock()
	if forgotten { // the wave was closed meanwhile
		return nil
	}
	if err == nil {
		err = writeWhole(filepath.Join(u.dir, wave+usesEnding), text)
	}
	if err != nil {
		return fmt.Errorf("keep the used links of wave %s: %w", wave, err)
	}
	w.written = all
	return nil
}

// untold are the links that the database does not know, by department.
func (u *uses) untold(wave string) map[string][]string {
	u.mu.Lock()
	defer u.mu.Unlock()
	links := make(map[string][]string)
	for _, hash := range slices.Sorted(maps.Keys(u.of(wave).links)) {
		if one := u.of(wave).links[hash]; !one.Told && one.Begun == "" {
			links[one.Department] = append(links[one.Department], hash)
		}
	}
	return links
}

// begun are the links whose answers are on their way, by the number of the form.
func (u *uses) begun(wave string) map[string]string {
	u.mu.Lock()
	defer u.mu.Unlock()
	links := make(map[string]string)
	for hash, one := range u.of(wave).links {
		if one.Begun != "" {
			links[one.Begun] = hash
		}
	}
	return links
}

// forget removes the uses of a wave that is over.
func (u *uses) forget(wave string) error {
	u.mu.Lock()
	w := u.of(wave)
	u.mu.Unlock()
	w.writing.Lock()
	defer w.writing.Unlock()
	if err := os.Remove(filepath.Join(u.dir, wave+usesEnding)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the used links of wave %s: %w", wave, err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.waves, wave)
	return nil
}

// known are the uses that the database has too, as the file of a wave holds them.
func (u *uses) known(wave string) ([]byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	links := maps.Clone(u.of(wave).links)
	maps.DeleteFunc(links, func(_ string, one use) bool { return !one.Told })
	return json.Marshal(links)
}

func (u *uses) keys() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Sorted(maps.Keys(u.waves))
}

// Used reports whether a link was used here, or was told to be used elsewhere.
func (s *Store) Used(i *invitation.Invitation) bool { return s.uses.used(i.Wave, hashName(i.Hash())) }

// Begin notes that an answer by a link is on its way to the broker, in the form
// of this number, and returns once that is kept for good. A link whose answer was
// begun before, and of which nobody knows what became (the process was killed, or
// the broker did not answer), keeps the number that it returns: whatever is sent
// by the link is sent under that number, and counts once. [Store.Use] ends it.
func (s *Store) Begin(i *invitation.Invitation, number string) (string, error) {
	hash, department := hashName(i.Hash()), i.Department
	err := s.uses.change(i.Wave, func(links map[string]use) {
		one, ok := links[hash]
		switch {
		case !ok:
			links[hash] = use{Department: department, Begun: number}
		case one.Begun != "":
			number = one.Begun
		}
	})
	return number, err
}

// Use notes that a link was used. It returns once that is kept for good.
func (s *Store) Use(i *invitation.Invitation) error {
	hash, department := hashName(i.Hash()), i.Department
	return s.uses.change(i.Wave, func(links map[string]use) { links[hash] = use{Department: department} })
}

// UsedLinks are the hashes of a wave's used links, as [Link] has them: who has
// them need not be reminded. They say nothing of when.
func (s *Store) UsedLinks(wave string) map[string]bool {
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	used := make(map[string]bool)
	for hash, one := range s.uses.of(wave).links {
		if one.Begun == "" {
			used[hash] = true
		}
	}
	return used
}

// tellUses tells the database which links were used, of a department several at
// once, and forgets the uses of waves that are closed.
func (s *Store) tellUses(ctx context.Context) error {
	var faults []error
	for _, key := range s.uses.keys() {
		w, ok := s.Wave(key)
		if ok && w.Answered() {
			faults = append(faults, s.forgetUses(ctx, key))
			continue
		}
		faults = append(faults, s.endBegun(ctx, key))
		var hashes []string
		for _, links := range s.uses.untold(key) {
			if len(links) >= leastTogether {
				hashes = append(hashes, links...)
			}
		}
		if len(hashes) > 0 {
			faults = append(faults, s.tell(ctx, key, hashes))
		}
	}
	return errors.Join(faults...)
}

// endBegun ends what an earlier process has begun, or the broker acknowledged to
// nobody: an answer that is stored has used its link, and its number is forgotten.
func (s *Store) endBegun(ctx context.Context, key string) error {
	begun := s.uses.begun(key)
	if len(begun) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var stored []string
	const ask = "SELECT groupUniqArray(event_id) FROM answer_events WHERE wave = {wave:String} AND event_id IN {numbers:Array(String)}"
	err := s.conn.QueryRow(ctx, ask, clickhouse.Named("wave", key), clickhouse.Named("numbers", slices.Sorted(maps.Keys(begun)))).Scan(&stored)
	if err != nil {
		return fmt.Errorf("find out which answers have arrived: %w: %w", ErrAway, err)
	}
	if len(stored) == 0 {
		return nil
	}
	return s.uses.change(key, func(links map[string]use) {
		for _, number := range stored {
			if one, ok := links[begun[number]]; ok {
				one.Begun = ""
				links[begun[number]] = one
			}
		}
	})
}

func (s *Store) tell(ctx context.Context, key string, hashes []string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	slices.Sort(hashes)
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO survey_link_uses (wave, link)")
	if err != nil {
		return fmt.Errorf("tell %d used links: %w: %w", len(hashes), ErrAway, err)
	}
	defer func() { _ = batch.Close() }()
	for _, hash := range hashes {
		if err := batch.Append(key, hash); err != nil {
			return fmt.Errorf("tell %d used links: %w", len(hashes), err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("tell %d used links: %w: %w", len(hashes), ErrAway, err)
	}
	return s.uses.change(key, func(links map[string]use) {
		for _, hash := range hashes {
			one := links[hash]
			one.Told = true
			links[hash] = one
		}
	})
}

// forgetUses forgets the uses of a closed wave, in the database first: while the
// file is there it is tried again.
func (s *Store) forgetUses(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 1}))
	if err := s.conn.Exec(ctx, "ALTER TABLE survey_link_uses DELETE WHERE wave = {wave:String}", clickhouse.Named("wave", key)); err != nil {
		return fmt.Errorf("forget the used links of wave %s: %w: %w", key, ErrAway, err)
	}
	return s.uses.forget(key)
}

// readUsed takes over uses of open waves that another process has told of.
func (s *Store) readUsed(ctx context.Context, fresh *snapshot) error {
	open := []string{}
	for _, w := range fresh.Waves {
		if !w.Answered() {
			open = append(open, w.Key)
		}
	}
	if len(open) == 0 {
		return nil
	}
	rows, err := s.conn.Query(ctx, "SELECT u.wave, u.link, l.department FROM survey_link_uses AS u FINAL LEFT JOIN (SELECT wave, link, department FROM survey_links FINAL) AS l USING (wave, link) WHERE u.wave IN {waves:Array(String)}",
		clickhouse.Named("waves", open))
	if err != nil {
		return fmt.Errorf("read the used links: %w: %w", ErrAway, err)
	}
	defer func() { _ = rows.Close() }()
	found := make(map[string]map[string]use)
	for rows.Next() {
		var key, hash, department string
		if err := rows.Scan(&key, &hash, &department); err != nil {
			return fmt.Errorf("read the used links: %w", err)
		}
		if !s.uses.used(key, hash) {
			if found[key] == nil {
				found[key] = make(map[string]use)
			}
			found[key][hash] = use{Department: department, Told: true}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the used links: %w: %w", ErrAway, err)
	}
	for key, links := range found {
		if err := s.uses.change(key, func(all map[string]use) { maps.Copy(all, links) }); err != nil {
			return err
		}
	}
	return nil
}
