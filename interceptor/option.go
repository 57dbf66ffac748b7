package interceptor

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	defaultBudget = 4 << 10
	// minBudget holds the message, any ErrorInfo without metadata of its own,
	// and RetryInfo.
	minBudget = 1 << 10
)

// ServerOption configures a server interceptor. Those of this package are the
// only ones.
type ServerOption interface{ applyServer(s *server) }

// ClientOption configures a client interceptor. Those of this package are the
// only ones.
type ClientOption interface{ applyClient(c *client) }

// Option configures interceptors of both sides.
type Option interface {
	ServerOption
	ClientOption
}

type serverOption func(*server)

func (o serverOption) applyServer(s *server) { o(s) }

type commonOption func(*common)

func (o commonOption) applyServer(s *server) { o(&s.common) }
func (o commonOption) applyClient(c *client) { o(&c.common) }

// common is what both sides can be told.
type common struct {
	inBand    bool
	observers []func(context.Context, Event)
}

func (c *common) observe(ctx context.Context, e Event) {
	for _, observe := range c.observers {
		observe(ctx, e)
	}
}

// WithStatusCode sends a code with another gRPC status than that of the table,
// all else alike. It panics for [codes.OK] and for a success code, which fail
// closed: such a call would claim to have succeeded.
func WithStatusCode[E codetable.Enum](code E, c codes.Code) ServerOption {
	spec, _ := codetable.Lookup(code)
	if c == codes.OK || c > codes.Unauthenticated || spec.GRPCCode() == codes.OK {
		panic(fmt.Sprintf("interceptor: WithStatusCode(%s %d, %v): want a failing code and a failing status", spec.Domain(), code, c))
	}
	return serverOption(func(s *server) {
		if s.statusCodes == nil {
			s.statusCodes = map[identity]codes.Code{}
		}
		s.statusCodes[identity{spec.Domain(), int32(code)}] = c
	})
}

// WithPublicBoundary masks what the public may not see and can't mend: errors
// whose fault is FAULT_OPERATOR, and codes that the table does not list, since
// nobody has said yet whose fault they are. They are sent as Unavailable with
// RetryInfo where time alone heals them, else as Internal, with a fixed text
// and a correlation id, and with nothing of the code. The observer gets the
// original. Default: codes are sent to every caller.
//
// Any error type with a method Fault() codetablev1.Fault is masked alike.
func WithPublicBoundary() ServerOption {
	return serverOption(func(s *server) { s.public = true })
}

// WithLocale says which languages the caller reads: a BCP 47 tag or a list as
// in the HTTP header Accept-Language; "" for none. Default: the metadata
// accept-language of the call. Where a user message of the code matches, it is
// sent as LocalizedMessage.
func WithLocale(locale func(context.Context) string) ServerOption {
	return serverOption(func(s *server) { s.locale = locale })
}

// WithDetailBudget bounds the serialized google.rpc.Status, in bytes. Default
// 4096, at least 1024. A peer that accepts 8 KiB of headers, as many do, takes
// about 5800; a larger status fails the call, or the whole connection.
//
// What is over the budget is shed in this order: the message is cut, to a
// quarter of the budget as gRPC percent-encodes it; metadata values are cut to
// 1 KiB; details are dropped from the last to the first, those outside
// google.rpc before Help and DebugInfo, then LocalizedMessage, the others, and
// RequestInfo; metadata values are cut further; metadata entries are dropped,
// "content", "exId" and "id" last. ErrorInfo with its "code" and RetryInfo
// always stay.
func WithDetailBudget(bytes int) ServerOption {
	return serverOption(func(s *server) { s.budget = max(bytes, minBudget) })
}

// WithUnmapped translates errors that hold neither a code nor a gRPC status,
// nor come from a context: return a *codetable.Error or a gRPC status. What is
// neither is sent as by default: Internal, a fixed text, a correlation id.
func WithUnmapped(translate func(context.Context, error) error) ServerOption {
	return serverOption(func(s *server) { s.unmapped = translate })
}

// WithoutRetryPushback leaves the trailer grpc-retry-pushback-ms out. gRPC's
// retry then goes by the status code alone.
func WithoutRetryPushback() ServerOption {
	return serverOption(func(s *server) { s.silent = true })
}

// WithInBandCodes translates between codes in unary responses and statuses. A
// response is in-band where its message has a singular field of an annotated
// enum; the first such field counts, and where it is unset, nothing happens.
//
// A server sends a failing code as its status, with the response as a detail.
// A client does the reverse: the response is filled in and the error is nil,
// so that a caller which reads codes from responses goes on doing so. Where
// the detail is missing, the code alone is filled in. Default: off.
func WithInBandCodes() Option {
	return commonOption(func(c *common) { c.inBand = true })
}

// WithObserver calls observe for each failed call, in the goroutine of the
// call, before the error is handed on. Where it is given more than once, all
// observers are called, in the order of the options. Default, and for nil: none.
func WithObserver(observe func(context.Context, Event)) Option {
	return commonOption(func(c *common) {
		if observe != nil {
			c.observers = append(c.observers, observe)
		}
	})
}

func newServer(opts []ServerOption) *server {
	s := &server{budget: defaultBudget}
	for _, opt := range opts {
		opt.applyServer(s)
	}
	if s.locale == nil {
		s.locale = acceptLanguage
	}
	return s
}

func newClient(opts []ClientOption) *client {
	c := &client{}
	for _, opt := range opts {
		opt.applyClient(c)
	}
	return c
}

func acceptLanguage(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, "accept-language"); len(values) > 0 {
		return values[0]
	}
	return ""
}
