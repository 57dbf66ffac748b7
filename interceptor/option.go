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
type ServerOption interface{ applyServer(c *serverConfig) }

// ClientOption configures a client interceptor. Those of this package are the
// only ones.
type ClientOption interface{ applyClient(c *clientConfig) }

// Option configures interceptors of both sides.
type Option interface {
	ServerOption
	ClientOption
}

type serverOption func(*serverConfig)

func (o serverOption) applyServer(c *serverConfig) { o(c) }

type commonOption func(*common)

func (o commonOption) applyServer(c *serverConfig) { o(&c.common) }
func (o commonOption) applyClient(c *clientConfig) { o(&c.common) }

// common is what both sides can be told.
type common struct {
	inBand    bool
	observers []func(context.Context, Event)
}

type clientConfig struct{ common }

type serverConfig struct {
	common
	statusCodes map[identity]codes.Code
	public      bool
	helpLinks   bool
	locale      func(context.Context) string
	budget      int
	unmapped    func(context.Context, error) error
	noPushback  bool
}

func newClientConfig(opts []ClientOption) clientConfig {
	var c clientConfig
	for _, opt := range opts {
		opt.applyClient(&c)
	}
	return c
}

func newServerConfig(opts []ServerOption) serverConfig {
	c := serverConfig{budget: defaultBudget, locale: acceptLanguage}
	for _, opt := range opts {
		opt.applyServer(&c)
	}
	return c
}

// observe tells every observer, and returns the first panic of one. What an
// observer does to the trailer is not sent.
func (c *common) observe(ctx context.Context, e Event) (panicked any) {
	if len(c.observers) == 0 {
		return nil
	}
	e.Trailer = e.Trailer.Copy()
	for _, observe := range c.observers {
		func() {
			defer func() {
				if p := recover(); p != nil && panicked == nil {
					panicked = p
				}
			}()
			observe(ctx, e)
		}()
	}
	return panicked
}

// WithStatusCode sends a code with another gRPC status than that of the table,
// all else alike. It panics for [codes.OK] and for a success code, since such a
// call would claim to have succeeded, and for a code that gRPC does not know.
func WithStatusCode[E codetable.Enum](code E, status codes.Code) ServerOption {
	spec, _ := codetable.Lookup(code)
	if status == codes.OK || status > codes.Unauthenticated || spec.GRPCCode() == codes.OK {
		panic(fmt.Sprintf("interceptor: WithStatusCode(%s %d, %v): want a failing code and a failing status", spec.Domain(), code, status))
	}
	return serverOption(func(c *serverConfig) {
		if c.statusCodes == nil {
			c.statusCodes = map[identity]codes.Code{}
		}
		c.statusCodes[identity{spec.Domain(), int32(code)}] = status
	})
}

// WithPublicBoundary masks what the public may not see and can't fix. It fails
// closed. Masked are:
//
//   - an error with a fault anywhere in its tree that is FAULT_OPERATOR or not
//     known: of a code, of a code that the table does not list, and of any type
//     with a method Fault() codetablev1.Fault, whatever it wraps;
//   - a status in which any ErrorInfo of a linked table is hidden or can't be
//     identified;
//   - a status without a code that came from another server. The client
//     interceptors of this package mark what they return; without them a server
//     can't tell it from a status of its own.
//
// They are sent as Unavailable with RetryInfo where time alone heals all that is
// hidden, else as Internal; with a fixed text, a correlation id, a neutral
// sentence in the caller's language, and with nothing of the code. The sentence
// is that of the table whose codes the method declares, or else of the linked
// table that comes first by its domain. What a caller can tell apart is Internal,
// which a bug is as well, Unavailable for a moment, and Unavailable until a
// calendar window ends, in whole seconds.
//
// A status of the handler's own whose code google.rpc.Code maps to HTTP 5xx
// keeps the code and its RetryInfo, and loses its text and the other details.
// Any other is sent whole. The observer gets the original. Default: codes are
// sent to every caller.
//
// An interceptor inside a public one has set the trailer for the code before the
// mask is known. Where the mask allows less, both values are sent, and gRPC does
// not retry: give the inner one this option too, or [WithoutRetryPushback].
func WithPublicBoundary() ServerOption {
	return serverOption(func(c *serverConfig) { c.public = true })
}

