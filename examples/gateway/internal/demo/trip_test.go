package demo_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/demo"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const balance = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE

// send runs every code through a stack whose gateway has the given options and
// boundary; judged says by which boundary the result is judged.
func send(t *testing.T, public, judged bool, opts ...interceptor.ServerOption) []demo.Row {
	t.Helper()
	stack, err := demo.Start(t.Context(), public, opts...)
	if err != nil {
		t.Fatal(err)
	}
	rows := demo.Run(t.Context(), stack.Conn, judged)
	if err := stack.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	return rows
}

// withVerdict returns the numbers of the rows with a verdict.
func withVerdict(rows []demo.Row, verdict demo.Verdict) []int32 {
	var numbers []int32
	for _, row := range rows {
		if row.Verdict == verdict {
			numbers = append(numbers, row.Number)
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

func TestVerdicts(t *testing.T) {
	t.Parallel()
	none := func(codetable.Spec) bool { return false }
	tests := []struct {
		name         string
		public       bool
		judged       bool
		opts         []interceptor.ServerOption
		masked, lost func(codetable.Spec) bool
		problem      string
	}{
		{"as it is", false, false, nil, none, none, ""},
		{"in public", true, true, nil, operators, none, ""},
		{
			"another gRPC code", false, false,
			[]interceptor.ServerOption{interceptor.WithStatusCode(balance, codes.Aborted)},
			none, func(s codetable.Spec) bool { return s.Number() == int32(balance) }, "gRPC code Aborted",
		},
		{"no pushback", false, false, []interceptor.ServerOption{interceptor.WithoutRetryPushback()}, none, fails, `pushback ""`},
		{"a boundary that leaks", false, true, nil, none, operators, "leaked"},
		{"a boundary that must not be", true, false, nil, none, operators, "no code came back"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows := send(t, tt.public, tt.judged, tt.opts...)
			if diff := cmp.Diff(numbers(tt.lost), withVerdict(rows, demo.Lost)); diff != "" {
				t.Errorf("lost (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(numbers(tt.masked), withVerdict(rows, demo.Masked)); diff != "" {
				t.Errorf("masked (-want +got):\n%s", diff)
			}
			if ok := demo.Summarize(rows).OK(); ok != (tt.problem == "") {
				t.Errorf("OK = %t", ok)
			}
			for _, row := range rows {
				problems := strings.Join(row.Problems, "; ")
				if row.Verdict == demo.Lost && !strings.Contains(problems, tt.problem) {
					t.Errorf("%d: problems %q, want %q", row.Number, problems, tt.problem)
				}
			}
		})
	}
}

// TestEveryCodeIsDeclared by the method that it is forced by.
func TestEveryCodeIsDeclared(t *testing.T) {
	t.Parallel()
	var failures, undeclared atomic.Int64
	rows := send(t, false, false, interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
		failures.Add(1)
		if e.Undeclared {
			undeclared.Add(1)
		}
	}))
	if want := len(numbers(fails)); int(failures.Load()) != want || undeclared.Load() != 0 {
		t.Errorf("%d failures of %d codes, %d undeclared, want %d and none", failures.Load(), len(rows), undeclared.Load(), want)
	}
}

// TestWithoutInterceptors serves the gateway bare: the code itself comes
// through, since the errors have statuses, but not all that goes with it.
func TestWithoutInterceptors(t *testing.T) {
	t.Parallel()
	rows := demo.Run(t.Context(), bare(t), false)
	if diff := cmp.Diff(numbers(fails), withVerdict(rows, demo.Lost)); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
}

func TestWithoutServer(t *testing.T) {
	t.Parallel()
	stack, err := demo.Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Close(); err != nil {
		t.Fatal(err)
	}
	rows := demo.Run(t.Context(), stack.Conn, false)
	if n := len(withVerdict(rows, demo.Lost)); n != len(rows) {
		t.Errorf("%d of %d rows are lost, want all", n, len(rows))
	}
}

func bare(t *testing.T) *grpc.ClientConn {
	t.Helper()
	upstream, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(upstream.Configure(gateway.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	g.Register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := upstream.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func TestSummary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		summary demo.Summary
		text    string
		ok      bool
	}{
		{demo.Summary{Codes: 49, Recovered: 49}, "49/49 codes recovered", true},
		{demo.Summary{Codes: 49, Recovered: 28, Masked: 21}, "28/49 codes recovered, 21 masked as the public boundary requires", true},
		{demo.Summary{Codes: 49, Recovered: 48, Lost: 1}, "48/49 codes recovered, 1 LOST", false},
		{demo.Summary{}, "0/0 codes recovered", false},
	}
	for _, tt := range tests {
		if got := tt.summary.String(); got != tt.text || tt.summary.OK() != tt.ok {
			t.Errorf("%+v: %q, OK %t; want %q, %t", tt.summary, got, tt.summary.OK(), tt.text, tt.ok)
		}
	}
}

// TestWriteText wants the columns to begin at the same place in every line.
func TestWriteText(t *testing.T) {
	t.Parallel()
	number := int32(9005)
	rows := []demo.Row{
		{
			Number: 9005, Reason: "TOO_SOON", GRPCCode: "ResourceExhausted", Details: []string{"ErrorInfo", "RetryInfo"},
			Recovered: &number, Retry: "NEW_INPUT after 30s", Pushback: "-1", Message: "请稍后再试。", Verdict: demo.Recovered,
		},
		{Number: 1, Reason: "GONE", GRPCCode: "OK", Verdict: demo.Lost, Problems: []string{"this", "that"}},
	}
	const tail = "lost 1: this; that"
	var plain, aligned bytes.Buffer
	if err := demo.WriteText(&plain, rows, false); err != nil {
		t.Fatal(err)
	}
	want := "CODE\tREASON\tGRPC CODE\tDETAILS RECEIVED\tRECOVERED\tRETRY\tPUSHBACK MS\tUSER MESSAGE\n" +
		"9005\tTOO_SOON\tResourceExhausted\tErrorInfo,RetryInfo\t9005\tNEW_INPUT after 30s\t-1\t请稍后再试。\n" +
		"1\tGONE\tOK\t-\tlost\t-\t-\t-\n" + tail + "\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Errorf("plain (-want +got):\n%s", diff)
	}
	if err := demo.WriteText(&aligned, rows, true); err != nil {
		t.Fatal(err)
	}
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
			} else {
				place = at
			}
		}
	}
}
