package warehouse

import (
	"errors"
	"io"
	"net"
	"testing"
)

// A server whose answer nobody reads to its end sees an end, and no reset.
func TestConnectionsEndInOrder(t *testing.T) {
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	seen := make(chan error)
	go func() {
		server, err := listener.Accept()
		if err != nil {
			seen <- err
			return
		}
		defer func() { _ = server.Close() }()
		if _, err := server.Write(make([]byte, 64<<10)); err != nil {
			seen <- err
			return
		}
		_, err = server.Read(make([]byte, 1)) // the next question
		seen <- err
	}()
	client, err := dialer(dialTimeout, nil)(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	reading := make(chan error)
	go func() {
		for {
			if _, err := client.Read(make([]byte, 1<<20)); err != nil {
				reading <- err
				return
			}
		}
	}()
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-seen; !errors.Is(err, io.EOF) {
		t.Errorf("the server saw %v, want the end", err)
	}
	if err := <-reading; err == nil {
		t.Error("the client goes on reading")
	}
	if err := client.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
