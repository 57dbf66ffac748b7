package rest_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

type Code = jverificationv1.ResponseCode

const (
	authFailed    = jverificationv1.ResponseCode_RESPONSE_CODE_AUTH_FAILED
	qpsLimit      = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	consistent    = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT
	notConsistent = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT
	tokenExpired  = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	tooSoon       = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
)

// published names the fields of JVerification's replies that become metadata.
var published = []rest.Option{
	rest.WithMetadataField("id", "id"),
	rest.WithMetadataField("exID", "exId"),
	rest.WithContentField("content"),
	rest.WithContent(),
}

// verifyReply is the type into which a caller decodes a reply.
type verifyReply struct {
	ID        int64  `json:"id"`
	Code      int32  `json:"code"`
	ExID      string `json:"exID"`
	Score     *int   `json:"score"`
	RiskCheck *struct {
		Code  int32    `json:"code"`
		Score *int     `json:"score"`
		Tags  []string `json:"tags"`
	} `json:"riskCheck"`
}

func newRequest(tb testing.TB, url string) *http.Request {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, url, strings.NewReader(`{"token":"t"}`))
	if err != nil {
		tb.Fatal(err)
	}
	return req
}

// callFor sends one request to a server that runs until the test ends.
func callFor[E codetable.Enum](t *testing.T, handler http.HandlerFunc, into any, opts ...rest.Option) error {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return rest.Do[E](server.Client(), newRequest(t, server.URL), into, opts...)
}

func call(t *testing.T, handler http.HandlerFunc, into any, opts ...rest.Option) error {
	t.Helper()
	return callFor[Code](t, handler, into, opts...)
}

// answer writes a reply; header lists names and values.
func answer(httpStatus int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(httpStatus)
		_, _ = io.WriteString(w, body) // 204 and 304 have no body
	}
}

// roundTripper is a transport without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// canned answers every request in the same way. header lists names and values.
func canned(httpStatus int, body []byte, header ...string) *http.Client {
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: httpStatus,
			Header:     http.Header{},
			Body:       io.NopCloser(bytes.NewReader(body)),
			Request:    req,
		}
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	})}
}

// statusOf returns the status that a gRPC server would send.
func statusOf(t *testing.T, err error) *status.Status {
	t.Helper()
	holder, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err)
	if !ok {
		t.Fatalf("error %v (%T) has no gRPC status", err, err)
	}
	return holder.GRPCStatus()
}

func codedOf(t *testing.T, err error) *codetable.Error {
	t.Helper()
	coded, ok := errors.AsType[*codetable.Error](err)
	if !ok {
		t.Fatalf("error %v (%T) is no *codetable.Error", err, err)
	}
	return coded
}

// faultOf reads a fault as a public boundary does.
func faultOf(t *testing.T, err error) codetablev1.Fault {
	t.Helper()
	faulty, ok := errors.AsType[interface {
		error
		Fault() codetablev1.Fault
	}](err)
	if !ok {
		t.Fatalf("error %v (%T) names no fault", err, err)
	}
	return faulty.Fault()
}

// texts returns the texts of all errors in the tree of err.
func texts(err error) []string {
	if err == nil {
		return nil
	}
	list := []string{err.Error()}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		list = append(list, texts(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, branch := range wrapper.Unwrap() {
			list = append(list, texts(branch)...)
		}
	}
	return list
}
