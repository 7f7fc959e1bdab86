package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
)

//go:embed fault_processes.sql
var faultProcessesSQL string

// FaultProcesses lists the processes about which a fault was ever reported,
// whatever became of it, in order. Of any other process it is not known that it
// has no faults: nobody reports them.
func (m *Metrics) FaultProcesses(ctx context.Context) ([]string, error) {
	return remember(ctx, m, "fault_processes", m.faultProcesses)
}

func (m *Metrics) faultProcesses(ctx context.Context) (list []string, err error) {
	rows, err := m.conn.Query(ctx, faultProcessesSQL)
	if err != nil {
		return nil, fmt.Errorf("list processes with faults: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var process string
		if err := rows.Scan(&process); err != nil {
			return nil, fmt.Errorf("read a process with faults: %w", err)
		}
		list = append(list, process)
	}
	return list, rows.Err()
}
