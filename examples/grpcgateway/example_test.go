package grpcgateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	gw "github.com/codetable/grpc-codetable/examples/grpcgateway/jverificationv1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// expiring is a service whose tokens have always expired.
type expiring struct {
	jverificationv1.UnimplementedVerificationServiceServer
}

func (expiring) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return nil, fmt.Errorf("verify 13800138000: %w", codetable.NewError(
		jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST,
		codetable.WithCause(errors.New("token cache at 10.0.0.7: no such key"))))
}

func Example() {
	mux := runtime.NewServeMux(runtime.WithErrorHandler(
		func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
			rest.WriteError(w, r, err)
		}))
	if err := gw.RegisterVerificationServiceHandlerServer(context.Background(), mux, expiring{}); err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/numbers:verify", strings.NewReader(`{"phone":"13800138000","token":"t"}`))
	r.Header.Set("Accept-Language", "zh-CN")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Language"))
	fmt.Println(strings.ReplaceAll(strings.TrimSpace(w.Body.String()), `{"@`, "\n"+`{"@`))
	// Output:
	// 400 zh-CN
	// {"code":9,"message":"Token expired or does not exist","details":[
	// {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TOKEN_EXPIRED_OR_NOT_EXIST","domain":"jverification.jiguang.cn","metadata":{"code":"9003"}},
	// {"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[{"type":"TOKEN_EXPIRED_OR_NOT_EXIST","subject":"token","description":"Token expired or does not exist"}]},
	// {"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"zh-CN","message":"验证已过期，请重新开始验证。"}]}
}
