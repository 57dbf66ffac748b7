package edge

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// Backend calls gRPC services in process, without a connection. A call passes
// the same interceptors as in a gRPC server, so that statuses, logs and metrics
// are the same. Backend is a [google.golang.org/grpc/reflection.GRPCServer]:
// services are registered as with a gRPC server, and before [New].
type Backend struct {
	chain    telemetry.Chain
	services map[string]grpc.ServiceInfo
	methods  map[string]method // by full name
}

// method is a method of a registered service. One of unary and stream is nil.
type method struct {
	name    string // such as "/package.Service/Method"
	server  any
	unary   *grpc.MethodDesc
	stream  *grpc.StreamDesc
	connect http.Handler // serves the method, nil for REST
}

// NewBackend returns a backend without services.
func NewBackend(chain telemetry.Chain) *Backend {
	return &Backend{chain, map[string]grpc.ServiceInfo{}, map[string]method{}}
}

// RegisterService implements [grpc.ServiceRegistrar]. It panics if server does not
// implement the service, as [grpc.Server] ends the program then.
func (b *Backend) RegisterService(desc *grpc.ServiceDesc, server any) {
	if want := reflect.TypeOf(desc.HandlerType).Elem(); !reflect.TypeOf(server).Implements(want) {
		panic(fmt.Sprintf("edge: register %s: %T does not implement %v", desc.ServiceName, server, want))
	}
	b.services[desc.ServiceName] = grpc.ServiceInfo{Metadata: desc.Metadata}
	prefix := "/" + desc.ServiceName + "/"
	for i := range desc.Methods {
		m := method{name: prefix + desc.Methods[i].MethodName, server: server, unary: &desc.Methods[i]}
		b.methods[m.name] = m
	}
	for i := range desc.Streams {
		m := method{name: prefix + desc.Streams[i].StreamName, server: server, stream: &desc.Streams[i]}
		b.methods[m.name] = m
	}
}

// GetServiceInfo implements [google.golang.org/grpc/reflection.ServiceInfoProvider].
// It leaves out the methods, which reflection reads from descriptors.
func (b *Backend) GetServiceInfo() map[string]grpc.ServiceInfo { return b.services }

// invoke calls a unary method. The interceptors do not see the call if decode
// fails.
func (b *Backend) invoke(ctx context.Context, m method, decode func(any) error) (_ proto.Message, err error) {
	ctx, end := b.begin(ctx, &stats.Begin{}, m)
	defer func() { end(err) }()
	resp, err := m.unary.Handler(m.server, ctx, decode, b.intercept)
	if err != nil {
		return nil, err
	}
	return resp.(proto.Message), nil //nolint:forcetypeassert // generated code returns messages only
}

// intercept implements [grpc.UnaryServerInterceptor] with the whole chain.
func (b *Backend) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	for _, interceptor := range slices.Backward(b.chain.Unary) {
		next := handler
		handler = func(ctx context.Context, req any) (any, error) { return interceptor(ctx, req, info, next) }
	}
	return handler(ctx, req)
}

// serve calls a streaming method, and sets the context of the stream.
func (b *Backend) serve(ctx context.Context, m method, stream *serverStream) (err error) {
	info := &grpc.StreamServerInfo{FullMethod: m.name, IsClientStream: m.stream.ClientStreams, IsServerStream: m.stream.ServerStreams}
	ctx, end := b.begin(ctx, &stats.Begin{IsClientStream: info.IsClientStream, IsServerStream: info.IsServerStream}, m)
	defer func() { end(err) }()
	handler := m.stream.Handler
	for _, interceptor := range slices.Backward(b.chain.Stream) {
		next := handler
		handler = func(server any, stream grpc.ServerStream) error { return interceptor(server, stream, info, next) }
	}
	stream.ctx = ctx
	return handler(m.server, stream)
}

// begin reports the begin of a call to the stats handlers, and end its end.
func (b *Backend) begin(ctx context.Context, begin *stats.Begin, m method) (_ context.Context, end func(error)) {
	begin.BeginTime = time.Now()
	for _, handler := range b.chain.Stats {
		ctx = handler.TagRPC(ctx, &stats.RPCTagInfo{FullMethodName: m.name})
		handler.HandleRPC(ctx, begin)
	}
	return ctx, func(err error) {
		for _, handler := range b.chain.Stats {
			handler.HandleRPC(ctx, &stats.End{BeginTime: begin.BeginTime, EndTime: time.Now(), Error: err})
		}
	}
}
