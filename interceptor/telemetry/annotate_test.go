package telemetry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// TestAnnotate has the span of a call that is not gRPC end with each fault.
func TestAnnotate(t *testing.T) {
	t.Parallel()
	coded := func(number, reason, fault, retry string) map[string]string {
		return map[string]string{
			"error.type": reason, "codetable.domain": domain, "codetable.code": number, "codetable.reason": reason,
			"codetable.fault": fault, "codetable.retry": retry, "codetable.masked": "false",
		}
	}
	tests := []struct {
		name string
		err  error
		span codes.Code
		want map[string]string
	}{
		{"success", nil, codes.Unset, map[string]string{}},
		{"the end user's", codetable.NewError(mismatch), codes.Unset, coded("9001", "VERIFY_NOT_CONSISTENT", "END_USER", "NEVER")},
		{"the operator's", fmt.Errorf("ask upstream: %w", codetable.NewError(noMoney)), codes.Error, coded("9018", "APPKEY_NO_MONEY", "OPERATOR", "OPERATOR_ACTION")},
		{"unlisted", codetable.NewError(unlisted), codes.Error, coded("424242", "UNRECOGNIZED_CODE", "UNSPECIFIED", "UNSPECIFIED")},
		{"without a code", errors.New("connection refused"), codes.Error, map[string]string{"error.type": "UNKNOWN", "codetable.masked": "false"}},
	}
	for _, tt := range tests {
		spans := tracetest.NewInMemoryExporter()
		_, span := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)).Tracer("").Start(t.Context(), "POST /v1/web/verify")
		telemetry.Annotate(span, tt.err)
		span.End()
		ended := spans.GetSpans()[0]
		got := map[string]string{}
		for _, a := range ended.Attributes {
			got[string(a.Key)] = a.Value.String()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || ended.Status.Code != tt.span {
			t.Errorf("%s: status %v, want %v; attributes (-want +got):\n%s", tt.name, ended.Status, tt.span, diff)
		}
		telemetry.Annotate(noop.Span{}, tt.err) // of a call that is not traced
	}
}
