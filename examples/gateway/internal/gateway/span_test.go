package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// upstreamSpans makes a call and returns the spans of its requests upstream, which
// have ended when the call has.
func upstreamSpans(t *testing.T, config gateway.Config, call func(jverificationv1.VerificationServiceClient)) (spans tracetest.SpanStubs) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	config.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	call(dial(t, config))
	for _, span := range exporter.GetSpans() {
		if span.SpanKind == trace.SpanKindClient {
			spans = append(spans, span)
		}
	}
	return spans
}

func attributesOf(span tracetest.SpanStub) map[string]string {
	attributes := map[string]string{}
	for _, attribute := range span.Attributes {
		attributes[string(attribute.Key)] = attribute.Value.String()
	}
	return attributes
}

// TestSpansUpstream compares all attributes: nothing else, such as a body, a query or
// a secret, is recorded. The status follows the fault, and not that of HTTP.
func TestSpansUpstream(t *testing.T) {
	t.Parallel()
	saying := func(code int) http.HandlerFunc {
		return saying(fmt.Sprintf(`{"code":%d,"id":4711,"content":"%s"}`, code, phone))
	}
	badGateway := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	const table, own = "jverification.jiguang.cn", "gateway.jverification.codetable.github.io"
	tests := []struct {
		name       string
		answer     http.HandlerFunc // nil where nobody answers
		span       codes.Code
		httpStatus string

		number, reason, domain, fault, retry string // "" for a success
	}{
		{"success", saying(9000), codes.Unset, "200", "", "", "", "", ""},
		{"the end user's", saying(9001), codes.Unset, "200", "9001", "VERIFY_NOT_CONSISTENT", table, "END_USER", "NEVER"},
		{"the caller's", saying(7104), codes.Unset, "200", "7104", "ILLEGAL_VERIFY", table, "CALLER", "NEW_INPUT"},
		{"the operator's", saying(9018), codes.Error, "200", "9018", "APPKEY_NO_MONEY", table, "OPERATOR", "OPERATOR_ACTION"},
		{"the upstream's", saying(9099), codes.Error, "200", "9099", "BAD_SERVER", table, "UPSTREAM", "NEW_INPUT"},
		{"not listed", saying(4242), codes.Error, "200", "4242", "UNRECOGNIZED_CODE", table, "UNSPECIFIED", "UNSPECIFIED"},
		{"a proxy's", badGateway, codes.Error, "502", "5", "UPSTREAM_NO_ANSWER", own, "UPSTREAM", "NEW_INPUT after 1s"},
		{"without a reply", nil, codes.Error, "", "4", "UPSTREAM_UNREACHABLE", own, "UPSTREAM", "SAME_REQUEST after 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]string{
				"http.request.method": "POST", "url.template": "/v1/web/verify", "url.full": "https://upstream.test/v1/web/verify",
				"server.address": "upstream.test", "server.port": "443",
			}
			config := configFor("https://upstream.test", io.Discard)
			if tt.answer == nil {
				failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})(&config)
			} else {
				config.UpstreamURL = newStub(t, withoutTrace(t, tt.answer)).URL + "/prefix"
				want["url.full"] = config.UpstreamURL + "/v1/web/verify"
				want["server.address"], want["server.port"], _ = strings.Cut(strings.TrimSuffix(strings.TrimPrefix(config.UpstreamURL, "http://"), "/prefix"), ":")
				want["http.response.status_code"], want["network.protocol.version"] = tt.httpStatus, "1.1"
			}
			if tt.reason != "" {
				want["error.type"], want["codetable.reason"], want["codetable.code"] = tt.reason, tt.reason, tt.number
				want["codetable.masked"] = "false"
				want["codetable.domain"], want["codetable.fault"], want["codetable.retry"] = tt.domain, tt.fault, tt.retry
			}
			spans := upstreamSpans(t, config, func(client jverificationv1.VerificationServiceClient) { _ = verify(t.Context(), client) })
			if len(spans) != 1 || spans[0].Name != "POST /v1/web/verify" || !spans[0].Parent.IsValid() || spans[0].Status.Code != tt.span {
				t.Fatalf("spans = %+v, want one of status %v", spans, tt.span)
			}
			if strings.Contains(spans[0].Status.Description, phone) {
				t.Errorf("the status repeats the upstream: %v", spans[0].Status)
			}
			if diff := cmp.Diff(want, attributesOf(spans[0])); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

// withoutTrace wants no trace to be told to the upstream, which is another company.
func withoutTrace(t *testing.T, answer http.HandlerFunc) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		for _, key := range []string{"Traceparent", "Tracestate", "Baggage"} {
			if r.Header.Get(key) != "" {
				t.Errorf("the upstream is told %s: %s", key, r.Header.Get(key))
			}
		}
		answer(w, r)
	}
}

// TestSpansOfRepeats has a span for each request of a risk query, which say that they
// are repeats.
func TestSpansOfRepeats(t *testing.T) {
	t.Parallel()
	config := configFor(newStub(t, saying(`{"code":1804}`)).URL, io.Discard)
	config.RiskAttempts = 2
	spans := upstreamSpans(t, config, func(client jverificationv1.VerificationServiceClient) {
		_, _ = client.QueryBusinessRisk(t.Context(), &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
	})
	var got []string
	for _, span := range spans {
		got = append(got, span.Name+" "+attributesOf(span)["http.request.resend_count"])
	}
	if diff := cmp.Diff([]string{"POST /v2/web/queryBusinessRisk ", "POST /v2/web/queryBusinessRisk 1"}, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}
