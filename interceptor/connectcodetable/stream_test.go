package connectcodetable_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"connectrpc.com/connect"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// A stream that has sent an item can still end with a code.
func TestErrorAfterAnItem(t *testing.T) {
	t.Parallel()
	for protocol, option := range protocols {
		url := serve(t, intercept(&service{answer: answering(codetable.NewError(qpsLimit)).answer, late: true}))
		stream := connect.NewClient[input, output](httpClient(t), url+bidiPath, option, decoding()).CallBidiStream(t.Context())
		if err := first(stream.Send(&input{}), stream.CloseRequest()); err != nil {
			t.Fatalf("%s: %v", protocol, err)
		}
		if _, err := stream.Receive(); err != nil {
			t.Errorf("%s: %v instead of the item", protocol, err)
		}
		_, err := stream.Receive()
		if !codetable.Is(err, qpsLimit) {
			t.Errorf("%s: got %v", protocol, err)
		}
		checkAdvice(t, protocol, protocol, err, "1000", "1")
		if err := stream.CloseResponse(); err != nil {
			t.Errorf("%s: close: %v", protocol, err)
		}
	}
}

// conn is a stream whose methods return the same error.
type conn struct {
	connect.StreamingClientConn

	err error
}

func (c conn) Send(any) error       { return c.err }
func (c conn) Receive(any) error    { return c.err }
func (c conn) CloseRequest() error  { return c.err }
func (c conn) CloseResponse() error { return c.err }

func TestErrorsOfAStream(t *testing.T) {
	t.Parallel()
	failure := connectcodetable.FromStatus(translated(t, codetable.NewError(qpsLimit)).Status)
	tests := map[string]struct {
		err      error
		same     bool
		code     bool
		observed int
	}{
		"success":        {same: true},
		"the end":        {err: io.EOF, same: true},
		"the end, coded": {err: connect.NewError(connect.CodeUnknown, io.EOF), same: true},
		"a code":         {err: failure, code: true, observed: 1},
		"no code":        {err: connect.NewError(connect.CodeNotFound, errSecret), observed: 1},
		"not of Connect": {err: errSecret, same: true, observed: 1},
	}
	for name, test := range tests {
		var events []interceptor.Event
		wrapped := connectcodetable.NewInterceptor(interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
			events = append(events, e)
		})).WrapStreamingClient(func(context.Context, connect.Spec) connect.StreamingClientConn { return conn{err: test.err} })
		spec := connect.Spec{StreamType: connect.StreamTypeServer, Procedure: serverPath, IsClient: true}
		stream := wrapped(t.Context(), spec)
		for method, err := range map[string]error{
			"Send": stream.Send(nil), "Receive": stream.Receive(nil),
			"CloseRequest": stream.CloseRequest(), "CloseResponse": stream.CloseResponse(),
		} {
			if (err == test.err) != test.same || !errors.Is(err, test.err) || codetable.Is(err, qpsLimit) != test.code {
				t.Errorf("%s: %s returned %v", name, method, err)
			}
		}
		if len(events) != test.observed {
			t.Errorf("%s: %d events", name, len(events))
		}
		for _, e := range events {
			if e.Meta.FullMethod() != serverPath || !e.Meta.IsClient || e.Meta.Typ != "server_stream" || (e.Err != nil) != test.code {
				t.Errorf("%s: the event is %+v", name, e)
			}
		}
	}
}

// The events name the method and its kind on both sides.
func TestEvents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		events := make(chan interceptor.Event, 4)
		observer := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
		err := call(t.Context(), serve(t, intercept(answering(codetable.NewError(qpsLimit)), observer)), decoding(observer))
		server, client := <-events, <-events
		if !codetable.Is(err, qpsLimit) || len(events) > 0 || server.Meta.IsClient || !client.Meta.IsClient {
			t.Errorf("got %v and the events %+v, %+v", err, server, client)
		}
		if server.Meta.FullMethod() != client.Meta.FullMethod() || server.Meta.Typ != client.Meta.Typ || len(server.Trailer) != 1 || len(client.Trailer) != 0 {
			t.Errorf("the events are %+v and %+v", server.Meta, client.Meta)
		}
	})
}

// A client gets the errors of Connect itself, marked as received.
func TestErrorsOfConnect(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		url := serve(t, intercept(answering(nil)))
		if err := call(t.Context(), url, decoding()); err != nil {
			t.Errorf("a success: %v", err)
		}
		if err := call(ended, url, decoding()); connect.CodeOf(err) != connect.CodeCanceled || !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		if err := call(t.Context(), "http://127.0.0.1:1", decoding()); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("no server: %v", err)
		}
	})
}
