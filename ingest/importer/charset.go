package importer

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// charset is how a text file writes characters.
type charset int

const (
	utf8Text charset = iota
	gb18030          // also GBK and GB2312, which are parts of it
)

var (
	bomUTF8    = []byte("\xef\xbb\xbf")
	bomUTF16LE = []byte("\xff\xfe")
	bomUTF16BE = []byte("\xfe\xff")
)

// inspect reads the whole file to tell its charset. Every line is asked, and the
// majority of those that are not plain ASCII wins: one spoilt character makes one
// line unreadable, and must not turn the rest of a UTF-8 file into GBK.
func inspect(ctx context.Context, in *input, m *meter) (charset, error) {
	r, err := in.text()
	if err != nil {
		return utf8Text, err
	}
	start, _ := r.Peek(3)
	switch {
	case bytes.HasPrefix(start, bomUTF8):
		return utf8Text, nil
	case bytes.HasPrefix(start, bomUTF16LE), bytes.HasPrefix(start, bomUTF16BE):
		return utf8Text, errors.New("the file is UTF-16 (\"Unicode text\"); save it as CSV UTF-8")
	}
	l := lines{r: r, limit: in.limits.Line}
	var is, isNot int64
	for n := 0; ; n++ {
		if n%BatchSize == 0 {
			if err := ctx.Err(); err != nil {
				return utf8Text, err
			}
			m.at(in.read)
		}
		line, err := l.next()
		if err != nil {
			if isFatal(err) {
				return utf8Text, err
			}
			break // the end; or the file breaks here, which the next reading tells with its line
		}
		switch {
		case line.tooLong || isASCII(line.text):
		case utf8.Valid(line.text):
			is++
		default:
			isNot++
		}
	}
	if isNot > is {
		return gb18030, nil
	}
	return utf8Text, nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decode turns one cell into UTF-8; false if its bytes are no text. Cells can be
// decoded one by one since no byte of GB18030's longer characters is a comma, a
// quote or the end of a line.
func (c charset) decode(s string) (string, bool) {
	if c == utf8Text {
		return s, utf8.ValidString(s)
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().String(s)
	return out, err == nil && !strings.ContainsRune(out, utf8.RuneError)
}

func (c charset) String() string {
	if c == gb18030 {
		return "GB18030"
	}
	return "UTF-8"
}
