package pagebench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many clients the second pass has.
const atOnce = 4

// asker sends requests to a server of its own.
type asker struct {
	server *clocked
	url    string
	client *http.Client

	mu sync.Mutex
	n  int // requests so far
}

// answer is what came back.
type answer struct {
	handled
	path   string
	status int
	body   []byte
}

// measure asks for every page and query: one after another, several at once,
// and from the events themselves.
func (b *bench) measure(ctx context.Context) error {
	a, stop, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	d, err := b.drawer(ctx)
	if err != nil {
		return err
	}
	memory := b.memory()
	all := kinds()
	first := make([][]answer, len(all)) // of each kind, the answers to be compared
	for i, k := range all {
		m := Measured{Kind: k.name, Page: k.page}
		paths := d.paths(k, b.Seed, b.Requests)
		if first[i], err = b.pass(ctx, a, k, paths, 1, "", &m.Alone); err != nil {
			return err
		}
		if _, err := b.pass(ctx, a, k, paths, atOnce, "", &m.AtOnce); err != nil {
			return err
		}
		if _, err := b.pass(ctx, a, k, paths, 1, warmHeader, &m.Warm); err != nil {
			return err
		}
		b.report.Measured = append(b.report.Measured, m)
		b.say("%-32s alone p50 %s p95 %s, %d at once p50 %s p95 %s, remembering p50 %s p95 %s", k.name, ms(m.Alone.P50), ms(m.Alone.P95), atOnce, ms(m.AtOnce.P50), ms(m.AtOnce.P95), ms(m.Warm.P50), ms(m.Warm.P95))
	}
	b.report.Peaks = append(b.report.Peaks, memory.peak("requests"))
	memory = b.memory()
	for i, k := range all {
		if k.page && !b.RawPages {
			continue
		}
		if err := b.compare(ctx, a, first[i], &b.report.Measured[i]); err != nil {
			return err
		}
		r := b.report.Measured[i].Raw
		b.say("%-32s raw %s, served %s, %.1f times as fast %s", k.name, ms(r.Raw), ms(r.Served), r.Ratio, r.Unfinished)
	}
	b.report.Peaks = append(b.report.Peaks, memory.peak("raw queries"))
	return nil
}

// serve answers on loopback until stop is called.
func (b *bench) serve(ctx context.Context) (a *asker, stop func(), err error) {
	pages, err := b.Route(switched{})
	if err != nil {
		return nil, nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	c := &clocked{pages: pages, served: b.Served, raw: b.Raw, warm: b.warm, rawTimeout: b.RawTimeout, waiting: make(map[int]chan handled)}
	server := &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // until Close
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	a = &asker{server: c, url: "http://" + listener.Addr().String(), client: &http.Client{Transport: transport}}
	return a, func() { transport.CloseIdleConnections(); _ = server.Close() }, nil
}

// paths are the requests of a kind.
func (d *drawer) paths(k kind, seed uint64, n int) []string {
	d.begin(k.name, seed)
	paths := make([]string, n)
	for i := range paths {
		paths[i] = k.next(d)
	}
	return paths
}

// get sends one request and waits until the server has done with it. from is a
// header that chooses what answers; "": new metrics over the derived tables.
func (a *asker) get(ctx context.Context, path string, from string) (answer, error) {
	a.mu.Lock()
	a.n++
	n := a.n
	a.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set(numberHeader, strconv.Itoa(n))
	if from != "" {
		req.Header.Set(from, "1")
	}
	done := a.server.expect(n)
	resp, err := a.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return answer{}, fmt.Errorf("read %s: %w", path, err)
	}
	return answer{<-done, path, resp.StatusCode, body}, nil
}

// pass sends the requests of a kind from some clients, until all are answered
// or the budget is used up. It returns the first answers, for comparison.
func (b *bench) pass(ctx context.Context, a *asker, k kind, paths []string, clients int, from string, into *Times) ([]answer, error) {
	if clients == 1 && from == "" { // the first of a kind wakes the engine and does not count
		if _, err := a.get(ctx, paths[0], from); err != nil {
			return nil, err
		}
	}
	var (
		mu      sync.Mutex
		answers []answer
		next    int
		ends    = time.Now().Add(b.Budget)
	)
	g, ctx := errgroup.WithContext(ctx)
	for range clients {
		g.Go(func() error {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(paths) || i > 0 && time.Now().After(ends) {
					return nil
				}
				got, err := a.get(ctx, paths[i], from)
				if err != nil {
					return err
				}
				mu.Lock()
				if len(answers) >= b.RawRuns && got.status == http.StatusOK {
					got.body = nil
				}
				answers = append(answers, got)
				mu.Unlock()
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	took := make([]time.Duration, 0, len(answers))
	for _, got := range answers {
		took = append(took, got.took)
		if got.status != http.StatusOK {
			b.report.refused(k.name, got)
		}
	}
	*into = timesOf(took)
	return answers[:min(b.RawRuns, len(answers))], nil
}

// compare has the events themselves answer some of the requests again. What is
// served is measured once more beside each, so that both meet the machine in the
// same mood.
func (b *bench) compare(ctx context.Context, a *asker, served []answer, m *Measured) error {
	var raw, quick time.Duration
	for _, one := range served {
		if one.status != http.StatusOK {
			continue
		}
		if raw > b.Budget {
			break
		}
		again, err := a.get(ctx, one.path, "")
		if err != nil {
			return err
		}
		got, err := a.get(ctx, one.path, rawHeader)
		if err != nil {
			return err
		}
		if got.status != http.StatusOK {
			m.Raw.Unfinished = fmt.Sprintf("no answer after %s: %v", got.took.Round(time.Millisecond), got.err)
			break
		}
		m.Raw.N++
		raw += got.took
		quick += again.took
		if difference := differ(one.body, got.body); difference != "" {
			b.report.wrong("%s: what is served differs from what the events say: %s", one.path, difference)
		}
	}
	if m.Raw.N > 0 {
		m.Raw.Raw, m.Raw.Served = inMilliseconds(raw)/float64(m.Raw.N), inMilliseconds(quick)/float64(m.Raw.N)
		m.Raw.Ratio = float64(raw) / float64(quick)
	}
	return nil
}

// timesOf sums up how long requests took.
func timesOf(took []time.Duration) Times {
	if len(took) == 0 {
		return Times{}
	}
	slices.Sort(took)
	at := func(share float64) float64 { return inMilliseconds(took[int(share*float64(len(took)-1)+0.5)]) }
	return Times{N: len(took), P50: at(0.5), P95: at(0.95), Max: at(1)}
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
