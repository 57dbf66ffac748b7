package capability

import (
	"context"
	"strings"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// javaLimit is the size of the header list that gRPC clients in Java accept by default, and that
// grpc-go will accept by default.
const javaLimit = 8 << 10

func huge() *peer.Facts {
	return with(peer.FactsOf(singleUse), "reply", strings.Repeat("0123456789abcdef", 1<<16))
}

func hugeDefault(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := huge()
	return sent(ctx, p, facts, p.FailureOf(facts))
}

// hugeLimited also looks whether a stream on the same connection survives.
func hugeLimited(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts, release := huge(), make(chan struct{})
	service := failing(p.FailureOf(facts))
	service.Stream = func(ctx context.Context, send func(*peer.Item) error) error {
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
	client, stop, err := p.Start(service, peer.Options{HeaderLimit: javaLimit})
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
	outcome, err := received(p, err)
	outcome.Sent = *facts
	if broken != nil {
		outcome.Missing = []string{"the connection"}
	}
	return outcome, err
}

func invalidText(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := peer.FactsOf(singleUse)
	invalid := *facts
	invalid.Text += " \xff"
	return sent(ctx, p, facts, p.FailureOf(&invalid))
}
