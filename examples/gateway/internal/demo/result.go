package demo

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	locale      = "zh-CN"
	pushbackKey = "grpc-retry-pushback-ms" // gRFC A6
)

// The verdicts on a code.
const (
	recovered = "recovered" // the client has the code and all that goes with it
	masked    = "masked"    // a public boundary hid it, as it has to
	lost      = "lost"      // something is missing, wrong or leaked
)

// result is a code and what the client received. Domain, Number and Reason are
// those of the table.
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
}

// reply is what the client received for one code.
type reply struct {
	spec     codetable.Spec
	response response
	err      error
	status   *status.Status
	trailer  metadata.MD
}

// receive makes the calls of one table. It says how the client has to see them:
// with a public boundary operator codes are masked.
func receive(ctx context.Context, calls []call, public bool) []result {
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	results := make([]result, 0, len(calls))
	for _, c := range calls {
		r := reply{spec: c.spec}
		r.response, r.err = c.send(ctx, grpc.Trailer(&r.trailer))
		r.status = status.Convert(r.err)
		results = append(results, r.result(public))
	}
	return results
}

func (r reply) result(public bool) result {
	res := result{
		Domain: r.spec.Domain(), Number: r.spec.Number(), Reason: r.spec.Reason(),
		GRPCCode: r.status.Code().String(), Details: detailNames(r.status),
		Pushback: r.pushback(), Message: r.userMessage(),
		Verdict: recovered,
	}
	if e, ok := codetable.FromError(r.err); ok {
		res.Recovered, res.Retry = new(e.Number()), e.Retry().String()
	} else if mask, ok := codetable.Masked(r.err); ok && mask.Retry().Delay > 0 {
		res.Retry = mask.Retry().String()
	}
	switch {
	case r.spec.GRPCCode() == codes.OK:
		res.Recovered = responseNumber(r.response)
		res.Problems = r.successProblems(res.Recovered)
	case public && r.spec.Fault() == codetablev1.Fault_FAULT_OPERATOR:
		res.Verdict, res.Problems = masked, r.maskProblems()
	default:
		res.Problems = r.failureProblems()
	}
	if len(res.Problems) > 0 {
		res.Verdict = lost
	}
	return res
}

// responseNumber returns the code of a response, or nil. GetCode can't tell SUCCESS
// from an unset code.
func responseNumber(r response) *int32 {
	message, ok := r.(proto.Message)
	if !ok || !message.ProtoReflect().IsValid() {
		return nil
	}
	reflected := message.ProtoReflect()
	if !reflected.Has(reflected.Descriptor().Fields().ByName("code")) {
		return nil
	}
	return new(int32(r.GetCode()))
}

func (r reply) pushback() string { return strings.Join(r.trailer.Get(pushbackKey), ",") }

// wantPushback follows gRFC A6: -1 forbids the retry.
func (r reply) wantPushback() string {
	if retry := r.spec.Retry(); retry.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		return strconv.FormatInt(retry.Delay.Milliseconds(), 10)
	}
	return "-1"
}

func (r reply) userMessage() string {
	return detail[*errdetails.LocalizedMessage](r.status).GetMessage()
}

// detail returns the first detail of a type, or nil.
func detail[M proto.Message](st *status.Status) (found M) {
	list := st.Details()
	if i := slices.IndexFunc(list, func(d any) bool { _, ok := d.(M); return ok }); i >= 0 {
		found, _ = list[i].(M)
	}
	return found
}

// detailNames are the short names of the details, in order.
func detailNames(st *status.Status) []string {
	list := st.Proto().GetDetails()
	names := make([]string, 0, len(list))
	for _, raw := range list {
		names = append(names, string(raw.MessageName().Name()))
	}
	return names
}
