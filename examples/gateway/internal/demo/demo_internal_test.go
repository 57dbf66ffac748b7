package demo

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/inspect"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const qpsLimit = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT

func TestRun(t *testing.T) {
	t.Parallel()
	// A gateway that sends a code of each table with another gRPC status.
	broken := []interceptor.ServerOption{
		interceptor.WithStatusCode(qpsLimit, codes.Unavailable),
		interceptor.WithStatusCode(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED, codes.Aborted),
	}
	tests := []struct {
		name string
		args []string
		opts []interceptor.ServerOption
		exit int
		want []string // in stdout
	}{
		{"internal", nil, nil, exitOK, []string{
			"\n49/49 codes recovered\n9/9 codes recovered (gateway.jverification.codetable.github.io)\n",
		}},
		{"public", []string{"-public"}, nil, exitOK, []string{
			"\n28/49 codes recovered, 21 masked as the public boundary requires\n7/9 codes recovered, 2 masked as the public boundary requires (",
		}},
		{"JSON", []string{"-json"}, nil, exitOK, []string{
			`{"domain":"jverification.jiguang.cn","number":1804,"reason":"QPS_LIMIT","grpc_code":"ResourceExhausted",` +
				`"details":["ErrorInfo","RetryInfo","QuotaFailure","LocalizedMessage"],"recovered":1804,` +
				`"retry":"SAME_REQUEST after 1s","pushback_ms":"1000","message":"服务繁忙，请稍后再试。","verdict":"recovered"}` + "\n",
			`"codes":49,"recovered":49,"masked":0,"lost":0}` + "\n", `"codes":9,"recovered":9,"masked":0,"lost":0}` + "\n",
		}},
		{"broken", nil, broken, exitLost, []string{
			"\nlost 1804: gRPC code Unavailable, want ResourceExhausted\n", "\n48/49 codes recovered, 1 LOST\n",
			"\nlost 7: gRPC code Aborted, want Internal\n", "\n8/9 codes recovered, 1 LOST (",
		}},
		{"broken, JSON", []string{"-json"}, broken, exitLost, []string{
			`"problems":["gRPC code Unavailable, want ResourceExhausted"]}` + "\n", `"codes":49,"recovered":48,"masked":0,"lost":1}` + "\n",
		}},
		{"help", []string{"-help"}, nil, exitOK, []string{"-json", "-public", "Exits with 1"}},
		{"unknown flag", []string{"-x"}, nil, exitUsage, nil},
		{"argument", []string{"x"}, nil, exitUsage, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, &stdout, &stderr, tt.opts...); got != tt.exit {
				t.Errorf("exit code = %d, want %d", got, tt.exit)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("stdout lacks %q:\n%s", want, &stdout)
				}
			}
			if usage := tt.exit == exitUsage; usage != (stderr.Len() > 0) || usage && stdout.Len() > 0 {
				t.Errorf("stdout = %q, stderr = %q", &stdout, &stderr)
			}
		})
	}
}

// serving is a gateway of a test.
func serving(t *testing.T, public bool, opts ...interceptor.ServerOption) *gatewaytest.Gateway {
	t.Helper()
	return gatewaytest.Start(t, gatewaytest.Options{Config: func(c *gateway.Config) {
		c.PublicBoundary, c.Interceptor, c.RiskAttempts = public, opts, 1
	}})
}

// withVerdict returns the numbers of the results with a verdict.
func withVerdict(results []*result, verdict string) []int32 {
	var numbers []int32
	for _, r := range results {
		if r.Verdict == verdict {
			numbers = append(numbers, r.Number)
		}
	}
	return numbers
}

// numbers returns those of the table that a filter takes.
func numbers(take func(codetable.Spec) bool) []int32 {
	var list []int32
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if take(spec) {
			list = append(list, int32(code))
		}
	}
	return list
}

func fails(spec codetable.Spec) bool { return spec.GRPCCode() != codes.OK }

func operators(spec codetable.Spec) bool {
	return spec.Fault() == codetablev1.Fault_FAULT_OPERATOR
}

