package form

import "sync"

// recent knows the numbers of the last forms that were taken, so that one sent
// twice is thanked for twice and published once. What it forgets, or loses with
// the process, is published again under the same id and counts once all the same.
type recent struct {
	mu    sync.Mutex
	young map[string]bool
	old   map[string]bool // the generation before
}

const generation = 50_000

func newRecent() *recent { return &recent{young: make(map[string]bool)} }

func (r *recent) has(number string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.young[number] || r.old[number]
}

func (r *recent) add(number string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= generation {
		r.young, r.old = make(map[string]bool), r.young
	}
	r.young[number] = true
}
