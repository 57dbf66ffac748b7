package gateway

import (
	"cmp"
	"errors"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	overloaded        = jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED
	callerLimit       = jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT
	timedOut          = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT
	unreachable       = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE
	noAnswer          = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER
	unintelligible    = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE
	rejected          = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED
	phoneNotDecrypted = jverificationv1.GatewayCode_GATEWAY_CODE_PHONE_NOT_DECRYPTED
	methodNotOffered  = jverificationv1.GatewayCode_GATEWAY_CODE_METHOD_NOT_OFFERED
)

// successes are the codes that methods succeed with, by their full names.
type successes map[string]jverificationv1.ResponseCode

// newSuccesses takes them from what the methods declare. That of a captcha is a
// setting, since the upstream does not document it.
func newSuccesses(c Config) successes {
	s := successes{}
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		declared, _ := codetable.Declared(method)
		for _, spec := range declared {
			if spec.GRPCCode() == codes.OK {
				s["/"+string(service.FullName())+"/"+string(method.Name())] = jverificationv1.ResponseCode(spec.Number())
			}
		}
	}
	s[jverificationv1.VerificationService_CheckCaptcha_FullMethodName] = jverificationv1.ResponseCode(c.CaptchaSuccessCode)
	return s
}

// failure returns an error of the gateway's own table. The cause is for logs, and
// is a text of this package: that of a transport or of a reply may repeat what
// the upstream was sent.
func failure(code jverificationv1.GatewayCode, cause string, opts ...codetable.ErrorOption) error {
	return codetable.NewError(code, append(opts, codetable.WithCause(errors.New(cause)))...)
}

// settle decides what a call came to. A success code is a success for its own
// method only; that of a captcha may be a failure in the table.
func settle(err error, r *reply, success jverificationv1.ResponseCode) error {
	switch coded, ok := codetable.FromError(err); {
	case err == nil && r.Code != nil && *r.Code == success, ok && codetable.Is(err, success):
		return nil
	case err == nil:
		return failure(unintelligible, "the success code of another method")
	case ok && !shows(coded, r):
		return coded.Spec().NewError()
	case ok && coded.Unwrap() != nil:
		return quietError{coded}
	case ok:
		return err
	default:
		return withoutCode(err)
	}
}

// shows reports whether the metadata of a code has a serial and the mark of the
// request, and not something else that the upstream put in their place.
func shows(coded *codetable.Error, r *reply) bool {
	metadata := coded.Metadata()
	mark, marked := metadata[markKey]
	_, err := strconv.ParseInt(cmp.Or(metadata[serialKey], "0"), 10, 64)
	return err == nil && (!marked || mark == r.ExID)
}

// quietError hides the cause of a code, which shows a part of the reply.
type quietError struct{ coded *codetable.Error }

func (e quietError) Error() string { return e.coded.Spec().NewError().Error() }
func (e quietError) Unwrap() error { return e.coded }

// withoutCode gives a code to a failure that package rest has none for.
func withoutCode(err error) error {
	if code, class := classify(err); class != "" {
		return failure(code, class)
	}
	// What remains is a reply. The messages of package rest are fixed texts.
	st := status.Convert(err)
	blamed, _ := errors.AsType[interface {
		error
		Fault() codetablev1.Fault
	}](err)
	switch {
	case st.Code() == codes.Unavailable:
		return failure(noAnswer, st.Message(), retryAfter(st)...)
	case blamed != nil && blamed.Fault() == codetablev1.Fault_FAULT_OPERATOR:
		return failure(rejected, st.Message())
	default:
		return failure(unintelligible, st.Message())
	}
}

// retryAfter keeps the time to wait that a proxy has stated.
func retryAfter(st *status.Status) []codetable.ErrorOption {
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return []codetable.ErrorOption{codetable.WithRetryAfter(retry.GetRetryDelay().AsDuration())}
		}
	}
	return nil
}
