package peer

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/grpc/metadata"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// The paths of the two methods of a Service.
const (
	unaryPath  = jverificationv1.VerificationService_VerifyNumber_FullMethodName
	streamPath = jverificationv1.VerificationService_VerifyNumbers_FullMethodName
)

// StreamRequest is the message that a client of the stream could send.
type StreamRequest = jverificationv1.VerifyNumbersRequest

// startConnect starts a server of connect-go and its client.
func startConnect(service Service, options Options, handlers []connect.HandlerOption, clients []connect.ClientOption) (Client, func(), error) {
	listener, err := options.listen()
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: connectHandler(service, handlers...), Protocols: cleartextHTTP2()} //nolint:gosec // its only client is in this process
	go func() { _ = server.Serve(listener) }()
	transport := &http.Transport{Protocols: cleartextHTTP2(), MaxResponseHeaderBytes: int64(options.HeaderLimit)}
	stop := func() { transport.CloseIdleConnections(); _ = server.Close() }
	return newConnectClient(&http.Client{Transport: transport}, "http://"+listener.Addr().String(), options, clients), stop, nil
}

// cleartextHTTP2 is what gRPC and streams in both directions need without TLS.
func cleartextHTTP2() *http.Protocols {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// connectHandler serves a Service.
func connectHandler(service Service, options ...connect.HandlerOption) http.Handler {
	mux := http.NewServeMux()
	if service.Unary != nil {
		mux.Handle(unaryPath, connect.NewUnaryHandler(unaryPath, func(ctx context.Context, request *connect.Request[Request]) (*connect.Response[Response], error) {
			response, err := service.Unary(ctx, request.Msg)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(response), nil
		}, options...))
	}
	if service.Stream != nil {
		mux.Handle(streamPath, connect.NewBidiStreamHandler(streamPath, func(ctx context.Context, stream *connect.BidiStream[StreamRequest, Item]) error {
			return service.Stream(ctx, stream.Send)
		}, options...))
	}
	return mux
}

// connectClient is a client of connect-go.
type connectClient struct {
	unary    *connect.Client[Request, Response]
	stream   *connect.Client[StreamRequest, Item]
	language string
	metadata *metadata.MD
}

func newConnectClient(client *http.Client, url string, options Options, clients []connect.ClientOption) Client {
	return connectClient{
		unary:    connect.NewClient[Request, Response](client, url+unaryPath, clients...),
		stream:   connect.NewClient[StreamRequest, Item](client, url+streamPath, clients...),
		language: options.Language,
		metadata: options.Metadata,
	}
}

func (c connectClient) Unary(ctx context.Context, message *Request) (*Response, error) {
	request := connect.NewRequest(message)
	if c.language != "" {
		request.Header().Set(acceptLanguage, c.language)
	}
	response, err := c.unary.CallUnary(ctx, request)
	if failure, ok := errors.AsType[*connect.Error](err); ok && c.metadata != nil {
		*c.metadata = metadata.MD(failure.Meta())
	}
	if err != nil {
		return nil, err
	}
	return response.Msg, nil
}

func (c connectClient) Stream(ctx context.Context, receive func(*Item)) error {
	stream := c.stream.CallBidiStream(ctx)
	defer func() { _ = stream.CloseResponse() }()
	if c.language != "" {
		stream.RequestHeader().Set(acceptLanguage, c.language)
	}
	if err := stream.CloseRequest(); err != nil {
		return err
	}
	return receiveAll(stream.Receive, receive)
}
