package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/validator"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// recorder records what metrics and logs outside the codetable interceptor see.
type recorder struct {
	mu      sync.Mutex
	metrics []codes.Code
	logs    []map[string]any
}

func (j *recorder) count(err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.metrics = append(j.metrics, status.Code(err))
	return err
}

func (j *recorder) logger() logging.Logger {
	return logging.LoggerFunc(func(_ context.Context, _ logging.Level, msg string, fields ...any) {
		if msg != "finished call" {
			return
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		entry := map[string]any{}
		for i := logging.Fields(fields).Iterator(); i.Next(); {
			k, v := i.At()
			entry[k] = v
		}
		j.logs = append(j.logs, entry)
	})
}

// serveChain serves the documented order: metrics, logging, codetable, auth,
// validation, recovery, handler. A selector limits the translation of codes to
// some methods.
func serveChain(t *testing.T, j *recorder, srv pb.TestServiceServer, opts ...interceptor.ServerOption) *bufconn.Listener {
	t.Helper()
	logged := []logging.Option{logging.WithErrorFields(interceptor.LoggingFields), logging.WithLogOnEvents(logging.FinishCall)}
	matched := selector.MatchFunc(func(_ context.Context, c interceptors.CallMeta) bool { return c.Method != "EmptyCall" })
	authorize := func(ctx context.Context) (context.Context, error) { return ctx, nil }
	return serveAll(t, []*grpc.ServiceDesc{&validated}, srv,
		grpc.ChainUnaryInterceptor(
			func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				reply, err := handler(ctx, req)
				return reply, j.count(err)
			},
			logging.UnaryServerInterceptor(j.logger(), logged...),
			selector.UnaryServerInterceptor(interceptor.UnaryServerInterceptor(opts...), matched),
			auth.UnaryServerInterceptor(authorize),
			validator.UnaryServerInterceptor(),
			recovery.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(
			func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				return j.count(handler(srv, stream))
			},
			logging.StreamServerInterceptor(j.logger(), logged...),
			selector.StreamServerInterceptor(interceptor.StreamServerInterceptor(opts...), matched),
			auth.StreamServerInterceptor(authorize),
			validator.StreamServerInterceptor(),
			recovery.StreamServerInterceptor()))
}

func TestLogMetricAndWireAgree(t *testing.T) {
	t.Parallel()
	failures := map[string]func() error{
		"code":         func() error { return codetable.NewError(tokenExpired) },
		"wrapped code": func() error { return fmt.Errorf("%w: %w", errSecret, codetable.NewError(qpsLimit)) },
		"status":       func() error { return status.Error(codes.NotFound, "x") },
		"bare":         func() error { return errSecret },
		"panic":        func() error { panic("pq: secret") },
		"none":         func() error { return nil },
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, fail := range failures {
			for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}} {
				j := &recorder{}
				client := dial(t, serveChain(t, j, &service{answer: func(context.Context) error { return fail() }}, opts...))
				wire := status.Convert(call(t.Context(), client))
				if text := wire.Proto().String(); strings.Contains(text, "secret") || strings.Contains(text, "goroutine") {
					t.Errorf("%s: sent %q", name, text)
				}
				j.mu.Lock()
				if !slices.Equal(j.metrics, []codes.Code{wire.Code()}) || len(j.logs) != 1 || j.logs[0]["grpc.code"] != wire.Code().String() {
					t.Errorf("%s: sent %v, counted %v, logged %v", name, wire.Code(), j.metrics, j.logs)
				}
				j.mu.Unlock()
			}
		}
	})
}

// checked is a request that is never valid.
type checked struct{ *pb.SimpleRequest }

func (checked) Validate() error { return errors.New("payload is required") }

// validated is a service with one method, Check. Its requests are never valid.
var validated = grpc.ServiceDesc{
	ServiceName: "test.Validated", HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Check", Handler: func(srv any, ctx context.Context, decode func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
		req := checked{&pb.SimpleRequest{}}
		if err := decode(req); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: srv, FullMethod: "/test.Validated/Check"}
		return chain(ctx, req, info, func(context.Context, any) (any, error) { return &pb.SimpleResponse{}, nil })
	}}},
}

