package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// frameworkError is an error of a framework that has its own statuses.
type frameworkError struct {
	status *status.Status
	remote bool
	cause  error
}

func (frameworkError) Error() string   { return secretText }
func (e frameworkError) Unwrap() error { return e.cause }

func TestWithStatusOf(t *testing.T) {
	t.Parallel()
	type key struct{}
	var asked []error
	statusOf := interceptor.WithStatusOf(func(ctx context.Context, err error) (*status.Status, bool) {
		if ctx.Value(key{}) == nil {
			t.Error("the context is not the one of the call")
		}
		asked = append(asked, err)
		e, _ := err.(frameworkError)
		return e.status, e.remote
	})
	own, gone := status.New(codes.NotFound, "no such number"), status.New(codes.Internal, secretText)
	token := codetable.NewError(tokenExpired)
	tests := map[string]struct {
		err            error
		plain, public  codes.Code
		masked, opaque bool
	}{
		"of the handler":         {err: fmt.Errorf("%s: %w", secretText, frameworkError{status: own}), plain: codes.NotFound, public: codes.NotFound},
		"internal":               {err: frameworkError{status: gone}, plain: codes.Internal, public: codes.Internal, masked: true},
		"received":               {err: frameworkError{status: own, remote: true}, plain: codes.NotFound, public: codes.Internal, masked: true},
		"of a received error":    {err: frameworkError{status: own, cause: frameworkError{status: own, remote: true}}, plain: codes.NotFound, public: codes.Internal, masked: true},
		"around a code":          {err: frameworkError{status: own, cause: token}, plain: codes.FailedPrecondition, public: codes.FailedPrecondition},
		"an operator's code":     {err: frameworkError{status: status.Convert(codetable.NewError(insufficientBalance))}, plain: codes.FailedPrecondition, public: codes.Internal, masked: true},
		"no status":              {err: frameworkError{}, plain: codes.Internal, public: codes.Internal, opaque: true},
		"a success":              {err: frameworkError{status: status.New(codes.OK, "")}, plain: codes.Internal, public: codes.Internal, opaque: true},
		"beside a gRPC status":   {err: errors.Join(own.Err(), frameworkError{status: gone}), plain: codes.NotFound, public: codes.NotFound},
		"around a context error": {err: frameworkError{status: own, cause: context.Canceled}, plain: codes.NotFound, public: codes.NotFound},
	}
	ctx := context.WithValue(t.Context(), key{}, true)
	for name, test := range tests {
		event := interceptor.NewTranslator(statusOf).Translate(ctx, test.err)
		if event.Status.Code() != test.plain || event.Masked || test.opaque != (event.CorrelationID != "") {
			t.Errorf("%s: sent %v, want %v", name, event.Status, test.plain)
		}
		event = interceptor.NewTranslator(statusOf, interceptor.WithPublicBoundary()).Translate(ctx, test.err)
		if event.Status.Code() != test.public || event.Masked != test.masked {
			t.Errorf("%s: a public boundary sent %v, masked %v", name, event.Status, event.Masked)
		}
	}
	for _, err := range asked {
		if _, ok := err.(interface{ GRPCStatus() *status.Status }); ok {
			t.Errorf("asked for the status of %v, which has one", err)
		}
	}
}

func TestWithStatusOfNothing(t *testing.T) {
	t.Parallel()
	options := map[string]interceptor.ServerOption{
		"nil":    interceptor.WithStatusOf(nil),
		"panics": interceptor.WithStatusOf(func(context.Context, error) (*status.Status, bool) { panic(secretText) }),
	}
	for name, option := range options {
		if event := interceptor.NewTranslator(option).Translate(t.Context(), errSecret); event.Status.Code() != codes.Internal || event.CorrelationID == "" {
			t.Errorf("%s: sent %v, want an opaque status", name, event.Status)
		}
	}
}
