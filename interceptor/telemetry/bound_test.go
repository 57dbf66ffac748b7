package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// inventions are as many different names as a peer may invent, and some are
// enough to see that a kind of name is bounded.
const inventions, some = 3000, 100

// invented is the status of a peer that invents the gRPC code, the reason, the
// domain and the details.
func invented(t *testing.T, i int, domain string) error {
	t.Helper()
	info, err := anypb.New(&errdetails.ErrorInfo{Reason: fmt.Sprint("NEW_", i), Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	details := []*anypb.Any{info}
	if i%10 == 0 { // over the budget
		details = append(details, &anypb.Any{TypeUrl: fmt.Sprint("type.googleapis.com/invented.Detail", i), Value: make([]byte, 5000)})
	}
	return status.ErrorProto(&spb.Status{Code: int32(17 + i), Details: details})
}

// dynamicCode is a code of a table that came at run time, with an invented domain.
func dynamicCode(t *testing.T, i int) error {
	t.Helper()
	name := fmt.Sprintf("invented%d", i)
	options := &descriptorpb.EnumOptions{}
	proto.SetExtension(options, codetablev1.E_Table, &codetablev1.Table{Domain: name + ".example.com"})
	value := &descriptorpb.EnumValueOptions{}
	proto.SetExtension(value, codetablev1.E_Code, &codetablev1.Code{
		GrpcCode: codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND.Enum(), Fault: codetablev1.Fault_FAULT_CALLER,
	})
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new(name + ".proto"), Package: new(name), Syntax: new("proto3"),
		EnumType: []*descriptorpb.EnumDescriptorProto{{
			Name: new("Code"), Options: options,
			Value: []*descriptorpb.EnumValueDescriptorProto{{Name: new("CODE_" + strings.ToUpper(name)), Number: proto.Int32(0), Options: value}},
		}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := codetable.LookupDescriptor(file.Enums().Get(0), 0)
	return spec.NewError()
}

// TestLabelsAreBounded has a peer that invents all that it can, thousands of
// times. Each kind of invention is one series.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server()
	call := inProcessWith(observed.Chain().Unary)
	for i := range inventions {
		_ = call(t.Context(), invented(t, i, domain))
		if i < some {
			_ = call(t.Context(), invented(t, i, fmt.Sprintf("d%d.example.com", i)))
			_ = call(t.Context(), codetable.NewError(jverificationv1.ResponseCode(1_000_000+i)))
			_ = call(t.Context(), dynamicCode(t, i))
		}
		observed.Part(t.Context(), fmt.Sprintf("/invented.Service%d/Method", i), nil)
	}
	labels := func(domain, fault, grpcCode, reason string, n int) string {
		return fmt.Sprintf(`{domain=%q,fault=%q,grpc_code=%q,grpc_method="VerifyNumber",grpc_service=%q,masked="false",reason=%q} %d`,
			domain, fault, grpcCode, service, reason, n)
	}
	s.want(t, "codetable_failures_total",
		labels("", "UNSPECIFIED", "Unknown", "", some),
		labels(domain, "UNSPECIFIED", "Unknown", "UNRECOGNIZED_CODE", inventions+some),
		labels("unknown", "CALLER", "NotFound", "UNRECOGNIZED_CODE", some))
	s.want(t, "codetable_shed_total", fmt.Sprintf(`{part="unknown"} %d`, (inventions+some)/10))
	if got := len(s.series(t, "codetable_undeclared_total")); got != 2 {
		t.Errorf("%d series of undeclared codes, want 2", got)
	}
	s.want(t, "codetable_calls_total",
		fmt.Sprintf(`{grpc_method="VerifyNumber",grpc_service=%q} %d`, service, inventions+3*some),
		fmt.Sprintf(`{grpc_method="unknown",grpc_service="unknown"} %d`, inventions))
}

// TestInventedMethods has a proxy that answers every method, with peers that
// invent them.
func TestInventedMethods(t *testing.T) {
	t.Parallel()
	s, c := newSignals(), newSignals()
	answerAll := grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error { return status.Error(codes.Unimplemented, "no") })
	server := serve(t, &verification{}, append(s.Server().Options(), answerAll), c.Client().Options()...)
	const calls = 50
	for i := range calls {
		method := fmt.Sprintf("/invented.Service%d/Method%d", i, i)
		err := server.conn.Invoke(t.Context(), method, &jverificationv1.VerifyNumberRequest{}, &jverificationv1.VerifyNumberResponse{})
		if status.Code(err) != codes.Unimplemented {
			t.Fatal(err)
		}
		stream, err := server.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.RecvMsg(&jverificationv1.VerifyNumberResponse{}); status.Code(err) != codes.Unimplemented {
			t.Fatal(err)
		}
	}
	server.stop()
	for _, side := range []struct {
		*signals
		name, provider string
	}{{s, "codetable_", "grpc_server_handled_total"}, {c, "codetable_client_", "grpc_client_handled_total"}} {
		side.want(t, side.name+"failures_total",
			fmt.Sprintf(`{domain="",fault="UNSPECIFIED",grpc_code="Unimplemented",grpc_method="unknown",grpc_service="unknown",masked="false",reason=""} %d`, 2*calls))
		for _, line := range side.series(t, side.provider) {
			if !strings.Contains(line, `grpc_method="unknown",grpc_service="unknown"`) {
				t.Errorf("series %s", line)
			}
		}
		names := map[string]bool{}
		for _, span := range side.spans.GetSpans() {
			names[span.Name] = true
			if a := values(span.Attributes); a["rpc.method"] != "_OTHER" || !strings.HasPrefix(a["rpc.method_original"], "invented.Service") {
				t.Errorf("attributes %v", a)
			}
		}
		if diff := cmp.Diff(map[string]bool{"_OTHER": true}, names); diff != "" {
			t.Errorf("names of spans (-want +got):\n%s", diff)
		}
	}
}

// TestMetricsAreClean asks the linter of Prometheus, and promtool where it is
// installed.
func TestMetricsAreClean(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server()
	client := s.Client()
	server := serve(t, &verification{unary: failing(codetable.NewError(noMoney))}, observed.Options(), client.Options()...)
	observed.Declare(server.server)
	client.Declare(&jverificationv1.VerificationService_ServiceDesc)
	_ = server.verify(t)
	_ = inProcessWith(observed.Chain().Unary)(t.Context(), invented(t, 1, domain))
	if problems, err := testutil.GatherAndLint(s.registry); err != nil || len(problems) > 0 {
		t.Errorf("problems %v, %v", problems, err)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("SKIPPED: promtool is not installed, so only the linter of client_golang was asked")
	}
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = &text
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// TestInFlight wants the calls that have begun.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := newSignals()
	during := func(context.Context) error {
		s.want(t, "codetable_calls_in_flight", `{grpc_method="VerifyNumber",grpc_service="`+service+`"} 1`)
		return nil
	}
	server := serve(t, &verification{unary: during}, s.Server().Options())
	_ = server.verify(t)
	server.stop()
	s.want(t, "codetable_calls_in_flight")
}

// TestPanics wants a call that panics to end as a failure, where the caller of the
// chain recovers it.
func TestPanics(t *testing.T) {
	t.Parallel()
	s := newSignals()
	panics := func(call func() error) {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		_ = call()
	}
	chain := s.Server().Chain()
	panics(func() error { return inProcessWith(append(chain.Unary, panicking))(t.Context(), nil) })
	series := `grpc_method="VerifyNumber",grpc_service="` + service + `"`
	s.want(t, "codetable_failures_total", `{domain="",fault="UNSPECIFIED",grpc_code="Internal",`+series+`,masked="false",reason=""} 1`)
	s.want(t, "codetable_calls_total", `{`+series+`} 1`)
	s.want(t, "codetable_calls_in_flight")
	if line := s.line(t); line["level"] != "ERROR" {
		t.Errorf("logged %v", line)
	}
}

func panicking(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
	panic("out of range")
}

// TestTextsOfPeersCanBeExported wants the texts of spans to be valid UTF-8, without
// which OTLP can't carry them, and short.
func TestTextsOfPeersCanBeExported(t *testing.T) {
	t.Parallel()
	s, c := newSignals(), newSignals()
	answerAll := grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error { return status.Error(codes.Unimplemented, "no") })
	server := serve(t, &verification{}, append(s.Server().Options(), answerAll), c.Client().Options()...)
	for _, name := range []string{"\xff\xfe", strings.Repeat("é", 10_000)} {
		err := server.conn.Invoke(t.Context(), "/invented.Service/"+name, &jverificationv1.VerifyNumberRequest{}, &jverificationv1.VerifyNumberResponse{})
		if status.Code(err) != codes.Unimplemented {
			t.Fatal(err)
		}
	}
	server.stop()
	_, span := sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans)).Tracer("").Start(t.Context(), "POST /")
	telemetry.Annotate(span, errors.New("the upstream said \xff"))
	span.End()
	spans := append(s.spans.GetSpans(), c.spans.GetSpans()...)
	if len(spans) != 5 {
		t.Fatalf("%d spans, want 5", len(spans))
	}
	for _, span := range spans {
		if !utf8.ValidString(span.Status.Description) {
			t.Errorf("description %q", span.Status.Description)
		}
		for key, value := range values(span.Attributes) {
			if !utf8.ValidString(value) || len(value) > 300 {
				t.Errorf("attribute %s has %d bytes: %.40q", key, len(value), value)
			}
		}
	}
}
