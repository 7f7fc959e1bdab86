package torture

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/deploy/embedded/enginetest"
)

// brokerOrder is what a broker process is told.
type brokerOrder struct {
	Dir  string
	Port int
}

const brokerReady = "ready"

// playBroker is the embedded broker in a process of its own.
func playBroker(text []byte) error {
	var order brokerOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	broker, err := embedded.StartKafka(order.Dir, order.Port)
	if err != nil {
		return err
	}
	fmt.Println(brokerReady, broker.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
	broker.Close()
	return nil
}

// broker is a Kafka that can be killed and started again where it was: the
// embedded one or, where the tests are to use a real one, an Apache Kafka of
// this run's own.
type broker struct {
	t       *testing.T
	order   brokerOrder
	process *process // of the embedded one
	real    bool
	pid     int
}

// startBroker starts a broker with its files in dir.
func startBroker(t *testing.T, dir string) *broker {
	t.Helper()
	b := &broker{t: t, order: brokerOrder{Dir: dir, Port: freePort(t)}, real: enginetest.RealKafka() != ""}
	b.start()
	t.Cleanup(func() {
		if b.pid != 0 {
			b.kill()
		}
	})
	return b
}

func (b *broker) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.order.Port)) }

// start returns once the broker answers.
func (b *broker) start() {
	b.t.Helper()
	if b.real {
		pid, err := strconv.Atoi(strings.TrimSpace(b.script("start", b.order.Dir, strconv.Itoa(b.order.Port))))
		if err != nil {
			b.t.Fatalf("start Kafka: %v", err)
		}
		b.pid = pid
		return
	}
	b.process = start(b.t, "broker", b.order)
	b.process.await(brokerReady)
	b.pid = b.process.cmd.Process.Pid
}

// kill is kill -9.
func (b *broker) kill() {
	b.t.Helper()
	b.pid = 0
	if b.real {
		b.script("kill", b.order.Dir)
		return
	}
	b.process.kill()
}

// running reports whether the broker has not ended by itself.
func (b *broker) running() bool {
	if b.real {
		return syscall.Kill(b.pid, 0) == nil
	}
	return b.process.alive()
}

func (b *broker) script(args ...string) string {
	b.t.Helper()
	out, err := exec.Command(filepath.Join("..", "..", "deploy", "kafka", "kafka.sh"), args...).Output()
	if err != nil {
		b.t.Fatalf("kafka.sh %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// freePort is a port that stays free while its owner is dead: it lies below
// those that the system gives to outgoing connections. The one after it is free
// as well.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + 2*rand.IntN(5000)
		if free(port) && free(port+1) {
			return port
		}
	}
	t.Fatal("found no free port")
	return 0
}

func free(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
