package codetable_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	noRetry     = codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED
	retrySame   = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	retryWindow = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
)

// statusError is a status made by hand, as any server can send it.
func statusError(tb testing.TB, code codes.Code, details ...proto.Message) error {
	tb.Helper()
	message := &spb.Status{Code: int32(code), Message: "internal error"}
	for _, detail := range details {
		message.Details = append(message.Details, packed(tb, detail))
	}
	return holder{status.FromProto(message)}
}

func requestInfo(id string) *errdetails.RequestInfo { return &errdetails.RequestInfo{RequestId: id} }

func retryInfo(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

// mask is the content of a Mask.
type mask struct {
	ID, Message string
	Retry       codetable.Retry
}

func TestMasked(t *testing.T) {
	t.Parallel()
	sentence := &errdetails.LocalizedMessage{Locale: "en", Message: "Please try again later."}
	broken := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.RequestInfo", Value: []byte{0xff}}
	advice := func(action codetablev1.RetryAction, delay time.Duration) mask {
		return mask{ID: "r", Retry: codetable.Retry{Action: action, Delay: delay}}
	}
	plain := statusError(t, codes.Internal, requestInfo("r"))
	tests := map[string]struct {
		err  error
		want *mask // nil: not masked
	}{
		"nil":                            {nil, nil},
		"not a status":                   {errCause, nil},
		"no details":                     {statusError(t, codes.Internal), nil},
		"success":                        {statusError(t, codes.OK, requestInfo("r")), nil},
		"nil status":                     {holder{nil}, nil},
		"code beside the id":             {statusError(t, codes.Internal, requestInfo("r"), info("other.example.com", "X", nil)), nil},
		"own code with an id":            {codetable.NewError(authFailed, codetable.WithDetail(requestInfo("r"))), nil},
		"nil error of this package":      {(*codetable.Error)(nil), nil},
		"waiting does not help":          {plain, &mask{ID: "r"}},
		"sentence":                       {statusError(t, codes.Internal, requestInfo("r"), sentence), &mask{ID: "r", Message: sentence.Message}},
		"id that can't be read":          {statusError(t, codes.Internal, broken), &mask{}},
		"first id that can be read":      {statusError(t, codes.Internal, broken, requestInfo("r"), requestInfo("s")), &mask{ID: "r"}},
		"wrapped":                        {fmt.Errorf("a: %w", fmt.Errorf("b: %w", plain)), &mask{ID: "r"}},
		"joined":                         {errors.Join(errCause, statusError(t, codes.Aborted), plain), &mask{ID: "r"}},
		"first of two":                   {errors.Join(statusError(t, codes.Internal, requestInfo("first")), plain), &mask{ID: "first"}},
		"behind a code":                  {errors.Join(codetable.NewError(authFailed), plain), &mask{ID: "r"}},
		"cause of a code":                {codetable.NewError(authFailed, codetable.WithCause(plain)), &mask{ID: "r"}},
		"short delay":                    {statusError(t, codes.Unavailable, retryInfo(time.Second), requestInfo("r")), new(advice(retrySame, time.Second))},
		"a minute":                       {statusError(t, codes.Unavailable, retryInfo(time.Minute), requestInfo("r")), new(advice(retrySame, time.Minute))},
		"a window":                       {statusError(t, codes.Unavailable, retryInfo(time.Minute+1), requestInfo("r")), new(advice(retryWindow, time.Minute+1))},
		"negative delay":                 {statusError(t, codes.Unavailable, retryInfo(-time.Hour), requestInfo("r")), new(advice(retrySame, 0))},
		"unavailable without RetryInfo":  {statusError(t, codes.Unavailable, requestInfo("r")), new(advice(noRetry, 0))},
		"RetryInfo of another status":    {statusError(t, codes.Internal, retryInfo(time.Second), requestInfo("r")), new(advice(noRetry, time.Second))},
		"RetryInfo that can't be read":   {statusError(t, codes.Unavailable, requestInfo("r"), &anypb.Any{TypeUrl: "x/google.rpc.RetryInfo", Value: []byte{0xff}}), new(advice(noRetry, 0))},
		"delay near the end of all time": {statusError(t, codes.Unavailable, requestInfo("r"), &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1 << 62}}), new(advice(retryWindow, 1<<63-1))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := codetable.Masked(tt.err)
			if ok != (tt.want != nil) {
				t.Fatalf("Masked(%v) is %t, want %t", tt.err, ok, tt.want != nil)
			}
			if tt.want == nil {
				tt.want = &mask{} // the Mask of an error that is not masked is empty
			}
			if diff := gocmp.Diff(*tt.want, mask{got.RequestID(), got.UserMessage(), got.Retry()}); diff != "" {
				t.Errorf("Mask (-want +got):\n%s", diff)
			}
		})
	}
}

// The id is available for the log even if the error is not masked.
func TestRequestID(t *testing.T) {
	t.Parallel()
	coded := codetable.NewError(authFailed, codetable.WithDetail(requestInfo("r")))
	decoded, _ := codetable.FromError(wire(t, coded))
	tests := map[string]struct {
		err  error
		want string
	}{
		"nil":              {nil, ""},
		"not a status":     {errCause, ""},
		"success":          {statusError(t, codes.OK, requestInfo("r")), ""},
		"own code":         {coded, "r"},
		"received code":    {decoded, "r"},
		"status":           {statusError(t, codes.Internal, requestInfo("r")), "r"},
		"wrapped":          {fmt.Errorf("a: %w", statusError(t, codes.Internal, requestInfo("r"))), "r"},
		"joined":           {errors.Join(codetable.NewError(qpsLimit), errCause, statusError(t, codes.Internal, requestInfo("r"))), "r"},
		"first of two":     {errors.Join(coded, statusError(t, codes.Internal, requestInfo("s"))), "r"},
		"without a detail": {codetable.NewError(qpsLimit), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := codetable.RequestID(tt.err); got != tt.want {
				t.Errorf("RequestID(%v) = %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}
