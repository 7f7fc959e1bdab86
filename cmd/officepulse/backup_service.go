package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/cmd/officepulse/archive"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
)

// Where the parts lie in a backup.
const (
	kafkaPart      = "kafka"
	clickhousePart = "clickhouse"
)

const (
	maxBackupQuestion = 64 << 10 // bytes
	stagePrefix       = "officepulse_backup_"
)

// backupQuestion is what POST /api/v1/backup is asked.
type backupQuestion struct {
	Target string `json:"target"` // absolute path on the machine of the service
}

// backupLine is one line of its answer: what it does now, and at the end what
// it has done or why not.
type backupLine struct {
	Step   string        `json:"step,omitempty"`
	Error  string        `json:"error,omitempty"`
	Backup *BackupResult `json:"backup,omitempty"`
}

// BackupResult is a backup that has been made.
type BackupResult struct {
	Target          string             `json:"target"`
	BeganAt         time.Time          `json:"began_at"` // everything acknowledged before is in it
	Seconds         float64            `json:"seconds"`
	Files           int                `json:"files"`
	KafkaBytes      int64              `json:"kafka_bytes"`
	ClickHouseBytes int64              `json:"clickhouse_bytes"`
	Kafka           archive.Kafka      `json:"kafka"`
	ClickHouse      archive.ClickHouse `json:"clickhouse"`
}

// backup makes a backup while the service runs. What is wrong with the question
// is said by the status; afterwards the answer is a stream of lines.
func (o *office) backup(c *gin.Context) {
	var q backupQuestion
	if err := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxBackupQuestion)).Decode(&q); err != nil {
		problem(c, http.StatusBadRequest, `Say where the backup shall be: {"target":"/an/absolute/path"}`)
		return
	}
	last := o.backupAlone(c, q.Target)
	if last != nil { // only now, so that whoever reads it may ask for the next
		say(c, *last)
	}
}

// backupAlone makes the backup unless another is being made, and returns the
// last line of the answer; nil when a problem is the answer.
func (o *office) backupAlone(c *gin.Context, target string) *backupLine {
	if !o.saving.TryLock() {
		problem(c, http.StatusConflict, "A backup is being made already")
		return nil
	}
	defer o.saving.Unlock()
	if o.conn == nil {
		problem(c, http.StatusConflict, "This process has no connection to ClickHouse; ask one with the role sink or dashboard")
		return nil
	}
	w, err := o.createArchive(target)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return nil
	}
	control := http.NewResponseController(c.Writer)
	_ = control.SetReadDeadline(time.Time{}) // those of other requests are too short
	_ = control.SetWriteDeadline(time.Time{})
	c.Header("Content-Type", linesMedia)
	c.Status(http.StatusOK)

	ctx, began := c.Request.Context(), time.Now() // ends when the client leaves
	m, err := o.save(ctx, w, func(step string) { say(c, backupLine{Step: step}) })
	if err == nil {
		err = w.Close(m)
	}
	if err = errors.Join(err, w.Discard()); err != nil {
		o.logger.ErrorContext(ctx, "backup not made", "target", target, "error", err)
		return &backupLine{Error: err.Error()}
	}
	o.logger.InfoContext(ctx, "backup made", "target", target, "bytes", m.Bytes(""), "took", time.Since(began))
	return &backupLine{Backup: &BackupResult{
		Target: target, BeganAt: m.BeganAt, Seconds: time.Since(began).Seconds(), Files: len(m.Files),
		KafkaBytes: m.Bytes(kafkaPart), ClickHouseBytes: m.Bytes(clickhousePart), Kafka: m.Kafka, ClickHouse: m.ClickHouse,
	}}
}

// say sends one line. A client that has left ends the request's context.
func say(c *gin.Context, line backupLine) {
	_ = json.NewEncoder(c.Writer).Encode(line)
	c.Writer.Flush()
}

