package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Kafka is the embedded broker: franz-go's kfake in this process, with every
// acknowledged record on disk. Any Kafka client can talk to it over loopback.
type Kafka struct {
	cluster *kfake.Cluster
	addr    string
}

// StartKafka starts the broker with its files in dir on a port of 127.0.0.1; 0
// is a free one. Stop it with [Kafka.Close].
func StartKafka(dir string, port int) (*Kafka, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the broker: %w", err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the broker: %w", err)
	}
	id, err := clusterID(abs)
	if err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.Ports(port),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return net.Listen(network, net.JoinHostPort("127.0.0.1", port)) //nolint:noctx // kfake hands no context
		}),
		kfake.ClusterID(id),
		kfake.DataDir(abs),
		kfake.SyncWrites(),
		kfake.BrokerConfigs(map[string]string{
			// A sink that was off for weeks goes on where it stopped.
			"offsets.retention.minutes": strconv.Itoa(10 * 365 * 24 * 60),
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	addrs := cluster.ListenAddrs()
	if len(addrs) != 1 {
		cluster.Close()
		return nil, errors.New("start the embedded broker: it does not listen")
	}
	return &Kafka{cluster: cluster, addr: addrs[0]}, nil
}

// clusterID returns the name that this log has for ever. Offsets begin anew
// with a new log, and the sink's insert tokens are made of name and offset: two
// logs must never share a name, or events of one would pass for the other's.
func clusterID(dir string) (string, error) {
	path := filepath.Join(dir, "cluster-id")
	text, err := os.ReadFile(path) //nolint:gosec // in the data directory
	if err == nil && len(text) > 0 {
		return string(text), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the name of the broker's log: %w", err)
	}
	id := "embedded-" + rand.Text()
	if err := os.WriteFile(path, []byte(id), 0o600); err != nil {
		return "", fmt.Errorf("keep the name of the broker's log: %w", err)
	}
	return id, nil
}

// Addr is where the broker listens, host:port on loopback.
func (k *Kafka) Addr() string { return k.addr }

// Close stops the broker and writes its last state.
func (k *Kafka) Close() { k.cluster.Close() }
