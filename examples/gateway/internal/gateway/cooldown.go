package gateway

import (
	"context"
	"fmt"
	"iter"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Cooldown remembers refusals of the upstream that last. The key is the AppKey
// and the product that is called, as in "<AppKey>/risk".
type Cooldown interface {
	// Blocked returns the error to answer with instead of a call, or nil.
	Blocked(ctx context.Context, key string) error
	// Learn sees how a call ended.
	Learn(ctx context.Context, key string, err error)
	// Held returns the error that Blocked would return, or nil. It changes nothing.
	Held(ctx context.Context, key string) error
	// Lift lets calls go to the upstream at once. Its error says that other gateways
	// may still hold them.
	Lift(ctx context.Context, key string) error
}

// product is what is bought apart from the others, and cools down by itself: a risk
// query that nobody has paid for does not end the verifications.
type product string

const (
	verification product = "verification" // and logins
	riskQuery    product = "risk"
	captcha      product = "captcha"
	activation   product = "activation" // never cools down: see New
)

var cooling = []product{verification, riskQuery, captcha}

// Held returns each product that can cool down, with the code that its calls are
// answered with from memory, or nil while they go to the upstream. The products are
// "verification", which includes logins, "risk" and "captcha". It waits for a shared
// store no longer than a call does.
func (g *Gateway) Held(ctx context.Context) iter.Seq2[string, *codetable.Error] {
	return func(yield func(string, *codetable.Error) bool) {
		for _, p := range cooling {
			held, _ := codetable.FromError(g.config.Cooldown.Held(ctx, g.api.cooldownKey(p)))
			if !yield(string(p), held) {
				return
			}
		}
	}
}

// Lift lets the calls of a product of [Gateway.Held] go to the upstream at once. Its
// error is that of a shared store: other gateways may still hold them.
func (g *Gateway) Lift(ctx context.Context, name string) error {
	if err := g.config.Cooldown.Lift(ctx, g.api.cooldownKey(product(name))); err != nil {
		return fmt.Errorf("lift the cool-down of %s: %w", name, err)
	}
	return nil
}

func (u *upstream) cooldownKey(p product) string { return u.config.AppKey + "/" + string(p) }

type noCooldown struct{}

func (noCooldown) Blocked(context.Context, string) error { return nil }
func (noCooldown) Learn(context.Context, string, error)  {}
func (noCooldown) Held(context.Context, string) error    { return nil }
func (noCooldown) Lift(context.Context, string) error    { return nil }
