package warehouse

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// dialer connects to ClickHouse in a way that never resets a connection.
//
// The driver closes its connection when somebody gives a question up. If part of
// an answer is unread by then, the kernel tells the server of a reset; and libchdb
// 26.7.3, which waits for the next question at that moment, ends itself: its
// exception about the reset is caught nowhere. It takes an orderly end well.
func dialer(timeout time.Duration, security *tls.Config) func(ctx context.Context, address string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		d := net.Dialer{Timeout: timeout}
		raw, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		connection, ok := raw.(*net.TCPConn)
		if !ok {
			return raw, nil
		}
		orderly := &orderlyConn{TCPConn: connection}
		if security == nil {
			return orderly, nil
		}
		host, _, _ := net.SplitHostPort(address)
		config := security.Clone()
		config.ServerName = cmp.Or(config.ServerName, host)
		return tls.Client(orderly, config), nil
	}
}

// farewell is how long what is still under way may take to arrive.
const farewell = 30 * time.Second

// orderlyConn ends by saying that nothing more comes, and by taking what is still
// under way, so that its end is no reset.
type orderlyConn struct {
	*net.TCPConn

	ending sync.Once
	ended  atomic.Bool
}

// Read gives nothing more to whoever has closed the connection.
func (c *orderlyConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if c.ended.Load() {
		return 0, net.ErrClosed
	}
	return n, err
}

// Close returns at once; whoever reads is woken up.
func (c *orderlyConn) Close() error {
	c.ending.Do(func() {
		c.ended.Store(true)
		_ = c.SetReadDeadline(time.Unix(1, 0)) // wakes up
		if c.CloseWrite() != nil {
			_ = c.TCPConn.Close() // gone already
			return
		}
		go func() {
			_ = c.SetReadDeadline(time.Now().Add(farewell))
			_, _ = io.Copy(io.Discard, c.TCPConn)
			_ = c.TCPConn.Close()
		}()
	})
	return nil
}
