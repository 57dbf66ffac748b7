package telemetry

import (
	"context"
	"slices"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/stats"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Server reports the calls of gRPC servers. Make one with [Telemetry.Server]. It
// is safe for concurrent use, and several servers may have its chain.
type Server struct {
	side       *side
	chain      Chain
	translator *interceptor.Translator // of parts, and of what is declared
}

// Chain has the interceptors and stats handlers of a server, the outermost first.
// It is for servers that are not made by [grpc.NewServer].
type Chain struct {
	Unary  []grpc.UnaryServerInterceptor
	Stream []grpc.StreamServerInterceptor
	Stats  []stats.Handler
}

// ServerOptions returns the chain as options of a server.
func (c Chain) ServerOptions() []grpc.ServerOption {
	opts := make([]grpc.ServerOption, 0, 2+len(c.Stats))
	opts = append(opts, grpc.ChainUnaryInterceptor(c.Unary...), grpc.ChainStreamInterceptor(c.Stream...))
	for _, handler := range c.Stats {
		opts = append(opts, grpc.StatsHandler(handler))
	}
	return opts
}

// Server returns the chain of a server. The options are those of the server
// interceptors of package interceptor. All servers of a Telemetry share its
// metrics.
func (t *Telemetry) Server(opts ...interceptor.ServerOption) *Server {
	side := t.server()
	s := &Server{side: side, translator: interceptor.NewTranslator(opts...), chain: Chain{Stats: side.stats()}}
	if m := side.grpcServer; m != nil {
		exemplars := grpcprom.WithExemplarFromContext(exemplar)
		s.chain.Unary = append(s.chain.Unary, side.boundedUnary(m.UnaryServerInterceptor(exemplars)))
		s.chain.Stream = append(s.chain.Stream, side.boundedStream(m.StreamServerInterceptor(exemplars)))
	}
	if side.tells() {
		s.chain.Unary = append(s.chain.Unary, side.unaryServer)
		s.chain.Stream = append(s.chain.Stream, side.streamServer)
	}
	s.chain.Unary = append(s.chain.Unary, interceptor.UnaryServerInterceptor(opts...))
	s.chain.Stream = append(s.chain.Stream, interceptor.StreamServerInterceptor(opts...))
	return s
}

// Chain returns a copy of the chain in the documented order: metrics, logging,
// codetable. Chain the other interceptors of the server after it: auth,
// validation, recovery.
func (s *Server) Chain() Chain {
	return Chain{
		Unary:  slices.Clone(s.chain.Unary),
		Stream: slices.Clone(s.chain.Stream),
		Stats:  slices.Clone(s.chain.Stats),
	}
}

// Options returns the chain as options of a server. Interceptors of the options
// after them run inside it.
func (s *Server) Options() []grpc.ServerOption { return s.chain.ServerOptions() }

// Declare creates the series of all methods that a server has, at 0, so that the
// first failure is an increase: the calls, each failing code that the option
// (codetable.v1.method) names, with exactly the labels that it will have, a number
// that its tables do not list, a failure without a code, and the standing faults.
// It sets codetable_code_info too. The services of gRPC itself (grpc.*) are left
// out. Call it after the services are registered. It calls no observer.
func (s *Server) Declare(server reflection.ServiceInfoProvider) {
	for service, info := range server.GetServiceInfo() {
		if isQuiet("/" + service) {
			continue
		}
		for _, m := range info.Methods {
			s.side.methods.add("/" + service + "/" + m.Name)
		}
		s.side.declare(service, s.sent)
	}
}

// Part records a part of a call that ended: an item of a stream, or a code
// inside a reply. It counts as a call of the method, sets or clears its standing
// fault, and is logged, a success at level debug. A failure is also an event of
// the span of the call. A part counts as begun when Part is called, so a success
// clears what failed before. method is the full name of another method, such as
// "/package.Service/Method", if the part is a call of that one, and "" otherwise.
//
// A nil error is a success. For any other, Part returns what is sent of it, as
// [interceptor.Translator.Translate] does, by the options of the server.
func (s *Server) Part(ctx context.Context, method string, err error) interceptor.Event {
	if method != "" {
		ctx = within(ctx, method)
	}
	fullMethod, _ := grpc.Method(ctx)
	m := s.side.methods.of(fullMethod)
	e := s.translator.Translate(ctx, err)
	if err == nil {
		s.side.succeeded(ctx, m, m.standing.failed.Load())
	} else {
		s.side.failed(ctx, m, e)
		addEvent(ctx, e)
	}
	s.side.logPart(ctx, m, err, e)
	return e
}

// within returns a context for a part of a call that is another method.
func within(ctx context.Context, method string) context.Context {
	return grpc.NewContextWithServerTransportStream(ctx, part{grpc.ServerTransportStreamFromContext(ctx), method})
}

type part struct {
	grpc.ServerTransportStream

	method string
}

// Method implements [grpc.ServerTransportStream].
func (p part) Method() string { return p.method }

func (s *side) unaryServer(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
	c := s.begin(ctx, info.FullMethod, interceptors.Unary)
	err = errPanicked
	defer func() { s.end(ctx, c, err) }()
	reply, err = handler(ctx, req)
	return reply, err
}

func (s *side) streamServer(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	ctx := stream.Context()
	c := s.begin(ctx, info.FullMethod, streamKind(info.IsClientStream, info.IsServerStream))
	err = errPanicked
	defer func() { s.end(ctx, c, err) }()
	err = handler(server, stream)
	return err
}
