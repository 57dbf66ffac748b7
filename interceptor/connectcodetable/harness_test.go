package connectcodetable_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

type responseCode = jverificationv1.ResponseCode

const (
	invalidParameters   = jverificationv1.ResponseCode_RESPONSE_CODE_INVALID_PARAMETERS
	qpsLimit            = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	insufficientBalance = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE
	tokenExpired        = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
)

const secretText = "pq: password of the secret table"

var errSecret = errors.New(secretText)

// service answers all four kinds of RPC with the error of answer, or with one
// item.
type service struct {
	answer func(context.Context) error
	late   bool // send an item before the error
}

// answering returns a service whose calls all return the same error.
func answering(err error) *service {
	return &service{answer: func(context.Context) error { return err }}
}

type (
	output = pb.StreamingOutputCallResponse
	input  = pb.StreamingOutputCallRequest
)

const (
	unaryPath  = "/grpc.testing.TestService/UnaryCall"
	serverPath = "/grpc.testing.TestService/StreamingOutputCall"
	clientPath = "/grpc.testing.TestService/StreamingInputCall"
	bidiPath   = "/grpc.testing.TestService/FullDuplexCall"
)

func (s *service) handler(opts ...connect.HandlerOption) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(unaryPath, connect.NewUnaryHandler(unaryPath, func(ctx context.Context, _ *connect.Request[input]) (*connect.Response[output], error) {
		if err := s.answer(ctx); err != nil {
			return nil, err
		}
		return connect.NewResponse(&output{}), nil
	}, append(opts, connect.WithIdempotency(connect.IdempotencyNoSideEffects))...))
	mux.Handle(serverPath, connect.NewServerStreamHandler(serverPath, func(ctx context.Context, _ *connect.Request[input], stream *connect.ServerStream[output]) error {
		return s.stream(ctx, stream.Send)
	}, opts...))
	mux.Handle(clientPath, connect.NewClientStreamHandler(clientPath, func(ctx context.Context, stream *connect.ClientStream[input]) (*connect.Response[output], error) {
		for stream.Receive() {
		}
		if err := stream.Err(); err != nil {
			return nil, err
		}
		if err := s.answer(ctx); err != nil {
			return nil, err
		}
		return connect.NewResponse(&output{}), nil
	}, opts...))
	mux.Handle(bidiPath, connect.NewBidiStreamHandler(bidiPath, func(ctx context.Context, stream *connect.BidiStream[input, output]) error {
		if _, err := stream.Receive(); err != nil {
			return err
		}
		return s.stream(ctx, stream.Send)
	}, opts...))
	return mux
}

func (s *service) stream(ctx context.Context, send func(*output) error) error {
	if s.late {
		if err := send(&output{}); err != nil {
			return err
		}
	}
	if err := s.answer(ctx); err != nil {
		return err
	}
	return send(&output{})
}

// serve starts a server with HTTP/1.1 and HTTP/2 on a free port of loopback, and
// returns its URL.
func serve(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	tb.Cleanup(server.Close)
	return server.URL
}

// intercept returns a service behind the interceptor.
func intercept(s *service, opts ...interceptor.ServerOption) http.Handler {
	return s.handler(connect.WithInterceptors(connectcodetable.NewInterceptor(opts...)))
}

// httpClient speaks HTTP/2 without TLS.
func httpClient(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// protocols holds the options of a client for each protocol.
var protocols = map[string]connect.ClientOption{
	connect.ProtocolConnect: connect.WithClientOptions(),
	connect.ProtocolGRPC:    connect.WithGRPC(),
	connect.ProtocolGRPCWeb: connect.WithGRPCWeb(),
}

// caller calls a method of the service and returns the error of the call.
type caller func(ctx context.Context, client *http.Client, url string, opts ...connect.ClientOption) error

// kinds holds a call of each kind.
var kinds = map[string]caller{
	"unary": func(ctx context.Context, client *http.Client, url string, opts ...connect.ClientOption) error {
		_, err := connect.NewClient[input, output](client, url+unaryPath, opts...).CallUnary(ctx, newRequest(ctx))
		return err
	},
	"server stream": func(ctx context.Context, client *http.Client, url string, opts ...connect.ClientOption) error {
		stream, err := connect.NewClient[input, output](client, url+serverPath, opts...).CallServerStream(ctx, newRequest(ctx))
		if err != nil {
			return err
		}
		for stream.Receive() {
		}
		return first(stream.Err(), stream.Close())
	},
	"client stream": func(ctx context.Context, client *http.Client, url string, opts ...connect.ClientOption) error {
		stream := connect.NewClient[input, output](client, url+clientPath, opts...).CallClientStream(ctx)
		copyHeader(ctx, stream.RequestHeader())
		if err := stream.Send(&input{}); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err := stream.CloseAndReceive()
		return err
	},
	"bidi stream": func(ctx context.Context, client *http.Client, url string, opts ...connect.ClientOption) error {
		stream := connect.NewClient[input, output](client, url+bidiPath, opts...).CallBidiStream(ctx)
		copyHeader(ctx, stream.RequestHeader())
		if err := stream.Send(&input{}); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := stream.CloseRequest(); err != nil {
			return err
		}
		for {
			if _, err := stream.Receive(); errors.Is(err, io.EOF) {
				return stream.CloseResponse()
			} else if err != nil {
				return first(err, stream.CloseResponse())
			}
		}
	},
}

// first returns the first error, which errors.Join would wrap.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type headerKey struct{}

// withHeader adds a header to the requests of the calls above.
func withHeader(ctx context.Context, name, value string) context.Context {
	return context.WithValue(ctx, headerKey{}, http.Header{name: {value}})
}

func copyHeader(ctx context.Context, to http.Header) {
	from, _ := ctx.Value(headerKey{}).(http.Header)
	maps.Copy(to, from)
}

func newRequest(ctx context.Context) *connect.Request[input] {
	req := connect.NewRequest(&input{})
	copyHeader(ctx, req.Header())
	return req
}

// each runs a test over each protocol with each kind of call. The calls of a
// test use one connection.
func each(t *testing.T, test func(t *testing.T, protocol string, call func(ctx context.Context, url string, opts ...connect.ClientOption) error)) {
	t.Helper()
	for protocol, option := range protocols {
		for kind, call := range kinds {
			t.Run(protocol+"/"+kind, func(t *testing.T) {
				t.Parallel()
				client := httpClient(t)
				test(t, protocol, func(ctx context.Context, url string, opts ...connect.ClientOption) error {
					return call(ctx, client, url, append(opts, option)...)
				})
			})
		}
	}
}

// decoding is the client's side of the interceptor.
func decoding(opts ...interceptor.ServerOption) connect.ClientOption {
	return connect.WithInterceptors(connectcodetable.NewInterceptor(opts...))
}

// translated returns what a server of grpc-go sends for an error.
func translated(t *testing.T, err error, opts ...interceptor.ServerOption) interceptor.Event {
	t.Helper()
	return interceptor.NewTranslator(opts...).Translate(t.Context(), err)
}

// malformed returns a detail whose bytes are not those of a message.
func malformed(url string) *anypb.Any { return &anypb.Any{TypeUrl: url, Value: []byte{0xff}} }
