package embedded

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// childLibrary, when set in the environment, makes this process the engine: its
// value is the path of the library.
const childLibrary = "OFFICEPULSE_CLICKHOUSE_CHILD"

// lifeline is the descriptor of the pipe whose other end the parent holds. It
// closes when the parent dies, however it dies.
const lifeline = 3

// RunIfChild turns this process into the engine when its parent started it as
// such, and then never returns. It has to be the first thing main (or a test's
// TestMain) does.
func RunIfChild() {
	library := os.Getenv(childLibrary)
	if library == "" {
		return
	}
	go func() {
		// Nothing is ever written: the read ends when the parent is gone. Every
		// acknowledged insert is on disk, so there is nothing to tidy up.
		_, _ = io.Copy(io.Discard, os.NewFile(lifeline, "lifeline"))
		os.Exit(0)
	}()
	if err := runEngine(library, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runEngine loads libchdb and gives it a command line, as if clickhouse itself
// had been started; it returns when that command ends.
func runEngine(library string, args []string) error {
	runtime.LockOSThread() // the engine keeps per-thread state
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("load %s: %w", library, err)
	}
	var query func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	purego.RegisterLibFunc(&query, handle, "chdb_query_cmdline")

	argv := make([]*byte, len(args)+1) // ends with a null pointer, as in C
	var pinner runtime.Pinner
	defer pinner.Unpin()
	for i, a := range args {
		b := append([]byte(a), 0)
		argv[i] = &b[0]
		pinner.Pin(argv[i])
	}
	pinner.Pin(&argv[0])
	result := query(int32(len(args)), unsafe.Pointer(&argv[0])) //nolint:gosec // a handful of arguments; C needs the address
	if result == nil {
		return nil
	}
	var message func(unsafe.Pointer) string
	purego.RegisterLibFunc(&message, handle, "chdb_result_error")
	if text := message(result); text != "" {
		return fmt.Errorf("engine: %s", text)
	}
	return nil
}
