package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/internal/vectortest"
)

// sendCase is a failure that a server sends: an error that it is given, or the
// error of a call to another server.
type sendCase struct {
	name      string
	given     error
	upstream  int // the number of the upstream's answer if given is nil
	accept    string
	requestID string // replaces a random one
	options   []interceptor.ServerOption
}

// upstreamStatus is the status of a failed call to another server.
type upstreamStatus struct {
	code   int32
	status []byte
}

// sendCases returns a failure for each vector and each relay. A vector of what a
// client reads is relayed by a server that hides nothing.
func sendCases(t *testing.T) (cases []sendCase, upstream []upstreamStatus) {
	t.Helper()
	var list []struct {
		vector
		Send *vectortest.Send `json:"send"`
	}
	var relays []relay
	for name, into := range map[string]any{"vectors.json": &list, "relays.json": &relays} {
		if err := json.Unmarshal(read(t, name), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range list {
		if v.Send != nil {
			cases = append(cases, sendCase{
				name: v.Name, given: v.Send.Err(), accept: v.Send.AcceptLanguage, requestID: v.Send.RequestID, options: v.Send.Options(),
			})
			continue
		}
		cases = append(cases, sendCase{name: "relayed: " + v.Name, upstream: len(upstream)})
		upstream = append(upstream, upstreamStatus{v.GRPCCode, v.Status})
	}
	for _, r := range relays {
		c := sendCase{name: "relay: " + r.Name, upstream: len(upstream), accept: r.AcceptLanguage, requestID: r.RequestID}
		if r.Public {
			c.options = append(c.options, interceptor.WithPublicBoundary())
		}
		cases = append(cases, c)
		upstream = append(upstream, upstreamStatus{r.ReceivedCode, r.Received})
	}
	return cases, upstream
}

// sender is a server that fails with the case that the caller names.
type sender struct {
	jverificationv1.UnimplementedVerificationServiceServer
	cases    []sendCase
	upstream *grpc.ClientConn
}

func (s *sender) chosen(ctx context.Context) sendCase {
	i, _ := strconv.Atoi(metadata.ValueFromIncomingContext(ctx, "case")[0])
	return s.cases[i]
}

func (s *sender) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	c := s.chosen(ctx)
	if c.given != nil {
		return nil, c.given
	}
	return nil, invoke(ctx, s.upstream, c.upstream)
}

func (s *sender) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return interceptor.UnaryServerInterceptor(s.chosen(ctx).options...)(ctx, req, info, handler)
}

// sendAll returns the bytes that a server of grpc-go sends for each case. The
// client is that of net/http, which shows headers as they arrived.
func sendAll(t *testing.T) []wireBytes {
	t.Helper()
	cases, upstream := sendCases(t)
	s := &sender{cases: cases, upstream: serve(t,
		func(i int) (int32, []byte) { return upstream[i].code, upstream[i].status },
		grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor()))}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(s.intercept))
	jverificationv1.RegisterVerificationServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	sent := make([]wireBytes, len(cases))
	for i, c := range cases {
		sent[i] = c.bytesOf(t, fail(t, transport, listener.Addr().String(), i, c.accept))
	}
	return sent
}

// fail makes a call with an empty request and returns the headers of its failure.
func fail(t *testing.T, transport http.RoundTripper, addr string, i int, accept string) http.Header {
	t.Helper()
	emptyRequest := strings.NewReader("\x00\x00\x00\x00\x00")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+jverificationv1.VerificationService_VerifyNumber_FullMethodName, emptyRequest)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Case": {strconv.Itoa(i)}}
	if accept != "" {
		r.Header.Set("Accept-Language", accept)
	}
	reply, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reply.Body)
	if err != nil || len(body) > 0 || len(reply.Trailer) > 0 {
		t.Errorf("case %d: not a response of trailers only: %v", i, err)
	}
	_ = reply.Body.Close()
	return reply.Header
}

// mismatch begins the text of grpc-go for a status that contradicts its header.
// The rest of it is the status as prototext, which differs from build to build.
const mismatch = "grpc-status-details-bin mismatch"

func (c sendCase) bytesOf(t *testing.T, header http.Header) wireBytes {
	t.Helper()
	one := func(name string) string {
		if values := header.Values(name); len(values) > 1 {
			t.Errorf("%s: %d headers %s", c.name, len(values), name)
		}
		return header.Get(name)
	}
	message := one(messageHeader)
	if strings.HasPrefix(message, mismatch) {
		message = mismatch
	}
	return wireBytes{
		Name: c.name, Status: one(statusHeader), Message: message,
		Details: c.withRequestID(t, one(detailsHeader)), Pushback: one(pushbackHeader),
	}
}

// withRequestID replaces a random id of a server in the bytes. All ids of a
// server have one length.
func (c sendCase) withRequestID(t *testing.T, details string) string {
	t.Helper()
	raw, err := base64.RawStdEncoding.DecodeString(details)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	message, request := &spb.Status{}, &errdetails.RequestInfo{}
	if err := proto.Unmarshal(raw, message); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	for _, detail := range message.GetDetails() {
		if detail.MessageIs(request) && detail.UnmarshalTo(request) == nil && len(request.GetRequestId()) == len(c.requestID) {
			raw = bytes.ReplaceAll(raw, []byte(request.GetRequestId()), []byte(c.requestID))
		}
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}
