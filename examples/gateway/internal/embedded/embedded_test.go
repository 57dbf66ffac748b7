package embedded_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestReservedPhones demands that the reserved values reach the simulator in
// place of a phone number, and that no other value does.
func TestReservedPhones(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{})
	for phone, want := range map[string]codes.Code{
		"13800138000":                    codes.OK,
		"code-0":                         codes.OK,
		"code-1805":                      codes.FailedPrecondition,
		"code--1":                        codes.Unknown,
		"riskcheck-1805":                 codes.OK,
		"then-success-1805-once":         codes.FailedPrecondition,
		"fault-gzip":                     codes.OK,
		"fault-html502":                  codes.Unavailable,
		"then-success-fault-reset-once":  codes.Unavailable,
		"then-success-fault-reset-once!": codes.InvalidArgument,
		"fault-":                         codes.InvalidArgument,
		"nonsense":                       codes.InvalidArgument,
	} {
		_, err := g.Client.QueryBusinessRisk(t.Context(), &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
		if got := status.Code(err); got != want {
			t.Errorf("%q: %v, want %v", phone, err, want)
		}
	}
}
