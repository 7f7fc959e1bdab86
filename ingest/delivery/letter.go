package delivery

import "time"

// Kind says in one word why a message is a dead letter.
type Kind string

// Kinds of dead letters.
const (
	Malformed  Kind = "malformed"  // no CloudEvent: no JSON, a missing or unknown attribute
	Invalid    Kind = "invalid"    // an event whose content breaks a rule
	Misplaced  Kind = "misplaced"  // an event in a topic of another type
	Oversize   Kind = "oversize"   // larger than an event may be
	Unstorable Kind = "unstorable" // refused by the database
	Unreadable Kind = "unreadable" // a batch that cannot be unpacked
	Unknown    Kind = "unknown"    // put into the dead-letter topic by somebody else
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{Malformed, Invalid, Misplaced, Oversize, Unstorable, Unreadable, Unknown}
}

// Header is a header of a message, its value as it came.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Letter is a message that is no event, with its bytes as they came.
type Letter struct {
	ID      string   `json:"id"` // of the place, 16 hexadecimal digits
	Place   Place    `json:"place"`
	Last    int64    `json:"last"` // offset of the last message it stands for: Place.Offset, or more for an unreadable batch
	Kind    Kind     `json:"kind"`
	Reason  string   `json:"reason"`
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Headers []Header `json:"headers"`

	Size       int64     `json:"size"`        // bytes that the value had; more than it has when it had to be cut
	ProducedAt time.Time `json:"produced_at"` // the message's own time
	PutAt      time.Time `json:"put_at"`      // when it was put aside
	Filed      Place     `json:"-"`           // where it lies in the dead-letter topic
}

// Cut reports whether the letter holds less than the message had.
func (l *Letter) Cut() bool { return int64(len(l.Value)) < l.Size }

// State is what has become of a letter.
type State string

// States of a letter.
const (
	Open      State = "open"
	Replayed  State = "replayed"
	Discarded State = "discarded"
)

// States lists all states.
func States() []State { return []State{Open, Replayed, Discarded} }

// Deed is something that a person does with a letter.
type Deed string

// Deeds.
const (
	Edit    Deed = "edit"    // keep a corrected text; the letter's own bytes stay
	DryRun  Deed = "dry_run" // check the text as the front door would, send nothing
	Replay  Deed = "replay"  // send the text through the front door
	Discard Deed = "discard" // decide that it is not needed
)

// Act is a deed that was done: one line of the letter's history.
type Act struct {
	LetterID string    `json:"letter_id"`
	At       time.Time `json:"at"`
	Deed     Deed      `json:"deed"`
	Actor    string    `json:"actor"`  // who
	Reason   string    `json:"reason"` // why, in their words; needed to discard
	Text     string    `json:"text"`   // that was kept, checked or sent; JSON
	OK       bool      `json:"ok"`
	Outcome  string    `json:"outcome"` // what came of it
}

// Filed is a letter with what has been done with it.
type Filed struct {
	Letter

	State State `json:"state"`
	Acts  []Act `json:"acts,omitempty"` // oldest first; only where one letter is asked for
}

// Filter chooses letters. Its zero value chooses all.
type Filter struct {
	Kind   Kind
	State  State
	Topic  string
	Text   string // in the reason, the key or the value
	Limit  int    // at most; 0: DefaultLimit
	Offset int    // letters to pass over, newest first
}

// DefaultLimit is how many letters a list has when nothing is said.
const DefaultLimit = 50

// Count is how many letters there are of a kind, in a topic, in a state.
type Count struct {
	Kind  Kind   `json:"kind"`
	Topic string `json:"topic"`
	State State  `json:"state"`
	N     uint64 `json:"n"`
}