// createArchive begins a backup at target, which must lie outside of the data
// directory: what destroys that would take the backup along.
func (o *office) createArchive(target string) (*archive.Writer, error) {
	w, err := archive.Create(target)
	if err != nil {
		return nil, err
	}
	inside, err := within(o.config.Data, filepath.Dir(target))
	if err == nil && inside {
		err = fmt.Errorf("%w: %s lies in the data directory %s, which it shall outlive", archive.ErrTarget, target, o.config.Data)
	}
	if err != nil {
		return nil, errors.Join(err, w.Discard())
	}
	return w, nil
}

// within reports whether a folder is dir or lies in it, links followed.
func within(dir, folder string) (bool, error) {
	var real [2]string
	for i, p := range []string{dir, folder} {
		abs, err := filepath.Abs(p)
		if err != nil {
			return false, err
		}
		if real[i], err = filepath.EvalSymlinks(abs); err != nil {
			return false, err
		}
	}
	rel, err := filepath.Rel(real[0], real[1])
	return err == nil && filepath.IsLocal(rel), err
}

// save puts everything that this installation remembers into w, while it goes
// on. What makes the copy whole is the order:
//
//  1. the commits: which offset the sink has come to in each partition,
//  2. the tables,
//  3. the log.
//
// An event before its partition's commit had been stored when 1 was copied, so
// it is in 2. An event in 2 came out of the log, so it is in 3. An event from
// the commit on is in 3 if it was acknowledged before 3; after a restore the
// sink takes it from there, and should 2 have it too, the same id makes the two
// copies one. So nothing acknowledged before is missing and nothing counts
// twice, and the tables never speak of offsets that the log does not have. The
// other way round, commits taken after the tables would make the sink skip
// events that no table has.
func (o *office) save(ctx context.Context, w *archive.Writer, step func(string)) (*archive.Manifest, error) {
	m := &archive.Manifest{Version: version, BeganAt: time.Now().UTC(), Kafka: archive.Kafka{Embedded: o.kafka != nil}}
	step("reading how far the sink has come")
	if err := o.saveCommits(ctx, w, &m.Kafka); err != nil {
		return nil, fmt.Errorf("save how far the sink has come: %w", err)
	}
	if o.surveys != nil { // before the log: whose link is marked as used in the copy, has an answer in it
		step("saving the secret and the used links of surveys")
		if err := o.surveys.SaveFiles(addTo(ctx, w, surveysDir)); err != nil {
			return nil, fmt.Errorf("save the secret and the used links of surveys: %w", err)
		}
	}
	step("saving the tables")
	stage, err := o.saveTables(ctx, &m.ClickHouse)
	if stage != "" {
		defer func() { _ = os.RemoveAll(stage) }()
	}
	if err != nil {
		return nil, fmt.Errorf("save the tables: %w", err)
	}
	if o.kafka != nil {
		step("saving the log of Kafka")
		if err := embedded.CopyKafkaLog(o.file("kafka"), addTo(ctx, w, kafkaPart)); err != nil {
			return nil, fmt.Errorf("save the log of Kafka: %w", err)
		}
	}
	if stage != "" {
		step("copying the tables")
		if err := addTree(stage, addTo(ctx, w, clickhousePart)); err != nil {
			return nil, fmt.Errorf("copy the tables: %w", err)
		}
	}
	return m, nil
}

// addTo returns how files get into a folder of w.
func addTo(ctx context.Context, w *archive.Writer, folder string) func(name string, r io.Reader, size int64) error {
	return func(name string, r io.Reader, size int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.Add(path.Join(folder, name), r, size)
	}
}

// addTree hands the files below dir to put, under their names from there.
func addTree(dir string, put func(name string, r io.Reader, size int64) error) error {
	return filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		f, err := os.Open(file) //nolint:gosec // written by the engine for this
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return put(filepath.ToSlash(name), f, info.Size())
	})
}

func (o *office) saveCommits(ctx context.Context, w *archive.Writer, k *archive.Kafka) error {
	client := &kafka.Client{Addr: kafka.TCP(o.brokers...), Timeout: readyTimeout}
	meta, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: ingest.Topics()})
	if err != nil {
		return fmt.Errorf("ask for the cluster: %w", err)
	}
	k.ClusterID = meta.ClusterID
	if k.Partitions, err = ingest.Lag(ctx, o.brokers, ingest.DefaultSinkConfig().Group); err != nil {
		return err
	}
	if o.kafka == nil {
		return nil
	}
	return embedded.CopyKafkaGroups(o.file("kafka"), addTo(ctx, w, kafkaPart))
}

