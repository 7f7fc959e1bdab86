package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"example.com/officepulse/ingest/importer"
)

func importCommand() *cobra.Command {
	var (
		format, process, columns, zone, sheet string
		assumeComplete, asJSON, noWait        bool
	)
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Publish the events of a CSV, XLSX or XES file, plain or gzipped",
		Long: `Publish the events of a CSV, XLSX or XES file, plain or gzipped, through the
gateway and Kafka, like any other producer. Importing a file again changes
nothing. Rows that are no event are refused with their line and reason; the
rest is published, and the exit status is then 1.`,
		Example: `  officepulse import tickets.csv --process helpdesk --assume-complete \
    --map case_id=CaseID,stage=ActivityID,time=CompleteTimestamp --timezone Europe/Rome
  officepulse import purchases.xes.gz --process purchase --assume-complete`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			mapping, err := importer.ParseMap(columns)
			if err != nil {
				return fmt.Errorf("--map: %w", err)
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				return fmt.Errorf("--timezone: %q is no time zone; write a name such as Asia/Shanghai or UTC", zone)
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			if _, err := c.status(cmd.Context()); err != nil {
				return err
			}
			options := importer.Options{
				Format: format, Process: process, Map: mapping, Sheet: sheet, Zone: location, AssumeComplete: assumeComplete,
				Source: "/officepulse/import/" + filepath.Base(args[0]), Now: time.Now(),
			}
			summary, err := runImport(cmd.Context(), c, args[0], options, cmd.ErrOrStderr())
			if printErr := printSummary(cmd.OutOrStdout(), summary, asJSON); err == nil {
				err = printErr
			}
			if err != nil {
				return err
			}
			if !noWait {
				if err := c.waitStored(cmd.Context()); err != nil {
					return err
				}
			}
			if summary.Refused > 0 {
				return fmt.Errorf("%d of %d events were refused", summary.Refused, summary.Read)
			}
			return nil
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().StringVar(&format, "format", "", "csv, xlsx or xes (default: by the file's name)")
	cmd.Flags().StringVar(&process, "process", "", "key of the process these events belong to")
	cmd.Flags().StringVar(&columns, "map", "", "columns: case_id=…,stage=…,time=…,action=…,department=…,actor=…")
	cmd.Flags().StringVar(&sheet, "sheet", "", "of an XLSX file (default: the first)")
	cmd.Flags().StringVar(&zone, "timezone", "UTC", "of times that name none")
	cmd.Flags().BoolVar(&assumeComplete, "assume-complete", false, "every case has ended with its last event in the file")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary as JSON")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "do not wait until the events can be queried")
	_ = cmd.MarkFlagRequired("process")
	return cmd
}

func runImport(ctx context.Context, c *client, path string, options importer.Options, messages io.Writer) (importer.Summary, error) {
	bar := progress(messages, -1, "importing", true)
	summary, err := importer.Run(ctx, path, options, c.send, func(done, total int64) {
		bar.ChangeMax64(total)
		_ = bar.Set64(done)
	})
	_ = bar.Finish()
	return summary, err
}

func printSummary(w io.Writer, s importer.Summary, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	if _, err := fmt.Fprintf(w, "events read %d, published %d, refused %d\n", s.Read, s.Published, s.Refused); err != nil {
		return err
	}
	for _, r := range s.Refusals {
		if _, err := fmt.Fprintf(w, "  %s\n", r); err != nil {
			return err
		}
	}
	if more := s.Refused - int64(len(s.Refusals)); more > 0 {
		if _, err := fmt.Fprintf(w, "  and %d more\n", more); err != nil {
			return err
		}
	}
	for _, warning := range s.Warnings {
		if _, err := fmt.Fprintf(w, "note: %s\n", warning); err != nil {
			return err
		}
	}
	return nil
}
