package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/importer"
)

func ExampleRun() {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("tickets-%d.csv", os.Getpid()))
	table := "Ticket,Step,When\n7,draft,2026-01-02 10:00\n7,sign,2026-01-02\n8,draft,soon\n"
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(path)

	columns, err := importer.ParseMap("case_id=Ticket,stage=Step,time=When")
	if err != nil {
		fmt.Println(err)
		return
	}
	publish := func(_ context.Context, batch []event.Event) error {
		for _, e := range batch {
			fmt.Println(e.Task.CaseID, e.Task.Stage, e.Task.Action, e.Time.Format("2006-01-02 15:04"))
		}
		return nil
	}
	summary, err := importer.Run(context.Background(), path, importer.Options{Process: "tickets", Map: columns}, publish, nil)
	fmt.Println("read", summary.Read, "published", summary.Published, "refused", summary.Refused, err)
	fmt.Println(summary.Refusals[0].Line, summary.Refusals[0].Kind)
	// Output:
	// 7 draft complete 2026-01-02 10:00
	// 7 sign complete 2026-01-02 00:00
	// read 3 published 2 refused 1 <nil>
	// 4 time
}
