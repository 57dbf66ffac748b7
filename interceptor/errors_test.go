package interceptor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const domain = "jverification.jiguang.cn"

// customFault is a foreign error with the method Fault.
type customFault struct {
	fault codetablev1.Fault
	error
}

func (c customFault) Fault() codetablev1.Fault { return c.fault }
func (c customFault) Unwrap() error            { return c.error }

// asFault has a fault by its method As only.
type asFault struct{ error }

func (a asFault) Unwrap() error { return a.error }

func (a asFault) As(target any) bool {
	into, ok := target.(*interface{ Fault() codetablev1.Fault })
	if ok {
		*into = customFault{codetablev1.Fault_FAULT_OPERATOR, a.error}
	}
	return ok
}

// manyNodes returns a tree with the code of an operator that a bounded walk
// does not reach.
func manyNodes() error {
	branches := make([]error, 5000)
	for i := range branches {
		branches[i] = errors.New(secretText)
	}
	branches[0], branches[len(branches)-1] = codetable.NewError(tokenExpired), codetable.NewError(authFailed)
	return fmt.Errorf("%s: %w", strings.Repeat("x", 10), errors.Join(branches...))
}

func infoOf(reason, number string) *errdetails.ErrorInfo {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: map[string]string{"id": secretID}}
	if number != "" {
		info.Metadata["code"] = number
	}
	return info
}

// statusWith returns the error of a status that a handler made, or that it
// received without a client interceptor.
func statusWith(tb testing.TB, details ...proto.Message) error {
	tb.Helper()
	return statusOf(tb, codes.FailedPrecondition, secretText, details...).Err()
}

func statusOf(tb testing.TB, code codes.Code, text string, details ...proto.Message) *status.Status {
	tb.Helper()
	message := &spb.Status{Code: int32(code), Message: text}
	for _, detail := range details {
		raw, ok := detail.(*anypb.Any)
		if !ok {
			var err error
			if raw, err = anypb.New(detail); err != nil {
				tb.Fatal(err)
			}
		}
		message.Details = append(message.Details, raw)
	}
	return status.FromProto(message)
}

func decoded(tb testing.TB, err error) error {
	tb.Helper()
	e, ok := codetable.FromError(err)
	if !ok {
		tb.Fatalf("%v is not decoded", err)
	}
	return e
}
