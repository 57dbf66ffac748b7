package edge

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/observability"
)

// Backend calls gRPC services in process, without a connection. A call passes
// the same interceptors as in a gRPC server, so that statuses, logs and metrics
// are the same. Backend is a [google.golang.org/grpc/reflection.GRPCServer]:
// services are registered as with a gRPC server, and before [New].
type Backend struct {
	unary   grpc.UnaryServerInterceptor
	stream  grpc.StreamServerInterceptor
	stats   []stats.Handler
	methods map[string]method // by full name
	info    map[string]grpc.ServiceInfo
}

// method is a method of a registered service. One of unary and stream is nil.
type method struct {
	name   string // such as "/package.Service/Method"
	server any
	unary  *grpc.MethodDesc
	stream *grpc.StreamDesc
}

// NewBackend returns a backend without services.
func NewBackend(chain observability.Chain) *Backend {
	return &Backend{
		unary: chainUnary(chain.Unary), stream: chainStream(chain.Stream), stats: chain.Stats,
		methods: map[string]method{}, info: map[string]grpc.ServiceInfo{},
	}
}

// RegisterService implements [grpc.ServiceRegistrar]. It panics if server does not
// implement the service, as [grpc.Server] ends the program then.
func (b *Backend) RegisterService(desc *grpc.ServiceDesc, server any) {
	if want := reflect.TypeOf(desc.HandlerType).Elem(); !reflect.TypeOf(server).Implements(want) {
		panic(fmt.Sprintf("edge: register %s: %T does not implement %v", desc.ServiceName, server, want))
	}
	info := grpc.ServiceInfo{Metadata: desc.Metadata}
	for i := range desc.Methods {
		m := &desc.Methods[i]
		name := "/" + desc.ServiceName + "/" + m.MethodName
		b.methods[name] = method{name: name, server: server, unary: m}
		info.Methods = append(info.Methods, grpc.MethodInfo{Name: m.MethodName})
	}
	for i := range desc.Streams {
		m := &desc.Streams[i]
		name := "/" + desc.ServiceName + "/" + m.StreamName
		b.methods[name] = method{name: name, server: server, stream: m}
		info.Methods = append(info.Methods, grpc.MethodInfo{Name: m.StreamName, IsClientStream: m.ClientStreams, IsServerStream: m.ServerStreams})
	}
	b.info[desc.ServiceName] = info
}

// GetServiceInfo implements [google.golang.org/grpc/reflection.ServiceInfoProvider].
func (b *Backend) GetServiceInfo() map[string]grpc.ServiceInfo { return b.info }

// invoke calls a unary method. The interceptors do not see the call if decode
// fails.
func (b *Backend) invoke(ctx context.Context, m method, decode func(any) error) (resp any, err error) {
	ctx, end := b.begin(ctx, m)
	defer func() { end(err) }()
	return m.unary.Handler(m.server, ctx, decode, b.unary)
}

// serve calls a streaming method. The context of the stream must come from begin.
func (b *Backend) serve(m method, stream grpc.ServerStream) error {
	if b.stream == nil {
		return m.stream.Handler(m.server, stream)
	}
	info := &grpc.StreamServerInfo{FullMethod: m.name, IsClientStream: m.stream.ClientStreams, IsServerStream: m.stream.ServerStreams}
	return b.stream(m.server, stream, info, m.stream.Handler)
}

// begin reports the begin of a call to the stats handlers, and end its end.
func (b *Backend) begin(ctx context.Context, m method) (_ context.Context, end func(error)) {
	if len(b.stats) == 0 {
		return ctx, func(error) {}
	}
	began := time.Now()
	for _, handler := range b.stats {
		ctx = handler.TagRPC(ctx, &stats.RPCTagInfo{FullMethodName: m.name})
		handler.HandleRPC(ctx, &stats.Begin{
			BeginTime: began, IsClientStream: m.stream != nil && m.stream.ClientStreams, IsServerStream: m.stream != nil && m.stream.ServerStreams,
		})
	}
	return ctx, func(err error) {
		for _, handler := range b.stats {
			handler.HandleRPC(ctx, &stats.End{BeginTime: began, EndTime: time.Now(), Error: err})
		}
	}
}

// chainUnary combines interceptors. The first one is the outermost.
func chainUnary(chain []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	if len(chain) == 0 {
		return nil
	}
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		for i := len(chain) - 1; i > 0; i-- {
			next := handler
			handler = func(ctx context.Context, req any) (any, error) { return chain[i](ctx, req, info, next) }
		}
		return chain[0](ctx, req, info, handler)
	}
}

func chainStream(chain []grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	if len(chain) == 0 {
		return nil
	}
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		for i := len(chain) - 1; i > 0; i-- {
			next := handler
			handler = func(server any, stream grpc.ServerStream) error { return chain[i](server, stream, info, next) }
		}
		return chain[0](server, stream, info, handler)
	}
}
