package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const qpsLimit = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT

func TestRun(t *testing.T) {
	t.Parallel()
	// A gateway that sends one code with another gRPC status.
	broken := []interceptor.ServerOption{interceptor.WithStatusCode(qpsLimit, codes.Unavailable)}
	tests := []struct {
		name string
		args []string
		opts []interceptor.ServerOption
		exit int
		want string // in stdout
	}{
		{"all recovered", nil, nil, exitOK, "\n49/49 codes recovered\n"},
		{"public", []string{"-public"}, nil, exitOK, "\n28/49 codes recovered, 21 masked as the public boundary requires\n"},
		{"JSON", []string{"-json"}, nil, exitOK, `"codes":49,"recovered":49,"masked":0,"lost":0}` + "\n"},
		{"lost", nil, broken, exitLost, "\nlost 1804: gRPC code Unavailable, the table says ResourceExhausted\n"},
		{"summary of what is lost", nil, broken, exitLost, "\n48/49 codes recovered, 1 LOST\n"},
		{"lost, JSON", []string{"-json"}, broken, exitLost, `"codes":49,"recovered":48,"masked":0,"lost":1}` + "\n"},
		{"help", []string{"-help"}, nil, exitOK, "Exits with 1"},
		{"unknown flag", []string{"-x"}, nil, exitUsage, ""},
		{"argument", []string{"x"}, nil, exitUsage, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, &stdout, &stderr, tt.opts...); got != tt.exit {
				t.Errorf("exit code = %d, want %d", got, tt.exit)
			}
			if !strings.Contains(stdout.String(), tt.want) {
				t.Errorf("stdout lacks %q:\n%s", tt.want, &stdout)
			}
			if usage := tt.exit == exitUsage; usage != (stderr.Len() > 0) || usage && stdout.Len() > 0 {
				t.Errorf("stdout = %q, stderr = %q", &stdout, &stderr)
			}
		})
	}
}

// TestJSON looks at one object in the output.
func TestJSON(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), []string{"-json"}, &stdout, &stderr); got != exitOK {
		t.Fatalf("exit code = %d: %s", got, &stderr)
	}
	lines, objects := json.NewDecoder(&stdout), map[string]map[string]any{}
	for lines.More() {
		var object map[string]any
		if err := lines.Decode(&object); err != nil {
			t.Fatal(err)
		}
		if reason, ok := object["reason"].(string); ok {
			objects[reason] = object
		}
	}
	want := map[string]any{
		"domain": "jverification.jiguang.cn", "number": 1804.0, "reason": "QPS_LIMIT", "grpc_code": "ResourceExhausted",
		"details":   []any{"ErrorInfo", "RetryInfo", "QuotaFailure", "LocalizedMessage"},
		"recovered": 1804.0, "retry": "SAME_REQUEST after 1s", "pushback_ms": "1000",
		"message": "服务繁忙，请稍后再试。", "verdict": "recovered",
	}
	if diff := cmp.Diff(want, objects["QPS_LIMIT"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
func withVerdict(results []result, verdict string) []int32 {
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
		{"no interceptors", bare, false, none, fails, "user message "},
		{"a boundary that leaks", with(false), true, none, operators, "leaked"},
		{"an unwanted boundary", with(true), false, none, operators, "no code came back"},
		{"no server", gone, false, none, all, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			results := receive(t.Context(), responseCodes(tt.serve(t)), tt.public)
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

// TestEveryCodeIsDeclared by the method that answers it.
func TestEveryCodeIsDeclared(t *testing.T) {
	t.Parallel()
	var failures, undeclared atomic.Int64
	g := serving(t, false, interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
		failures.Add(1)
		if e.Undeclared {
			undeclared.Add(1)
		}
	}))
	receive(t.Context(), responseCodes(g.Client), false)
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

// TestPrintText checks that the columns begin at the same place in every line.
func TestPrintText(t *testing.T) {
	t.Parallel()
	results := []result{
		{
			Number: 9005, Reason: "TOO_SOON", GRPCCode: "ResourceExhausted", Details: []string{"ErrorInfo", "RetryInfo"},
			Recovered: new(int32(9005)), Retry: "NEW_INPUT after 30s", Pushback: "-1", Message: "请稍后再试。", Verdict: recovered,
		},
		{Number: 1, Reason: "GONE", GRPCCode: "OK", Verdict: lost, Problems: []string{"this", "that"}},
	}
	const tail = "lost 1: this; that"
	var plain, aligned bytes.Buffer
	printText(&plain, results, false)
	want := "CODE\tREASON\tGRPC CODE\tDETAILS RECEIVED\tRECOVERED\tRETRY\tPUSHBACK MS\tUSER MESSAGE\n" +
		"9005\tTOO_SOON\tResourceExhausted\tErrorInfo,RetryInfo\t9005\tNEW_INPUT after 30s\t-1\t请稍后再试。\n" +
		"1\tGONE\tOK\t-\tlost\t-\t-\t-\n" + tail + "\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Errorf("plain (-want +got):\n%s", diff)
	}
	printText(&aligned, results, true)
	lines := strings.Split(strings.TrimSuffix(aligned.String(), "\n"), "\n")
	if len(lines) != 4 || lines[3] != tail {
		t.Fatalf("aligned:\n%s", aligned.String())
	}
	for _, cells := range [][]string{{"REASON", "TOO_SOON", "GONE"}, {"USER MESSAGE", "请稍后再试。", "-"}} {
		place := -1
		for i, cell := range cells {
			at := strings.LastIndex(lines[i], cell)
			if at = utf8.RuneCountInString(lines[i][:at]); place >= 0 && at != place {
				t.Errorf("%q begins at %d, not at %d:\n%s", cell, at, place, aligned.String())
			}
			place = at
		}
	}
}
