// Package plan decides what each call of a soak does and what its caller must
// get. Client and server make the same plan from the seed and the number of the
// call, so a call carries only its number.
package plan

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Kind is a kind of RPC.
type Kind int

// The four kinds of RPC.
const (
	Unary Kind = iota
	ServerStream
	ClientStream
	BidiStream
	Kinds int = iota
)

// String returns the name of the kind.
func (k Kind) String() string {
	return [Kinds]string{"unary", "server stream", "client stream", "bidi stream"}[k]
}

// Route is the way from a client to the server that answers.
type Route uint64

// The routes. Relay and PublicRelay lead over a second server to the one of
// Internal. Public and PublicRelay have a public boundary. Hostile leads to a
// server that sends malformed replies.
const (
	Internal Route = iota
	Public
	Relay
	PublicRelay
	Hostile
	Routes int = iota
)

// String returns the name of the route.
func (r Route) String() string {
	return [Routes]string{"internal", "public", "relay", "public relay", "hostile"}[r]
}

// IsPublic reports whether the route has a public boundary.
func (r Route) IsPublic() bool { return r == Public || r == PublicRelay }

// Hops reports whether a second server stands between client and server.
func (r Route) Hops() bool { return r == Relay || r == PublicRelay }

// Plan is what one call does.
type Plan struct {
	ID    uint64
	Kind  Kind
	Route Route
	// Flaky says that the connection of the client may be reset. FlakyHop says
	// the same of the connection between the two servers.
	Flaky, FlakyHop bool
	// CancelAfter and Deadline end the call after this time. Zero is never.
	CancelAfter, Deadline time.Duration
	// Leave ends a stream after its first message.
	Leave bool
	// Garbage says that the client sends bytes that are no message.
	Garbage bool
	// Raw says that the client is no gRPC client, and sends headers that one
	// refuses to send. Its calls are unary.
	Raw bool
	// Languages are the values of the header accept-language.
	Languages []string
	// Messages is the number of messages in each direction of a stream, and
	// Payload the size of each in bytes.
	Messages, Payload int
	// Failure is what the server answers with. It is unset on the route Hostile.
	Failure Failure
	// Reply is what the server sends on the route Hostile.
	Reply Reply
}

// Of returns the plan of a call.
func Of(seed, id uint64) Plan {
	d := dice{rand.New(rand.NewPCG(seed, id)), id} //nolint:gosec // a run can be repeated
	p := Plan{
		ID: id, Kind: Kind(d.IntN(Kinds)), Route: Route(d.Uint64N(uint64(Routes))),
		Languages: pick(d, languages), Messages: d.IntN(4), Payload: d.IntN(2000),
	}
	d.disturb(&p)
	if p.Route == Hostile {
		p.Flaky, p.Garbage, p.Raw = false, false, false
		p.Reply = d.reply()
		return p
	}
	p.Failure = d.failure(p.Route)
	if p.Raw {
		p.Kind, p.Languages = Unary, pick(d, rawLanguages)
	}
	if p.Garbage {
		p.Messages = max(p.Messages, 1)
		p.Failure = Failure{Name: "request that is no message", Unknown: true}
	}
	return p
}

// disturb decides what besides the failure happens to a call. Half of the calls
// are left alone, so that their result must be exact.
func (d dice) disturb(p *Plan) {
	if d.chance(2) {
		return
	}
	switch d.IntN(9) {
	case 0:
		p.CancelAfter = d.moment()
	case 1:
		p.Deadline = d.moment()
	case 2:
		p.Leave = p.Kind != Unary
	case 3:
		p.Garbage = true
	case 4:
		p.Raw = true
	case 5:
		p.FlakyHop = p.Route.Hops()
	case 6:
		p.Flaky, p.FlakyHop = true, p.Route.Hops()
	default:
		p.Flaky = true
	}
}

// Disturbed reports whether something besides the server may end the call.
func (p Plan) Disturbed() bool {
	return p.CancelAfter > 0 || p.Deadline > 0 || p.Leave || p.Flaky || p.FlakyHop
}

// dice makes the decisions of one call.
type dice struct {
	*rand.Rand
	id uint64
}

// moment returns a time in which a call may be at any point, from its start to
// after its end.
func (d dice) moment() time.Duration { return time.Duration(1+d.IntN(1000)) << d.IntN(13) }

// chance is true once in n times.
func (d dice) chance(n int) bool { return d.IntN(n) == 0 }

// text returns a text of a random size up to limit bytes.
func (d dice) text(limit int) string { return long[:1+d.IntN(limit)] }

var long = strings.Repeat("text ", 20_000)

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// languages are ordinary, malformed and oversize values of accept-language.
var languages = [][]string{
	nil, nil,
	{"zh-CN"},
	{"en-US,en;q=0.5"},
	{"fr, de;q=0.9, *;q=0.1"},
	{"*"},
	{""},
	{",,;;,q=,"},
	{"zh-CN;q=NaN, en;q=1e309"},
	{"en;q=-1"},
	{"x-" + strings.Repeat("a", 300)},
	{strings.Repeat("zh-CN,", 3000)},
	{strings.Repeat("-", 9000)},
	{"%e4%b8%ad", "\x7e\x21", "en"},
	{"zh-Hans-CN-u-co-pinyin-x-" + strings.Repeat("b-", 200)},
}

// rawLanguages are values of accept-language that no gRPC client sends.
var rawLanguages = [][]string{
	{"\xff\xfe\xc3"},
	{"\u4e2d\u6587;q=1"},
	{"zh-CN\xff,en"},
	{"zh-CN\t;\tq=0.5\t,\t*"},
	{strings.Repeat("\xf0\x9f", 5000)},
	slices.Repeat([]string{"en", "zh-CN"}, 100),
}
