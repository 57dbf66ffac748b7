package importer

import (
	"fmt"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// setCode sets the gRPC code: the one that the source states, or else a
// proposal by the HTTP status or the words. OK is proposed only if all texts
// say nothing but success.
func (e *entry) setCode(c cells, s *Summary) {
	status, stated := httpStatus(c.of(roleHTTP))
	if cell := c.of(roleGRPC); cell != "" {
		code, ok := grpcCode(cell)
		switch {
		case ok && code == codetablev1.GrpcCode_GRPC_CODE_OK && stated && status >= 300:
			s.note(e.line, fmt.Sprintf("it states %s and HTTP status %d; the code stays a failure", show(cell), status))
		case ok:
			e.grpcCode, e.statesCode = code, true
			return
		default:
			s.note(e.line, show(cell)+" is not a gRPC code")
		}
	}
	code, known := ofHTTP[status]
	switch {
	case stated && known:
		e.grpcCode = code
		e.todo("grpc_code: it is a guess by HTTP status %d", status)
	case (!stated || status < 300) && c.of(roleGRPC) == "" && saysSuccess(e.description) && agrees(e.notes):
		e.grpcCode = codetablev1.GrpcCode_GRPC_CODE_OK
		e.todo("grpc_code: confirm that this code is a success")
	default:
		e.grpcCode = ofWords(e.description, e.notes, e.name)
		e.todo("grpc_code: it is a guess by the words")
	}
}

// setFault sets the fault that the source states. Otherwise the operator is at
// fault, so that a public boundary hides the code.
func (e *entry) setFault(c cells, s *Summary) {
	cell := c.of(roleFault)
	if n, ok := enumValue(cell, "FAULT_", codetablev1.Fault_name); ok {
		e.fault = codetablev1.Fault(n)
		return
	}
	if cell != "" {
		s.note(e.line, fmt.Sprintf("fault %s: want CALLER, END_USER, OPERATOR or UPSTREAM", show(cell)))
	}
	e.todo("fault: decide who must act; OPERATOR hides the code from the public")
}

// setRetry sets the retry advice that the source states. Otherwise it forbids
// the retry.
func (e *entry) setRetry(c cells, s *Summary) {
	cell := c.of(roleRetry)
	n, ok := enumValue(cell, "RETRY_ACTION_", codetablev1.RetryAction_name)
	switch action := codetablev1.RetryAction(n); {
	case ok && action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		e.todo("retry: the source says %s; state the window", action)
	case ok:
		e.retry = action
		return
	case saysNo(cell):
		return
	case cell != "":
		s.note(e.line, fmt.Sprintf("retry %s: it does not say what to repeat", show(cell)))
		e.todo("retry: the source says %s; decide what may be repeated", show(cell))
	default:
		e.todo("retry: decide whether and when to repeat the call")
	}
	// NEVER contradicts UNAVAILABLE, which means that waiting may help.
	if e.grpcCode == codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE {
		e.retry = codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION
	}
}

func saysNo(cell string) bool {
	switch heading(cell) {
	case "no", "false", "never", "否", "不可", "不可重试", "不":
		return true
	}
	return false
}
