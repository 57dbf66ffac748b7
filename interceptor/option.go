package interceptor

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/quiet"
)

const (
	defaultBudget = 4 << 10
	// minBudget has room for the message, for any ErrorInfo without metadata of
	// its own, and for RetryInfo.
	minBudget = 1 << 10
)

// ServerOption configures a server interceptor. Only this package can implement
// it.
type ServerOption interface{ applyServer(c *serverConfig) }

// ClientOption configures a client interceptor. Only this package can implement
// it.
type ClientOption interface{ applyClient(c *clientConfig) }

// Option configures server interceptors and client interceptors.
type Option interface {
	ServerOption
	ClientOption
}

type serverOption func(*serverConfig)

func (o serverOption) applyServer(c *serverConfig) { o(c) }

type commonOption func(*common)

func (o commonOption) applyServer(c *serverConfig) { o(&c.common) }
func (o commonOption) applyClient(c *clientConfig) { o(&c.common) }

// common holds the settings of both sides.
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
	statusOf    statusFunc
	noPushback  bool
}

// statusFunc is the function of WithStatusOf.
type statusFunc func(context.Context, error) (st *status.Status, received bool)

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

// observe calls every observer, and returns the first panic of an observer. It
// calls none for an error that only shows what would be sent.
// Each gets a copy of the trailer, so changes of it are not sent.
func (c *common) observe(ctx context.Context, e Event) (panicked any) {
	if len(c.observers) == 0 || quiet.Is(ctx) {
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

// WithStatusCode sends a code with another gRPC status than the one of the
// table. The rest of the status does not change. WithStatusCode panics if
// status is [codes.OK] or unknown to gRPC, or if code is a success, because a
// failed call must not claim to have succeeded. Default: the status of the
// table.
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

// WithPublicBoundary masks errors that the public must not see and can't fix.
// Use it on servers that strangers can call. When in doubt, an error is masked.
// These are masked:
//
//   - an error with a fault that is FAULT_OPERATOR or unknown, anywhere in its
//     tree: the fault of a code, of a code that the table does not list, or of
//     any type with a method Fault() codetablev1.Fault;
//   - a status with an ErrorInfo that has such a fault or can't be identified.
//     The ErrorInfo belongs to a linked table, or to a table of a
//     codetable.Resolver with another code in the tree;
//   - a status without a code that came from another server. The client
//     interceptors of this package mark such errors. Without them a server
//     can't distinguish them from a status of its own.
//
// A masked error is sent as Unavailable with RetryInfo if waiting helps, and as
// Internal otherwise. It has a fixed text, a correlation id and a neutral
// sentence in the language of the caller. The code is not sent. The neutral
// sentence belongs to the table of the first code that the method declares, or
// else to the linked table whose domain sorts first. A caller can distinguish
// three kinds: Internal (which can also be a bug), Unavailable with a delay of
// at most one minute, and Unavailable until a calendar window ends. The delay
// is in whole seconds.
//
// If the handler made the status itself and google.rpc.Code maps its code to
// HTTP 5xx, the code and RetryInfo are kept; the text and the other details are
// removed. Any other status of the handler is sent unchanged. The observer gets
// the original error. Default: codes are sent to every caller.
//
// If an interceptor inside a public one has already set the retry trailer, and
// the mask allows less, both values are sent and gRPC does not retry. To avoid
// this, give the inner interceptor this option too, or [WithoutRetryPushback].
func WithPublicBoundary() ServerOption {
	return serverOption(func(c *serverConfig) { c.public = true })
}

// WithLocale sets the function that returns the languages of the caller: a BCP
// 47 tag, a list in the form of the HTTP header Accept-Language, or "" for
// none. If there is a language, the user message of the code is sent as
// LocalizedMessage. A nil function has no effect. Default: the metadata
// accept-language of the call, or else grpcgateway-accept-language, the name
// that grpc-gateway uses.
func WithLocale(locale func(context.Context) string) ServerOption {
	return serverOption(func(c *serverConfig) {
		if locale != nil {
			c.locale = locale
		}
	})
}

// WithDetailBudget limits the size of the serialized google.rpc.Status, in
// bytes. Default: 4096. Minimum: 1024. Many peers accept 8 KiB of headers,
// which is enough for about 5800 bytes. A larger status fails the call or the
// whole connection.
//
// If a status exceeds the budget, it is shortened in this order. The message is
// cut to a quarter of the budget in gRPC's percent encoding. Metadata values
// are cut to 1 KiB. Details are dropped, from the last to the first: first
// those outside google.rpc, then Help and DebugInfo, LocalizedMessage, the
// others, and RequestInfo. Metadata entries are dropped, the largest first. The
// ErrorInfo with the number of the code, and RetryInfo, are never dropped.
//
// A detail whose type URL is not valid UTF-8 is always dropped, because gRPC
// would otherwise send no detail at all.
func WithDetailBudget(bytes int) ServerOption {
	return serverOption(func(c *serverConfig) { c.budget = max(bytes, minBudget) })
}

// WithUnmapped sets a function that translates errors without a code, a gRPC
// status or a context error. It returns a *codetable.Error or a gRPC status.
// Any other result is sent as by default. Default: Internal, a fixed text and a
// correlation id.
func WithUnmapped(translate func(context.Context, error) error) ServerOption {
	return serverOption(func(c *serverConfig) { c.unmapped = translate })
}

// WithStatusOf sets a function that reads the gRPC status of an error of another
// framework, whose type has no method GRPCStatus. It is called for each such
// error in the tree, without the errors that this one wraps. It returns nil if
// the error has no status. received reports that the status came from another
// server, as if a client interceptor had marked it. A nil function has no
// effect. Default: only errors with a method GRPCStatus have a status.
func WithStatusOf(statusOf func(ctx context.Context, err error) (st *status.Status, received bool)) ServerOption {
	return serverOption(func(c *serverConfig) { c.statusOf = statusOf })
}

// WithoutRetryPushback omits the trailer grpc-retry-pushback-ms. gRPC's retry
// then depends on the status code only. Default: every failure has the trailer.
func WithoutRetryPushback() ServerOption {
	return serverOption(func(c *serverConfig) { c.noPushback = true })
}

// WithHelpLinks adds the help_url of the table as google.rpc.Help to codes that
// are not masked. The placeholders are replaced by the reason and the number of
// the code. Default: no Help is sent.
func WithHelpLinks() ServerOption {
	return serverOption(func(c *serverConfig) { c.helpLinks = true })
}

// WithInBandCodes translates between codes in unary responses and gRPC
// statuses. A response is in-band if its message has a singular field of an
// annotated enum. The first such field is used. If the field has presence and
// is unset, nothing is translated. If the field has no presence, an unset field
// is read as the zero value of the enum.
//
// A server sends a failing code as its status, with the response as a detail. A
// client does the reverse: it fills in the response and returns a nil error, so
// callers that read codes from responses need no change. If the detail is
// missing or can't be read, only the code is filled in. If the code can't be
// distinguished from an unset field, the error is returned. Default: off.
func WithInBandCodes() Option {
	return commonOption(func(c *common) { c.inBand = true })
}

// WithObserver sets a function that is called for each failed call, in the
// goroutine of the call, before the error is returned. If the option is given
// several times, all observers are called in the order of the options. If a
// chain contains two server interceptors, the inner one calls its observers;
// the outer one calls its own only for errors that it masks. If observe panics,
// a server sends an opaque Internal and a client returns the error unchanged. A
// nil function has no effect. Default: no observer.
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
