package connectcodetable

import (
	"context"
	"maps"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// call is a failed call of a handler, and the [grpc.ServerTransportStream] of
// the interceptors of gRPC.
type call struct {
	spec            connect.Spec
	protocol        string
	request         http.Header
	header, trailer http.Header // of the response

	// The first error of Connect that the handler made, and its status.
	own    *connect.Error
	status *status.Status
}

func newUnaryCall(ctx context.Context, req connect.AnyRequest) *call {
	c := &call{spec: req.Spec(), protocol: req.Peer().Protocol, request: req.Header(), header: http.Header{}, trailer: http.Header{}}
	if info, ok := connect.CallInfoForHandlerContext(ctx); ok {
		c.header, c.trailer = info.ResponseHeader(), info.ResponseTrailer()
	}
	return c
}

// newStreamCall uses the trailer as the header too, since a stream of Connect
// sends its errors with the metadata that ends it.
func newStreamCall(conn connect.StreamingHandlerConn) *call {
	trailer := conn.ResponseTrailer()
	return &call{spec: conn.Spec(), protocol: conn.Peer().Protocol, request: conn.RequestHeader(), header: trailer, trailer: trailer}
}

func (c *call) Method() string             { return c.spec.Procedure }
func (*call) SetHeader(metadata.MD) error  { return nil }
func (*call) SendHeader(metadata.MD) error { return nil }
func (c *call) SetTrailer(md metadata.MD) error {
	if c.protocol != connect.ProtocolConnect {
		for name, values := range md {
			c.trailer[http.CanonicalHeaderKey(name)] = values
		}
	}
	return nil
}

// serverStream is the stream that the interceptor of gRPC sees.
type serverStream struct {
	grpc.ServerStream

	ctx  context.Context
	call *call
}

func (s *serverStream) Context() context.Context  { return s.ctx }
func (s *serverStream) SetTrailer(md metadata.MD) { _ = s.call.SetTrailer(md) }

// statusOfHandler is the function of [interceptor.WithStatusOf].
func statusOfHandler(ctx context.Context, err error) (st *status.Status, received bool) {
	e, ok := err.(*connect.Error) //nolint:errorlint // the translator unwraps
	if !ok || e == nil {
		return nil, false
	}
	st, received = statusOf(e), connect.IsWireError(e)
	if c, ok := grpc.ServerTransportStreamFromContext(ctx).(*call); ok && c.own == nil && !received {
		c.own, c.status = e, st
	}
	return st, received
}

// errorOf returns the error of a status that is sent. An error that the handler
// made is sent itself if its status did not change. Its metadata is also sent
// with another status that does not hide anything.
func (c *call) errorOf(st *status.Status) *connect.Error {
	switch {
	case c.own != nil && c.status == st:
		return c.own
	case c.own == nil:
		return FromStatus(st)
	}
	e := FromStatus(st)
	if _, masked := codetable.Masked(st.Err()); !masked {
		maps.Copy(e.Meta(), metaOf(c.own))
	}
	return e
}

// sentError is the error that a handler's interceptor returns. Connect sends
// the first error in its tree. Another interceptor finds the decision.
type sentError struct {
	sent     *connect.Error
	decision error
}

func (e *sentError) Error() string   { return e.sent.Error() }
func (e *sentError) Unwrap() []error { return []error{e.sent, e.decision} }
