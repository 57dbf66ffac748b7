package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const (
	// wrapped is the text of causes, of bare errors and of wrapping errors. It
	// must never be sent.
	wrapped = "WRAPPED"
	// private must never be sent to the public.
	private = "PRIVATE"
)

// treeBuilder builds a tree of errors from the bytes of a fuzzer.
type treeBuilder struct {
	tb     testing.TB
	bytes  []byte
	nodes  int
	hidden bool // the public must not see a part of the tree
	inner  bool // another interceptor in the chain translated a part of the tree
}

// maxTree bounds the trees, except the one kind that is too large on purpose.
const maxTree = 24

func (g *treeBuilder) next() int {
	if len(g.bytes) == 0 {
		return 0
	}
	b := g.bytes[0]
	g.bytes = g.bytes[1:]
	return int(b)
}

// kindsOfErrors returns a function for every kind of error that the library
// handles.
func kindsOfErrors() []func(g *treeBuilder) error {
	return []func(g *treeBuilder) error{
		(*treeBuilder).bare, (*treeBuilder).wrap, (*treeBuilder).wrapTwo, (*treeBuilder).join, (*treeBuilder).made, (*treeBuilder).asStatus, (*treeBuilder).asReceivedCode,
		(*treeBuilder).ownPublic, (*treeBuilder).ownServerError, (*treeBuilder).received, (*treeBuilder).foreignFault, (*treeBuilder).faultBehindAs, (*treeBuilder).nilCode,
		(*treeBuilder).statusOfSuccess, (*treeBuilder).contextError, (*treeBuilder).ofChain, (*treeBuilder).severalInfos, (*treeBuilder).panics, (*treeBuilder).endless,
		(*treeBuilder).ofREST, (*treeBuilder).endOfFile, (*treeBuilder).timeout, (*treeBuilder).codeBehindAs, (*treeBuilder).large, (*treeBuilder).invalidText,
	}
}

func (g *treeBuilder) tree() error {
	if g.nodes++; g.nodes > maxTree {
		return errors.New(wrapped)
	}
	kinds := kindsOfErrors()
	return kinds[g.next()%len(kinds)](g)
}

func (g *treeBuilder) bare() error      { return errors.New(wrapped) }
func (g *treeBuilder) wrap() error      { return fmt.Errorf("%s: %w", wrapped, g.tree()) }
func (g *treeBuilder) wrapTwo() error   { return fmt.Errorf("%s: %w, %w", wrapped, g.tree(), g.tree()) }
func (g *treeBuilder) endOfFile() error { return io.EOF }

func (g *treeBuilder) join() error {
	list := make([]error, 1+g.next()%4)
	for i := range list {
		list[i] = g.tree()
	}
	return errors.Join(list...)
}

func (g *treeBuilder) made() error { return g.code(g.next()%2 == 0) }

// code makes a code with every option. For codes that the public may see only
// the cause is private.
func (g *treeBuilder) code(withTree bool) error {
	var listed []responseCode
	for code, spec := range codetable.All[responseCode]() {
		if spec.GRPCCode() != codes.OK {
			listed = append(listed, code)
		}
	}
	code := responseCode(424242)
	if i := g.next() % (len(listed) + 1); i < len(listed) {
		code = listed[i]
	}
	spec, ok := codetable.Lookup(code)
	if !ok || spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
		g.hidden = true
	}
	opts := []codetable.ErrorOption{codetable.WithCause(errors.New(wrapped))}
	if g.hidden {
		opts = append(opts, codetable.WithMessage(private), codetable.WithMetadata("id", private), codetable.WithDetail(&errdetails.DebugInfo{Detail: private}))
	}
	if withTree {
		opts = append(opts, codetable.WithCause(g.tree()))
	}
	return codetable.NewError(code, opts...)
}

func (g *treeBuilder) asStatus() error { return status.Convert(g.code(false)).Err() }

func (g *treeBuilder) asReceivedCode() error { return g.throughClient(g.asStatus()) }

// throughClient returns an error as a client interceptor returns it.
func (g *treeBuilder) throughClient(err error) error {
	return interceptor.UnaryClientInterceptor()(context.Background(), "/s/m", nil, nil, nil,
		func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return err })
}

func (g *treeBuilder) ownPublic() error {
	public := []codes.Code{
		codes.Canceled, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.ResourceExhausted,
		codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.Unauthenticated,
	}
	return statusOf(g.tb, public[g.next()%len(public)], "public", &errdetails.BadRequest{}).Err()
}

func (g *treeBuilder) ownServerError() error {
	server := []codes.Code{codes.Unknown, codes.Internal, codes.DataLoss, codes.Unimplemented, codes.Unavailable, codes.DeadlineExceeded, 99}
	return statusOf(g.tb, server[g.next()%len(server)], private, &errdetails.DebugInfo{Detail: private}, &errdetails.RetryInfo{}).Err()
}

// received returns a status without a code that came from another server.
func (g *treeBuilder) received() error {
	g.hidden = true
	code := codes.Code(1 + g.next()%16)
	return g.throughClient(statusOf(g.tb, code, private, &errdetails.DebugInfo{Detail: private}, &errdetails.ErrorInfo{Domain: "example.com", Reason: private}).Err())
}

func (g *treeBuilder) foreignFault() error {
	fault := codetablev1.Fault(g.next() % 7)
	switch fault {
	case codetablev1.Fault_FAULT_CALLER, codetablev1.Fault_FAULT_END_USER, codetablev1.Fault_FAULT_UPSTREAM:
	default:
		g.hidden = true
	}
	return customFault{fault, fmt.Errorf("%s: %w", wrapped, g.tree())}
}

