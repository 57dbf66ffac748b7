package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// fakeStream fails in each method with the error of that method.
type fakeStream struct {
	grpc.ClientStream
	err error
}

func (s fakeStream) Context() context.Context     { return context.Background() }
func (s fakeStream) Header() (metadata.MD, error) { return metadata.Pairs("k", "v"), s.err }
func (s fakeStream) CloseSend() error             { return s.err }
func (s fakeStream) SendMsg(any) error            { return s.err }
func (s fakeStream) RecvMsg(any) error            { return s.err }

// open opens a stream through the interceptor over a fakeStream.
func open(err, creation error, opts ...interceptor.ClientOption) (grpc.ClientStream, error) {
	streamer := func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return fakeStream{err: err}, creation
	}
	return interceptor.StreamClientInterceptor(opts...)(context.Background(), &grpc.StreamDesc{ServerStreams: true}, nil, "/s/m", streamer)
}

var streamMethods = map[string]func(grpc.ClientStream) error{
	"Header":    func(s grpc.ClientStream) error { _, err := s.Header(); return err },
	"CloseSend": grpc.ClientStream.CloseSend,
	"SendMsg":   func(s grpc.ClientStream) error { return s.SendMsg(nil) },
	"RecvMsg":   func(s grpc.ClientStream) error { return s.RecvMsg(nil) },
}

func TestEveryStreamMethodDecodes(t *testing.T) {
	t.Parallel()
	received := status.Convert(codetable.NewError(tokenExpired)).Err()
	if _, err := open(nil, received); !codetable.Is(err, tokenExpired) {
		t.Errorf("creation returned %v", err)
	}
	for name, method := range streamMethods {
		observed := 0
		stream, err := open(received, nil, interceptor.WithObserver(func(context.Context, interceptor.Event) { observed++ }))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var e *codetable.Error
			if err := method(stream); !errors.As(err, &e) || e.Number() != int32(tokenExpired) {
				t.Errorf("%s returned %v", name, err)
			}
		}
		if observed != 1 {
			t.Errorf("%s: the failure of one stream was observed %d times", name, observed)
		}
	}
}

func TestStreamKeepsErrorsWithoutACode(t *testing.T) {
	t.Parallel()
	for _, want := range []error{nil, io.EOF, status.Error(codes.Aborted, "x"), context.Canceled, fmt.Errorf("w: %w", io.EOF)} {
		for name, method := range streamMethods {
			stream, err := open(want, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkHandedOn(t, name, method(stream), want)
		}
	}
}

// checkHandedOn demands the same error. An error with a status may be in a mark
// that changes nothing.
func checkHandedOn(t *testing.T, name string, got, want error) {
	t.Helper()
	st, marked := status.FromError(want)
	if want == nil || !marked {
		if got != want {
			t.Errorf("%s returned %v, want the same error %v", name, got, want)
		}
		return
	}
	back, ok := status.FromError(got)
	if !errors.Is(got, want) || !ok || back.String() != st.String() || got.Error() != want.Error() {
		t.Errorf("%s returned %v with status %v, want the error %v in a mark", name, got, back, want)
	}
	if again := invoke(t, got, nil); again != got {
		t.Errorf("%s: a second interceptor changed %v to %v", name, got, again)
	}
}

func TestEOFOverRealStreams(t *testing.T) {
	t.Parallel()
	client := dial(t, serve(t, answering(nil)))
	out, err := client.StreamingOutputCall(t.Context(), &pb.StreamingOutputCallRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Recv(); err != io.EOF {
		t.Errorf("Recv returned %v, want io.EOF itself", err)
	}

	// Send returns io.EOF, and Recv returns the error with the code.
	refusing := dial(t, serveWith(t, &service{}, grpc.StreamInterceptor(interceptor.StreamServerInterceptor()),
		grpc.ChainStreamInterceptor(func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
			return codetable.NewError(tokenExpired)
		})))
	duplex, err := refusing.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = duplex.Send(&pb.StreamingOutputCallRequest{})
	}
	if err != io.EOF {
		t.Errorf("Send returned %v, want io.EOF itself", err)
	}
	if _, err := duplex.Recv(); !codetable.Is(err, tokenExpired) {
		t.Errorf("Recv returned %v, want the code", err)
	}
}

func invoke(t *testing.T, err error, reply any, opts ...interceptor.ClientOption) error {
	t.Helper()
	return interceptor.UnaryClientInterceptor(opts...)(t.Context(), "/s/m", nil, reply, nil,
		func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return err })
}

func TestUnaryClientKeepsTheStatusWhole(t *testing.T) {
	t.Parallel()
	st := status.FromProto(status.Convert(codetable.NewError(tokenExpired, codetable.WithDetail(unlinked))).Proto())
	exhausted := fmt.Errorf("max retries exhausted: failed after %d attempts: %w", 3, st.Err())
	for _, received := range []error{st.Err(), exhausted} {
		got := invoke(t, received, nil)
		if !codetable.Is(got, tokenExpired) || !errors.Is(got, received) {
			t.Fatalf("got %v", got)
		}
		back, ok := status.FromError(got)
		if !ok || back != st {
			t.Errorf("status.FromError(%v) = %v, %v; want the status that was received", got, back, ok)
		}
	}
	decoded := invoke(t, st.Err(), nil)
	for _, again := range []error{decoded, fmt.Errorf("w: %w", decoded)} {
		if got := invoke(t, again, nil); got != again {
			t.Errorf("a second interceptor changed %v to %v", again, got)
		}
	}
}

func TestUnaryClientKeepsErrorsWithoutACode(t *testing.T) {
	t.Parallel()
	for _, want := range []error{nil, status.Error(codes.NotFound, "x"), context.Canceled, errSecret} {
		checkHandedOn(t, "the call", invoke(t, want, nil), want)
	}
}

func TestClientEvent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err   error
		code  codes.Code
		coded bool
	}{
		"code":     {status.Convert(codetable.NewError(tokenExpired)).Err(), codes.FailedPrecondition, true},
		"no code":  {status.Error(codes.NotFound, "x"), codes.NotFound, false},
		"deadline": {context.DeadlineExceeded, codes.DeadlineExceeded, false},
		"bare":     {errSecret, codes.Unknown, false},
	}
	for name, test := range tests {
		var events []interceptor.Event
		got := invoke(t, test.err, nil, interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events = append(events, e) }))
		if len(events) != 1 {
			t.Fatalf("%s: %d events", name, len(events))
		}
		e := events[0]
		if !e.Meta.IsClient || e.Meta.Method != "m" || e.Status.Code() != test.code || e.Origin != test.err || (e.Err != nil) != test.coded {
			t.Errorf("%s: event %+v of %v", name, e, got)
		}
	}
	// The client gets the correlation id of the server.
	events := make(chan interceptor.Event, 2)
	observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
	if err := kinds["unary"](t.Context(), dial(t, serve(t, answering(errSecret), observe), observe)); err == nil {
		t.Fatal("the call succeeded")
	}
	server, client := <-events, <-events
	if server.CorrelationID == "" || server.CorrelationID != client.CorrelationID || !proto.Equal(server.Status.Proto(), client.Status.Proto()) {
		t.Errorf("server observed %+v, client %+v", server, client)
	}
}
