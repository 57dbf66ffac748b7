package grpcgateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	gw "github.com/codetable/grpc-codetable/examples/grpcgateway/jverificationv1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const (
	expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	tooSoon = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
	noMoney = jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY

	// secret is in every error of the tests, where no caller may see it.
	secret = "postgres://admin:hunter2@db.internal"
)

// failing is a service that fails as a test says.
type failing struct {
	jverificationv1.UnimplementedVerificationServiceServer

	err error
}

func (f failing) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return nil, f.err
}

// inProcess calls the service without gRPC between, and without interceptors.
func inProcess(t *testing.T, err error, opts ...runtime.ServeMuxOption) http.Handler {
	t.Helper()
	mux := runtime.NewServeMux(opts...)
	if err := gw.RegisterVerificationServiceHandlerServer(t.Context(), mux, failing{err: err}); err != nil {
		t.Fatal(err)
	}
	return mux
}

// connected calls the service over gRPC, through the interceptors of a server.
func connected(t *testing.T, err error, opts ...runtime.ServeMuxOption) http.Handler {
	t.Helper()
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()))
	jverificationv1.RegisterVerificationServiceServer(server, failing{err: err})
	listener := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(listener) }()
	conn, dialErr := grpc.NewClient("passthrough:///service", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if dialErr != nil {
		t.Fatal(dialErr)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
	})
	mux := runtime.NewServeMux(opts...)
	if err := gw.RegisterVerificationServiceHandler(t.Context(), mux, conn); err != nil {
		t.Fatal(err)
	}
	return mux
}

// writing has WriteError as the error handler.
func writing(opts ...rest.WriteOption) runtime.ServeMuxOption {
	return runtime.WithErrorHandler(
		func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
			rest.WriteError(w, r, err, opts...)
		})
}

// answer is what an HTTP caller gets.
type answer struct {
	*httptest.ResponseRecorder
	Code    int
	Message string
	Details []map[string]any
}

// ask makes a call in a language, "" for none.
func ask(t *testing.T, handler http.Handler, language string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/numbers:verify", strings.NewReader(`{"phone":"13800138000"}`))
	if language != "" {
		r.Header.Set("Accept-Language", language)
	}
	a := answer{ResponseRecorder: httptest.NewRecorder()}
	handler.ServeHTTP(a, r)
	if err := json.Unmarshal(a.Body.Bytes(), &a); err != nil {
		t.Errorf("%v: %s", err, a.Body)
	}
	return a
}

// detail returns the details of a type.
func (a answer) detail(name string) []map[string]any {
	var found []map[string]any
	for _, detail := range a.Details {
		if detail["@type"] == "type.googleapis.com/google.rpc."+name {
			found = append(found, detail)
		}
	}
	return found
}

// outcome is the HTTP status, the gRPC code, the reason and Retry-After.
func (a answer) outcome() string {
	reason := "-"
	for _, info := range a.detail("ErrorInfo") {
		reason = fmt.Sprint(info["reason"])
	}
	return fmt.Sprintf("%d %v %s %s", a.ResponseRecorder.Code, codes.Code(a.Code), reason, a.Header().Get("Retry-After"))
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		err        error
	}{
		{"code", "400 FailedPrecondition TOKEN_EXPIRED_OR_NOT_EXIST ", codetable.NewError(expired, codetable.WithCause(errors.New(secret)))},
		{"wrapped code", "429 ResourceExhausted VERIFY_INTERVAL_BELOW_MINIMUM 30", fmt.Errorf("%s: %w", secret, codetable.NewError(tooSoon))},
		{"joined code", "400 FailedPrecondition APPKEY_NO_MONEY ", errors.Join(errors.New(secret), codetable.NewError(noMoney))},
		{"wrapped status", "404 NotFound - ", fmt.Errorf("%s: %w", secret, status.Error(codes.NotFound, "no such number"))},
		{"wrapped cancellation", "499 Canceled - ", fmt.Errorf("%s: %w", secret, context.Canceled)},
		{"bare error", "500 Internal - ", errors.New(secret)},
	}
	handlers := map[string]func(*testing.T, error, ...runtime.ServeMuxOption) http.Handler{"in process": inProcess, "connected": connected}
	for _, tt := range tests {
		for how, serve := range handlers {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				got := ask(t, serve(t, tt.err, writing()), "")
				if outcome := got.outcome(); outcome != tt.want {
					t.Errorf("got %q, want %q", outcome, tt.want)
				}
				if strings.Contains(fmt.Sprint(got.Header(), got.Body), "hunter2") {
					t.Errorf("leaked: %v %s", got.Header(), got.Body)
				}
				if texts := got.detail("LocalizedMessage"); len(texts) > 0 {
					t.Errorf("nobody asked for %v", texts)
				}
			})
		}
	}
}

// TestDefaultHandlerLeaks says what WriteError is for, and that TestNothingLeaks
// looks where it has to.
func TestDefaultHandlerLeaks(t *testing.T) {
	t.Parallel()
	for _, err := range []error{fmt.Errorf("%s: %w", secret, codetable.NewError(expired)), errors.New(secret)} {
		if got := ask(t, inProcess(t, err), ""); !strings.Contains(got.Body.String(), "hunter2") {
			t.Errorf("%v is not in %s", err, got.Body)
		}
	}
}

// TestLanguage wants one user message, whoever has added it: grpc-gateway tells
// a server the language as grpcgateway-accept-language.
func TestLanguage(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(expired)
	spec, _ := codetable.Lookup(expired)
	handlers := map[string]http.Handler{
		"in process":                     inProcess(t, err, writing()),
		"connected":                      connected(t, err, writing()),
		"connected, the default handler": connected(t, err),
	}
	for name, handler := range handlers {
		for _, language := range []string{"zh-CN", "en-GB, zh;q=0.5", "tlh", "*"} {
			message, locale := spec.UserMessage(language)
			got := ask(t, handler, language)
			texts := got.detail("LocalizedMessage")
			if len(texts) != 1 || texts[0]["locale"] != locale || texts[0]["message"] != message {
				t.Errorf("%s, %s: %v, want %q", name, language, texts, message)
			}
			header := got.Header().Get("Content-Language")
			if written := !strings.Contains(name, "default"); written && header != locale {
				t.Errorf("%s, %s: Content-Language %q, want %q", name, language, header, locale)
			}
		}
	}
}

// TestPublic hides what only the operator can fix.
func TestPublic(t *testing.T) {
	t.Parallel()
	public := rest.WithTranslator(interceptor.NewTranslator(interceptor.WithPublicBoundary()))
	got := ask(t, inProcess(t, codetable.NewError(noMoney), writing(public)), "zh-CN")
	if got.ResponseRecorder.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "MONEY") {
		t.Errorf("HTTP %d: %s", got.ResponseRecorder.Code, got.Body)
	}
	texts, ids := got.detail("LocalizedMessage"), got.detail("RequestInfo")
	if len(texts) != 1 || texts[0]["locale"] != "zh-CN" || len(ids) != 1 || ids[0]["requestId"] == "" {
		t.Errorf("details %v", got.Details)
	}
}
