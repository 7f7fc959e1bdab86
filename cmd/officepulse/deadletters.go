package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/officepulse/dashboard"
	"example.com/officepulse/ingest/delivery"
)

const lettersPath = "/api/v1/deadletters"

func deadLettersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletters",
		Short: "Look through messages that are no events, mend, replay or discard them",
		Long: `Messages that are no events are put aside with their bytes as they came. Each
waits until somebody decides: replay it, after mending its text if need be, or
discard it with a reason. Every act is kept in the letter's history.`,
		Example: `  officepulse deadletters list --kind invalid --state open
  officepulse deadletters show 0123456789abcdef
  officepulse deadletters edit 0123456789abcdef --file mended.json --reason "typing error"
  officepulse deadletters replay 0123456789abcdef
  officepulse deadletters replay --kind misplaced --all --reason "topics mixed up by the ERP"`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(listLettersCommand(), showLetterCommand(), editLetterCommand(), dryRunLetterCommand(), replayLettersCommand(), discardLetterCommand())
	return cmd
}

// letterFilter is which letters a command is about.
type letterFilter struct{ kind, state, topic, text string }

func (f *letterFilter) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.kind, "kind", "", "why they are no events: "+oneOf(delivery.Kinds()))
	flags.StringVar(&f.state, "state", "", "what was decided: "+oneOf(delivery.States()))
	flags.StringVar(&f.topic, "topic", "", "that they were sent to")
	flags.StringVar(&f.text, "text", "", "in the reason, the key or the content")
}

// check says what would be right before the service is asked.
func (f *letterFilter) check() error {
	var faults []error
	if f.kind != "" && !slices.Contains(delivery.Kinds(), delivery.Kind(f.kind)) {
		faults = append(faults, fmt.Errorf("--kind: %q is none; use %s", f.kind, oneOf(delivery.Kinds())))
	}
	if f.state != "" && !slices.Contains(delivery.States(), delivery.State(f.state)) {
		faults = append(faults, fmt.Errorf("--state: %q is none; use %s", f.state, oneOf(delivery.States())))
	}
	return errors.Join(faults...)
}

func (f *letterFilter) values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"kind": f.kind, "state": f.state, "topic": f.topic, "text": f.text} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

func oneOf[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func listLettersCommand() *cobra.Command {
	var (
		filter        letterFilter
		limit, offset int
		asJSON        bool
	)
	cmd := &cobra.Command{
		Use: "list", Short: "List letters, the newest first, with counts by reason", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filter.check(); err != nil {
				return err
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			list, err := c.letters(cmd.Context(), filter, limit, offset)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			if list.More {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "there are more: --offset %d\n", offset+len(list.Letters))
			}
			return printLetters(cmd.OutOrStdout(), list)
		},
	}
	addClientFlags(cmd.Flags())
	filter.addFlags(cmd.Flags())
	cmd.Flags().IntVar(&limit, "limit", delivery.DefaultLimit, "letters at most, up to 200")
	cmd.Flags().IntVar(&offset, "offset", 0, "letters to pass over")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (c *client) letters(ctx context.Context, f letterFilter, limit, offset int) (*dashboard.LetterList, error) {
	values := f.values()
	values.Set("limit", strconv.Itoa(limit))
	values.Set("offset", strconv.Itoa(offset))
	var list dashboard.LetterList
	return &list, c.ask(ctx, http.MethodGet, lettersPath+"?"+values.Encode(), nil, &list)
}

// printLetters writes how many there are of each kind and state, then the list.
func printLetters(w io.Writer, list *dashboard.LetterList) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range list.Counts {
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\n", c.N, c.State, c.Kind, c.Topic)
	}
	if len(list.Counts) == 0 {
		_, _ = fmt.Fprintln(t, "no message was ever put aside")
	}
	_ = t.Flush()
	if len(list.Letters) > 0 {
		_, _ = fmt.Fprintln(t)
		_, _ = fmt.Fprintln(t, "ID\tPUT ASIDE\tSTATE\tKIND\tPLACE\tBYTES\tREASON")
	}
	for _, l := range list.Letters {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s/%d@%d\t%d\t%s\n", l.ID, stamp(l.PutAt), l.State, l.Kind, l.Place.Topic, l.Place.Partition, l.Place.Offset, l.Size, dashboard.Preview(l.Reason, 100))
	}
	_ = t.Flush()
	_, err := w.Write(b.Bytes())
	return err
}

