package connectcodetable_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// verifyNumber answers with the code of its upstream.
type verifyNumber func() error

const procedure = jverificationv1.VerificationService_VerifyNumber_FullMethodName

type (
	request  = jverificationv1.VerifyNumberRequest
	response = jverificationv1.VerifyNumberResponse
)

func (ask verifyNumber) VerifyNumber(context.Context, *connect.Request[request]) (*connect.Response[response], error) {
	if err := ask(); err != nil {
		return nil, fmt.Errorf("ask upstream: %w", err)
	}
	return connect.NewResponse(&response{}), nil
}

// newHandler has the form of the functions that protoc-gen-connect-go generates.
func newHandler(service verifyNumber, opts ...connect.HandlerOption) (string, http.Handler) {
	return procedure, connect.NewUnaryHandler(procedure, service.VerifyNumber, opts...)
}

// One interceptor serves both sides.
func Example() {
	service := verifyNumber(func() error {
		return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
	})

	mux := http.NewServeMux()
	mux.Handle(newHandler(service, connect.WithInterceptors(connectcodetable.NewInterceptor())))
	server := httptest.NewServer(mux)
	defer server.Close()

	client := connect.NewClient[request, response](server.Client(), server.URL+procedure,
		connect.WithInterceptors(connectcodetable.NewInterceptor()))
	_, err := client.CallUnary(context.Background(), connect.NewRequest(&request{}))
	switch code, ok := codetable.CodeOf[jverificationv1.ResponseCode](err); {
	case !ok:
		fmt.Println("no code:", connect.CodeOf(err))
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST:
		e, _ := codetable.FromError(err)
		fmt.Println(e.Reason(), e.Fault(), e.Retry(), e.UserMessage("en"))
	}
	// Output:
	// TOKEN_EXPIRED_OR_NOT_EXIST FAULT_END_USER NEW_INPUT The verification has expired. Please start it again.
}

// A client repeats a call whose code allows the same request, after the delay.
func ExampleNewRetryInterceptor() {
	calls := 0
	service := verifyNumber(func() error {
		if calls++; calls == 3 {
			return nil
		}
		return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT, codetable.WithRetryAfter(time.Millisecond))
	})

	mux := http.NewServeMux()
	mux.Handle(newHandler(service, connect.WithInterceptors(connectcodetable.NewInterceptor())))
	server := httptest.NewServer(mux)
	defer server.Close()

	retry := connectcodetable.NewRetryInterceptor(3) // at most 3 calls
	client := connect.NewClient[request, response](server.Client(), server.URL+procedure,
		connect.WithInterceptors(retry, connectcodetable.NewInterceptor()))
	_, err := client.CallUnary(context.Background(), connect.NewRequest(&request{}))
	fmt.Println(calls, err)
	// Output:
	// 3 <nil>
}

// A client without the interceptor reads the codes and the masked errors.
func ExampleStatusOf() {
	service := verifyNumber(func() error { return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT) })

	mux := http.NewServeMux()
	mux.Handle(newHandler(service, connect.WithInterceptors(connectcodetable.NewInterceptor(interceptor.WithPublicBoundary()))))
	server := httptest.NewServer(mux)
	defer server.Close()

	client := connect.NewClient[request, response](server.Client(), server.URL+procedure)
	_, err := client.CallUnary(context.Background(), connect.NewRequest(&request{}))
	st, _ := connectcodetable.StatusOf(err)
	mask, ok := codetable.Masked(st.Err())
	fmt.Println(ok, len(mask.RequestID()), mask.Retry())
	// Output:
	// true 26 SAME_REQUEST after 1s
}

// A gate answers before any interceptor is called.
func ExampleFromStatus() {
	translator := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	gate := connect.WithRequestGate(func(ctx context.Context, _ connect.Spec, _ connect.Peer, header http.Header) (context.Context, error) {
		if header.Get("Authorization") == "" {
			err := errors.New("the key store is at db-7") // has neither a code nor a status
			return ctx, connectcodetable.FromStatus(translator.Translate(ctx, err).Status)
		}
		return ctx, nil
	})
	mux := http.NewServeMux()
	mux.Handle(newHandler(func() error { return nil }, gate))
	server := httptest.NewServer(mux)
	defer server.Close()

	client := connect.NewClient[request, response](server.Client(), server.URL+procedure)
	_, err := client.CallUnary(context.Background(), connect.NewRequest(&request{}))
	fmt.Println(err)
	// Output:
	// internal: internal error
}

// The README quotes this file.
func TestReadme(t *testing.T) {
	t.Parallel()
	var texts [2]string
	for i, name := range []string{"README.md", "example_test.go"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = strings.Join(strings.Fields(string(raw)), " ")
	}
	blocks := strings.Split(texts[0], "```go ")[1:]
	if len(blocks) < 3 {
		t.Errorf("the README has %d blocks of Go", len(blocks))
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, " ```")
		if !strings.Contains(texts[1], code) {
			t.Errorf("not in example_test.go:\n%s", code)
		}
	}
}
