package faulty_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// reply is an entry of the catalogue: what the upstream does, and what the callers of
// the gateway have to get.
type reply struct {
	name string
	give script
	want outcome
	slow bool // it lasts until the timeout of the gateway
	none bool // no request is read, so no token is spent

	tls   *tls.Config // nil for plain text
	roots *x509.CertPool
}

// calls is how many of the four calls the upstream reads.
func (r reply) calls() int {
	if r.none {
		return 0
	}
	return 4
}

// outcome is a code. Its fault and its advice are those of the table, but for the
// delay where the upstream may state it.
type outcome struct {
	codetable.Spec

	after time.Duration
}

// class names the outcome in the report.
func (o outcome) class() string { return fmt.Sprintf("%v %s", o.GRPCCode(), o.Reason()) }

// own is a code of the gateway.
func own(code jverificationv1.GatewayCode) outcome {
	spec, _ := codetable.Lookup(code)
	return outcome{Spec: spec}
}

// coded is a code of the upstream, listed or not.
func coded(number jverificationv1.ResponseCode) outcome {
	spec, _ := codetable.Lookup(number)
	return outcome{Spec: spec}
}

func waiting(o outcome, after time.Duration) outcome {
	o.after = after
	return o
}

// What the gateway says of replies without a code.
var (
	timedOut       = own(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT)
	unreachable    = own(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE)
	noAnswer       = own(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER)
	unintelligible = own(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE)
	rejected       = own(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED)
)
