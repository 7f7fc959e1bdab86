// Package delivery names what can become of a message on its way from the log
// into the warehouse: stored, put aside as a dead letter, or missing. Plain
// types that the sink fills, the warehouse keeps and the dashboard shows.
package delivery

import (
	"errors"
	"time"
)

// ErrBlocked is matched by errors that no retry mends before somebody has
// changed something: a table is missing, a right is not granted, a disk is
// full. The work waits and goes on by itself once that has happened.
var ErrBlocked = errors.New("waits for somebody")

// Errors about dead letters; their text says the rest.
var (
	// ErrNoLetter is matched when there is no letter of the id asked for.
	ErrNoLetter = errors.New("there is no dead letter with this id")
	// ErrRefused is matched when a deed was refused; the text says why and what
	// would be right.
	ErrRefused = errors.New("refused")
	// ErrLater is matched when a replay was not acknowledged: the same again
	// may go through, and changes no figure if the first one did.
	ErrLater = errors.New("not acknowledged, try again later")
)

// Place is where a message lies. Log is the cluster's own id, because offsets
// begin anew in a new cluster.
type Place struct {
	Log       string `json:"log"`
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
}

// Trouble is a step that fails and is tried again.
type Trouble struct {
	Topic     string    `json:"topic"`
	Partition int       `json:"partition"`
	Step      string    `json:"step"` // fetch, insert, deadletter, commit
	Since     time.Time `json:"since"`
	Attempts  int       `json:"attempts"`
	Blocked   bool      `json:"blocked"` // see ErrBlocked
	Reason    string    `json:"reason"`
}

// Gap is a stretch of offsets at which the log holds no message to read.
type Gap struct {
	Place            // of the first offset
	Last      int64  // offset
	Lost      bool   // the log was cut before they were read; else they are the broker's own marks
	Described string // what was seen
}
