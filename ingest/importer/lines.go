package importer

import (
	"bufio"
	"errors"
	"io"
	"slices"
)

// line is one line of a text file with its end.
type line struct {
	text    []byte // valid until the next line is read
	number  int64  // from 1
	tooLong bool   // text is only its beginning
}

// lines reads a text file line by line and never holds more than limit bytes of
// one. Lines can be given back.
type lines struct {
	r     *bufio.Reader
	limit int
	count int64
	buf   []byte
	back  []line // to be read again, the last one first
}

// next is io.EOF at the end of the file. Any other error comes instead of a line
// that is cut off: half a row must not be taken for a whole one.
func (l *lines) next() (line, error) {
	if n := len(l.back); n > 0 {
		next := l.back[n-1]
		l.back = l.back[:n-1]
		return next, nil
	}
	l.buf = l.buf[:0]
	next := line{number: l.count + 1}
	for {
		part, err := l.r.ReadSlice('\n')
		if room := l.limit - len(l.buf); len(part) > room {
			next.tooLong = true
			part = part[:room]
		}
		l.buf = append(l.buf, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(l.buf) == 0) {
			return next, err
		}
		l.count++
		next.text = l.buf
		return next, nil
	}
}

// giveBack makes next return these lines again, the first one first.
func (l *lines) giveBack(again []line) {
	for _, one := range slices.Backward(again) {
		one.text = slices.Clone(one.text)
		l.back = append(l.back, one)
	}
}
