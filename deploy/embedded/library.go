package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// ErrNoEngine is matched by errors that say that this machine has no ClickHouse
// library to load; their text tells what to do.
var ErrNoEngine = errors.New("no embedded ClickHouse")

// packages are the npm packages that carry libchdb, by Go's platform names.
var packages = map[string]string{
	"linux/amd64":  "lib-linux-x64-gnu",
	"linux/arm64":  "lib-linux-arm64-gnu",
	"darwin/amd64": "lib-darwin-x64",
	"darwin/arm64": "lib-darwin-arm64",
}

// FindLibrary returns the path of libchdb: the file named by
// OFFICEPULSE_LIBCHDB, else the one beside the executable, else the one that
// npm put into node_modules beside, above or around the executable or the
// working directory. The error is an [ErrNoEngine].
func FindLibrary() (string, error) {
	if path := os.Getenv("OFFICEPULSE_LIBCHDB"); path != "" {
		if _, err := os.Stat(path); err != nil { //nolint:gosec // the operator names the library to load
			return "", fmt.Errorf("%w: OFFICEPULSE_LIBCHDB names a file that cannot be read: %w", ErrNoEngine, err)
		}
		return path, nil
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	pkg, ok := packages[platform]
	if !ok {
		return "", fmt.Errorf("%w: there is none for %s; set OFFICEPULSE_CLICKHOUSE_DSN to use a ClickHouse server", ErrNoEngine, platform)
	}
	var starts []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		starts = append(starts, filepath.Dir(exe))
	}
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	for _, start := range starts {
		if path := searchUp(start, pkg); path != "" {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: run \"npm ci\" in OfficePulse's folder (make run does) to get the package @chdb/%s, "+
		"or set OFFICEPULSE_LIBCHDB to a libchdb, or OFFICEPULSE_CLICKHOUSE_DSN to use a ClickHouse server", ErrNoEngine, pkg)
}

// searchUp looks in dir for the library itself, and in dir and every folder
// above it for npm's copy. It returns "" when there is none.
func searchUp(dir, pkg string) string {
	patterns := []string{filepath.Join(dir, "libchdb.*")}
	for {
		patterns = append(patterns, filepath.Join(dir, "node_modules", "@chdb", pkg, "libchdb.*"))
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	for _, p := range patterns {
		if found, err := filepath.Glob(p); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}
