package demo

import (
	"context"
	"slices"
	"strings"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

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
	Problems  problems `json:"problems,omitempty"`

	spec    codetable.Spec
	err     error
	status  *status.Status
	trailer metadata.MD
}

// receive makes the calls of one table at a time. With a public boundary operator codes
// have to be masked.
func receive(ctx context.Context, calls []call, public bool) []*result {
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	results := make([]*result, len(calls))
	var sending sync.WaitGroup
	for i, c := range calls {
		sending.Go(func() {
			r := &result{spec: c.spec, Domain: c.spec.Domain(), Number: c.spec.Number(), Reason: c.spec.Reason(), Details: []string{}}
			var response response
			response, r.err = c.send(ctx, grpc.Trailer(&r.trailer))
			r.read(response)
			r.judge(public)
			results[i] = r
		})
	}
	sending.Wait()
	return results
}

func (r *result) read(response response) {
	r.status = status.Convert(r.err)
	r.GRPCCode = r.status.Code().String()
	r.Pushback = strings.Join(r.trailer.Get("grpc-retry-pushback-ms"), ",") // gRFC A6
	r.Message = detail[*errdetails.LocalizedMessage](r.status).GetMessage()
	for _, raw := range r.status.Proto().GetDetails() {
		r.Details = append(r.Details, string(raw.MessageName().Name()))
	}
	if e, ok := codetable.FromError(r.err); ok {
		r.Recovered, r.Retry = new(e.Number()), e.Retry().String()
	} else if mask, ok := codetable.Masked(r.err); ok && mask.Retry().Delay > 0 {
		r.Retry = mask.Retry().String()
	} else if r.err == nil && response.ProtoReflect().Has(response.ProtoReflect().Descriptor().Fields().ByName("code")) {
		r.Recovered = new(int32(response.GetCode())) // which is 0 for SUCCESS, and where the code is unset
	}
}

// judge compares the result with the table.
func (r *result) judge(public bool) {
	r.Verdict = recovered
	switch {
	case r.spec.GRPCCode() == codes.OK:
		r.Problems.want(r.err == nil, "the call failed: %v", r.err)
		r.Problems.want(r.Recovered != nil && *r.Recovered == r.Number, "the response lacks the code")
	case public && r.spec.Fault() == codetablev1.Fault_FAULT_OPERATOR:
		r.Verdict = masked
		r.checkMask()
	default:
		r.checkFailure()
	}
	if len(r.Problems) > 0 {
		r.Verdict = lost
	}
}

// detail returns the first detail of a type, or nil.
func detail[M proto.Message](st *status.Status) (found M) {
	list := st.Details()
	if i := slices.IndexFunc(list, func(d any) bool { _, ok := d.(M); return ok }); i >= 0 {
		found, _ = list[i].(M)
	}
	return found
}
