package torture

import (
	"strings"
	"testing"
	"time"
)

// viaLink starts a sink whose way to ClickHouse is a link.
func (o *office) viaLink() (*sink, *link) {
	o.t.Helper()
	l := newLink(o.t, o.engine.Addr())
	s := o.startSink(func(order *sinkOrder) { order.DSN = l.through(o.t, o.dsn) })
	return s, l
}

// clickHouseCut breaks the sink's connections and refuses new ones for a while.
func clickHouseCut(t *trial) {
	o := newOffice(t, equipment{seconds: lasting(20*time.Second, 4*time.Second).Seconds()})
	s, l := o.viaLink()
	o.during(func() {
		s.await(inserting)
		l.cut()
		time.Sleep(lasting(20*time.Second, 4*time.Second))
		l.mend()
	})
	mustHaveFailed(t.T, s)
	o.judge(expectation{noCopies: true})
}

// clickHouseReplyCut lets an insert through and breaks the connection before
// the reply: replies are late, and by the time of the cut the rows are stored.
func clickHouseReplyCut(t *trial) {
	const late = 400 // milliseconds
	o := newOffice(t, equipment{seconds: 8})
	s, l := o.viaLink()
	o.during(func() {
		for tries, hits := 0, 0; hits < 3; tries++ {
			if tries == 20 {
				t.Fatalf("only %d of %d cuts fell between an insert and its reply", hits, tries)
			}
			l.delay(replies, late)
			s.passOver()
			s.await(inserting)
			// One reply is the table's columns, after which the rows are sent; the
			// next says that they are stored. The cut falls between.
			time.Sleep(late * time.Millisecond * 3 / 2)
			l.cut()
			before := s.count(failed)
			waitFor(t.T, "the inserts to fail", func() bool { return s.count(failed) > before })
			if o.rowsStored() > s.rowsInserted() {
				hits++
			}
			l.clean()
			l.mend()
			s.await(inserted)
		}
	})
	// The same rows with the same token: not even on the disk are there copies.
	o.judge(expectation{noCopies: true})
}

// rowsStored counts what lies on the disk.
func (o *office) rowsStored() int { return o.count("count()", eventTables...) }

// copiesStored counts those of them that are there more than once, as far as rows
// say where they lay in the log: answers do not.
func (o *office) copiesStored() int {
	return o.count("count() - uniqExact(topic_partition, topic_offset)", "task_events", "fault_events")
}

// count adds up an expression over tables.
func (o *office) count(expression string, tables ...string) int {
	o.t.Helper()
	sum := make([]string, len(tables))
	for i, table := range tables {
		sum[i] = "(SELECT " + expression + " FROM " + table + ")"
	}
	var n uint64
	// A connection that is cut within its first words ends this build of the
	// engine, which is started again.
	waitFor(o.t, "the engine to count", func() bool {
		return o.conn.QueryRow(o.t.Context(), "SELECT toUInt64("+strings.Join(sum, " + ")+")").Scan(&n) == nil
	})
	return int(n)
}

// clickHouseLatency makes every answer late by two seconds.
func clickHouseLatency(t *trial) {
	o := newOffice(t, equipment{seconds: lasting(30*time.Second, 6*time.Second).Seconds()})
	_, l := o.viaLink()
	o.during(func() {
		l.delay(replies, 2000)
		time.Sleep(lasting(30*time.Second, 6*time.Second))
		l.clean()
	})
	o.judge(expectation{noCopies: true})
}

// clickHouseHalfOpen leaves the connections open and lets nothing through,
// longer than an insert may take.
func clickHouseHalfOpen(t *trial) {
	o := newOffice(t, equipment{seconds: lasting(20*time.Second, 7*time.Second).Seconds()})
	s, l := o.viaLink()
	o.during(func() {
		s.await(inserting)
		l.swallow()
		time.Sleep(lasting(20*time.Second, 7*time.Second))
		l.clean()
	})
	mustHaveFailed(t.T, s)
	o.judge(expectation{noCopies: true})
}

// mustHaveFailed makes sure that the fault came about.
func mustHaveFailed(t *testing.T, s *sink) {
	t.Helper()
	if s.count(failed) == 0 {
		t.Error("no insert failed: the fault did not come about")
	}
}

// outlastsWindow has one sink store a batch and not learn of it, while another
// stores so much that the table has forgotten the batch's token when it comes
// again. The copies are on the disk, and no figure counts them.
func outlastsWindow(t *trial) {
	const late = 400 // milliseconds
	o := newOffice(t, equipment{seconds: 12})
	for _, table := range eventTables {
		if err := o.conn.Exec(t.Context(), "ALTER TABLE "+table+" MODIFY SETTING non_replicated_deduplication_window = 1"); err != nil {
			t.Fatal(err)
		}
	}
	l := newLink(t.T, o.engine.Addr())
	far := o.startSink(func(order *sinkOrder) { order.DSN = l.through(t.T, o.dsn) })
	near := o.startSink(nil)
	o.during(func() {
		for tries := 0; o.copiesStored() == 0; tries++ {
			if tries == 20 {
				t.Fatalf("none of %d cuts fell between an insert and its reply", tries)
			}
			far.await(inserted)
			near.await(inserted)
			l.delay(replies, late)
			far.passOver()
			far.await(inserting)
			time.Sleep(late * time.Millisecond * 3 / 2) // as in clickHouseReplyCut
			l.cut()
			near.passOver()
			for range 10 {
				near.await(inserted)
			}
			l.clean()
			l.mend()
			far.await(inserted)
		}
	})
	o.judge(expectation{copies: true})
}
