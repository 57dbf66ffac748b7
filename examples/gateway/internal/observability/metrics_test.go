package observability_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestPartOfACall has an error that does not end its call.
func TestPartOfACall(t *testing.T) {
	t.Parallel()
	s := &signals{prom: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	told := newSignals(s)
	translator := told.Translator(interceptor.WithPublicBoundary())
	client := serveOn(t, s, &verification{part: func(ctx context.Context) {
		if e := translator.Translate(ctx, codetable.NewError(balance)); !e.Masked {
			t.Errorf("%+v is not masked", e)
		}
	}}, told)
	if _, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if n, err := testutil.GatherAndCount(s.prom, "codetable_failures_total"); n != 1 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
	spans := s.spans.GetSpans()
	if len(spans) != 1 || attributesOf(spans[0].Attributes).HasValue("error.type") {
		t.Fatalf("spans %v", spans)
	}
	events := spans[0].Events
	if len(events) != 1 || !attributesOf(events[0].Attributes).HasValue("codetable.request_id") {
		t.Errorf("events %v", events)
	}
}

// TestLabelsAreBounded has a peer that invents codes of both kinds.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	s := &signals{prom: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	translator := newSignals(s).Translator()
	for i := range 3000 {
		st := &spb.Status{Code: int32(17 + i)}
		translator.Translate(t.Context(), status.ErrorProto(st))
		info, err := anypb.New(&errdetails.ErrorInfo{Reason: fmt.Sprint("NEW_", i), Domain: "jverification.jiguang.cn"})
		if err != nil {
			t.Fatal(err)
		}
		st.Details = append(st.Details, info)
		translator.Translate(t.Context(), status.ErrorProto(st))
	}
	metric := `
# HELP codetable_failures_total Failed calls and failed parts of calls, by reason of the code, gRPC code as sent, and whether the error was masked.
# TYPE codetable_failures_total counter
codetable_failures_total{grpc_code="Unknown",grpc_method="unknown",grpc_service="unknown",masked="false",reason=""} 3000
codetable_failures_total{grpc_code="Unknown",grpc_method="unknown",grpc_service="unknown",masked="false",reason="UNRECOGNIZED_CODE"} 3000
`
	if err := testutil.GatherAndCompare(s.prom, strings.NewReader(metric), "codetable_failures_total"); err != nil {
		t.Error(err)
	}
}

func TestInFlightAndShed(t *testing.T) {
	t.Parallel()
	s := &signals{prom: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	want := func(n string) {
		t.Helper()
		metric := `
# HELP codetable_calls_in_flight Calls that have begun and not ended.
# TYPE codetable_calls_in_flight gauge
codetable_calls_in_flight{grpc_method="/jiguang.jverification.v1.VerificationService/VerifyNumber"} ` + n + "\n"
		if err := testutil.GatherAndCompare(s.prom, strings.NewReader(metric), "codetable_calls_in_flight"); err != nil {
			t.Error(err)
		}
	}
	large := codetable.NewError(expired, codetable.WithDetail(&errdetails.DebugInfo{Detail: strings.Repeat("d", 5000)}))
	client := serveWith(t, s, &verification{err: large, part: func(context.Context) { want("1") }})
	if _, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}); !codetable.Is(err, expired) {
		t.Fatalf("got %v", err)
	}
	s.stop()
	want("0")
	shed := `
# HELP codetable_shed_total Parts of errors that the detail budget left out, by the name of the part.
# TYPE codetable_shed_total counter
codetable_shed_total{part="google.rpc.DebugInfo"} 1
`
	if err := testutil.GatherAndCompare(s.prom, strings.NewReader(shed), "codetable_shed_total"); err != nil {
		t.Error(err)
	}
}
