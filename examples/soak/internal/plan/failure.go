package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// SecretMark is part of every text that no client may get. OperatorMark is part
// of every text that no client may get over a public boundary. The number of the
// call follows.
const (
	SecretMark   = "canarysecret"
	OperatorMark = "canaryoperator"
)

func (d dice) secret() string   { return fmt.Sprintf("%s%016x", SecretMark, d.id) }
func (d dice) operator() string { return fmt.Sprintf("%s%016x", OperatorMark, d.id) }

// Failure is what a handler returns.
type Failure struct {
	// Name names the kind of the failure.
	Name string
	// Make makes the error. It panics where the handler does. Nil is a success.
	Make func() error
	// Coded says that a server sends the code of Domain and Number.
	Coded  bool
	Domain string
	Number int32
	// Code is the status that a server sends.
	Code codes.Code
	// Hidden says that a public boundary masks the failure.
	Hidden bool
	// Opaque says that every server hides the failure: Internal and a request id.
	Opaque bool
	// Ended says that the failure is the end of a context.
	Ended bool
	// Unknown says that gRPC makes the failure before the handler is called.
	Unknown bool
}

// failure decides what the server answers.
func (d dice) failure(route Route) Failure {
	switch d.IntN(20) {
	case 0, 1:
		return Failure{Name: "success"}
	case 2:
		return d.unlisted()
	case 3:
		return d.twoCodes(route)
	case 4:
		return d.bare()
	case 5, 6:
		return d.ownStatus(route)
	case 7:
		return d.contextError()
	case 8, 9:
		return d.foreign()
	case 10, 11, 12:
		return d.code("code as it is", pick(d, Specs()), false)
	default:
		return d.code("code with options, wrapped", pick(d, Specs()), true)
	}
}

// Specs returns every code of the two tables.
var Specs = sync.OnceValue(func() (specs []codetable.Spec) {
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		specs = append(specs, spec)
	}
	for _, spec := range codetable.All[jverificationv1.GatewayCode]() {
		specs = append(specs, spec)
	}
	return specs
})

// IsHidden reports whether a public boundary masks a code.
func IsHidden(spec codetable.Spec) bool {
	switch spec.Fault() {
	case codetablev1.Fault_FAULT_OPERATOR, codetablev1.Fault_FAULT_UNSPECIFIED:
		return spec.GRPCCode() != codes.OK
	default:
		return false
	}
}

func (d dice) code(name string, spec codetable.Spec, dressed bool) Failure {
	if spec.GRPCCode() == codes.OK {
		return Failure{Name: "success code"}
	}
	f := Failure{
		Name: name, Coded: true, Domain: spec.Domain(), Number: spec.Number(), Code: spec.GRPCCode(), Hidden: IsHidden(spec),
		Make: func() error { return spec.NewError() },
	}
	if dressed {
		options, wrap := d.options(f.Hidden), d.wrapper()
		f.Make = func() error { return wrap(spec.NewError(options...)) }
	}
	return f
}

func (d dice) unlisted() Failure {
	number := jverificationv1.ResponseCode(d.Int32())
	if d.chance(2) {
		number = -number
	}
	spec, listed := codetable.Lookup(number)
	if listed {
		return Failure{Name: "success"}
	}
	return d.code("unlisted number", spec, d.chance(2))
}

// twoCodes joins two codes, of which the first one is sent. A public boundary
// judges both, but a relay receives only the first one.
func (d dice) twoCodes(route Route) Failure {
	first, second := d.code("two codes", pick(d, Specs()), true), d.code("", pick(d, Specs()), true)
	if first.Make == nil || second.Make == nil {
		return Failure{Name: "success"}
	}
	one, two := first.Make, second.Make
	first.Hidden = first.Hidden || second.Hidden && !route.Hops()
	first.Make = func() error { return errors.Join(one(), two()) }
	return first
}

// options returns options of an error. What a public boundary hides has the mark
// of the operator in each text.
func (d dice) options(hidden bool) []codetable.ErrorOption {
	mark := ""
	if hidden {
		mark = d.operator()
	}
	text := pick(d, []string{"text", "\xff\xfe invalid \xc3", d.text(50_000), strings.Repeat("\u4e2d\u6587", 2000)})
	all := []codetable.ErrorOption{
		codetable.WithCause(errors.New(d.secret())),
		codetable.WithMessage(mark + text),
		codetable.WithMetadata("requestKey", mark+text),
		codetable.WithMetadata("NOT A KEY", d.secret()),
		codetable.WithDetail(&errdetails.DebugInfo{Detail: mark + strings.ToValidUTF8(text, "?")}),
		codetable.WithRetryAfter(time.Duration(d.Int64N(int64(time.Hour)))),
		codetable.WithRetryAfter(-1),
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:d.IntN(len(all)+1)]
}

// wrapper returns a function that wraps an error in secret texts.
func (d dice) wrapper() func(error) error {
	depth, secret := d.IntN(4), errors.New(d.secret())
	ways := make([]int, depth)
	for i := range ways {
		ways[i] = d.IntN(4)
	}
	return func(err error) error {
		for _, way := range ways {
			switch way {
			case 0:
				err = fmt.Errorf("%w: %w", secret, err)
			case 1:
				err = errors.Join(secret, err)
			case 2:
				err = errors.Join(err, secret)
			default:
				err = fmt.Errorf("%s: %w", secret.Error(), err)
			}
		}
		return err
	}
}

func (d dice) bare() Failure {
	wrap, secret := d.wrapper(), d.secret()
	return Failure{Name: "bare error", Opaque: true, Make: func() error { return wrap(errors.New(secret)) }}
}

// ownStatus is a status that the handler makes. A public boundary removes the
// text of a server error, and hides what came from another server.
func (d dice) ownStatus(route Route) Failure {
	code := codes.Code(1 + d.Uint32N(16))
	text := pick(d, []string{"", "text", "\xff\xfe", d.text(50_000)})
	if isServerError(code) || route == PublicRelay {
		text = d.operator() + text
	}
	st, wrap := status.New(code, strings.ToValidUTF8(text, "?")), d.wrapper()
	if detailed, err := st.WithDetails(&errdetails.ErrorInfo{Domain: "example.com", Reason: "OTHER"}, &errdetails.Help{}); err == nil && d.chance(2) {
		st = detailed
	}
	return Failure{Name: "status of the handler", Code: code, Make: func() error { return wrap(st.Err()) }}
}

func (d dice) contextError() Failure {
	end, code, wrap := context.Canceled, codes.Canceled, d.wrapper()
	if d.chance(2) {
		end, code = context.DeadlineExceeded, codes.DeadlineExceeded
	}
	return Failure{Name: "context error", Code: code, Ended: true, Make: func() error { return wrap(end) }}
}
