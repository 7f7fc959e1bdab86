package dashboard

import (
	"bufio"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// chunkPatience is how long a reader may take to fetch the next piece of a file.
const chunkPatience = 60 * time.Second

// downloadBuffer is how much of a file is kept back before it is sent: an error
// that comes early is then still answered with a problem.
const downloadBuffer = 64 << 10

// download is a response that is sent while it is being written. Its memory is
// its buffer, whatever the size of the file.
type download struct {
	ctx    context.Context // of the one response that the download is
	to     gin.ResponseWriter
	head   func(http.Header)
	buffer *bufio.Writer
	begun  bool // something was sent
}

// newDownload prepares a response; head sets its headers just before the first byte.
func newDownload(ctx context.Context, to gin.ResponseWriter, head func(http.Header)) *download {
	d := &download{ctx: ctx, to: to, head: head}
	d.buffer = bufio.NewWriterSize((*sender)(d), downloadBuffer)
	return d
}

func (d *download) Write(p []byte) (int, error) { return d.buffer.Write(p) }

func (d *download) finish() error { return d.buffer.Flush() }

// sender is the far end of a download's buffer.
type sender download

// Write sends one piece. It fails once the client has left.
func (s *sender) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if !s.begun {
		s.head(s.to.Header())
		s.to.WriteHeader(http.StatusOK)
		s.begun = true
	}
	// The server's limit is for a whole answer; a file may take longer, each piece of it not.
	// A writer that knows no deadlines, as in a test, has none to move.
	_ = http.NewResponseController(s.to).SetWriteDeadline(time.Now().Add(chunkPatience))
	return s.to.Write(p)
}

// cut breaks the connection off, so that the client sees that the file is not whole.
func (d *download) cut() {
	if conn, _, err := http.NewResponseController(d.to).Hijack(); err == nil {
		_ = conn.Close()
	}
}
