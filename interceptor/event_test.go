package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/quiet"
)

// TestEventOf wants the event that observers get, also from a wrapped error, and
// on a client that has no interceptor.
func TestEventOf(t *testing.T) {
	t.Parallel()
	var observed interceptor.Event
	server := interceptor.UnaryServerInterceptor(interceptor.WithPublicBoundary(),
		interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { observed = e }))
	fail := func(err error) error {
		_, err = server(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/s/m"}, func(context.Context, any) (any, error) { return nil, err })
		return err
	}
	if got := interceptor.EventOf(nil); got.Status != nil || got.Err != nil {
		t.Errorf("nil: %+v", got)
	}
	sent := fail(codetable.NewError(insufficientBalance))
	got := interceptor.EventOf(fmt.Errorf("logged: %w", sent))
	if got.Err != observed.Err || !got.Masked || got.Status != observed.Status || got.CorrelationID != observed.CorrelationID || got.Meta.Method != "m" {
		t.Errorf("server: %+v, want %+v", got, observed)
	}
	received := interceptor.EventOf(status.Convert(sent).Err())
	if received.Err != nil || !received.Masked || received.CorrelationID != got.CorrelationID || !received.Meta.IsClient || received.LoggingFields() == nil {
		t.Errorf("masked, on a client: %+v", received)
	}
	received = interceptor.EventOf(status.Convert(fail(codetable.NewError(tokenExpired))).Err())
	if received.Err == nil || received.Err.Number() != int32(tokenExpired) || received.Masked || received.Status.Code() != codes.FailedPrecondition {
		t.Errorf("code, on a client: %+v", received)
	}
	if got := interceptor.EventOf(errors.New("x")); got.Err != nil || got.Status.Code() != codes.Unknown {
		t.Errorf("bare: %+v", got)
	}
}

// TestQuietTranslation wants the result of a translation, and no observer to be
// told.
func TestQuietTranslation(t *testing.T) {
	t.Parallel()
	told := 0
	translator := interceptor.NewTranslator(interceptor.WithObserver(func(context.Context, interceptor.Event) { told++ }))
	want := translator.Translate(t.Context(), codetable.NewError(tokenExpired))
	got := translator.Translate(quiet.Context(t.Context()), codetable.NewError(tokenExpired))
	if told != 1 || got.Err != want.Err || !slices.Equal(got.Trailer.Get("grpc-retry-pushback-ms"), []string{"-1"}) {
		t.Errorf("told %d times, want once; %+v", told, got)
	}
}
