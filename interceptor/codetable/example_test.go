package codetable_test

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func ExampleNewError() {
	err := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
	fmt.Println(err)
	fmt.Println(status.Code(err))

	// The code of a success is no error.
	fmt.Println(codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT))
	// Output:
	// jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: Token expired or does not exist
	// FailedPrecondition
	// <nil>
}

// A code from an upstream may be a success: compare the error with nil before
// you wrap it. fmt.Errorf returns an error even if it wraps nil.
func ExampleNewError_variable() {
	answer := func(code jverificationv1.ResponseCode) error {
		if err := codetable.NewError(code); err != nil {
			return fmt.Errorf("ask upstream: %w", err)
		}
		return nil
	}
	fmt.Println(answer(jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT))
	fmt.Println(answer(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT))
	// Output:
	// <nil>
	// ask upstream: jverification.jiguang.cn 1804 QPS_LIMIT: QPS rate limit
}

// CodeOf reads the status that a call returned and the error of NewError in the
// same way.
func ExampleCodeOf() {
	received := status.Convert(codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT)).Err()

	code, ok := codetable.CodeOf[jverificationv1.ResponseCode](received)
	switch {
	case !ok:
		fmt.Println("another failure:", received)
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT:
		fmt.Println("not the number of this phone")
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST:
		fmt.Println("get a new token")
	default:
		fmt.Println("code", code)
	}
	// Output: not the number of this phone
}

func ExampleFromError() {
	received := status.Convert(codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT)).Err()

	if e, ok := codetable.FromError(fmt.Errorf("verify: %w", received)); ok {
		fmt.Println(e.Domain(), e.Number(), e.Reason())
		fmt.Println(e.Fault(), "-", e.Retry())
		fmt.Println(e.Remote())
	}
	// Output:
	// jverification.jiguang.cn 1804 QPS_LIMIT
	// FAULT_OPERATOR - SAME_REQUEST after 1s
	// true
}

func ExampleIs() {
	err := errors.Join(errors.New("verify"), codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT))
	fmt.Println(codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT))
	// Output: true
}

func ExampleLookup() {
	spec, listed := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_CAPTCHA_ID_NOT_BIND)
	fmt.Println(spec.Reason(), listed)

	// The table defines common values for numbers that the enum does not list.
	spec, listed = codetable.Lookup(jverificationv1.ResponseCode(4242))
	fmt.Println(spec.Reason(), spec.GRPCCode(), listed)
	// Output:
	// CAPTCHA_ID_NOT_BIND true
	// UNRECOGNIZED_CODE Unknown false
}

func ExampleAll() {
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if code > 1803 {
			break
		}
		fmt.Printf("%4d %-18s %v\n", code, spec.Reason(), spec.GRPCCode())
	}
	// Output:
	//    0 SUCCESS            OK
	// 1801 INVALID_PARAMETERS InvalidArgument
	// 1802 AUTH_FAILED        Unauthenticated
	// 1803 NO_PERMISSION      PermissionDenied
}

// Call Check in a test of the package that owns the enum.
func ExampleCheck() {
	fmt.Println(codetable.Check[jverificationv1.ResponseCode]())
	// Output: <nil>
}

func ExampleError_UserMessage() {
	e, _ := codetable.FromError(codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST))
	fmt.Println(e.UserMessage("fr-CH, zh-Hans;q=0.8", "en"))
	fmt.Println(e.UserMessage("fr", "en"))
	// Output:
	// 验证已过期，请重新开始验证。
	// The verification has expired. Please start it again.
}

func ExampleWithMetadata() {
	err := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_UNKNOWN_RESULT,
		codetable.WithMetadata("id", "117270465679982592"),
		codetable.WithCause(errors.New("the upstream timed out"))) // for logs only

	e, _ := codetable.FromError(err)
	fmt.Println(e.Metadata())
	fmt.Println(err)
	// Output:
	// map[code:9002 id:117270465679982592]
	// jverification.jiguang.cn 9002 UNKNOWN_RESULT: Unknown result: the upstream timed out
}

func ExampleSpec() {
	spec, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM)
	detail, subject := spec.Detail()
	fmt.Println(spec.Description())
	fmt.Println(spec.Fault(), "-", spec.Retry())
	fmt.Println(detail, "of", subject)
	fmt.Println(spec.Locales())
	// Output:
	// verify interval is less than the minimum limit
	// FAULT_END_USER - NEW_INPUT after 30s
	// DETAIL_TYPE_QUOTA_FAILURE of phone
	// [en zh-CN]
}
