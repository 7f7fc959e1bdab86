// Command officepulse is the whole of OfficePulse: the service and the tools
// that talk to it. Run it without arguments for the list of commands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/officepulse/deploy/embedded"
)

func main() {
	embedded.RunIfChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "officepulse:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "officepulse",
		Short:         "Metrics and feedback for an administrative office",
		Long:          "OfficePulse takes events (tasks, faults, survey answers) through Kafka into ClickHouse\nand shows error rates, approval lead times and satisfaction by quarter.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.AddCommand(serveCommand(), importCommand(), surveyCommand(), demoCommand(), statusCommand(), checkCommand(), reloadCommand(), auditCommand(), deadLettersCommand(), backupCommand(), restoreCommand(), versionCommand())
	return cmd
}
