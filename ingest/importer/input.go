package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// formatOf is the format that was asked for, or the one the name tells.
func formatOf(format, path string) (string, error) {
	format = strings.ToLower(format)
	if format == "" {
		const hint = "; say it with --format csv, xlsx or xes"
		name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
		format = strings.TrimPrefix(filepath.Ext(name), ".")
		switch format {
		case "tsv", "txt":
			format = "csv"
		case "xlsm":
			format = "xlsx"
		case "csv", "xlsx", "xes":
		case "":
			return "", errors.New("the file's name does not tell the format" + hint)
		default:
			return "", fmt.Errorf("the file's ending .%s does not tell the format%s", format, hint)
		}
	}
	switch format {
	case "csv", "xlsx", "xes":
		return format, nil
	}
	return "", fmt.Errorf("%q is no format that can be read; use --format csv, xlsx or xes", format)
}

// input is the file on disk: opened once, so that all readings see the same
// file, and read from its start each time.
type input struct {
	file   *os.File
	size   int64
	limits Limits
	read   int64 // bytes of the file handed out in this reading
}

func openInput(path string, limits Limits) (*input, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, plain(err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("it is a folder; name a file in it")
	case !info.Mode().IsRegular():
		err = errors.New("it is no regular file, and it has to be read more than once; save it to a file first")
	case info.Size() == 0:
		err = errors.New("the file is empty")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &input{file: file, size: info.Size(), limits: limits}, nil
}

// plain drops the path from an error of the file system: Run names the file.
func plain(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("there is no such file")
	}
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

func (in *input) close() error { return in.file.Close() }

// Read counts what is read, for progress and for the unpacking ratio.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.file.Read(p)
	in.read += int64(n)
	return n, err
}

// Magic numbers of what is told by content, not by name.
var (
	magicGzip = []byte{0x1f, 0x8b}
	magicZip  = []byte("PK\x03\x04")
	magicOLE  = []byte{0xd0, 0xcf, 0x11, 0xe0}
)

// text starts a reading of a text file, unpacked if it is gzipped.
func (in *input) text() (*bufio.Reader, error) {
	if _, err := in.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("go back to the start: %w", err)
	}
	in.read = 0
	packed := bufio.NewReaderSize(in, 64<<10)
	magic, err := packed.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the first bytes: %w", err)
	}
	switch {
	case bytes.HasPrefix(magic, magicZip):
		return nil, errors.New("the file is a zip archive or a workbook; use --format xlsx, or unpack it first")
	case bytes.HasPrefix(magic, magicOLE):
		return nil, errOLE
	case !bytes.HasPrefix(magic, magicGzip):
		return packed, nil
	}
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return bufio.NewReaderSize(&unpackGuard{r: unpacked, in: in}, 64<<10), nil
}

var errOLE = errors.New("the file is an old .xls workbook or one with a password; save it as .xlsx without a password")

// bombError says that a packed file unpacks to more than is allowed. It ends a
// run before anything is published.
type bombError struct{ reason string }

func (e *bombError) Error() string {
	return e.reason + "; if you trust the file, unpack it and import the result"
}

// unpackGuard stops unpacking before a small file fills the disk or the day.
type unpackGuard struct {
	r   io.Reader
	in  *input
	out int64
}

func (g *unpackGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.out += int64(n)
	if bomb := overLimits(g.out, g.in.read, g.in.limits); bomb != nil {
		return 0, bomb
	}
	return n, err
}

// overLimits is an error when packed bytes unpack to too many. Honest logs repeat
// themselves and shrink to a fiftieth or less; deflate ends at a thousandth.
func overLimits(unpacked, packed int64, l Limits) error {
	if unpacked > l.Unpacked {
		return &bombError{"the file unpacks to more than " + bytesText(l.Unpacked)}
	}
	if unpacked > l.RatioFrom && unpacked > l.Ratio*packed {
		return &bombError{fmt.Sprintf("the file unpacks to more than %d times its size (limit once %s are unpacked)", l.Ratio, bytesText(l.RatioFrom))}
	}
	return nil
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// isFatal reports whether an error while reading is about the whole file, so
// that not even the part before it should be published.
func isFatal(err error) bool {
	_, bomb := errors.AsType[*bombError](err)
	return bomb
}
