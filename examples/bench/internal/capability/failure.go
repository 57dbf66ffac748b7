package capability

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// private is a text that tells of the server's side.
const private = "dial 10.0.0.7:5432: password of user billing"

var secret = []Secret{{Name: "the private text", Text: private}}

func plain(ctx context.Context, p peer.Peer) (Outcome, error) {
	return sent(ctx, p, peer.FactsOf(singleUse), p.Failure(singleUse))
}

func otherStatus(ctx context.Context, p peer.Peer) (Outcome, error) {
	return sent(ctx, p, peer.FactsOf(operators), p.Failure(operators))
}

func wrapped(ctx context.Context, p peer.Peer) (Outcome, error) {
	outcome, err := sent(ctx, p, peer.FactsOf(singleUse), fmt.Errorf("%s: %w", private, p.Failure(singleUse)))
	outcome.Private = secret
	return outcome, err
}

// trusted is the view of a caller who trusts the server, and wants to know all.
func trusted(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := peer.FactsOf(singleUse)
	facts.Text = private
	return sent(ctx, p, facts, fmt.Errorf("%s: %w", private, p.Failure(singleUse)))
}

func joined(ctx context.Context, p peer.Peer) (Outcome, error) {
	outcome, err := sent(ctx, p, peer.FactsOf(singleUse), errors.Join(errors.New(private), p.Failure(singleUse)))
	outcome.Private = secret
	return outcome, err
}

// identity is for callers who compare errors, as within one program.
func identity(ctx context.Context, p peer.Peer) (Outcome, error) {
	failing := failing(errors.Join(p.Failure(singleUse), context.DeadlineExceeded))
	client, stop, err := p.Start(failing, peer.Options{})
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	_, err = client.Unary(ctx, &peer.Request{})
	outcome, e := read(p, err)
	if !p.Is(err, context.DeadlineExceeded) {
		outcome.Missing = []string{"the error"}
	}
	return outcome, e
}

func caused(ctx context.Context, p peer.Peer) (Outcome, error) {
	failure := p.Failure(singleUse)
	if p.WithCause != nil {
		failure = p.WithCause(failure, errors.New(private))
	}
	outcome, err := sent(ctx, p, peer.FactsOf(singleUse), failure)
	outcome.Private = secret
	if p.WithCause == nil {
		outcome.Foreign = "no function for a cause"
	}
	return outcome, err
}

func streamed(ctx context.Context, p peer.Peer) (Outcome, error) {
	const messages = 2
	client, stop, err := p.Start(peer.Service{Stream: func(_ context.Context, send func(*peer.Item) error) error {
		for range messages {
			if err := send(&peer.Item{}); err != nil {
				return err
			}
		}
		return p.Failure(singleUse)
	}}, peer.Options{})
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	count := 0
	outcome, err := read(p, client.Stream(ctx, func(*peer.Item) { count++ }))
	outcome.Sent = *peer.FactsOf(singleUse)
	if count != messages {
		outcome.Missing = []string{"messages"}
	}
	return outcome, err
}

// relay returns a service that returns the errors of a call to the next server.
func relay(client peer.Client) peer.Service {
	return peer.Service{Unary: func(ctx context.Context, request *peer.Request) (*peer.Response, error) {
		return client.Unary(ctx, request)
	}}
}

// chain calls the first of several servers. The last one has the service, and the others relay.
func chain(ctx context.Context, p peer.Peer, servers int, service peer.Service) (Outcome, error) {
	for range servers - 1 {
		client, stop, err := p.Start(service, peer.Options{})
		if err != nil {
			return Outcome{}, err
		}
		defer stop()
		service = relay(client)
	}
	return call(ctx, p, service, peer.Options{})
}

func hops(ctx context.Context, p peer.Peer) (Outcome, error) {
	outcome, err := chain(ctx, p, 3, failing(p.Failure(singleUse)))
	outcome.Sent = *peer.FactsOf(singleUse)
	return outcome, err
}

func unknownDetail(ctx context.Context, p peer.Peer) (Outcome, error) {
	detail := &anypb.Any{TypeUrl: "type.googleapis.com/acme.shop.v9.Refund", Value: []byte{10, 3, 'y', 'e', 's'}}
	outcome, err := chain(ctx, p, 2, failing(p.WithDetail(p.Failure(singleUse), detail)))
	outcome.Sent = *peer.FactsOf(singleUse)
	outcome.Sent.Unlinked = detail
	return outcome, err
}

func unknownCode(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := peer.FactsOf(singleUse)
	facts.Number, facts.Reason = 9999, "SIM_SWAPPED"
	return sent(ctx, p, facts, p.FailureOf(facts))
}
