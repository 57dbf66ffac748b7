package gateway_test

import (
	"testing"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
)

const tableData = "../../../../proto/jiguang/jverification/v1/testdata/"

func TestGatewayCodes(t *testing.T) {
	t.Parallel()
	if err := codetable.Check[jverificationv1.GatewayCode](); err != nil {
		t.Error(err)
	}
	for code, spec := range codetable.All[jverificationv1.GatewayCode]() {
		if spec.GRPCCode() == codes.OK {
			t.Errorf("%v is a success; every code of the gateway is a failure", code)
		}
		if spec.Resolution() == "" || spec.Description() == "" {
			t.Errorf("%v has no resolution or no description", code)
		}
	}
}

func TestGatewayCodesGolden(t *testing.T) {
	t.Parallel()
	codetabletest.Golden[jverificationv1.GatewayCode](t, tableData+"gateway_code.golden.json")
}

// TestEveryGatewayCodeIsDeclared leaves out the zero value, which is never sent.
func TestEveryGatewayCodeIsDeclared(t *testing.T) {
	t.Parallel()
	declared := map[codetable.Spec]bool{}
	for i := range service().Methods().Len() {
		specs, _ := codetable.Declared(service().Methods().Get(i))
		for _, spec := range specs {
			declared[spec] = true
		}
	}
	for code, spec := range codetable.All[jverificationv1.GatewayCode]() {
		if want := code != jverificationv1.GatewayCode_GATEWAY_CODE_UNSPECIFIED; declared[spec] != want {
			t.Errorf("%v is declared: %t, want %t", code, declared[spec], want)
		}
	}
}
