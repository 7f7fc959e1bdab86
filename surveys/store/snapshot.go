package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

const snapshotFile = "snapshot.json"

// snapshot is what holds now. Once it is stored in a Store it never changes.
type snapshot struct {
	Waves          []*wave.Wave                   `json:"waves"`
	Questionnaires []*questionnaire.Questionnaire `json:"questionnaires"`
}

func (k *snapshot) putWave(w *wave.Wave) {
	k.Waves = slices.DeleteFunc(k.Waves, func(one *wave.Wave) bool { return one.Key == w.Key })
	k.Waves = append(k.Waves, w)
	slices.SortFunc(k.Waves, func(a, b *wave.Wave) int {
		switch {
		case b.Quarter.Before(a.Quarter):
			return -1
		case a.Quarter.Before(b.Quarter):
			return 1
		default:
			return strings.Compare(a.Key, b.Key)
		}
	})
}

func (k *snapshot) putQuestionnaire(q *questionnaire.Questionnaire) {
	k.Questionnaires = slices.DeleteFunc(k.Questionnaires, func(one *questionnaire.Questionnaire) bool { return one.ID() == q.ID() })
	k.Questionnaires = append(k.Questionnaires, q)
	slices.SortFunc(k.Questionnaires, func(a, b *questionnaire.Questionnaire) int {
		if a.Key != b.Key {
			return strings.Compare(a.Key, b.Key)
		}
		return b.Version - a.Version
	})
}

// merge takes over what was read. What is newer here was saved while it was read.
func (k *snapshot) merge(fresh *snapshot) {
	for _, w := range fresh.Waves {
		i := slices.IndexFunc(k.Waves, func(one *wave.Wave) bool { return one.Key == w.Key })
		if i < 0 || k.Waves[i].Revision < w.Revision {
			k.putWave(w)
		}
	}
	for _, q := range fresh.Questionnaires {
		if !slices.ContainsFunc(k.Questionnaires, func(one *questionnaire.Questionnaire) bool { return one.ID() == q.ID() }) {
			k.putQuestionnaire(q)
		}
	}
}

func (k *snapshot) equal(other *snapshot) bool {
	return slices.EqualFunc(k.Waves, other.Waves, func(a, b *wave.Wave) bool { return a.Key == b.Key && a.Revision == b.Revision }) &&
		slices.EqualFunc(k.Questionnaires, other.Questionnaires, func(a, b *questionnaire.Questionnaire) bool { return a.ID() == b.ID() })
}

func readSnapshot(path string) (*snapshot, error) {
	text, err := os.ReadFile(path) //nolint:gosec // in the data directory
	if errors.Is(err, os.ErrNotExist) {
		return &snapshot{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the surveys as last seen: %w", err)
	}
	var k snapshot
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&k); err != nil {
		return nil, fmt.Errorf("read the surveys as last seen: %w; remove %s, it is made again from the database", err, path)
	}
	return &k, nil
}

func (k *snapshot) write(path string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keep the surveys as last seen: %w", err)
	}
	if err := writeWhole(path, text); err != nil {
		return fmt.Errorf("keep the surveys as last seen: %w", err)
	}
	return nil
}

// writeWhole puts a file in its place whole or not at all, and for good.
func writeWhole(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}
	parent, err := os.Open(dir) //nolint:gosec // in the data directory
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}
