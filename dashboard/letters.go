package dashboard

import (
	"time"

	"example.com/officepulse/ingest/delivery"
)

// AuditReport is the answer of GET /api/v1/audit.
type AuditReport struct {
	delivery.Audit

	Sums     Sums               `json:"sums"`
	Troubles []delivery.Trouble `json:"troubles"` // of the sink in this process
}

// Sums are over all partitions of an audit.
type Sums struct {
	Lag               int64  `json:"lag"`
	Stored            uint64 `json:"stored"`
	DeadLettered      uint64 `json:"dead_lettered"`
	Missing           uint64 `json:"missing"`
	DuplicatedVisibly uint64 `json:"duplicated_visibly"`
}

// Accounted is how many messages the audit was about.
func (s Sums) Accounted() uint64 { return s.Stored + s.DeadLettered + s.Missing }

func sums(a *delivery.Audit) (s Sums) {
	s.Lag, s.Stored, s.DeadLettered, s.Missing, s.DuplicatedVisibly = a.Sums()
	return s
}

// Letter is a dead letter in a list.
type Letter struct {
	ID         string         `json:"id"`
	Place      delivery.Place `json:"place"`
	Last       int64          `json:"last"` // offset of the last message it stands for
	Kind       delivery.Kind  `json:"kind"`
	State      delivery.State `json:"state"`
	Reason     string         `json:"reason"`
	Key        Bytes          `json:"key"`
	Preview    string         `json:"preview"` // of the value: its beginning in one line, escaped
	Size       int64          `json:"size"`    // bytes that the value had
	ProducedAt time.Time      `json:"produced_at"`
	PutAt      time.Time      `json:"put_at"`
}

// LetterInFull is a dead letter with its bytes and its history.
type LetterInFull struct {
	Letter

	Value   Bytes    `json:"value"`
	Cut     bool     `json:"cut"` // the value had to be cut when it was put aside
	Headers []Header `json:"headers"`
	Acts    []Act    `json:"acts"` // oldest first

	// Text is what a replay would send; where there is none, NoText says why.
	Text   Bytes  `json:"text"`
	NoText string `json:"no_text,omitempty"`
}

// Header is a header of the message.
type Header struct {
	Name  Bytes `json:"name"`
	Value Bytes `json:"value"`
}

// Act is a line of a letter's history.
type Act struct {
	LetterID string        `json:"letter_id"`
	At       time.Time     `json:"at"`
	Deed     delivery.Deed `json:"deed"`
	Actor    string        `json:"actor"`
	Reason   string        `json:"reason"`
	Text     Bytes         `json:"text"`
	OK       bool          `json:"ok"`
	Outcome  string        `json:"outcome"`
}

// LetterList is the answer of GET /api/v1/deadletters.
type LetterList struct {
	Letters []Letter         `json:"letters"`
	More    bool             `json:"more"`   // there are others after these
	Counts  []delivery.Count `json:"counts"` // of all letters, whatever was asked for
}

// LetterEdit is the body of POST /api/v1/deadletters/{id}/edit.
type LetterEdit struct {
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// LetterReason is the body of the other deeds.
type LetterReason struct {
	Reason string `json:"reason"`
}

// MaxTogether is how many letters one request replays at most.
const MaxTogether = 200

// LettersReplay is the body of POST /api/v1/deadletters/replay: ids or a
// filter. A filter without a state means the open ones; more than
// [MaxTogether] letters are refused as ids and left for the next request as a
// filter.
type LettersReplay struct {
	IDs    []string       `json:"ids"`
	Filter *LettersFilter `json:"filter"`
	Reason string         `json:"reason"`
}

// LettersFilter chooses letters; see [delivery.Filter].
type LettersFilter struct {
	Kind  delivery.Kind  `json:"kind"`
	State delivery.State `json:"state"`
	Topic string         `json:"topic"`
	Text  string         `json:"text"`
}

// LettersReplayed is what came of replaying many.
type LettersReplayed struct {
	Replayed int         `json:"replayed"`
	Refused  int         `json:"refused"`  // not taken: mend or discard them
	Failed   int         `json:"failed"`   // for no fault of theirs: try again
	More     bool        `json:"more"`     // the filter chooses others besides
	Outcomes []LetterEnd `json:"outcomes"` // one a letter
}

// LetterEnd is what came of one of many.
type LetterEnd struct {
	LetterID string `json:"letter_id"`
	OK       bool   `json:"ok"`
	Outcome  string `json:"outcome"`
}

const previewRunes = 160

func listedLetter(l *delivery.Letter, state delivery.State) Letter {
	return Letter{
		ID: l.ID, Place: l.Place, Last: l.Last, Kind: l.Kind, State: state, Reason: l.Reason, Key: Bytes(l.Key),
		Preview: Preview(l.Value, previewRunes), Size: l.Size, ProducedAt: l.ProducedAt, PutAt: l.PutAt,
	}
}

func letterInFull(l *delivery.Filed, desk Desk) LetterInFull {
	full := LetterInFull{Letter: listedLetter(&l.Letter, l.State), Value: Bytes(l.Value), Cut: l.Cut(), Headers: []Header{}, Acts: []Act{}}
	for _, h := range l.Headers {
		full.Headers = append(full.Headers, Header{Bytes(h.Name), Bytes(h.Value)})
	}
	for i := range l.Acts {
		full.Acts = append(full.Acts, act(&l.Acts[i]))
	}
	text, err := desk.Text(l)
	full.Text = Bytes(text)
	if err != nil {
		full.NoText = err.Error()
	}
	return full
}

func act(a *delivery.Act) Act {
	return Act{LetterID: a.LetterID, At: a.At, Deed: a.Deed, Actor: a.Actor, Reason: a.Reason, Text: Bytes(a.Text), OK: a.OK, Outcome: a.Outcome}
}
