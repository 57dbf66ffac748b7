package telemetry_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// declaredCodes returns the failing codes that a method declares.
func declaredCodes(method protoreflect.Name) (failing []codetable.Spec) {
	desc := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService").Methods().ByName(method)
	specs, _ := codetable.Declared(desc)
	for _, spec := range specs {
		if spec.GRPCCode() != codes.OK {
			failing = append(failing, spec)
		}
	}
	return failing
}

// TestDeclaredCodesCountFromZero fails once with each code that a method
// declares, one that its tables do not list, and no code. No failure makes a series:
// each is an increase of one that was 0.
func TestDeclaredCodesCountFromZero(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]interceptor.ServerOption{
		"open":   nil,
		"public": {interceptor.WithPublicBoundary()},
		"status": {interceptor.WithStatusCode(noMoney, codes.ResourceExhausted), interceptor.WithStatusCode(mismatch, codes.Aborted)},
		"locale": {interceptor.WithLocale(func(context.Context) string { return "zh-CN" })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSignals()
			told := 0
			observed := s.Server(append(opts, interceptor.WithObserver(func(context.Context, interceptor.Event) { told++ }))...)
			server := serve(t, &verification{}, observed.Options())
			observed.Declare(server.server)
			observed.Declare(server.server) // as a second server of the same chain does
			if told > 0 {
				t.Errorf("the observer was told of %d failures", told)
			}
			names := []string{"codetable_failures_total", standing, "codetable_calls_total", "codetable_calls_in_flight", "codetable_code_info"}
			before := s.series(t, names...)
			for _, line := range before {
				if !strings.HasSuffix(line, " 0") && !strings.HasPrefix(line, "codetable_code_info") {
					t.Errorf("created %s", line)
				}
			}
			failing := declaredCodes("VerifyNumber")
			call := inProcessWith(observed.Chain().Unary)
			for _, spec := range failing {
				_ = call(t.Context(), spec.NewError())
			}
			_ = call(t.Context(), codetable.NewError(unlisted))
			_ = call(t.Context(), errors.New("bare"))
			after := s.series(t, names...)
			if diff := cmp.Diff(withoutValues(before), withoutValues(after)); diff != "" {
				t.Errorf("the failures made series (-before +after):\n%s", diff)
			}
			if got := s.nonZero(t, "codetable_failures_total"); got != len(failing)+2 {
				t.Errorf("%d series of failures, want %d", got, len(failing)+2)
			}
		})
	}
}

func withoutValues(series []string) []string {
	list := slices.Clone(series)
	for i, line := range list {
		list[i] = line[:strings.LastIndexByte(line, ' ')]
	}
	return list
}

func (s *signals) nonZero(t *testing.T, name string) (n int) {
	t.Helper()
	for _, line := range s.series(t, name) {
		if !strings.HasSuffix(line, " 0") {
			n++
		}
	}
	return n
}

// inProcessWith is inProcess for an error of each call.
func inProcessWith(chain []grpc.UnaryServerInterceptor) func(context.Context, error) error {
	return func(ctx context.Context, err error) error { return inProcess(telemetry.Chain{Unary: chain}, err)(ctx) }
}

// TestCodeInfo has one series for each failing code of both tables.
func TestCodeInfo(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server()
	server := serve(t, &verification{}, observed.Options())
	observed.Declare(server.server)
	want := map[string]bool{}
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.GRPCCode() != codes.OK {
			want[spec.Domain()+" "+spec.Reason()] = true
		}
	}
	for _, spec := range codetable.All[jverificationv1.GatewayCode]() {
		if spec.GRPCCode() != codes.OK {
			want[spec.Domain()+" "+spec.Reason()] = true
		}
	}
	info := s.series(t, "codetable_code_info")
	if len(info) != len(want) {
		t.Errorf("%d series, want %d", len(info), len(want))
	}
	line := `codetable_code_info{domain="` + domain + `",fault="OPERATOR",grpc_code="FailedPrecondition",number="9018",reason="APPKEY_NO_MONEY",retry="OPERATOR_ACTION"} 1`
	if !slices.Contains(info, line) {
		t.Errorf("no %s among %q", line, info)
	}
}
