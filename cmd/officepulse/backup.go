package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.com/officepulse/cmd/officepulse/archive"
	"example.com/officepulse/ingest"
)

func backupCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup TARGET",
		Short: "Save everything a running service remembers into a folder or a .tar.gz file",
		Long: `Have a running service save everything it remembers into TARGET, a new folder
or a new file whose name ends in .tar.gz, on the service's machine. It goes on
taking events meanwhile; everything acknowledged before is in the backup.

A ClickHouse server of your own puts its part where the setting
backup_destination says; a Kafka of your own is yours to keep.`,
		Example: "  officepulse backup /mnt/backups/2026-09-30.tar.gz",
		Args:    onePlace("officepulse backup /mnt/backups/2026-09-30.tar.gz"),
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := filepath.Abs(args[0])
			if err != nil {
				return fmt.Errorf("find %s: %w", args[0], err)
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			r, err := c.backup(cmd.Context(), target, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(r)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), r.text())
			return err
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// onePlace replaces cobra's count of arguments by what to write.
func onePlace(example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return fmt.Errorf("name one folder, or one file ending in .tar.gz, for example %s", example)
		}
		return nil
	}
}

// backup asks the service for a backup and returns when it is made. What the
// service does is said to messages.
func (c *client) backup(ctx context.Context, target string, messages io.Writer) (*BackupResult, error) {
	body, err := json.Marshal(backupQuestion{Target: target})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server+"/api/v1/backup", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	patient := &http.Client{Transport: c.http.Transport} // a backup takes as long as it takes
	resp, err := patient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the service at %s: %w", c.server, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp)
	}
	for lines := json.NewDecoder(resp.Body); ; {
		var line backupLine
		if err := lines.Decode(&line); err != nil {
			return nil, fmt.Errorf("no backup was made: the service broke off: %w", err)
		}
		switch {
		case line.Backup != nil:
			return line.Backup, nil
		case line.Error != "":
			return nil, errors.New("no backup was made: " + line.Error)
		}
		_, _ = fmt.Fprintf(messages, "%s …\n", line.Step)
	}
}

// text tells a person what was saved and what was not.
func (r *BackupResult) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("Saved to %s in %.1f s: %d files; everything acknowledged before %s is in it.", r.Target, r.Seconds, r.Files, r.BeganAt.Local().Format("2006-01-02 15:04:05"))
	if r.ClickHouse.Embedded {
		line("  ClickHouse  %s", size(r.ClickHouseBytes))
	} else {
		line("  ClickHouse  is a server of your own; its part is at %s", r.ClickHouse.Place)
	}
	writeTables(&b, &r.ClickHouse)
	if r.Kafka.Embedded {
		line("  Kafka       %s", size(r.KafkaBytes))
	} else {
		line("  Kafka       is a cluster of your own and NOT saved. %s", rewindNote(&r.Kafka))
	}
	return b.String()
}

func writeTables(b *strings.Builder, c *archive.ClickHouse) {
	for _, t := range c.Tables {
		note := ""
		if !c.Exact {
			note = " or more"
		}
		_, _ = fmt.Fprintf(b, "    %-24s %12d rows%s\n", t.Name, t.Rows, note)
	}
}

// rewindNote says what has to be done with a Kafka of one's own after a restore:
// its group is ahead of the tables by then.
func rewindNote(k *archive.Kafka) string {
	var b strings.Builder
	b.WriteString("After a restore and before the start, set the group " + ingest.DefaultSinkConfig().Group + " back there, or what came since is not stored:")
	for _, p := range k.Partitions {
		_, _ = fmt.Fprintf(&b, "\n    %s/%d: %d", p.Topic, p.Partition, max(p.Committed, p.First))
	}
	return b.String()
}

// size is a number of bytes for people.
func size(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefixes := float64(n)/unit, "KMGTPE"
	i := 0
	for ; value >= unit && i < len(prefixes)-1; i++ {
		value /= unit
	}
	return fmt.Sprintf("%.1f %ciB", value, prefixes[i])
}
