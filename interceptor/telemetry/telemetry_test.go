package telemetry_test

import (
	"errors"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/codes"
	grpccodes "google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// failureCase is a failure and what all signals say of it.
type failureCase struct {
	err                      error
	public                   bool
	grpcCode, reason, fault  string
	level                    string
	errorType, rpcStatusCode string
	spanStatus               codes.Code
	client                   codes.Code
	code                     float64
}

// failures are one failure of each kind. An account without money has the gRPC
// code of a mistyped number, so none of this can follow the gRPC code.
func failures() map[string]failureCase {
	return map[string]failureCase{
		"operator": {
			err: codetable.NewError(noMoney), grpcCode: "FailedPrecondition", reason: "APPKEY_NO_MONEY", fault: "OPERATOR", level: "ERROR",
			errorType: "APPKEY_NO_MONEY", rpcStatusCode: "FAILED_PRECONDITION", spanStatus: codes.Error, client: codes.Error, code: 9018,
		},
		"operator, masked": {
			err: codetable.NewError(noMoney), public: true, grpcCode: "Internal", reason: "APPKEY_NO_MONEY", fault: "OPERATOR", level: "ERROR",
			errorType: "APPKEY_NO_MONEY", rpcStatusCode: "INTERNAL", spanStatus: codes.Error, client: codes.Error, code: 9018,
		},
		"upstream": {
			err: codetable.NewError(upstream), grpcCode: "Internal", reason: "INTERNAL_ERROR", fault: "UPSTREAM", level: "WARN",
			errorType: "INTERNAL_ERROR", rpcStatusCode: "INTERNAL", spanStatus: codes.Error, client: codes.Error, code: float64(upstream),
		},
		"end user": {
			err: codetable.NewError(mismatch), grpcCode: "FailedPrecondition", reason: "VERIFY_NOT_CONSISTENT", fault: "END_USER", level: "INFO",
			errorType: "VERIFY_NOT_CONSISTENT", rpcStatusCode: "FAILED_PRECONDITION", code: 9001,
		},
		"unlisted": {
			err: codetable.NewError(unlisted), grpcCode: "Unknown", reason: "UNRECOGNIZED_CODE", fault: "UNSPECIFIED", level: "ERROR",
			errorType: "UNRECOGNIZED_CODE", rpcStatusCode: "UNKNOWN", spanStatus: codes.Error, client: codes.Error, code: 424242,
		},
		"bare": {
			err: errors.New("pq: secret"), grpcCode: "Internal", fault: "UNSPECIFIED", level: "ERROR",
			errorType: "INTERNAL", rpcStatusCode: "INTERNAL", spanStatus: codes.Error, client: codes.Error,
		},
		"status of a caller": {
			err: status.Error(grpccodes.NotFound, "no such"), grpcCode: "NotFound", fault: "UNSPECIFIED", level: "INFO",
			errorType: "NOT_FOUND", rpcStatusCode: "NOT_FOUND",
		},
		"status of a server": {
			err: status.Error(grpccodes.Unavailable, "later"), grpcCode: "Unavailable", fault: "UNSPECIFIED", level: "WARN",
			errorType: "UNAVAILABLE", rpcStatusCode: "UNAVAILABLE", spanStatus: codes.Error, client: codes.Error,
		},
	}
}

func (f failureCase) options() []interceptor.ServerOption {
	if f.public {
		return []interceptor.ServerOption{interceptor.WithPublicBoundary()}
	}
	return nil
}

func (f failureCase) domain() string {
	if f.reason == "" {
		return ""
	}
	return domain
}

func (f failureCase) labels(method, masked string) string {
	return `{domain="` + f.domain() + `",fault="` + f.fault + `",grpc_code="` + f.grpcCode + `",grpc_method="` + method +
		`",grpc_service="` + service + `",masked="` + masked + `",reason="` + f.reason + `"} 1`
}

// TestSignalsFollowTheFault has every failure as the end of a call and of a
// stream.
func TestSignalsFollowTheFault(t *testing.T) {
	t.Parallel()
	for name, f := range failures() {
		for method, call := range map[string]func(*served, *testing.T) error{"VerifyNumber": (*served).verify, "VerifyNumbers": (*served).verifyMany} {
			t.Run(name+" of "+method, func(t *testing.T) {
				t.Parallel()
				s := newSignals()
				server := serve(t, &verification{unary: failing(f.err), stream: failing(f.err)}, s.Server(f.options()...).Options())
				err := call(server, t)
				server.stop()
				if status.Code(err).String() != f.grpcCode {
					t.Fatalf("got %v", err)
				}
				s.wantFailure(t, f, method, codetable.RequestID(err))
			})
		}
	}
}

func (s *signals) wantFailure(t *testing.T, f failureCase, method, id string) {
	t.Helper()
	masked := "false"
	if f.public {
		masked = "true"
	}
	s.want(t, "codetable_failures_total", f.labels(method, masked))
	s.want(t, "codetable_calls_total", `{grpc_method="`+method+`",grpc_service="`+service+`"} 1`)

	span, attributes := s.span(t)
	if span.Status.Code != f.spanStatus || attributes["error.type"] != f.errorType || attributes["rpc.response.status_code"] != f.rpcStatusCode ||
		attributes["codetable.reason"] != f.reason || attributes["codetable.domain"] != f.domain() || attributes["codetable.masked"] != masked ||
		attributes["codetable.request_id"] != id || attributes["rpc.method"] != service+"/"+method || attributes["rpc.system.name"] != "grpc" {
		t.Errorf("span %v %v of %v", span.Status, attributes, f)
	}
	if f.reason != "" && (attributes["codetable.fault"] != f.fault || attributes["codetable.retry"] == "" || attributes["codetable.code"] == "") {
		t.Errorf("attributes %v", attributes)
	}

	line := s.line(t)
	want := map[string]any{
		"level": f.level, "grpc.code": f.grpcCode, "grpc.service": service, "grpc.method": method, "grpc.component": "server",
		"trace_id": span.SpanContext.TraceID().String(), "span_id": span.SpanContext.SpanID().String(),
	}
	if f.reason != "" {
		want["codetable.reason"], want["codetable.code"], want["codetable.fault"] = f.reason, f.code, f.fault
		want["codetable.masked"], want["codetable.domain"] = f.public, domain
	}
	if id != "" {
		want["codetable.request_id"] = id
	}
	for key, value := range want {
		if line[key] != value {
			t.Errorf("logged %s = %v, want %v", key, line[key], value)
		}
	}
}

func TestSuccess(t *testing.T) {
	t.Parallel()
	s := newSignals()
	server := serve(t, &verification{unary: failing(nil)}, s.Server().Options())
	if err := server.verify(t); err != nil {
		t.Fatal(err)
	}
	server.stop()
	s.want(t, "codetable_failures_total")
	s.want(t, "codetable_calls_total", `{grpc_method="VerifyNumber",grpc_service="`+service+`"} 1`)
	if span, attributes := s.span(t); span.Status.Code != codes.Unset || attributes["error.type"] != "" || attributes["rpc.response.status_code"] != "OK" {
		t.Errorf("span %v %v", span.Status, attributes)
	}
	if line := s.line(t); line["level"] != "INFO" || line["grpc.code"] != "OK" || line["trace_id"] == nil {
		t.Errorf("logged %v", line)
	}
}

func TestLevelsAndMetadataAreSettable(t *testing.T) {
	t.Parallel()
	s := newSignals(telemetry.WithLevel(codetablev1.Fault_FAULT_END_USER, slog.LevelWarn), telemetry.WithLoggedMetadata("id", "missing"))
	err := codetable.NewError(mismatch, codetable.WithMetadata("id", "117270465679982593"), codetable.WithMetadata("other", "x"))
	server := serve(t, &verification{unary: failing(err)}, s.Server().Options())
	_ = server.verify(t)
	server.stop()
	line := s.line(t)
	if line["level"] != "WARN" || line["codetable.metadata.id"] != "117270465679982593" {
		t.Errorf("logged %v", line)
	}
	for _, key := range []string{"codetable.metadata.missing", "codetable.metadata.other"} {
		if _, ok := line[key]; ok {
			t.Errorf("logged %s", key)
		}
	}
}

func TestHealthChecksAreQuiet(t *testing.T) {
	t.Parallel()
	s := newSignals()
	server := serve(t, &verification{}, s.Server().Options())
	checks := healthpb.NewHealthClient(server.conn)
	if _, err := checks.Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := checks.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "none"}); status.Code(err) != grpccodes.NotFound {
		t.Fatal(err)
	}
	server.stop()
	if s.log.Len() > 0 || len(s.spans.GetSpans()) > 0 {
		t.Errorf("log %s, spans %v", &s.log, s.spans.GetSpans())
	}
}

// TestNothingConfigured needs no place for any signal.
func TestNothingConfigured(t *testing.T) {
	t.Parallel()
	nothing := telemetry.New()
	if chain := nothing.Server().Chain(); len(chain.Unary) != 1 || len(chain.Stream) != 1 || len(chain.Stats) != 0 {
		t.Errorf("chain %v, want the interceptors of codetable alone", chain)
	}
	server := serve(t, &verification{unary: failing(codetable.NewError(expired))}, nothing.Server().Options(), nothing.Client().Options()...)
	if err := server.verify(t); !codetable.Is(err, expired) {
		t.Errorf("got %v", err)
	}
	if e := nothing.Server().Part(t.Context(), "", codetable.NewError(expired)); e.Err == nil {
		t.Errorf("got %v", e)
	}
}
