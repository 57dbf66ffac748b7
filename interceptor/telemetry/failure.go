package telemetry

import (
	"context"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// failure has the labels of a failure. They are bounded, whatever a peer sends.
type failure struct {
	code

	fault, grpcCode, masked string
}

func failureOf(e interceptor.Event) failure {
	f := failure{fault: table.FaultName(faultOf(e.Err)), grpcCode: grpcCode(e).String(), masked: strconv.FormatBool(e.Masked)}
	if e.Err != nil {
		f.code = codeOf(e.Err)
	}
	return f
}

// codeOf returns a code of a linked table. All that a table does not list is one
// code, and so are all codes of tables that are not linked.
func codeOf(e *codetable.Error) code {
	t := table.Linked.ByDomain([]byte(e.Domain()))
	if t == nil {
		return code{unknown, table.Unrecognized}
	}
	if reason := e.Spec().Reason(); t.ByReason(reason) != nil {
		return code{t.Domain, reason}
	}
	return code{t.Domain, table.Unrecognized}
}

// faultOf is FAULT_UNSPECIFIED for a failure without a code, and for a fault that
// this package does not know.
func faultOf(e *codetable.Error) codetablev1.Fault {
	if e == nil || codetablev1.Fault_name[int32(e.Fault())] == "" {
		return codetablev1.Fault_FAULT_UNSPECIFIED
	}
	return e.Fault()
}

// grpcCode is Unknown for what a peer invents, as gRPC reads it.
func grpcCode(e interceptor.Event) codes.Code {
	if code := e.Status.Code(); code <= codes.Unauthenticated {
		return code
	}
	return codes.Unknown
}

// bare reports whether the error of a server has neither a code nor a status. A
// client receives nothing but statuses, of which any may have a request id.
func bare(e interceptor.Event) bool {
	return e.Err == nil && e.CorrelationID != "" && !e.Masked && !e.Meta.IsClient
}

// succeeded counts a call that succeeded, or a part of one.
func (s *side) succeeded(ctx context.Context, m *method, since uint64) {
	m.calls.add(ctx, 1)
	m.succeed(ctx, since)
}

// failed counts a call that failed, or a part of one.
func (s *side) failed(ctx context.Context, m *method, e interceptor.Event) {
	m.calls.add(ctx, 1)
	f := failureOf(e)
	s.metrics.series(m, f).add(ctx, 1)
	if e.Err != nil && e.Err.Fault() == codetablev1.Fault_FAULT_OPERATOR {
		m.fail(ctx, f.code)
	}
	if e.Err != nil && m.declared != nil && !m.declared[f.code] {
		s.metrics.undeclared.with(m.service, m.name, f.domain, f.reason).add(ctx, 1)
	}
	for _, part := range e.Shed {
		s.metrics.shed.with(partOf(part)).add(ctx, 1)
	}
}

func (m *metrics) series(of *method, f failure) series {
	return m.failures.with(of.service, of.name, f.domain, f.reason, f.fault, f.grpcCode, f.masked)
}

// partOf returns the name of a part that was removed. A peer can invent names of
// details.
func partOf(name string) string {
	switch name {
	case "metadata", "message", "detail":
		return name
	}
	if _, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name)); err != nil {
		return unknown
	}
	return name
}
