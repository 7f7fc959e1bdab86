package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/officepulse/analytics/handbook"
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
		Args: oneFile,
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
			if note := openCases(&summary, options); note != "" {
				summary.Warnings = append(summary.Warnings, note)
			}
			if err == nil || summary.Read > 0 { // else the error says it all
				err = errors.Join(err, printSummary(cmd.OutOrStdout(), cmd.ErrOrStderr(), &summary, asJSON))
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

// oneFile replaces cobra's count of arguments by what to write.
func oneFile(_ *cobra.Command, args []string) error {
	const example = "for example officepulse import tickets.csv --process helpdesk"
	switch {
	case len(args) == 0, len(args) == 1 && args[0] == "":
		return errors.New("name one file, " + example)
	case len(args) > 1:
		return fmt.Errorf("name one file, not %d, %s", len(args), example)
	}
	return nil
}

// openCases is a note for who imports a process that nothing ends. The handbook
// asked is the built-in one: a server with another may know the process, and
// the words leave room for that.
func openCases(s *importer.Summary, options importer.Options) string {
	if options.AssumeComplete || s.Closes > 0 || s.Published == 0 {
		return ""
	}
	if _, defined := handbook.Default().Process(options.Process); defined {
		return ""
	}
	return "without --assume-complete, cases of a process that the handbook does not define count only once they have an event with the action close; this file has none"
}

// printSummary writes the result to results, and what a person may want to mend
// to messages. As JSON, all of it is result.
func printSummary(results, messages io.Writer, s *importer.Summary, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(results)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	text := fmt.Sprintf("events read %d, published %d, refused %d\n", s.Read, s.Published, s.Refused)
	if columns := s.ColumnsText(); columns != "" {
		text += "columns: " + columns + "\n"
	}
	if _, err := io.WriteString(results, text); err != nil {
		return err
	}
	_, err := io.WriteString(messages, remarks(s))
	return err
}

// remarks are the refusals, by kind with their first places, and the notes.
func remarks(s *importer.Summary) string {
	var b strings.Builder
	for _, k := range s.ByKind() {
		fmt.Fprintf(&b, "refused for %s: %d\n", k.Kind, k.Count)
		for _, r := range k.Examples {
			fmt.Fprintf(&b, "  %s\n", r)
		}
		if more := k.Count - int64(len(k.Examples)); more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", more)
		}
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(&b, "note: %s\n", warning)
	}
	return b.String()
}
