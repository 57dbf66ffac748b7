package interceptor_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

var errSecret = errors.New("pq: secret")

// holder is an error with any status, even nil or OK.
type holder struct{ st *status.Status }

func (h holder) Error() string              { return "pq: secret" }
func (h holder) GRPCStatus() *status.Status { return h.st }

// plain makes a call without client interceptors and returns the received
// status.
func plain(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error, srv pb.TestServiceServer, opts ...interceptor.ServerOption) (*status.Status, metadata.MD) {
	t.Helper()
	client := dialWith(t, serve(t, srv, opts...))
	var trailer metadata.MD
	return status.Convert(call(t.Context(), client, grpc.Trailer(&trailer))), trailer
}

func TestServerSendsTheStatusOfTheError(t *testing.T) {
	t.Parallel()
	foreign, err := status.New(codes.ResourceExhausted, "disk full").WithDetails(&errdetails.Help{})
	if err != nil {
		t.Fatal(err)
	}
	typed := codetable.NewError(invalidParameters, codetable.WithCause(errSecret))
	sent := status.Convert(codetable.NewError(invalidParameters))
	tests := map[string]struct {
		err  error
		want *status.Status
	}{
		"typed":                          {typed, sent},
		"typed under %w":                 {fmt.Errorf("%w: query: %w", errSecret, typed), sent},
		"typed in Join":                  {errors.Join(errSecret, typed), sent},
		"typed in Join after a status":   {errors.Join(foreign.Err(), typed), sent},
		"status":                         {foreign.Err(), foreign},
		"status under %w":                {fmt.Errorf("%w: %w", errSecret, foreign.Err()), foreign},
		"first of two statuses in Join":  {errors.Join(foreign.Err(), status.Error(codes.Aborted, "b")), foreign},
		"status of a table under %w":     {fmt.Errorf("%w: %w", errSecret, sent.Err()), sent},
		"context deadline under %w":      {fmt.Errorf("%w: %w", errSecret, context.DeadlineExceeded), status.New(codes.DeadlineExceeded, "context deadline exceeded")},
		"context canceled under %w":      {fmt.Errorf("%w: %w", errSecret, context.Canceled), status.New(codes.Canceled, "context canceled")},
		"OK status and a failing one":    {errors.Join(holder{status.New(codes.OK, "")}, foreign.Err()), foreign},
		"typed nil and a code":           {errors.Join((*codetable.Error)(nil), typed), sent},
		"status with an invalid message": {status.Error(codes.Aborted, "a\xffb"), status.New(codes.Aborted, "a\uFFFDb")},
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, test := range tests {
			got, trailer := plain(t, call, answering(test.err))
			if !proto.Equal(got.Proto(), test.want.Proto()) {
				t.Errorf("%s: sent %v, want %v", name, got.Proto(), test.want.Proto())
			}
			if pushback := trailer["grpc-retry-pushback-ms"]; !cmp.Equal(pushback, []string{"-1"}) {
				t.Errorf("%s: pushback %q, want one -1", name, pushback)
			}
		}
	})
}

func TestServerHidesErrorsWithoutAStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]error{
		"bare":                     errSecret,
		"driver":                   fmt.Errorf("select: %w", sql.ErrNoRows),
		"nil status":               holder{nil},
		"OK status":                holder{status.New(codes.OK, "pq: secret")},
		"typed nil":                (*codetable.Error)(nil),
		"zero Error":               &codetable.Error{},
		"typed nil under %w":       fmt.Errorf("%w: %w", errSecret, (*codetable.Error)(nil)),
		"panic text of a recovery": errors.New("panic caught: pq: secret\n\ngoroutine 1 [running]"),
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, err := range tests {
			var mu sync.Mutex
			var events []interceptor.Event
			observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, e)
			})
			got, trailer := plain(t, call, answering(err), observe)
			if got.Code() != codes.Internal || strings.Contains(got.Proto().String(), "secret") {
				t.Errorf("%s: sent %v, want Internal and no secret", name, got.Proto())
			}
			if pushback := trailer["grpc-retry-pushback-ms"]; !cmp.Equal(pushback, []string{"-1"}) {
				t.Errorf("%s: pushback %q, want one -1", name, pushback)
			}
			mu.Lock()
			if len(events) != 1 || events[0].CorrelationID == "" || events[0].CorrelationID != requestID(got) {
				t.Errorf("%s: observed %+v, want one event with the correlation id of %v", name, events, got.Details())
			} else if !errors.Is(events[0].Origin, err) {
				t.Errorf("%s: observed %v, want the original", name, events[0].Origin)
			}
			mu.Unlock()
		}
	})
}

func requestID(st *status.Status) string {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.RequestInfo); ok {
			return info.GetRequestId()
		}
	}
	return ""
}

func TestWithUnmapped(t *testing.T) {
	t.Parallel()
	translate := interceptor.WithUnmapped(func(_ context.Context, err error) error {
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return status.Error(codes.NotFound, "no such number")
		case errors.Is(err, sql.ErrTxDone):
			return codetable.NewError(tokenExpired)
		case errors.Is(err, sql.ErrConnDone):
			return nil
		default:
			return err
		}
	})
	tests := map[error]codes.Code{
		sql.ErrNoRows:   codes.NotFound,
		sql.ErrTxDone:   codes.FailedPrecondition,
		sql.ErrConnDone: codes.Internal,
		errSecret:       codes.Internal,
	}
	for err, want := range tests {
		if got, _ := plain(t, kinds["unary"], answering(err), translate); got.Code() != want || strings.Contains(got.String(), err.Error()) {
			t.Errorf("%v: sent %v, want %v", err, got, want)
		}
	}
}

