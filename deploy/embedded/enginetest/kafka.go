package enginetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"example.com/officepulse/deploy/embedded"
)

const (
	// ours is how the names of the product's topics and groups begin. Nothing
	// else on a real broker is touched.
	ours = "officepulse"

	turnWait  = 10 * time.Minute // for the other tests that want the real broker
	emptyWait = time.Minute      // for topics and groups to be gone
	lookEvery = 20 * time.Millisecond
)

// RealKafka returns the address of the real broker that the tests are to use,
// from OFFICEPULSE_TEST_KAFKA, or "" when they use the embedded one.
func RealKafka() string { return os.Getenv("OFFICEPULSE_TEST_KAFKA") }

// Kafka returns the address of a broker that holds no topic and no group of
// the product: an embedded one of its own, with its files in a folder of the
// test, or the real one of [RealKafka].
//
// There is one real broker, and the product's names are fixed. So the test has
// it alone until its end, and each call deletes what is left from before:
// after a second call in one test nothing of the first call's log is there.
// Stop what uses it before calling again.
func Kafka(tb testing.TB) string {
	tb.Helper()
	if addr := RealKafka(); addr != "" {
		takeTurn(tb, addr)
		if err := empty(tb.Context(), addr); err != nil {
			tb.Fatalf("empty the broker %s: %v", addr, err)
		}
		return addr
	}
	broker, err := embedded.StartKafka(tb.TempDir(), 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(broker.Close)
	return broker.Addr()
}

// turns are the tests that have the real broker to themselves.
var turns sync.Map

// takeTurn waits until no other test, of this or another process, uses the
// broker. The lock is a file: packages are tested in processes of their own.
func takeTurn(tb testing.TB, addr string) {
	tb.Helper()
	if _, again := turns.LoadOrStore(tb, true); again {
		return
	}
	name := "officepulse-test-kafka-" + strings.NewReplacer(":", "-", "/", "-").Replace(addr)
	lock := flock.New(filepath.Join(os.TempDir(), name))
	ctx, cancel := context.WithTimeout(tb.Context(), turnWait)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, lookEvery); err != nil {
		turns.Delete(tb)
		tb.Fatalf("wait for the broker %s, which another test uses: %v", addr, err)
	}
	tb.Cleanup(func() {
		turns.Delete(tb)
		if err := lock.Unlock(); err != nil {
			tb.Errorf("give the broker to the next test: %v", err)
		}
	})
}

// empty deletes the product's groups and topics and returns once the broker
// shows none of them. Deleting is asked for again and again: a group refuses
// while a member is in it.
func empty(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, emptyWait)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	defer client.Close()
	for {
		groups, err := deleteGroups(ctx, client)
		if err != nil {
			return err
		}
		topics, err := deleteTopics(ctx, client)
		if err != nil {
			return err
		}
		if len(groups) == 0 && len(topics) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("still there: groups %q, topics %q: %w", groups, topics, ctx.Err())
		case <-time.After(lookEvery):
		}
	}
}

// deleteGroups asks for the end of the product's groups and returns those that
// were there. A member that was killed counts as one until its session times
// out; so members are sent away first.
func deleteGroups(ctx context.Context, client *kgo.Client) ([]string, error) {
	list, err := kmsg.NewPtrListGroupsRequest().RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("list the groups: %w", err)
	}
	var names []string
	for _, group := range list.Groups {
		if strings.HasPrefix(group.Group, ours) {
			names = append(names, group.Group)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	describe := kmsg.NewPtrDescribeGroupsRequest()
	describe.Groups = names
	described, err := describe.RequestWith(ctx, client)
	if err != nil {
		return names, fmt.Errorf("list the members of %q: %w", names, err)
	}
	for _, group := range described.Groups {
		if err := sendAway(ctx, client, group); err != nil {
			return names, err
		}
	}
	request := kmsg.NewPtrDeleteGroupsRequest()
	request.Groups = names
	if _, err := request.RequestWith(ctx, client); err != nil { // a group that stays is in the next list
		return names, fmt.Errorf("delete the groups %q: %w", names, err)
	}
	return names, nil
}

func sendAway(ctx context.Context, client *kgo.Client, group kmsg.DescribeGroupsResponseGroup) error {
	if len(group.Members) == 0 {
		return nil
	}
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group = group.Group
	for _, m := range group.Members {
		member := kmsg.NewLeaveGroupRequestMember()
		member.MemberID = m.MemberID
		leave.Members = append(leave.Members, member)
	}
	if _, err := leave.RequestWith(ctx, client); err != nil {
		return fmt.Errorf("send the members of %s away: %w", group.Group, err)
	}
	return nil
}

// deleteTopics asks for the end of the product's topics and returns those that
// were there.
func deleteTopics(ctx context.Context, client *kgo.Client) ([]string, error) {
	list, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client) // no topic named: all
	if err != nil {
		return nil, fmt.Errorf("list the topics: %w", err)
	}
	request := kmsg.NewPtrDeleteTopicsRequest()
	var names []string
	for _, topic := range list.Topics {
		if topic.Topic != nil && strings.HasPrefix(*topic.Topic, ours) {
			names = append(names, *topic.Topic)
			t := kmsg.NewDeleteTopicsRequestTopic()
			t.Topic = topic.Topic
			request.Topics = append(request.Topics, t)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	request.TopicNames = names
	if _, err := request.RequestWith(ctx, client); err != nil { // a topic that stays is in the next list
		return names, fmt.Errorf("delete the topics %q: %w", names, err)
	}
	return names, nil
}
