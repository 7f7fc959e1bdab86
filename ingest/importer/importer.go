// Package importer turns a file (CSV, XLSX or XES, plain or gzipped) into task
// events. Rows come in one by one, batches of checked events go out, and what
// could not become an event is told with its line and the reason.
//
// A file is read more than once, so that it never has to be held: memory does
// not grow with its size. The readings before the last settle the encoding, the
// order of day and month, and which rows repeat an earlier one.
package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"example.com/officepulse/ingest/event"
)

// BatchSize is the most events that publish is handed at once.
const BatchSize = 500

// Options say how to read a file. Process is required; everything else has a
// default.
type Options struct {
	Format         string            // "csv", "xlsx" or "xes"; "" takes it from the file's name
	Process        string            // key of the process the cases belong to
	Map            map[string]string // field -> column header (XES: attribute key, "case:" before a trace's own); see [ParseMap]
	Sheet          string            // XLSX: name of the sheet; "" takes the first
	Zone           *time.Location    // of times without zone; nil is UTC
	AssumeComplete bool              // every case in the file has ended with its last event
	Source         string            // CloudEvents source; "" is DefaultSource
	Now            time.Time         // bounds how far ahead a time may lie; zero is the time of the call
	Limits         Limits
}

// DefaultSource names the importer as the producer of its events.
const DefaultSource = "officepulse/import"

// Limits keep a file from using up the machine. A zero field has its default.
type Limits struct {
	Line      int   // bytes of one row, or of one XML token; 1 MiB
	Unpacked  int64 // bytes a packed file may unpack to; 20 GiB
	Ratio     int64 // unpacked to packed bytes, once more than RatioFrom are unpacked; 200
	RatioFrom int64 // bytes; 64 MiB
	Refusals  int   // refusals kept with their line, later ones are only counted (but for the first of each kind); 100
}