// If an upstream rejects our credentials, our caller must not think that its
// own credentials are invalid.
func TestWithStatusCode(t *testing.T) {
	t.Parallel()
	opts := []interceptor.ServerOption{
		interceptor.WithStatusCode(authFailed, codes.Internal),
		interceptor.WithStatusCode(qpsLimit, codes.Unavailable),
	}
	for _, options := range [][]codetable.ErrorOption{nil, {codetable.WithMetadata("id", "1")}} {
		for range 2 { // the second call uses the cache of the first
			got, _ := plain(t, kinds["unary"], answering(codetable.NewError(authFailed, options...)), opts...)
			if code, ok := codetable.CodeOf[responseCode](got.Err()); got.Code() != codes.Internal || !ok || code != authFailed {
				t.Errorf("sent %v with code %v, want Internal with %v", got, code, authFailed)
			}
			got, trailer := plain(t, kinds["unary"], answering(codetable.NewError(qpsLimit, options...)), opts...)
			if got.Code() != codes.Unavailable || !cmp.Equal(trailer["grpc-retry-pushback-ms"], []string{"1000"}) {
				t.Errorf("sent %v with %v, want Unavailable and the delay of the table", got, trailer)
			}
		}
	}
}

func TestWithStatusCodePanicsForSuccess(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(){
		"OK":      func() { interceptor.WithStatusCode(authFailed, codes.OK) },
		"success": func() { interceptor.WithStatusCode(consistent, codes.Internal) },
		"beyond":  func() { interceptor.WithStatusCode(authFailed, codes.Unauthenticated+1) },
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "WithStatusCode") {
					t.Errorf("%s: recovered %v, want a panic that names the option", name, r)
				}
			}()
			option()
		}()
	}
}

func TestTwoServerInterceptorsActAsOne(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"static": codetable.NewError(qpsLimit), "dynamic": codetable.NewError(qpsLimit, codetable.WithMetadata("id", "1")), "bare": errSecret,
	} {
		var mu sync.Mutex
		observed := 0
		observe := interceptor.WithObserver(func(context.Context, interceptor.Event) {
			mu.Lock()
			defer mu.Unlock()
			observed++
		})
		between := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			reply, err := handler(ctx, req)
			if err != nil {
				return nil, fmt.Errorf("between: %w", err)
			}
			return reply, nil
		}
		client := dialWith(t, serveWith(t, answering(err), grpc.ChainUnaryInterceptor(
			interceptor.UnaryServerInterceptor(observe), interceptor.UnaryServerInterceptor(observe),
		)))
		var trailer metadata.MD
		_ = kinds["unary"](t.Context(), client, grpc.Trailer(&trailer))
		if n := len(trailer["grpc-retry-pushback-ms"]); n != 1 || observed != 1 {
			t.Errorf("%s: %d pushbacks and %d events, want one of each", name, n, observed)
		}
		// An outer interceptor that wraps the error can't leak the original.
		client = dialWith(t, serveWith(t, answering(errors.Join(errSecret, err)), grpc.ChainUnaryInterceptor(between, interceptor.UnaryServerInterceptor())))
		if got := status.Convert(kinds["unary"](t.Context(), client)); strings.Contains(got.Proto().String(), "secret") {
			t.Errorf("%s: sent %v", name, got)
		}
	}
}

func TestServerEvent(t *testing.T) {
	t.Parallel()
	want := map[string]interceptors.GRPCType{
		"unary": interceptors.Unary, "server stream": interceptors.ServerStream,
		"client stream": interceptors.ClientStream, "bidi stream": interceptors.BidiStream,
	}
	for kind, call := range kinds {
		origin := fmt.Errorf("wrapped: %w", codetable.NewError(tokenExpired))
		events := make(chan interceptor.Event, 2)
		observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
		got, _ := plain(t, call, answering(origin), observe)
		e := <-events
		if e.Meta.IsClient || e.Meta.Typ != want[kind] || e.Meta.Service != "grpc.testing.TestService" || e.Meta.ReqOrNil != nil {
			t.Errorf("%s: call meta %+v", kind, e.Meta)
		}
		if !proto.Equal(e.Status.Proto(), got.Proto()) || e.Err == nil || e.Err.Number() != int32(tokenExpired) || e.Origin != origin || e.Masked || e.Shed != nil {
			t.Errorf("%s: event %+v, want what was sent: %v", kind, e, got)
		}
		if len(events) > 0 {
			t.Errorf("%s: observed twice", kind)
		}
	}
}

// An application and its framework can each have an observer.
func TestSeveralObservers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		seen := make(chan string, 8)
		observe := func(name string) interceptor.Option {
			return interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { seen <- name + " " + e.Err.Reason() })
		}
		none := interceptor.WithObserver(nil)
		listener := serve(t, answering(codetable.NewError(qpsLimit)), observe("first server's"), none, observe("second server's"))
		if err := call(t.Context(), dial(t, listener, none, observe("first client's"), observe("second client's"))); !codetable.Is(err, qpsLimit) {
			t.Errorf("got %v, want %v", err, qpsLimit)
		}
		close(seen)
		var got []string
		for event := range seen {
			got = append(got, event)
		}
		want := []string{"first server's QPS_LIMIT", "second server's QPS_LIMIT", "first client's QPS_LIMIT", "second client's QPS_LIMIT"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("observed (-want +got):\n%s", diff)
		}
	})
}
