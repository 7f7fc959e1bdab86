package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/officepulse/dashboard"
)

const auditPollEvery = 300 * time.Millisecond

func auditCommand() *cobra.Command {
	var (
		asJSON bool
		wait   time.Duration
	)
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Account for every message of the log: stored, put aside, or missing",
		Long: `Account, by topic and partition, for every message that was committed: it is
stored, put aside as a dead letter, or missing. The exit status is 1 when a
message is missing or a figure counts one twice.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if wait < 0 {
				return fmt.Errorf("--wait: %s is less than nothing", wait)
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			report, err := c.settledAudit(cmd.Context(), wait)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				err = printAudit(cmd.OutOrStdout(), cmd.ErrOrStderr(), report)
			}
			return errors.Join(err, auditFault(report, wait))
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().DurationVar(&wait, "wait", 30*time.Second, "for dead letters that are on their way, at most")
	return cmd
}

// settledAudit asks until no dead letter is on its way, or wait is over.
func (c *client) settledAudit(ctx context.Context, wait time.Duration) (*dashboard.AuditReport, error) {
	deadline := time.Now().Add(wait)
	for {
		var report dashboard.AuditReport
		if err := c.ask(ctx, http.MethodGet, "/api/v1/audit", nil, &report); err != nil {
			return nil, err
		}
		if report.Settled() || !time.Now().Before(deadline) {
			return &report, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(auditPollEvery):
		}
	}
}

// auditFault is the verdict as an error; nil when all is there once.
func auditFault(r *dashboard.AuditReport, waited time.Duration) error {
	s := r.Sums
	var faults []string
	switch {
	case s.Missing > 0 && !r.Settled():
		faults = append(faults, fmt.Sprintf("%d dead letters are still on their way after %s, and %d messages may be among them: run the audit again", r.Letters, waited, s.Missing))
	case s.Missing > 0:
		faults = append(faults, fmt.Sprintf("%d of %d committed messages are missing, neither stored nor put aside: send them again from their source, or import them", s.Missing, s.Accounted()))
	}
	if s.DuplicatedVisibly > 0 {
		faults = append(faults, fmt.Sprintf("figures count %d copies: do not publish them", s.DuplicatedVisibly))
	}
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, "; "))
}

// printAudit writes the account as a table, and its verdict when it is good; a
// bad one is the command's error. Troubles are messages, not results.
func printAudit(results, messages io.Writer, r *dashboard.AuditReport) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...any) {
		for _, cell := range cells {
			_, _ = fmt.Fprintf(t, "%v\t", cell)
		}
		_, _ = fmt.Fprintln(t)
	}
	row("TOPIC/PARTITION", "FIRST", "END", "COMMITTED", "LAG", "STORED", "ASIDE", "MISSING", "TWICE VISIBLY", "TWICE PHYSICALLY", "RESENT", "LATE", "STORED UP TO")
	for _, p := range r.Partitions {
		row(fmt.Sprintf("%s/%d", p.Topic, p.Partition), p.First, p.End, p.Committed, p.Lag, p.Stored, p.DeadLettered, p.Missing,
			p.DuplicatedVisibly, p.DuplicatedPhysically, p.Resent, fmt.Sprintf("%.1f%%", 100*p.LateShare), stamp(p.Watermark))
	}
	_ = t.Flush()
	s := r.Sums
	if s.Missing == 0 && s.DuplicatedVisibly == 0 {
		_, _ = fmt.Fprintf(&b, "\nlost 0, duplicated 0: all %d committed messages are accounted for, %d stored and %d put aside, as of %s\n",
			s.Accounted(), s.Stored, s.DeadLettered, stamp(r.At))
	}
	if s.Lag > 0 {
		_, _ = fmt.Fprintf(&b, "%d messages wait to be stored\n", s.Lag)
	}
	if _, err := results.Write(b.Bytes()); err != nil {
		return err
	}
	return printAuditRemarks(messages, r)
}

func printAuditRemarks(messages io.Writer, r *dashboard.AuditReport) error {
	var b strings.Builder
	for _, t := range r.Troubles {
		_, _ = fmt.Fprintf(&b, "%s: %s\n", troubleText(t), t.Reason)
	}
	if r.ReusedIDs > 0 {
		_, _ = fmt.Fprintf(&b, "note: %d events have the id of another case's event too, which is a mistake of their producer\n", r.ReusedIDs)
	}
	_, err := io.WriteString(messages, b.String())
	return err
}

// stamp writes an instant in this machine's zone, a missing one as a dash.
func stamp(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}
