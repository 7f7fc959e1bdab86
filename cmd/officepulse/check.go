package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/officepulse/analytics/handbook"
)

// Checked is what "officepulse check --json" prints.
type Checked struct {
	OK       bool                 `json:"ok"`
	Mistakes []handbook.LineError `json:"mistakes"`
	Handbook *HandbookStatus      `json:"handbook,omitempty"` // when there is no mistake
}

func checkCommand() *cobra.Command {
	var asJSON, example bool
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a handbook: every mistake with its line and what to do about it",
		Long: `Check a handbook (《办公室工作流程手册》), with all its versions and year files, as
"officepulse serve --handbook FILE" would read it. Every mistake is written to
standard error with its line and what to do about it, and the exit status is 1.
Where there is none, a summary says what was read. docs/handbook.md explains
every key.`,
		Example: "  officepulse check --example >handbook.yaml\n  officepulse check handbook.yaml",
		Args: func(cmd *cobra.Command, args []string) error {
			if example {
				return cobra.NoArgs(cmd, args)
			}
			if len(args) != 1 {
				return errors.New("name one file to check, or ask for the shipped handbook with --example")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if example {
				_, err := cmd.OutOrStdout().Write(handbook.Example())
				return err
			}
			return check(args[0], asJSON, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&example, "example", false, "print the handbook that comes with the program, to begin one's own with")
	cmd.MarkFlagsMutuallyExclusive("json", "example")
	return cmd
}

func check(file string, asJSON bool, results, messages io.Writer) error {
	status, err := readHandbook(file)
	if err != nil {
		return checkFailed(file, err, asJSON, results, messages)
	}
	if asJSON {
		return printJSON(results, Checked{OK: true, Mistakes: []handbook.LineError{}, Handbook: status})
	}
	return status.print(results)
}

func readHandbook(file string) (*HandbookStatus, error) {
	history, err := handbook.LoadHistory(file)
	if err != nil {
		return nil, err
	}
	hb := history.At(time.Now())
	cal, err := hb.Calendar()
	if err != nil {
		return nil, err
	}
	status := handbookStatus(file, hb, cal, time.Now())
	return &status, nil
}

// checkFailed writes the mistakes, one a line, and says how many there are.
func checkFailed(file string, err error, asJSON bool, results, messages io.Writer) error {
	mistakes := handbook.Mistakes(err)
	if len(mistakes) == 0 { // the file could not even be read
		return err
	}
	if asJSON {
		if err := printJSON(results, Checked{Mistakes: mistakes}); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, m := range mistakes {
		_, _ = fmt.Fprintf(&b, "%s: %s\n", file, m.Error())
	}
	if _, err := io.WriteString(messages, b.String()); err != nil {
		return err
	}
	return fmt.Errorf("%s has %s", file, counted(len(mistakes), "mistake"))
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
