package torture

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// expectation is what a row allows beyond the rule. Its zero value allows
// nothing: everything is stored, no letter written, and copies on the disk may
// be there, for no figure counts them.
type expectation struct {
	deleted  int  // messages that were deleted from the log before they were read
	letters  int  // messages that have to be put aside
	noCopies bool // not even on the disk
	copies   bool // on the disk there have to be some, else the fault did not come about

	commitsForgotten bool // the broker may lose commits that it answered
}

// judge is the oracle of every row: acknowledged ids are stored ids, the
// visible count is the number of distinct ids, the auditor agrees, and every
// metric equals a recomputation from the events sent.
func (o *office) judge(e expectation) {
	o.t.Helper()
	waitFor(o.t, "the engine to answer", func() bool { return o.conn.Ping(o.t.Context()) == nil })
	o.watch.stop()
	if n := o.watch.restarts; n > 0 {
		o.t.Logf("the engine was started again %d times", n)
	}
	o.result.peakLag, o.result.peakBytes = o.watch.peakLag, o.watch.peakBytes
	for _, back := range o.watch.wentBack {
		if e.commitsForgotten {
			o.t.Logf("a committed offset went back: %s", back)
			continue
		}
		o.t.Errorf("a committed offset went back: %s", back)
	}
	for _, wrong := range o.sender.wrong {
		o.t.Errorf("the gateway: %s", wrong)
	}
	audit := o.audit()
	o.judgeIDs(e, audit)
	o.judgeAudit(e, audit)
	o.judgeFigures(o.kept(e))
}

const auditTime = 30 * time.Second // at most

// audit is the auditor's account once every dead letter is filed.
func (o *office) audit() *delivery.Audit {
	o.t.Helper()
	auditor := ingest.NewAuditor([]string{o.broker.addr()}, warehouse.NewWriter(o.conn))
	var audit *delivery.Audit
	var err error
	waitForUpTo(o.t, func() string { return fmt.Sprintf("the audit of a log that is dealt with; error %v", err) }, patience, func() bool {
		ctx, cancel := context.WithTimeout(o.t.Context(), auditTime)
		defer cancel()
		if audit, err = auditor.Audit(ctx); err != nil {
			return false
		}
		lag, _, _, _, _ := audit.Sums()
		return lag == 0 && audit.Settled()
	})
	return audit
}

func (o *office) judgeIDs(e expectation, audit *delivery.Audit) {
	o.t.Helper()
	stored, rows := o.stored()
	o.result.visible = rows - len(stored)
	if o.result.visible != 0 {
		o.t.Errorf("figures count %d rows of %d distinct events", rows, len(stored))
	}
	for _, id := range o.sender.acknowledged() {
		if !stored[id] {
			o.result.lost++
		}
	}
	if e.deleted == 0 && o.result.lost != 0 {
		o.t.Errorf("%d of %d acknowledged events are not stored", o.result.lost, len(o.sender.acknowledged()))
	}
	if o.result.lost > e.deleted { // some of the deleted messages were sent twice
		o.t.Errorf("%d events are not stored, though only %d were deleted", o.result.lost, e.deleted)
	}
	sent := make(map[string]bool, len(o.sender.events))
	for _, s := range o.sender.events {
		sent[s.ID] = true
	}
	for id := range stored {
		if !sent[id] {
			o.t.Errorf("stored event %q was never sent", id)
		}
	}
	for _, p := range audit.Partitions {
		if p.Topic != string(event.TypeAnswer) { // whose rows have no place in the log: one sent twice looks like one stored twice
			o.result.physical += int(p.DuplicatedPhysically)
		}
	}
	if e.noCopies && o.result.physical != 0 {
		o.t.Errorf("%d rows are stored twice on the disk, want none", o.result.physical)
	}
	if e.copies && o.result.physical == 0 {
		o.t.Error("no row is stored twice on the disk: the fault did not come about")
	}
}

func (o *office) judgeAudit(e expectation, audit *delivery.Audit) {
	o.t.Helper()
	_, _, aside, missing, duplicated := audit.Sums()
	if int(missing) != e.deleted || duplicated != 0 || int(aside) != e.letters {
		o.t.Errorf("the auditor finds %d missing, %d visibly duplicated and %d put aside; want %d, 0, %d", missing, duplicated, aside, e.deleted, e.letters)
	}
	if audit.ReusedIDs != 0 {
		o.t.Errorf("the auditor finds %d ids of several cases", audit.ReusedIDs)
	}
}

// stored are the ids that figures see, and how many rows they are.
func (o *office) stored() (ids map[string]bool, rows int) {
	o.t.Helper()
	ids = make(map[string]bool)
	for _, table := range eventTables {
		var found []string
		if err := o.conn.QueryRow(o.t.Context(), "SELECT groupArray(event_id) FROM "+table+" FINAL").Scan(&found); err != nil {
			o.t.Fatal(err)
		}
		for _, id := range found {
			ids[id] = true
		}
		rows += len(found)
	}
	return ids, rows
}

// kept are the events that figures have to be made of: all that were sent, or
// those that are stored where some were deleted.
func (o *office) kept(e expectation) []event.Event {
	if e.deleted == 0 {
		return o.sender.events
	}
	stored, _ := o.stored()
	var kept []event.Event
	for _, s := range o.sender.events {
		if stored[s.ID] {
			kept = append(kept, s)
		}
	}
	return kept
}

// describe shows troubles in a failed test.
func describe(troubles []delivery.Trouble) string {
	var lines []string
	for _, t := range troubles {
		lines = append(lines, fmt.Sprintf("%s of %s/%d, blocked %v: %s", t.Step, t.Topic, t.Partition, t.Blocked, t.Reason))
	}
	return strings.Join(lines, "\n")
}