func showLetterCommand() *cobra.Command {
	var asJSON, raw bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a letter: reason, place, headers, content, history and what a replay would send", Args: oneLetter,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && raw {
				return errors.New("--json and --raw exclude each other")
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			if raw {
				var value []byte
				if err := c.ask(cmd.Context(), http.MethodGet, letterPath(args[0], "value"), nil, &value); err != nil {
					return err
				}
				_, err := cmd.OutOrStdout().Write(value)
				return err
			}
			var l dashboard.LetterInFull
			if err := c.ask(cmd.Context(), http.MethodGet, letterPath(args[0]), nil, &l); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), l)
			}
			return printLetter(cmd.OutOrStdout(), &l)
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON; bytes that are no UTF-8 as {\"base64\":…}")
	cmd.Flags().BoolVar(&raw, "raw", false, "print the message's bytes as they came, and nothing else")
	return cmd
}

func letterPath(id string, more ...string) string {
	return strings.Join(append([]string{lettersPath, url.PathEscape(id)}, more...), "/")
}

// shownBytes is how much of a content a person sees; --raw and --json have all.
const shownBytes = 2000

func printLetter(w io.Writer, l *dashboard.LetterInFull) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "%-11s "+format+"\n", append([]any{name}, args...)...)
	}
	line("letter", "%s", l.ID)
	line("state", "%s", l.State)
	line("kind", "%s", l.Kind)
	line("reason", "%s", dashboard.Preview(l.Reason, shownBytes))
	line("place", "%s/%d@%d of log %s", l.Place.Topic, l.Place.Partition, l.Place.Offset, l.Place.Log)
	if l.Last > l.Place.Offset {
		line("", "up to offset %d", l.Last)
	}
	line("sent", "%s", stamp(l.ProducedAt))
	line("put aside", "%s", stamp(l.PutAt))
	line("key", "%s", dashboard.Preview(string(l.Key), shownBytes))
	for _, h := range l.Headers {
		line("header", "%s: %s", dashboard.Preview(string(h.Name), shownBytes), dashboard.Preview(string(h.Value), shownBytes))
	}
	line("bytes", "%d", l.Size)
	if l.Cut {
		line("", "only %d could be kept", len(l.Value))
	}
	line("content", "%s", dashboard.Preview(string(l.Value), shownBytes))
	switch {
	case l.NoText != "":
		line("replay", "%s", l.NoText)
	case l.Text != l.Value:
		line("replay", "would send %s", dashboard.Preview(string(l.Text), shownBytes))
	}
	for _, a := range l.Acts {
		line("history", "%s %s by %s: %s", stamp(a.At), a.Deed, dashboard.Preview(a.Actor, shownBytes), dashboard.Preview(a.Outcome, shownBytes))
		if a.Reason != "" {
			line("", "because %s", dashboard.Preview(a.Reason, shownBytes))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func editLetterCommand() *cobra.Command {
	var file, reason string
	cmd := &cobra.Command{
		Use: "edit ID --file FILE", Short: "Keep a corrected text for a letter; its own bytes stay", Args: oneLetter,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readText(file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return actOnLetter(cmd, args[0], "edit", dashboard.LetterEdit{Text: text, Reason: reason})
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().StringVar(&file, "file", "", "with the text of one event, - for standard input")
	cmd.Flags().StringVar(&reason, "reason", "", "for the letter's history")
	_ = cmd.MarkFlagRequired("file")
	return cmd
}

// maxLetterText is more than an event may have; the service says how much that is.
const maxLetterText = 2 << 20

func readText(file string, standard io.Reader) (string, error) {
	in := standard
	if file != "-" {
		f, err := os.Open(file) //nolint:gosec // the user names the file
		if err != nil {
			return "", fmt.Errorf("--file: %w", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxLetterText+1))
	if err != nil {
		return "", fmt.Errorf("--file: %w", err)
	}
	if len(text) > maxLetterText {
		return "", fmt.Errorf("--file: larger than %d bytes, and so no event", maxLetterText)
	}
	return string(text), nil
}

func dryRunLetterCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "dry-run ID", Short: "Check what a replay would send, and send nothing", Args: oneLetter,
		RunE: func(cmd *cobra.Command, args []string) error { return actOnLetter(cmd, args[0], "dry-run", nil) },
	}
	addClientFlags(cmd.Flags())
	return cmd
}

func discardLetterCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "discard ID --reason TEXT", Short: "Decide that a letter is not needed; it is kept all the same", Args: oneLetter,
		RunE: func(cmd *cobra.Command, args []string) error {
			return actOnLetter(cmd, args[0], "discard", dashboard.LetterReason{Reason: reason})
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().StringVar(&reason, "reason", "", "why it is not needed")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}

// actOnLetter does a deed and prints what came of it.
func actOnLetter(cmd *cobra.Command, id, deed string, body any) error {
	c, err := newClient(cmd.Flags())
	if err != nil {
		return err
	}
	var done dashboard.Act
	if err := c.ask(cmd.Context(), http.MethodPost, letterPath(id, deed), body, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), done.Outcome)
	return err
}

// oneLetter replaces cobra's count of arguments by what to write.
func oneLetter(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one letter by its id, for example officepulse deadletters %s 0123456789abcdef", cmd.Name())
	}
	return nil
}

func replayLettersCommand() *cobra.Command {
	var (
		filter      letterFilter
		all, asJSON bool
		reason      string
	)
	cmd := &cobra.Command{
		Use: "replay ID... | --all [--kind …]", Short: "Send letters through the front door, as they are or were mended",
		Long: `Send letters through the front door, as they are or were mended: those named, or
with --all every open one that the filters choose. An event's id is what counts,
so that sending it again changes no figure. The exit status is 1 when one was
not taken.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name letters by their ids, or choose them with --all and filters")
			}
			if !all && filter != (letterFilter{}) {
				return errors.New("filters choose letters only together with --all")
			}
			if err := filter.check(); err != nil {
				return err
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			if all {
				if filter.state == "" {
					filter.state = string(delivery.Open)
				}
				if args, err = c.letterIDs(cmd.Context(), filter); err != nil {
					return err
				}
			}
			answer, err := c.replay(cmd.Context(), args, reason)
			if err == nil || len(answer.Outcomes) > 0 {
				err = errors.Join(err, printReplayed(cmd.OutOrStdout(), cmd.ErrOrStderr(), answer, asJSON))
			}
			if bad := answer.Refused + answer.Failed; err == nil && bad > 0 {
				return fmt.Errorf("%d of %d letters were not taken", bad, len(answer.Outcomes))
			}
			return err
		},
	}
	addClientFlags(cmd.Flags())
	filter.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&all, "all", false, "all that the filters choose, open ones unless --state says otherwise")
	cmd.Flags().StringVar(&reason, "reason", "", "for the letters' history")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// letterIDs lists all letters that a filter chooses, before any of them changes.
func (c *client) letterIDs(ctx context.Context, f letterFilter) ([]string, error) {
	var ids []string
	for {
		list, err := c.letters(ctx, f, dashboard.MaxTogether, len(ids))
		if err != nil {
			return nil, err
		}
		for _, l := range list.Letters {
			ids = append(ids, l.ID)
		}
		if !list.More {
			return ids, nil
		}
	}
}

// replay sends letters in as many requests as it takes. After an error the
// answer tells of those that went before.
func (c *client) replay(ctx context.Context, ids []string, reason string) (*dashboard.LettersReplayed, error) {
	sum := &dashboard.LettersReplayed{Outcomes: []dashboard.LetterEnd{}}
	for some := range slices.Chunk(ids, dashboard.MaxTogether) {
		var answer dashboard.LettersReplayed
		if err := c.ask(ctx, http.MethodPost, lettersPath+"/replay", dashboard.LettersReplay{IDs: some, Reason: reason}, &answer); err != nil {
			return sum, err
		}
		sum.Replayed += answer.Replayed
		sum.Refused += answer.Refused
		sum.Failed += answer.Failed
		sum.Outcomes = append(sum.Outcomes, answer.Outcomes...)
	}
	return sum, nil
}

func printReplayed(results, messages io.Writer, answer *dashboard.LettersReplayed, asJSON bool) error {
	if asJSON {
		return printJSON(results, answer)
	}
	for _, o := range answer.Outcomes {
		w := results
		if !o.OK {
			w = messages
		}
		if _, err := fmt.Fprintf(w, "%s  %s\n", o.LetterID, dashboard.Preview(o.Outcome, shownBytes)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(results, "replayed %d, refused %d, failed %d\n", answer.Replayed, answer.Refused, answer.Failed)
	return err
}