// The client retries, but not errors of the validation, of auth, or of a code
// that forbids it.
func TestValidationInsideAndRetryAround(t *testing.T) {
	t.Parallel()
	j := &recorder{}
	listener := serveChain(t, j, answering(codetable.NewError(insufficientBalance)))
	conn := connect(t, listener, grpc.WithChainUnaryInterceptor(
		retry.UnaryClientInterceptor(retry.WithMax(4), retry.WithRetriable(interceptor.Retriable)),
		interceptor.UnaryClientInterceptor()))
	err := conn.Invoke(t.Context(), "/test.Validated/Check", &pb.SimpleRequest{}, &pb.SimpleResponse{})
	if st := status.Convert(err); st.Code() != codes.InvalidArgument || st.Message() != "payload is required" {
		t.Errorf("got %v, want the error of the validator", err)
	}
	if err := kinds["unary"](t.Context(), pb.NewTestServiceClient(conn)); !codetable.Is(err, insufficientBalance) {
		t.Errorf("got %v", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if want := []codes.Code{codes.InvalidArgument, codes.FailedPrecondition}; !slices.Equal(j.metrics, want) || len(j.logs) != len(want) {
		t.Errorf("counted %v and logged %v, want %v once each", j.metrics, j.logs, want)
	}
}

func TestLogsContainTheHiddenError(t *testing.T) {
	t.Parallel()
	j := &recorder{}
	err := fmt.Errorf("charge: %w", codetable.NewError(insufficientBalance, codetable.WithCause(errSecret)))
	wire := status.Convert(kinds["unary"](t.Context(), dial(t, serveChain(t, j, answering(err), interceptor.WithPublicBoundary()))))
	want := map[string]any{
		"grpc.code": "Internal", "codetable.code": int32(1805), "codetable.reason": "INSUFFICIENT_BALANCE",
		"codetable.domain": "jverification.jiguang.cn", "codetable.fault": "OPERATOR", "codetable.retry": "OPERATOR_ACTION",
		"codetable.request_id": requestID(wire), "codetable.masked": true, "codetable.cause": err.Error(),
	}
	for key, value := range want {
		if got := j.logs[0][key]; got != value || got == "" {
			t.Errorf("logged %s = %v, want %v", key, got, value)
		}
	}
}

func TestLoggingFields(t *testing.T) {
	t.Parallel()
	fields := func(code int32, reason string) logging.Fields {
		return logging.Fields{
			"codetable.code", code, "codetable.reason", reason, "codetable.domain", "jverification.jiguang.cn",
			"codetable.fault", "END_USER", "codetable.retry", "NEW_INPUT",
		}
	}
	tests := map[string]struct {
		err  error
		want logging.Fields
	}{
		"typed":          {codetable.NewError(tokenExpired), fields(9003, "TOKEN_EXPIRED_OR_NOT_EXIST")},
		"typed, wrapped": {fmt.Errorf("w: %w", codetable.NewError(tokenExpired)), fields(9003, "TOKEN_EXPIRED_OR_NOT_EXIST")},
		"status":         {status.Convert(codetable.NewError(tokenExpired)).Err(), fields(9003, "TOKEN_EXPIRED_OR_NOT_EXIST")},
		"none":           {errors.New("x"), nil},
		"nil":            {nil, nil},
	}
	for name, test := range tests {
		if got := interceptor.LoggingFields(test.err); !cmp.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// The selector excludes this method, so its error stays unchanged.
func TestSelectorLeavesTheOtherMethodsAlone(t *testing.T) {
	t.Parallel()
	client := dialWith(t, serveChain(t, &recorder{}, &service{}))
	_, err := client.EmptyCall(t.Context(), &pb.Empty{})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}
