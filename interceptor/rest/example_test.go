package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

func ExampleDo() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":117270465679982593,"code":9001,"content":"verify not consistent"}`)
	}))
	defer upstream.Close()

	// Set a deadline, so that a slow reply does not block the caller. Do not retry
	// without a new token: the token is single-use.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, upstream.URL, strings.NewReader(`{"token":"t","phone":"p"}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	var reply struct {
		ID int64 `json:"id"`
	}
	err = rest.Do[jverificationv1.ResponseCode](upstream.Client(), req, &reply)
	switch code, _ := codetable.CodeOf[jverificationv1.ResponseCode](err); {
	case err == nil:
		fmt.Println("the number is the user's own")
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT:
		fmt.Println("the number is not the user's own, says", reply.ID)
	default:
		fmt.Println("not known:", err)
	}
	// Output: the number is not the user's own, says 117270465679982593
}

func ExampleWithCodeField() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		_, _ = io.WriteString(w, `{"result":{"errcode":"1804","trace":"t-17"},"errmsg":"slow down"}`)
	}))
	defer upstream.Close()

	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, upstream.URL, http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = rest.Do[jverificationv1.ResponseCode](upstream.Client(), req, nil,
		rest.WithCodeField("result.errcode"),
		rest.WithMetadataField("result.trace", "traceId"),
		rest.WithContentField("errmsg"))
	if coded, ok := codetable.FromError(err); ok {
		fmt.Println(coded.Reason(), coded.Retry(), coded.Metadata()["traceId"])
		fmt.Println(coded.Unwrap())
	}
	// Output:
	// QPS_LIMIT SAME_REQUEST after 3s t-17
	// upstream says: slow down
}

func ExampleWriteError() {
	// One translator decides what the public may see, as in a server interceptor.
	public := rest.WithTranslator(interceptor.NewTranslator(interceptor.WithPublicBoundary()))
	verify := func(*http.Request) error {
		return fmt.Errorf("verify 13800138000: %w",
			codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID))
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := verify(r); err != nil {
			rest.WriteError(w, r, err, public)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/verifications", nil))
	fmt.Println(w.Code)
	fmt.Print(w.Body)
	// Output:
	// 400
	// {"code":3,"message":"Parameter error","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"PARAMETER_INVALID","domain":"jverification.jiguang.cn","metadata":{"code":"9012"}}]}
}
