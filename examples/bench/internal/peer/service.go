package peer

import (
	"context"
	"errors"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// Request is the request of the unary method.
type Request = jverificationv1.VerifyNumberRequest

// Response is the response of the unary method.
type Response = jverificationv1.VerifyNumberResponse

// Item is a message of the stream.
type Item = jverificationv1.VerifyNumbersResponse

// A Service is what a peer serves. Its methods are VerifyNumber and VerifyNumbers of
// jiguang.jverification.v1.VerificationService. A nil method is unimplemented.
type Service struct {
	Unary  func(context.Context, *Request) (*Response, error)
	Stream func(ctx context.Context, send func(*Item) error) error
}

// A Client calls a Service. The errors are those of the client of the peer.
type Client interface {
	Unary(context.Context, *Request) (*Response, error)
	// Stream hands each message to receive, which may be nil. At the end of the stream it
	// returns its error, or nil.
	Stream(ctx context.Context, receive func(*Item)) error
}

// Options are those of one server and its client. The zero value has the defaults of the peer.
type Options struct {
	// Public puts the server at a public boundary, if the peer has a notion of it.
	Public bool
	// Language is the accept-language of each call, or "".
	Language string
	// ServiceConfig is the gRPC service config of the client, or "". The clients of connect-go
	// have none.
	ServiceConfig string
	// HeaderLimit is the size of the header list that the client accepts, in bytes, or 0 for
	// the default of its transport.
	HeaderLimit uint32
	// Metadata gets the headers and trailers of each unary call that fails, unless it is nil.
	Metadata *metadata.MD
	// Listener is that of the server, or nil for a free port of the loopback interface.
	Listener net.Listener
}

// acceptLanguage is the metadata in which a caller states its languages.
const acceptLanguage = "accept-language"

// startGRPC starts a server of grpc-go and a client with the interceptors of a peer.
func startGRPC(service Service, options Options, server []grpc.ServerOption, client []grpc.DialOption) (Client, func(), error) {
	listener, err := options.listen()
	if err != nil {
		return nil, nil, err
	}
	s := grpc.NewServer(server...)
	jverificationv1.RegisterVerificationServiceServer(s, grpcService{service: service})
	go func() { _ = s.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), append(options.dial(), client...)...)
	if err != nil {
		s.Stop()
		return nil, nil, err
	}
	return newGRPCClient(conn, options), func() { _ = conn.Close(); s.Stop() }, nil
}

// listen returns the listener of a server.
func (o Options) listen() (net.Listener, error) {
	if o.Listener != nil {
		return o.Listener, nil
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

// dial returns the options of grpc-go.
func (o Options) dial() []grpc.DialOption {
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if o.ServiceConfig != "" {
		options = append(options, grpc.WithDefaultServiceConfig(o.ServiceConfig))
	}
	if o.HeaderLimit > 0 {
		options = append(options, grpc.WithMaxHeaderListSize(o.HeaderLimit))
	}
	return options
}

// grpcService serves a Service with grpc-go.
type grpcService struct {
	jverificationv1.UnimplementedVerificationServiceServer
	service Service
}

func (s grpcService) VerifyNumber(ctx context.Context, request *Request) (*Response, error) {
	if s.service.Unary == nil {
		return s.UnimplementedVerificationServiceServer.VerifyNumber(ctx, request)
	}
	return s.service.Unary(ctx, request)
}

func (s grpcService) VerifyNumbers(stream jverificationv1.VerificationService_VerifyNumbersServer) error {
	if s.service.Stream == nil {
		return s.UnimplementedVerificationServiceServer.VerifyNumbers(stream)
	}
	return s.service.Stream(stream.Context(), stream.Send)
}

// grpcClient is a client of grpc-go.
type grpcClient struct {
	client   jverificationv1.VerificationServiceClient
	language string
	metadata *metadata.MD
}

func newGRPCClient(conn grpc.ClientConnInterface, options Options) Client {
	return grpcClient{client: jverificationv1.NewVerificationServiceClient(conn), language: options.Language, metadata: options.Metadata}
}

func (c grpcClient) Unary(ctx context.Context, request *Request) (*Response, error) {
	if c.metadata == nil {
		return c.client.VerifyNumber(c.context(ctx), request)
	}
	var header, trailer metadata.MD
	response, err := c.client.VerifyNumber(c.context(ctx), request, grpc.Header(&header), grpc.Trailer(&trailer))
	*c.metadata = metadata.Join(header, trailer)
	return response, err
}

func (c grpcClient) Stream(ctx context.Context, receive func(*Item)) error {
	stream, err := c.client.VerifyNumbers(c.context(ctx))
	if err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return receiveAll(stream.Recv, receive)
}

// receiveAll receives until the stream ends.
func receiveAll(next func() (*Item, error), receive func(*Item)) error {
	for {
		item, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if receive != nil {
			receive(item)
		}
	}
}

func (c grpcClient) context(ctx context.Context) context.Context {
	if c.language == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, acceptLanguage, c.language)
}
