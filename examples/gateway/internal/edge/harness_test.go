package edge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

const (
	locale = "zh-CN"
	phone  = "13912345679"
	token  = "one-token-for-one-call"
)

// stack is one service, on a gRPC listener of its own and behind the edge.
type stack struct {
	native *grpc.ClientConn
	url    string // of the edge
}

// service is what a stack serves.
type service struct {
	chain    telemetry.Chain
	register func(grpc.ServiceRegistrar)
}

func (s service) backend() *edge.Backend {
	backend := edge.NewBackend(s.chain)
	s.register(backend)
	reflection.Register(backend)
	return backend
}

// serve runs a stack until the test ends.
func serve(t *testing.T, s service) stack {
	t.Helper()
	return configured(t, s, edge.Config{})
}

func configured(t *testing.T, s service, config edge.Config) stack {
	t.Helper()
	server := grpc.NewServer(append(s.chain.ServerOptions(), grpc.MaxRecvMsgSize(edge.DefaultMaxMessage))...)
	s.register(server)
	listener := gatewaytest.Listen(t)
	gatewaytest.Serve(t, server, listener)
	return stack{native: gatewaytest.Dial(t, listener), url: gatewaytest.ServeWeb(t, s.backend(), config)}
}

// simulate is a stack of the gateway in front of the simulator.
func simulate(t *testing.T, public bool) stack {
	t.Helper()
	g, err := gateway.New(gatewaytest.Simulator(t).Configure(gateway.Config{
		PublicBoundary: public,
		RiskAttempts:   1, // without the waits between them
		Logger:         slog.New(slog.DiscardHandler),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, service{g.Chain(), func(r grpc.ServiceRegistrar) { g.Register(r) }})
}

// stub is a service that answers what a test says.
type stub struct {
	jverificationv1.UnimplementedVerificationServiceServer

	answer answer
}

type answer func(context.Context, *jverificationv1.VerifyNumberRequest) error

// fine is success.
func fine(context.Context, *jverificationv1.VerifyNumberRequest) error { return nil }

func (s stub) VerifyNumber(ctx context.Context, req *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return &jverificationv1.VerifyNumberResponse{}, s.answer(ctx, req)
}

func (s stub) VerifyNumbers(stream grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	req, err := stream.Recv()
	if err != nil {
		return err
	}
	return s.answer(stream.Context(), req.GetItem())
}

// stubbed is a stub behind the interceptors.
func stubbed(answer answer) service {
	return service{
		telemetry.Chain{
			Unary:  []grpc.UnaryServerInterceptor{interceptor.UnaryServerInterceptor()},
			Stream: []grpc.StreamServerInterceptor{interceptor.StreamServerInterceptor()},
		},
		func(r grpc.ServiceRegistrar) {
			jverificationv1.RegisterVerificationServiceServer(r, stub{answer: answer})
		},
	}
}

// wire is an HTTP client that remembers all that it received.
type wire struct {
	*http.Client
	received *bytes.Buffer
}

// newWire speaks HTTP/1.1, or HTTP/2 without TLS.
func newWire(t *testing.T, http2 bool) *wire {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	w := &wire{received: new(bytes.Buffer)}
	w.Client = &http.Client{Transport: tee{transport, w.received}}
	return w
}

type tee struct {
	http.RoundTripper

	received *bytes.Buffer
}

func (t tee) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(t.received, resp.Header)
	resp.Body = &teeBody{ReadCloser: resp.Body, resp: resp, received: t.received}
	return resp, nil
}

type teeBody struct {
	io.ReadCloser

	resp     *http.Response
	received *bytes.Buffer
}

func (b *teeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.received.Write(p[:n])
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(b.received, b.resp.Trailer)
	}
	return n, err
}

// answered is a response whose body has been read.
type answered struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body, which has a length if it is a strings.Reader.
func post(t *testing.T, client *http.Client, url string, header http.Header, body io.Reader) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, text}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Accept-Language": {locale}}
}

// padded is a request in JSON that is larger than the limit of the edge, and
// far below that of the gRPC server once it is translated.
func padded() string {
	return `{"phone":"1"` + strings.Repeat(" ", edge.DefaultMaxMessage) + `}`
}
