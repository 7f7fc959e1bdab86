package torture

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// result is what one run of a row came to.
type result struct {
	lost      int // acknowledged events that are not stored
	visible   int // copies that figures count
	physical  int // rows stored twice on the disk
	recovery  time.Duration
	peakLag   int64 // messages
	peakBytes int64 // of the largest sink
	failed    bool
}

// results are gathered by row while the tests run.
var results struct {
	sync.Mutex
	of map[string][]result
}

func keep(row string, r result) {
	results.Lock()
	defer results.Unlock()
	if results.of == nil {
		results.of = make(map[string][]result)
	}
	results.of[row] = append(results.of[row], r)
}

const tableHead = "| fault | runs | failed | lost | visible duplicates | physical duplicates | recovery p50 | recovery max | peak lag | peak memory |\n" +
	"|---|---|---|---|---|---|---|---|---|---|\n"

// printTable writes the matrix's table in Markdown, to a file as well when one
// is named. Counts are sums over the runs, peaks the largest.
func printTable(out io.Writer, file string) error {
	results.Lock()
	defer results.Unlock()
	if len(results.of) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString(tableHead)
	for _, row := range matrix {
		if runs := results.of[row.name]; len(runs) > 0 {
			text.WriteString(line(row, runs))
		}
	}
	_, _ = io.WriteString(out, text.String())
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func line(row row, runs []result) string {
	var sum result
	failed := 0
	for _, r := range runs {
		sum.lost += r.lost
		sum.visible += r.visible
		sum.physical += r.physical
		sum.peakLag = max(sum.peakLag, r.peakLag)
		sum.peakBytes = max(sum.peakBytes, r.peakBytes)
		if r.failed {
			failed++
		}
	}
	slices.SortFunc(runs, func(a, b result) int { return cmp.Compare(a.recovery, b.recovery) })
	median, longest := runs[(len(runs)-1)/2].recovery, runs[len(runs)-1].recovery
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %.1f s | %.1f s | %d | %d MB |\n",
		row.fault, len(runs), failed, sum.lost, sum.visible, sum.physical, median.Seconds(), longest.Seconds(), sum.peakLag, sum.peakBytes>>20)
}
