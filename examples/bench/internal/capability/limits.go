package capability

import (
	"context"
	"strings"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

const (
	// todayLimit is the size of the header list that clients of grpc-go accept by default, and
	// javaLimit the one of gRPC clients in Java.
	todayLimit = 16 << 20
	javaLimit  = 8 << 10
)

func huge() *peer.Facts {
	facts := peer.FactsOf(singleUse)
	facts.Metadata = map[string]string{"reply": strings.Repeat("0123456789abcdef", 1<<16)}
	return facts
}

func hugeToday(ctx context.Context, p peer.Peer) (Outcome, error) {
	return limited(ctx, p, todayLimit)
}

func hugeJava(ctx context.Context, p peer.Peer) (Outcome, error) {
	return limited(ctx, p, javaLimit)
}

// hugeComing sets no limit: see ComingDefault.
func hugeComing(ctx context.Context, p peer.Peer) (Outcome, error) {
	return limited(ctx, p, 0)
}

// limited also looks whether a stream on the same connection survives.
func limited(ctx context.Context, p peer.Peer, limit uint32) (Outcome, error) {
	facts, release := huge(), make(chan struct{})
	service := failing(p.FailureOf(facts))
	service.Stream = waiting(release)
	client, stop, err := p.Start(service, peer.Options{HeaderLimit: limit})
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	open, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- client.Stream(ctx, func(*peer.Item) { close(open) }) }()
	select {
	case <-open:
	case err := <-ended:
		return Outcome{}, err
	}
	_, err = client.Unary(ctx, &peer.Request{})
	close(release)
	broken := <-ended
	outcome, err := read(p, err)
	outcome.Sent = *facts
	if broken != nil {
		outcome.Missing = []string{"the connection"}
	}
	return outcome, err
}

// waiting returns a stream that sends one message, and ends when release is closed.
func waiting(release <-chan struct{}) func(context.Context, func(*peer.Item) error) error {
	return func(ctx context.Context, send func(*peer.Item) error) error {
		if err := send(&peer.Item{}); err != nil {
			return err
		}
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func invalidText(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := peer.FactsOf(singleUse)
	invalid := *facts
	invalid.Text += " \xff"
	return sent(ctx, p, facts, p.FailureOf(&invalid))
}