func (g *treeBuilder) faultBehindAs() error {
	g.hidden = true
	return asFault{fmt.Errorf("%s: %w", wrapped, g.tree())}
}

func (g *treeBuilder) nilCode() error {
	if g.next()%2 == 0 {
		return (*codetable.Error)(nil)
	}
	return &codetable.Error{}
}

// textHolder is an error with a text and a status of its own.
type textHolder struct{ st *status.Status }

func (textHolder) Error() string                { return wrapped }
func (h textHolder) GRPCStatus() *status.Status { return h.st }

func (g *treeBuilder) statusOfSuccess() error {
	if g.next()%2 == 0 {
		return textHolder{}
	}
	return textHolder{status.New(codes.OK, private)}
}

func (g *treeBuilder) contextError() error {
	return []error{context.Canceled, context.DeadlineExceeded}[g.next()%2]
}

// ofChain returns the result of another interceptor in the chain.
func (g *treeBuilder) ofChain() error {
	g.inner = true
	var opts []interceptor.ServerOption
	for i, opt := range []interceptor.ServerOption{interceptor.WithPublicBoundary(), interceptor.WithoutRetryPushback(), interceptor.WithHelpLinks()} {
		if g.next()>>i&1 == 1 {
			opts = append(opts, opt)
		}
	}
	err := g.tree()
	return interceptor.StreamServerInterceptor(opts...)(nil, &nullServerStream{ctx: context.Background()},
		&grpc.StreamServerInfo{FullMethod: "/s/m"}, func(any, grpc.ServerStream) error { return err })
}

// severalInfos returns a status with several ErrorInfos. The public must not
// see some of them.
func (g *treeBuilder) severalInfos() error {
	g.hidden = true
	public := infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003")
	second := []proto.Message{
		infoOf("AUTH_FAILED", "1802"), infoOf("NEW", "424242"), infoOf("NEW", ""), infoOf("AUTH_FAILED", "0"),
		infoOf("TOKEN_INVALID", "x"), infoOf("AUTH_FAILED", "9003"), infoOf("", ""),
		&anypb.Any{TypeUrl: "example.com/google.rpc.ErrorInfo", Value: []byte("\xff")},
	}[g.next()%8]
	details := []proto.Message{public, second}
	if g.next()%2 == 0 {
		details[0], details[1] = second, public
	}
	err := statusOf(g.tb, codes.FailedPrecondition, private, append(details, &errdetails.DebugInfo{Detail: private})...).Err()
	if g.next()%2 == 0 {
		return g.throughClient(err)
	}
	return err
}

func (g *treeBuilder) panics() error {
	err := errors.New(wrapped)
	return []error{panicsInUnwrap{err}, panicsInAs{err}, panicsInIs{err}, panicsInStatus{err}, panicsInFault{err}, panicsInError{}}[g.next()%6]
}

func (g *treeBuilder) endless() error {
	if g.next()%8 > 0 {
		return &selfWrapping{errors.New(wrapped)}
	}
	g.hidden = true
	return manyNodes()
}

// answer is an upstream without a network.
type answer struct {
	code int
	body string
	err  error
}

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.code, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// ofREST returns an error of package rest.
func (g *treeBuilder) ofREST() error {
	answers := []answer{
		{err: errors.New(wrapped)},
		{code: 502, body: wrapped},
		{code: 200, body: `{"code":9003,"content":"` + wrapped + `"}`},
		{code: 200, body: `{"code":9000,"content":1}`},
		{code: 401, body: wrapped},
		{code: 200, body: `{"code":1802,"content":"` + wrapped + `"}`},
		{code: 200, body: `{"code":424242}`},
	}
	i := g.next() % len(answers)
	g.hidden = g.hidden || i >= 4
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://127.0.0.1/"+wrapped, http.NoBody)
	if err != nil {
		g.tb.Fatal(err)
	}
	return rest.Do[responseCode](&http.Client{Transport: answers[i]}, req, new(struct{ Content string }), rest.WithContentField("content"))
}

// timeoutError is a context error by its method Is, as in net/http.
type timeoutError struct{}

func (timeoutError) Error() string        { return wrapped }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

func (g *treeBuilder) timeout() error { return timeoutError{} }

// codeError returns a code by its method As only.
type codeError struct{ code *codetable.Error }

func (codeError) Error() string { return wrapped }

func (c codeError) As(target any) bool {
	into, ok := target.(**codetable.Error)
	if ok {
		*into = c.code
	}
	return ok
}

func (g *treeBuilder) codeBehindAs() error {
	e, _ := codetable.FromError(g.code(false))
	return codeError{e}
}

// large returns a code that is over every budget, with each of its details of
// another kind.
func (g *treeBuilder) large() error {
	return codetable.NewError(tokenExpired,
		codetable.WithMessage(strings.Repeat("m\n", g.next()*8)), codetable.WithMetadata("content", strings.Repeat("码", 1+g.next()*4)), codetable.WithMetadata("id", "1"),
		codetable.WithDetail(&errdetails.DebugInfo{StackEntries: make([]string, g.next()*8)}), codetable.WithDetail(&errdetails.Help{}),
		codetable.WithDetail(&errdetails.LocalizedMessage{Locale: "en", Message: strings.Repeat("l", g.next()*8)}))
}

// invalidText returns a status of the handler's own whose text is not UTF-8.
func (g *treeBuilder) invalidText() error {
	return status.Error(codes.NotFound, "public\xff"+strings.Repeat("\xe7\xa0", g.next()*8))
}
