package demo

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	locale      = "zh-CN"
	pushbackKey = "grpc-retry-pushback-ms" // gRFC A6
)

// Verdict is what became of a code.
type Verdict string

// The verdicts.
const (
	Recovered Verdict = "recovered" // the caller has the code and all that goes with it
	Masked    Verdict = "masked"    // a public boundary hid it, as it has to
	Lost      Verdict = "lost"      // something is missing, wrong, or seen that must not be
)

// Row is one code and what the caller got. Reason is that of the table; the
// rest is what was received.
type Row struct {
	Number    int32    `json:"number"`
	Reason    string   `json:"reason"`
	GRPCCode  string   `json:"grpc_code"`
	Details   []string `json:"details"`
	Recovered *int32   `json:"recovered"`
	Retry     string   `json:"retry,omitempty"`
	Pushback  string   `json:"pushback_ms,omitempty"`
	Message   string   `json:"message,omitempty"`
	Verdict   Verdict  `json:"verdict"`
	Problems  []string `json:"problems,omitempty"`
}

// arrival is what the caller got for one code.
type arrival struct {
	spec     codetable.Spec
	response response
	err      error
	status   *status.Status
	trailer  metadata.MD
}

// Run sends every code of the table. conn needs the client interceptors no
// more than the codes do: they are read with codetable.CodeOf.
func Run(ctx context.Context, conn grpc.ClientConnInterface, public bool) []Row {
	client := jverificationv1.NewVerificationServiceClient(conn)
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	var rows []Row
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		a := arrival{spec: spec}
		a.response, a.err = force(ctx, client, spec, grpc.Trailer(&a.trailer))
		a.status = status.Convert(a.err)
		rows = append(rows, a.row(public))
	}
	return rows
}

func (a arrival) row(public bool) Row {
	row := Row{
		Number:   a.spec.Number(),
		Reason:   a.spec.Reason(),
		GRPCCode: a.status.Code().String(),
		Details:  detailNames(a.status),
		Pushback: strings.Join(a.trailer.Get(pushbackKey), ","),
		Message:  localized(a.status),
	}
	if code, ok := a.code(); ok {
		row.Recovered = new(int32(code))
	}
	if e, ok := codetable.FromError(a.err); ok {
		row.Retry = e.Retry().String()
	} else if mask, ok := codetable.Masked(a.err); ok && mask.Retry().Delay > 0 {
		row.Retry = mask.Retry().String()
	}
	switch {
	case a.spec.GRPCCode() == codes.OK:
		row.judge(Recovered, a.successProblems())
	case public && a.spec.Fault() == codetablev1.Fault_FAULT_OPERATOR:
		row.judge(Masked, a.maskProblems())
	default:
		row.judge(Recovered, a.failureProblems())
	}
	return row
}

func (r *Row) judge(good Verdict, p problems) {
	r.Verdict, r.Problems = good, p
	if len(p) > 0 {
		r.Verdict = Lost
	}
}

// code is read from the error of a failure and from the response of a success.
func (a arrival) code() (jverificationv1.ResponseCode, bool) {
	if a.err != nil {
		return codetable.CodeOf[jverificationv1.ResponseCode](a.err)
	}
	return responseCode(a.response)
}