// saveTables has ClickHouse make its BACKUP: the embedded engine into a folder
// beside its tables, which is returned and to be removed in any case, a server
// of one's own to where the settings say.
func (o *office) saveTables(ctx context.Context, c *archive.ClickHouse) (stage string, err error) {
	if err := o.conn.QueryRow(ctx, "SELECT currentDatabase()").Scan(&c.Database); err != nil {
		return "", err
	}
	if o.engine == nil {
		return "", o.saveOwnServer(ctx, c)
	}
	if err := o.clearStages(ctx); err != nil {
		return "", err
	}
	c.Embedded, c.Exact = true, true
	name := stagePrefix + strings.ToLower(rand.Text())
	stage = filepath.Join(o.engine.Backups(), name)
	place := destination{engine: "File", args: []string{name}}
	if err := inBackground(ctx, o.conn, "BACKUP DATABASE "+quoteName(c.Database)+" TO "+place.clause()); err != nil {
		return stage, err
	}
	c.Tables, err = o.countBackup(ctx, c.Database, name, place)
	return stage, err
}

// countBackup counts the rows in a backup itself: those in the tables are
// others by now.
func (o *office) countBackup(ctx context.Context, database, name string, place destination) (tables []archive.Table, err error) {
	if err := o.conn.Exec(ctx, "CREATE DATABASE "+quoteName(name)+" ENGINE = Backup("+quoteText(database)+", "+place.clause()+")"); err != nil {
		return nil, fmt.Errorf("open the backup of the tables: %w", err)
	}
	defer func() {
		err = errors.Join(err, o.conn.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+quoteName(name)))
	}()
	return countRows(ctx, o.conn, name)
}

// clearStages removes what a backup that was broken off with the process has
// left with the engine.
func (o *office) clearStages(ctx context.Context) error {
	left, err := column(ctx, o.conn, "SELECT name FROM system.databases WHERE engine = 'Backup' AND startsWith(name, '"+stagePrefix+"')")
	if err != nil {
		return fmt.Errorf("look for what was left by a backup: %w", err)
	}
	for _, name := range left {
		if err := o.conn.Exec(ctx, "DROP DATABASE "+quoteName(name)); err != nil {
			return fmt.Errorf("remove what was left by a backup: %w", err)
		}
	}
	folders, err := filepath.Glob(filepath.Join(o.engine.Backups(), stagePrefix+"*"))
	for _, f := range folders {
		err = errors.Join(err, os.RemoveAll(f))
	}
	if err != nil {
		return fmt.Errorf("remove what was left by a backup: %w", err)
	}
	return nil
}

// saveOwnServer has a server of one's own make its BACKUP where the settings say.
func (o *office) saveOwnServer(ctx context.Context, c *archive.ClickHouse) (err error) {
	if o.config.BackupPlace == "" {
		return errors.New("ClickHouse is a server of your own: say where it puts backups with backup_destination, for example " +
			"S3('https://host/bucket/folder','key','secret') or Disk('disk','folder')")
	}
	whole, err := parseDestination(o.config.BackupPlace)
	if err != nil {
		return fmt.Errorf("backup_destination: %w", err)
	}
	if c.Tables, err = countRows(ctx, o.conn, c.Database); err != nil {
		return err
	}
	c.Name = "officepulse-" + time.Now().UTC().Format("20060102T150405Z-") + strings.ToLower(rand.Text()[:6])
	place := whole.of(c.Name)
	c.Place = place.String()
	if err := inBackground(ctx, o.conn, "BACKUP DATABASE "+quoteName(c.Database)+" TO "+place.clause()); err != nil {
		return fmt.Errorf("to %s: %s", place, place.hide(err.Error())) // not %w: what is wrapped may hold the secret
	}
	return nil
}
