package embedded

import (
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
		kfake.ClusterID("officepulse-embedded"),
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

// Addr is where the broker listens, host:port on loopback.
func (k *Kafka) Addr() string { return k.addr }

// Close stops the broker and writes its last state.
func (k *Kafka) Close() { k.cluster.Close() }
