package inspect

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// expectation is what the server is expected to be: in which language it sends messages,
// and whether it masks errors.
type expectation struct {
	locale string
	public bool
}

// compare adds a problem for each difference from what the interceptors of the Go library
// send of the code.
func (x expectation) compare(ctx context.Context, a *Answer, spec codetable.Spec) {
	if spec.GRPCCode() == codes.OK || a.Method == "VerifyNumbers" && a.err == nil {
		a.equal("gRPC code", codes.Code(a.GRPCCode), codes.OK)
		a.want(a.Code != nil && *a.Code == a.Asked, "the response does not contain the code %d", a.Asked)
		return
	}
	want := x.translate(ctx, spec)
	a.equal("gRPC code", codes.Code(a.GRPCCode), want.Status.Code())
	a.equal("message", a.GRPCMessage, want.Status.Message())
	a.equal("pushback", a.Pushback, strings.Join(want.Trailer.Get(pushbackKey), ","))
	a.want(!a.Headers, "headers before the error: gRPC ignores the pushback")
	windowed := spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED
	a.compareDetails(status.Convert(a.err).Details(), want.Status.Details(), windowed)
	a.want(want.Masked || a.Reading != nil && a.Reading.Code != nil && *a.Reading.Code == a.Asked, "the code can't be read")
}

func (x expectation) translate(ctx context.Context, spec codetable.Spec) interceptor.Event {
	options := []interceptor.ServerOption{interceptor.WithLocale(func(context.Context) string { return x.locale })}
	if x.public {
		options = append(options, interceptor.WithPublicBoundary())
	}
	return interceptor.NewTranslator(options...).Translate(ctx, spec.NewError())
}

func (a *Answer) compareDetails(got, want []any, windowed bool) {
	for i := range want {
		expected, _ := want[i].(proto.Message) // the translator sends no detail that can't be read
		if i >= len(got) {
			a.want(false, "detail %d is missing, want %s", i, describe(expected))
			continue
		}
		received, ok := got[i].(proto.Message)
		if !ok {
			a.want(false, "detail %d: %v", i, got[i])
			continue
		}
		same := proto.Equal(normalize(received, expected, windowed), normalize(expected, expected, windowed))
		a.want(same, "detail %d is %s, want %s", i, describe(received), describe(expected))
	}
	a.want(len(got) <= len(want), "%d details, want %d", len(got), len(want))
}

// longestWindow is a day on which the clocks go back.
const longestWindow = 25 * time.Hour

// randomID matches a request id.
var randomID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// normalize removes what may differ from the expected detail: additional metadata, the time
// left to a calendar window, and the characters of a request id.
func normalize(detail, expected proto.Message, windowed bool) proto.Message {
	detail = proto.Clone(detail)
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		info, _ := expected.(*errdetails.ErrorInfo)
		for key := range detail.GetMetadata() {
			if _, ok := info.GetMetadata()[key]; !ok {
				delete(detail.Metadata, key)
			}
		}
	case *errdetails.RetryInfo:
		delay := detail.GetRetryDelay().AsDuration()
		if windowed && delay > 0 && delay <= longestWindow && delay%time.Second == 0 {
			detail.RetryDelay = nil
		}
	case *errdetails.RequestInfo:
		if randomID.MatchString(detail.GetRequestId()) {
			detail.RequestId = ""
		}
	}
	return detail
}

func describe(detail proto.Message) string {
	return fmt.Sprintf("%s {%s}", detail.ProtoReflect().Descriptor().FullName(), prototext.MarshalOptions{}.Format(detail))
}

// want adds a problem unless ok.
func (a *Answer) want(ok bool, format string, args ...any) {
	if !ok {
		a.Problems = append(a.Problems, fmt.Sprintf(format, args...))
	}
}

func (a *Answer) equal(what string, got, want any) {
	a.want(got == want, "%s is %q, want %q", what, got, want)
}
