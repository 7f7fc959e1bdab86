package pagebench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Peak is the highest resident memory of a phase, in bytes; 0 where the system
// does not tell.
type Peak struct {
	Phase   string `json:"phase"`
	Engine  int64  `json:"engine"`
	Program int64  `json:"program"` // with the bench's own clients
}

// memories watches the memory of both processes from now on.
type memories struct{ engine, program int }

func (b *bench) memory() memories {
	m := memories{b.Engine(), os.Getpid()}
	for _, pid := range []int{m.engine, m.program} {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // proc(5): the peak begins anew; Linux only
	}
	return m
}

func (m memories) peak(phase string) Peak {
	return Peak{phase, statusBytes(m.engine, "VmHWM:"), statusBytes(m.program, "VmHWM:")}
}

func statusBytes(pid int, field string) int64 {
	return fieldBytes(fmt.Sprintf("/proc/%d/status", pid), field)
}

// fieldBytes reads a line "field: n kB"; 0 without one.
func fieldBytes(path, field string) int64 {
	text, _ := os.ReadFile(path) //nolint:gosec // of /proc
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field); ok && rest != "" {
			kB, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kB << 10
		}
	}
	return 0
}

// machine describes where the figures were measured.
func (b *bench) machine(ctx context.Context) string {
	var engine string
	_ = b.Conn.QueryRow(ctx, "SELECT version()").Scan(&engine) // it is a description
	processor := runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			processor = strings.TrimSpace(model)
		}
	}
	return fmt.Sprintf("%s, %d cores, %.0f GB, %s, %s, ClickHouse %s",
		processor, runtime.NumCPU(), float64(fieldBytes("/proc/meminfo", "MemTotal:"))/1e9, runtime.GOOS, runtime.Version(), engine)
}

// Disk is what a table takes.
type Disk struct {
	Table        string `json:"table" ch:"table"`
	Rows         uint64 `json:"rows" ch:"row_count"`
	Bytes        uint64 `json:"bytes" ch:"bytes"`
	Uncompressed uint64 `json:"uncompressed" ch:"uncompressed"`
	Parts        uint64 `json:"parts" ch:"part_count"`
}

const disksSQL = `SELECT table, sum(rows) AS row_count, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS uncompressed, count() AS part_count
FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC`

// weigh notes what the tables take, and where all was measured.
func (b *bench) weigh(ctx context.Context) error {
	b.report.Machine = b.machine(ctx)
	if err := b.Conn.Select(ctx, &b.report.Disks, disksSQL); err != nil {
		return fmt.Errorf("weigh the tables: %w", err)
	}
	return nil
}
