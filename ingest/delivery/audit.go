package delivery

import "time"

// Coverage is what the warehouse knows of one partition of the log.
type Coverage struct {
	Topic     string
	Partition int

	First        int64  // smallest offset that is stored or put aside
	Stored       uint64 // offsets stored, below Upto
	DeadLettered uint64 // offsets put aside, below Upto
	Covered      uint64 // offsets stored, put aside, or known to hold no message; each once, below Upto
	Rows         uint64 // rows there are, copies included
	Offsets      uint64 // distinct offsets among the rows
	Keys         uint64 // distinct events among the rows
	Visible      uint64 // rows that a figure counts (FINAL)
	VisibleKeys  uint64 // distinct events among these
	Late         uint64 // visible rows that arrived more than LateAfter after they happened

	NewestEvent time.Time // latest time of an event
	AsOf        time.Time // when Kafka took the newest message stored
}

// LateAfter is how long after it happened an event may arrive before it counts
// as late: from then on it may change figures that somebody has already read.
const LateAfter = 24 * time.Hour

// Audit compares the log with the warehouse.
type Audit struct {
	At         time.Time   `json:"at"`
	Log        string      `json:"log"`
	Partitions []Partition `json:"partitions"`
	Letters    int64       `json:"letters_under_way"` // dead letters that are not filed yet; until they are, missing may be too high
	ReusedIDs  uint64      `json:"reused_ids"`        // events whose id another case's event has too: their producer's mistake
}

// Partition is the account of one partition: every offset that was committed
// is stored, put aside, or missing.
type Partition struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`

	First     int64 `json:"first"`     // offset of the oldest message that the log still holds
	End       int64 `json:"end"`       // offset that the next message will get
	Committed int64 `json:"committed"` // offset before which the sink has dealt with all
	Lag       int64 `json:"lag"`       // messages not dealt with yet

	Stored       uint64 `json:"stored"`
	DeadLettered uint64 `json:"dead_lettered"`
	Missing      uint64 `json:"missing"` // committed, and neither stored nor put aside

	// DuplicatedPhysically counts rows stored twice from one offset, which
	// merging removes by and by; Resent counts events that their producers sent
	// more than once. Neither changes a figure. DuplicatedVisibly counts copies
	// that a figure would count: it must be 0.
	DuplicatedPhysically uint64 `json:"duplicated_physically"`
	Resent               uint64 `json:"resent"`
	DuplicatedVisibly    uint64 `json:"duplicated_visibly"`

	LateShare   float64   `json:"late_share"` // of the events, 0 to 1; see LateAfter
	NewestEvent time.Time `json:"newest_event,omitzero"`
	Watermark   time.Time `json:"watermark,omitzero"` // when Kafka took the newest message stored
}

// Sums adds up what a verdict needs.
func (a *Audit) Sums() (lag int64, stored, deadLettered, missing, duplicated uint64) {
	for _, p := range a.Partitions {
		lag += p.Lag
		stored += p.Stored
		deadLettered += p.DeadLettered
		missing += p.Missing
		duplicated += p.DuplicatedVisibly
	}
	return lag, stored, deadLettered, missing, duplicated
}

// Settled reports whether every dead letter has been filed, so that what is
// missing now stays missing.
func (a *Audit) Settled() bool { return a.Letters == 0 }