// TestVerdicts checks gateways with and without a boundary, as such and as the
// other ones.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	none := func(codetable.Spec) bool { return false }
	all := func(codetable.Spec) bool { return true }
	only := func(s codetable.Spec) bool { return s.Number() == int32(qpsLimit) }
	bare := func(t *testing.T) jverificationv1.VerificationServiceClient {
		t.Helper()
		server, listener := grpc.NewServer(), gatewaytest.Listen(t)
		serving(t, false).Register(server)
		gatewaytest.Serve(t, server, listener)
		return jverificationv1.NewVerificationServiceClient(gatewaytest.Dial(t, listener, gatewaytest.Interceptors()...))
	}
	gone := func(t *testing.T) jverificationv1.VerificationServiceClient {
		t.Helper()
		g := serving(t, false)
		g.Server.Stop()
		return g.Client
	}
	with := func(public bool, opts ...interceptor.ServerOption) func(*testing.T) jverificationv1.VerificationServiceClient {
		return func(t *testing.T) jverificationv1.VerificationServiceClient {
			return serving(t, public, opts...).Client
		}
	}
	tests := []struct {
		name         string
		serve        func(*testing.T) jverificationv1.VerificationServiceClient
		public       bool // what the gateway is taken for
		masked, lost func(codetable.Spec) bool
		problem      string
	}{
		{"internal", with(false), false, none, none, ""},
		{"public", with(true), true, operators, none, ""},
		{"another gRPC code", with(false, interceptor.WithStatusCode(qpsLimit, codes.Aborted)), false, none, only, "gRPC code Aborted"},
		{"no pushback", with(false, interceptor.WithoutRetryPushback()), false, none, fails, "pushback "},
		{"another detail", with(false, interceptor.WithHelpLinks()), false, none, fails, "details "},
		{"no interceptors", bare, false, none, fails, "user message "},
		{"a boundary that leaks", with(false), true, none, operators, "leaked"},
		{"an unwanted boundary", with(true), false, none, operators, "no code came back"},
		{"no server", gone, false, none, all, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := system{config: gateway.Config{PublicBoundary: tt.public}, client: tt.serve(t)}
			results := receive[jverificationv1.ResponseCode](t.Context(), s)
			if diff := cmp.Diff(numbers(tt.lost), withVerdict(results, lost)); diff != "" {
				t.Errorf("lost (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(numbers(tt.masked), withVerdict(results, masked)); diff != "" {
				t.Errorf("masked (-want +got):\n%s", diff)
			}
			for _, r := range results {
				if problems := strings.Join(r.Problems, "; "); r.Verdict == lost && !strings.Contains(problems, tt.problem) {
					t.Errorf("%d: problems %q, want %q", r.Number, problems, tt.problem)
				}
			}
		})
	}
}

// TestEveryCodeIsProvoked checks that a new code of the gateway gets a provocation.
func TestEveryCodeIsProvoked(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[jverificationv1.GatewayCode]() {
		_, provoked := provocations[code]
		if sent := code != jverificationv1.GatewayCode_GATEWAY_CODE_UNSPECIFIED; provoked != sent || sent && inspect.MethodOf(spec) == "" {
			t.Errorf("%v: provoked %t, want %t, by a method that declares it", spec, provoked, sent)
		}
	}
}

// TestEveryCodeIsDeclared checks the methods that answer with the codes.
func TestEveryCodeIsDeclared(t *testing.T) {
	t.Parallel()
	var failures, undeclared atomic.Int64
	g := serving(t, false, interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
		failures.Add(1)
		if e.Undeclared {
			undeclared.Add(1)
		}
	}))
	receive[jverificationv1.ResponseCode](t.Context(), system{client: g.Client})
	if want := len(numbers(fails)); int(failures.Load()) != want || undeclared.Load() != 0 {
		t.Errorf("%d failures, %d undeclared, want %d and none", failures.Load(), undeclared.Load(), want)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		summary summary
		text    string
		ok      bool
	}{
		{summary{Codes: 49, Recovered: 49}, "49/49 codes recovered", true},
		{summary{Codes: 49, Recovered: 28, Masked: 21}, "28/49 codes recovered, 21 masked as the public boundary requires", true},
		{summary{Codes: 49, Recovered: 48, Lost: 1}, "48/49 codes recovered, 1 LOST", false},
		{summary{}, "0/0 codes recovered", false},
	}
	for _, tt := range tests {
		if got := tt.summary.String(); got != tt.text || tt.summary.ok() != tt.ok {
			t.Errorf("%+v: %q, ok %t; want %q, %t", tt.summary, got, tt.summary.ok(), tt.text, tt.ok)
		}
	}
}

func TestPrintText(t *testing.T) {
	t.Parallel()
	results := []*result{
		{
			Number: 9005, Reason: "TOO_SOON", GRPCCode: "ResourceExhausted", Details: []string{"ErrorInfo", "RetryInfo"},
			Recovered: new(int32(9005)), Retry: "NEW_INPUT after 30s", Pushback: "-1", Message: "请稍后再试。", Verdict: recovered,
		},
		{Number: 1, Reason: "GONE", GRPCCode: "OK", Verdict: lost, Problems: []string{"this", "that"}},
	}
	var text bytes.Buffer
	printText(&text, results)
	want := strings.Join([]string{
		"CODE  REASON    GRPC CODE          DETAILS RECEIVED     RECOVERED  RETRY                PUSHBACK MS  USER MESSAGE",
		"9005  TOO_SOON  ResourceExhausted  ErrorInfo,RetryInfo  9005       NEW_INPUT after 30s  -1           请稍后再试。",
		"1     GONE      OK                 -                    lost       -                    -            -",
		"lost 1: this; that\n",
	}, "\n")
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
