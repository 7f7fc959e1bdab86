package torture

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"example.com/officepulse/deploy/embedded"
)

var (
	runs  = flag.Int("torture.runs", 1, "runs of each row")
	full  = flag.Bool("torture.full", false, "let faults last as long as the matrix says; else as short as they still do harm")
	table = flag.String("torture.table", "", "write the table into this `file` as well")
)

// scratch holds the files of all processes of this test run.
var scratch string

func TestMain(m *testing.M) {
	embedded.RunIfChild() // this program is also the engine,
	playRole()            // the sink and the broker
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "officepulse-torture-"); err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for the processes:", err)
		return 1
	}
	code := m.Run()
	if err := printTable(os.Stdout, *table); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if code == 0 && os.Getenv("TORTURE_KEEP") == "" { // else the logs in it are needed
		_ = os.RemoveAll(scratch)
	}
	return code
}

// lasting is how long a fault lasts: in the full matrix, and in the short run.
func lasting(inFull, inShort time.Duration) time.Duration {
	if *full {
		return inFull
	}
	return inShort
}
