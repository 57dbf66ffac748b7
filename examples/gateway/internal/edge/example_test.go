package edge_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// The error of a REST call is the status that a gRPC caller gets.
func ExampleNew() {
	backend := edge.NewBackend(telemetry.Chain{Unary: []grpc.UnaryServerInterceptor{interceptor.UnaryServerInterceptor()}})
	jverificationv1.RegisterVerificationServiceServer(backend, stub{
		answer: func(context.Context, *jverificationv1.VerifyNumberRequest) error {
			return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
		},
	})
	handler, err := edge.New(backend, edge.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	front := httptest.NewUnstartedServer(handler)
	front.Config = edge.NewServer(handler)
	front.Start()
	defer front.Close()

	resp, err := http.Post(front.URL+"/v1/numbers:verify", "application/json", strings.NewReader(`{"phone":"13800138000","token":"spent"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, err)
	fmt.Println(strings.ReplaceAll(string(body), `{"@type"`, "\n"+`{"@type"`))
	// Output:
	// 400 Bad Request <nil>
	// {"code":9,"message":"Token expired or does not exist","details":[
	// {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TOKEN_EXPIRED_OR_NOT_EXIST","domain":"jverification.jiguang.cn","metadata":{"code":"9003"}},
	// {"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[{"type":"TOKEN_EXPIRED_OR_NOT_EXIST","subject":"token","description":"Token expired or does not exist"}]}]}
}
