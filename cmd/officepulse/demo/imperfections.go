package demo

import (
	"math/rand/v2"
	"time"

	"example.com/officepulse/ingest/event"
)

// How often sources go wrong (DOMAIN.md §5): shares of all events, and of all
// cases for the withdrawn and the unknown ones.
const (
	duplicateShare  = 0.02
	lateShare       = 0.01
	outOfOrderShare = 0.003
	withdrawnShare  = 0.04
	unknownShare    = 0.002
	stuckShare      = 0.025 // of the last quarter's cases; those on their way at the end make it about five percent
)

// trouble decides what goes wrong.
type trouble struct {
	r           *rand.Rand
	withdrawals quota
	stuck       quota
	swaps       quota
	owed        int // swaps to be made as soon as an event lends itself to it
}

func newTrouble(r *rand.Rand) trouble {
	return trouble{r: r, withdrawals: newQuota(r), stuck: newQuota(r), swaps: newQuota(r)}
}

// withdraw ends a case somewhere between its first and its last step. A case
// whose steps all fall together cannot be withdrawn; it then reports false.
func (t *tale) withdraw(m *matter) bool {
	if len(m.steps) < 2 {
		return false
	}
	r := t.trouble.r
	cut := 1 + r.IntN(len(m.steps)-1)
	from, to := m.steps[cut-1].at, m.steps[cut].at
	m.steps[cut].at = from + int64(r.Float64()*float64(to-from))
	m.steps[cut].action = event.Withdraw
	m.steps[cut].actor = m.steps[0].actor
	m.steps[cut].due = 0
	m.steps = m.steps[:cut+1]
	return true
}

// strand leaves a case of the story's last quarter where someone forgot it, so
// that open cases have an age. It reports whether it did.
func (t *tale) strand(m *matter) bool {
	if len(m.steps) < 2 || m.steps[0].at < t.date(2026, 7, 1).UnixMilli() || !t.trouble.stuck.take(stuckShare) {
		return false
	}
	m.steps = m.steps[:1+t.trouble.r.IntN(len(m.steps)-1)]
	return true
}

// disturb turns the parcels of one case, given in order and to be sent as they
// happen, into what a real source does with them: some are late, some overtake
// their successor, some are sent twice.
func (t *tale) disturb(parcels []parcel) []parcel {
	late := false // the parcel after this one
	swapped := false
	for i := len(parcels) - 1; i >= 0; i-- {
		p := &parcels[i]
		happened := p.send
		if t.trouble.swaps.take(outOfOrderShare) {
			t.trouble.owed++
		}
		next := i + 1
		switch {
		case t.trouble.r.Float64() < lateShare:
			p.send = t.late(happened)
			t.facts.Late++
			late, swapped = true, false
		case t.trouble.owed > 0 && next < len(parcels) && !late && !swapped && parcels[next].send-happened < 20*time.Hour.Milliseconds():
			p.send = parcels[next].send + 1000 + t.trouble.r.Int64N(60_000)
			t.trouble.owed--
			t.facts.OutOfOrder++
			late, swapped = false, true
		default:
			late, swapped = false, false
		}
	}
	for i := range len(parcels) {
		if t.trouble.r.Float64() < duplicateShare {
			again := parcels[i]
			again.send += 1000 + t.trouble.r.Int64N(7_200_000)
			t.facts.Duplicates++
			parcels = append(parcels, again)
		}
	}
	return parcels
}

// late is when an event of that time is sent if its source was cut off: more
// than a day later, once people are back to notice.
func (t *tale) late(happened int64) int64 {
	dayLater := time.UnixMilli(happened).Add(24 * time.Hour)
	return t.calendar.Add(dayLater, time.Duration(1+t.trouble.r.Float64()*16)*time.Hour).UnixMilli()
}