// WithLocale says which languages the caller reads: a BCP 47 tag or a list as
// in the HTTP header Accept-Language; "" for none. Default: the metadata
// accept-language of the call, or grpcgateway-accept-language, as grpc-gateway
// names it. Where there is a language, the user message of the code is sent as
// LocalizedMessage. A nil function changes nothing.
func WithLocale(locale func(context.Context) string) ServerOption {
	return serverOption(func(c *serverConfig) {
		if locale != nil {
			c.locale = locale
		}
	})
}

// WithDetailBudget bounds the serialized google.rpc.Status, in bytes. Default
// 4096, at least 1024. A peer that accepts 8 KiB of headers, as many do, takes
// about 5800; a larger status fails the call, or the whole connection.
//
// What is over the budget is shed in this order: the message is cut, to a
// quarter of the budget as gRPC percent-encodes it; metadata values are cut to
// 1 KiB; details are dropped from the last to the first, those outside
// google.rpc before Help and DebugInfo, then LocalizedMessage, the others, and
// RequestInfo; metadata entries are dropped, the largest first. The ErrorInfo of the code with its number, and RetryInfo, always stay.
// A detail whose type URL is not valid UTF-8 is always dropped: gRPC would send
// none of the details beside it.
func WithDetailBudget(bytes int) ServerOption {
	return serverOption(func(c *serverConfig) { c.budget = max(bytes, minBudget) })
}

// WithUnmapped translates errors that hold neither a code nor a gRPC status,
// nor come from a context: return a *codetable.Error or a gRPC status. What is
// neither is sent as by default: Internal, a fixed text, a correlation id.
func WithUnmapped(translate func(context.Context, error) error) ServerOption {
	return serverOption(func(c *serverConfig) { c.unmapped = translate })
}

// WithoutRetryPushback leaves the trailer grpc-retry-pushback-ms out. gRPC's
// retry then goes by the status code alone.
func WithoutRetryPushback() ServerOption {
	return serverOption(func(c *serverConfig) { c.noPushback = true })
}

// WithHelpLinks adds the help_url of the table, with the reason and the number
// of the code in it, as google.rpc.Help, to codes that are not masked. Default:
// no Help is sent.
func WithHelpLinks() ServerOption {
	return serverOption(func(c *serverConfig) { c.helpLinks = true })
}

// WithInBandCodes translates between codes in unary responses and statuses. A
// response is in-band where its message has a singular field of an annotated
// enum; the first such field counts. Where it has presence and is unset,
// nothing happens. Without presence, unset can't be told from the zero of the
// enum, and is read as that code.
//
// A server sends a failing code as its status, with the response as a detail.
// A client does the reverse: the response is filled in and the error is nil,
// so that a caller which reads codes from responses goes on doing so. Where
// the detail is missing or can't be read, the code alone is filled in. Where the
// code could not be told from an unset field, the error stays. Default: off.
func WithInBandCodes() Option {
	return commonOption(func(c *common) { c.inBand = true })
}

// WithObserver calls observe for each failed call, in the goroutine of the
// call, before the error is handed on. Where it is given more than once, all
// observers are called, in the order of the options. Of two server interceptors
// in a chain the inner one tells its observers, and the outer one only of what it
// masks. Of a panic of observe, a
// server makes an opaque Internal, and a client nothing: the process goes on.
// Default, and for nil: none.
func WithObserver(observe func(context.Context, Event)) Option {
	return commonOption(func(c *common) {
		if observe != nil {
			c.observers = append(c.observers, observe)
		}
	})
}

func acceptLanguage(ctx context.Context) string {
	for _, key := range []string{"accept-language", "grpcgateway-accept-language"} {
		if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
			return values[0]
		}
	}
	return ""
}
