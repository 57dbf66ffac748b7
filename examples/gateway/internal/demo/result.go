package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/inspect"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const locale = "zh-CN"

// The verdicts on a code.
const (
	recovered = "recovered" // the client has the code and all that goes with it
	masked    = "masked"    // a public boundary hid it, as it has to
	lost      = "lost"      // something is missing, wrong or leaked
)

// result is a code of a table, and what the client received for it.
type result struct {
	Domain    string   `json:"domain"`
	Number    int32    `json:"number"`
	Reason    string   `json:"reason"`
	GRPCCode  string   `json:"grpc_code"`
	Details   []string `json:"details"`
	Recovered *int32   `json:"recovered"`
	Retry     string   `json:"retry,omitempty"`
	Pushback  string   `json:"pushback_ms,omitempty"`
	Message   string   `json:"message,omitempty"`
	Verdict   string   `json:"verdict"`
	Problems  []string `json:"problems,omitempty"`

	spec    codetable.Spec
	err     error
	trailer metadata.MD
	delay   time.Duration // of RetryInfo
}

// read fills in what was received.
func (r *result) read(response inspect.Response) {
	r.Domain, r.Number, r.Reason = r.spec.Domain(), r.spec.Number(), r.spec.Reason()
	r.GRPCCode, r.Details = status.Code(r.err).String(), detailTypes(r.err)
	r.Pushback = strings.Join(r.trailer.Get("grpc-retry-pushback-ms"), ",") // gRFC A6
	for _, detail := range status.Convert(r.err).Details() {
		switch detail := detail.(type) {
		case *errdetails.RetryInfo:
			r.delay = detail.GetRetryDelay().AsDuration()
		case *errdetails.LocalizedMessage:
			r.Message = detail.GetMessage()
		}
	}
	if e, ok := codetable.FromError(r.err); ok {
		r.Recovered, r.Retry = new(e.Number()), e.Retry().String()
	} else if mask, ok := codetable.Masked(r.err); ok && mask.Retry().Delay > 0 {
		r.Retry = mask.Retry().String()
	} else if r.err == nil && response.ProtoReflect().Has(response.ProtoReflect().Descriptor().Fields().ByName("code")) {
		r.Recovered = new(int32(response.GetCode())) // 0 is SUCCESS
	}
}

func detailTypes(err error) []string {
	details := status.Convert(err).Proto().GetDetails()
	types := make([]string, len(details))
	for i, detail := range details {
		types[i] = string(detail.MessageName().Name())
	}
	return types
}

// judge compares the result with the table. With a public boundary operator codes have
// to be masked.
func (r *result) judge(public bool) {
	code, retry := r.spec.GRPCCode(), r.spec.Retry()
	message, _ := r.spec.UserMessage(locale)
	if public && r.spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
		r.Verdict = masked
		code, retry = mask(retry)
		message, _ = r.spec.NeutralMessage(locale)
		r.checkHidden()
	} else {
		r.Verdict = recovered
		r.checkRecovered()
	}
	r.equal("gRPC code", r.GRPCCode, code.String())
	r.equal("user message", r.Message, message)
	r.equal("pushback", r.Pushback, pushback(code, retry))
	if retry.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		r.equal("retry delay", r.delay, retry.Delay)
	} else {
		r.want(r.delay > 0 && r.delay <= longest && r.delay%time.Second == 0, "retry delay %v, want the time left of %v", r.delay, retry.Window)
	}
	if len(r.Problems) > 0 {
		r.Verdict = lost
	}
}

// want adds a problem unless ok.
func (r *result) want(ok bool, format string, args ...any) {
	if !ok {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

func (r *result) equal(what string, got, want any) {
	r.want(got == want, "%s %v, want %v", what, got, want)
}

// longest is the length of the longest window: a day on which the clocks go back.
const longest = 25 * time.Hour

// pushback returns the trailer of gRFC A6. A negative value forbids the retry.
func pushback(code codes.Code, retry codetable.Retry) string {
	switch {
	case code == codes.OK:
		return ""
	case retry.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return strconv.FormatInt(retry.Delay.Milliseconds(), 10)
	default:
		return "-1"
	}
}

// mask returns what a public boundary keeps of a code: whether waiting helps.
func mask(retry codetable.Retry) (codes.Code, codetable.Retry) {
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return codes.Unavailable, retry
	default:
		return codes.Internal, codetable.Retry{}
	}
}

// checkRecovered looks for the code, and for the details that the table has for it.
func (r *result) checkRecovered() {
	e, failed := codetable.FromError(r.err)
	switch {
	case r.Recovered == nil:
		r.want(false, "no code came back; the error is %v", r.err)
	case failed:
		r.want(e.Spec() == r.spec && e.Reason() == r.Reason, "the code came back as %v", e)
		want := append(detailTypes(r.spec.NewError()), "LocalizedMessage")
		r.want(slices.Equal(r.Details, want), "details %v, want %v", r.Details, want)
	default:
		r.equal("code", *r.Recovered, r.Number)
	}
}

// checkHidden looks for the code in all that the client received.
func (r *result) checkHidden() {
	r.want(r.Recovered == nil, "a code came back")
	r.want(codetable.RequestID(r.err) != "", "no correlation id")
	raw, _ := proto.Marshal(status.Convert(r.err).Proto()) // a status that was received can be marshalled
	received := bytes.ToLower(fmt.Appendf(raw, "%v %v", r.err, r.trailer))
	secrets := []string{r.Reason, r.Domain, r.spec.Description(), r.spec.Notes()}
	if number := strconv.Itoa(int(r.Number)); len(number) > 2 { // a shorter one is found by chance
		secrets = append(secrets, number)
	}
	for _, secret := range secrets {
		r.want(!bytes.Contains(received, bytes.ToLower([]byte(secret))), "%q leaked", secret)
	}
}
