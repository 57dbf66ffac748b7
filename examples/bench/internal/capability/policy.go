package capability

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// publicBoundary sends nothing that has to arrive: a stranger can do nothing about this failure.
func publicBoundary(ctx context.Context, p peer.Peer) (Outcome, error) {
	outcome, err := call(ctx, p, failing(p.Failure(operators)), peer.Options{Public: true})
	facts := peer.FactsOf(operators)
	outcome.Private = []Secret{
		{Name: "code", Text: strconv.Itoa(int(facts.Number))},
		{Name: "code", Text: facts.Reason},
		{Name: "text", Text: facts.Text},
	}
	outcome.Foreign = p.NoBoundary
	return outcome, err
}

// retryPolicy lets a client of grpc-go repeat RESOURCE_EXHAUSTED.
const retryPolicy = `{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.001s",` +
	`"maxBackoff":"0.002s","backoffMultiplier":1,"retryableStatusCodes":["RESOURCE_EXHAUSTED"]}}]}`

// A retry is what one call with the retry policy led to: its error, and the attempts that the server
// saw.
type retry struct {
	err      error
	attempts int32
}

// retried makes one call with the retry policy.
func retried(ctx context.Context, p peer.Peer, answer func(attempt int32) error) (retry, error) {
	var count atomic.Int32
	client, stop, err := p.Start(peer.Service{Unary: func(context.Context, *peer.Request) (*peer.Response, error) {
		if err := answer(count.Add(1)); err != nil {
			return nil, err
		}
		return &peer.Response{}, nil
	}}, peer.Options{ServiceConfig: retryPolicy})
	if err != nil {
		return retry{}, err
	}
	defer stop()
	_, err = client.Unary(ctx, &peer.Request{Token: "single-use"})
	return retry{err: err, attempts: count.Load()}, nil
}

func singleUseToken(ctx context.Context, p peer.Peer) (Outcome, error) {
	result, err := retried(ctx, p, func(int32) error { return p.Failure(singleUse) })
	if err != nil {
		return Outcome{}, err
	}
	outcome, err := read(p, result.err)
	if result.attempts != 1 {
		outcome.Missing = []string{"the token"}
	}
	outcome.Count, outcome.Foreign = attemptsText(result.attempts), cmp.Or(p.NoRetry, p.NoPushback)
	return outcome, err
}

// repeatableRequest has a delay of a millisecond, so that nobody waits for a second.
func repeatableRequest(ctx context.Context, p peer.Peer) (Outcome, error) {
	facts := peer.FactsOf(repeatable)
	facts.Delay = time.Millisecond
	result, err := retried(ctx, p, func(attempt int32) error {
		if attempt == 1 {
			return p.FailureOf(facts)
		}
		return nil
	})
	outcome := Outcome{Count: attemptsText(result.attempts), Foreign: p.NoRetry}
	if result.err != nil {
		outcome.Missing = []string{"the retry"}
	}
	return outcome, err
}

func attemptsText(attempts int32) string {
	if attempts == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", attempts)
}

func language(ctx context.Context, p peer.Peer) (Outcome, error) {
	spec, _ := codetable.Lookup(singleUse)
	facts := peer.FactsOf(singleUse)
	facts.Sentence, _ = spec.UserMessage("zh-CN")
	outcome, err := call(ctx, p, failing(p.Failure(singleUse)), peer.Options{Language: "zh-CN"})
	outcome.Sent, outcome.Foreign = *facts, p.NoLanguage
	return outcome, err
}