func (l Limits) withDefaults() Limits {
	if l.Line == 0 {
		l.Line = 1 << 20
	}
	if l.Unpacked == 0 {
		l.Unpacked = 20 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	if l.RatioFrom == 0 {
		l.RatioFrom = 64 << 20
	}
	if l.Refusals == 0 {
		l.Refusals = 100
	}
	return l
}

// Run reads the file at path and hands its events to publish, in the order of
// the file. An error of publish ends the run. progress may be nil; it is told
// how many of the file's bytes are done, where every reading of the file counts
// for its share, so that done grows from 0 to total once.
//
// Event ids derive from what the events say, so a second run publishes the same
// events again, and the warehouse keeps each once. Of rows that say the same, the
// second, third … are told apart by their number: all of them count.
//
// Nothing is published when the file cannot be used at all: it is missing or
// empty, a column is not there, it unpacks to more than the limits allow. When a
// file breaks off in the middle, the events before the break are published, and
// the error names the line. The Summary holds what was done in either case; after
// a whole run, Published + Refused == Read.
func Run(ctx context.Context, path string, opts Options,
	publish func(context.Context, []event.Event) error, progress func(done, total int64),
) (Summary, error) {
	j := job{path: path, opts: opts, publish: publish}
	err := j.run(ctx, progress)
	if err != nil {
		err = fmt.Errorf("import %s: %w", filepath.Base(path), err)
	}
	return j.summary, err
}

// job is one run.
type job struct {
	path    string
	opts    Options
	publish func(context.Context, []event.Event) error

	meter   *meter
	log     eventLog
	clock   *clock
	tally   *tally
	summary Summary
}

// eventLog is a file that can be read from its start as often as needed.
type eventLog interface {
	open() (source, error)
	names() [fieldCount]string  // how the file calls each field, for messages
	columns() map[string]string // field -> what it is read from; XES: what the readings so far found
	close() error
}

// source hands out the records of one reading.
type source interface {
	// next fills rec with the next record. io.EOF is the end, *brokenError a
	// place behind which nothing can be read.
	next(rec *record) error
	offset() int64 // bytes of the file read so far
	close() error
}

// record is a row of a table or an event of an XES log, as text.
type record struct {
	line      int64 // of the file, from 1; XLSX: the row
	trace     int64 // XES: number of the trace, from 1
	event     int64 // XES: number of the event in it, from 1
	values    [fieldCount]string
	lifecycle bool   // the action is one of XES's lifecycle transitions
	fault     *fault // why the record cannot be used; nil when it can
}

// fault is why one record is refused.
type fault struct {
	kind   string // one of few; refusals are counted by it
	reason string
}

// brokenError says that nothing can be read from a line on.
type brokenError struct {
	line int64
	err  error
}

func (e *brokenError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *brokenError) Unwrap() error { return e.err }

func (j *job) run(ctx context.Context, progress func(done, total int64)) (err error) {
	if err := j.fill(); err != nil {
		return err
	}
	in, err := openInput(j.path, j.opts.Limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	dir, err := os.MkdirTemp("", "officepulse-import-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	j.meter = &meter{report: progress, total: in.size, readings: 2}
	j.clock = &clock{zone: j.opts.Zone}
	if j.log, err = openLog(ctx, in, j.opts, j.clock, j.meter, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.log.close()) }()

	j.tally = newTally(dir)
	defer func() { err = errors.Join(err, j.tally.close()) }()
	if err := j.survey(ctx, dir); err != nil {
		return err
	}
	err = j.deliver(ctx)
	j.summary.Columns = j.log.columns()
	return err
}

// fill puts the defaults in and refuses what no file could be read with.
func (j *job) fill() error {
	o := &j.opts
	if o.Process == "" {
		return errors.New("the process is missing; name it with --process")
	}
	if err := checkMap(o.Map); err != nil {
		return err
	}
	var err error
	if o.Format, err = formatOf(o.Format, j.path); err != nil {
		return err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Source == "" {
		o.Source = DefaultSource
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Limits = o.Limits.withDefaults()
	return nil
}

// openLog prepares the file for reading in its format.
func openLog(ctx context.Context, in *input, opts Options, c *clock, m *meter, dir string) (eventLog, error) {
	switch opts.Format {
	case "xlsx":
		return openXLSX(in, opts, c, dir)
	case "xes":
		return openXES(in, opts)
	default:
		return openCSV(ctx, in, opts, m)
	}
}

// survey reads the file without publishing anything: it learns the order of day
// and month, and counts which rows say the same.
func (j *job) survey(ctx context.Context, dir string) error {
	if err := j.count(ctx); err != nil {
		return err
	}
	if j.clock.settle() {
		// Times changed their meaning, and with it what the rows say.
		err := j.tally.close()
		j.tally = newTally(dir)
		if err := errors.Join(err, j.count(ctx)); err != nil {
			return err
		}
	}
	if err := j.tally.settle(); err != nil {
		return fmt.Errorf("count equal rows: %w", err)
	}
	j.meter.nextReading()
	return nil
}

func (j *job) count(ctx context.Context) error {
	b := newBuilder(j.opts, j.clock, j.log.names())
	err := j.each(ctx, func(rec *record) error {
		e, f := b.event(rec)
		if f != nil {
			return nil // told at the last reading
		}
		return j.tally.note(keyOf(&e))
	})
	if _, ok := errors.AsType[*brokenError](err); ok {
		return nil // the last reading stops there too, after publishing what comes before
	}
	return err
}

// deliver is the last reading: it publishes.
func (j *job) deliver(ctx context.Context) error {
	b := newBuilder(j.opts, j.clock, j.log.names())
	batch := make([]event.Event, 0, BatchSize)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		closing := closes(batch) // before publish, which may keep the batch
		if err := j.publish(ctx, batch); err != nil {
			return fmt.Errorf("publish %d events: %w", len(batch), err)
		}
		j.summary.Published += int64(len(batch))
		j.summary.Closes += closing
		batch = make([]event.Event, 0, BatchSize)
		return nil
	}
	err := j.each(ctx, func(rec *record) error {
		j.summary.Read++
		e, f, err := j.finish(b, rec)
		if err != nil {
			return err
		}
		if f != nil {
			j.summary.refuse(rec, f, j.opts.Limits.Refusals)
			return nil
		}
		if batch = append(batch, e); len(batch) == BatchSize {
			return flush()
		}
		return nil
	})
	broken, isBroken := errors.AsType[*brokenError](err)
	if err != nil && !isBroken {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	j.summary.Warnings = j.warnings(b)
	if isBroken {
		return j.atBreak(broken)
	}
	j.meter.nextReading()
	return nil
}

// atBreak tells how far a file came that breaks off.
func (j *job) atBreak(broken *brokenError) error {
	if j.summary.Published == 0 {
		return fmt.Errorf("%w; nothing is published", broken)
	}
	return fmt.Errorf("%w; the %d events before it are published", broken, j.summary.Published)
}

func closes(batch []event.Event) (n int64) {
	for i := range batch {
		if batch[i].Task.Action == event.Close {
			n++
		}
	}
	return n
}

// finish makes the event of a record, with its id and its place in the file.
func (j *job) finish(b *builder, rec *record) (event.Event, *fault, error) {
	e, f := b.event(rec)
	if f != nil {
		return e, f, nil
	}
	key := keyOf(&e)
	earlier, err := j.tally.earlier(key)
	if err != nil {
		return e, nil, err
	}
	e.ID = key.id(earlier)
	e.Sequence = fmt.Sprintf("%012d", j.summary.Read)
	if f := b.check(&e); f != nil {
		return e, f, nil
	}
	b.remark(rec, &e)
	return e, nil, nil
}

// each hands every record of one reading to do, and reports progress.
func (j *job) each(ctx context.Context, do func(*record) error) (err error) {
	src, err := j.log.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	for n := 0; ; n++ {
		if n%BatchSize == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			j.meter.at(src.offset())
		}
		var rec record
		if err := src.next(&rec); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := do(&rec); err != nil {
			return err
		}
	}
}
