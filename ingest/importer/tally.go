package importer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"example.com/officepulse/ingest/event"
)

// key is a hash over what an event says: process, case, stage, action and time.
// Rows with the same key are the same statement made again.
type key [sha256.Size]byte

// keyOf puts the length before each part, so that no two different events run
// into the same bytes.
func keyOf(e *event.Event) key {
	t := e.Task
	b := make([]byte, 0, 256)
	for _, part := range [...]string{t.Process, t.CaseID, t.Stage, string(t.Action)} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendVarint(b, e.Time.UnixMilli())
	return sha256.Sum256(b)
}

// id is the event id of the row that has this key and so many rows with the same
// key before it: 128 bits in hex.
func (k key) id(earlier uint64) string {
	sum := sha256.Sum256(binary.AppendUvarint(k[:], earlier))
	return hex.EncodeToString(sum[:16])
}

// tally tells how many rows with the same key came before a row, in memory that
// does not grow with the file. The first reading notes 64 bits of every key in a
// bucket chosen by the key; settle goes through one bucket after the other and
// writes the answers in the order of the notes; the last reading, which meets the
// rows in the same order again, takes the answers one by one.
//
// Two different keys share 64 bits once in 10^5 files of 20 million rows. Then
// the later row gets the id of a repetition: unusual, still unique.
type tally struct {
	dir     string
	buckets [buckets]spool // of notes, then of answers
	answers [buckets]*bufio.Reader
}

// buckets is a compromise between open files and the size of one bucket's map:
// 100 million different rows make 800 thousand entries in it.
const buckets = 128

func newTally(dir string) *tally { return &tally{dir: dir} }

func (t *tally) note(k key) error {
	if err := t.buckets[bucketOf(k)].write(t.dir, k[:8]); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	return nil
}

func bucketOf(k key) int { return int(k[31]) % buckets }

// settle turns notes into answers.
func (t *tally) settle() error {
	for i := range t.buckets {
		answers, err := settleBucket(t.dir, &t.buckets[i])
		if err := errors.Join(err, t.buckets[i].close()); err != nil {
			return errors.Join(err, answers.close())
		}
		t.buckets[i] = answers
		r, err := t.buckets[i].reader()
		if err != nil {
			return err
		}
		t.answers[i] = r
	}
	return nil
}

func settleBucket(dir string, notes *spool) (answers spool, err error) {
	r, err := notes.reader()
	if err != nil {
		return answers, err
	}
	seen := map[[8]byte]uint64{}
	for {
		var k [8]byte
		if _, err := io.ReadFull(r, k[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return answers, nil
			}
			return answers, err
		}
		if err := answers.write(dir, binary.AppendUvarint(nil, seen[k])); err != nil {
			return answers, err
		}
		seen[k]++
	}
}

// earlier is how many rows with this key came before the one at hand.
func (t *tally) earlier(k key) (uint64, error) {
	n, err := binary.ReadUvarint(t.answers[bucketOf(k)])
	if errors.Is(err, io.EOF) {
		return 0, errors.New("the file was changed while it was read; import it again")
	}
	if err != nil {
		return 0, fmt.Errorf("read a temporary file: %w", err)
	}
	return n, nil
}

func (t *tally) close() error {
	var errs []error
	for i := range t.buckets {
		errs = append(errs, t.buckets[i].close())
	}
	return errors.Join(errs...)
}

// spool holds bytes to be read again in the same order: in memory while they are
// few, in a file from then on.
type spool struct {
	buf  []byte
	file *os.File
}

const spoolMemory = 8 << 10

func (s *spool) write(dir string, p []byte) error {
	if len(s.buf)+len(p) > spoolMemory {
		if err := s.spill(dir); err != nil {
			return err
		}
	}
	s.buf = append(s.buf, p...)
	return nil
}

func (s *spool) spill(dir string) error {
	if s.file == nil {
		file, err := os.CreateTemp(dir, "bucket-")
		if err != nil {
			return err
		}
		s.file = file
	}
	_, err := s.file.Write(s.buf)
	s.buf = s.buf[:0]
	return err
}

func (s *spool) reader() (*bufio.Reader, error) {
	if s.file == nil {
		return bufio.NewReaderSize(bytes.NewReader(s.buf), 16), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return bufio.NewReader(io.MultiReader(s.file, bytes.NewReader(s.buf))), nil
}

// close also takes the file away: a bucket is done with long before the run.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
