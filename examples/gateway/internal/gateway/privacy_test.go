package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// private is what must be nowhere but in the calls themselves.
var private = []string{
	phone, token, masterSecret, devSecret,
	base64.StdEncoding.EncodeToString([]byte(appKey + ":" + masterSecret)),
	base64.StdEncoding.EncodeToString([]byte(devKey + ":" + devSecret)),
}

// everyMethod calls all six methods and returns the texts of their errors.
func everyMethod(t *testing.T, client jverificationv1.VerificationServiceClient) string {
	t.Helper()
	ctx := t.Context()
	calls := []func(context.Context) error{
		func(ctx context.Context) error { return verify(ctx, client) },
		func(ctx context.Context) error {
			_, err := client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token, AssessRisk: true})
			return err
		},
		func(ctx context.Context) error {
			_, err := client.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
			return err
		},
		func(ctx context.Context) error {
			_, err := client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token})
			return err
		},
		func(ctx context.Context) error {
			_, err := client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: appKey, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: phone,
			})
			return err
		},
	}
	var errs []error
	for _, call := range calls {
		errs = append(errs, call(ctx))
	}
	ask(t, client, []*jverificationv1.VerifyNumberRequest{{Phone: phone, Token: token}})
	return fmt.Sprintf("%+v", errors.Join(errs...))
}

// spanLog writes whole spans to a log.
type spanLog struct{ logs io.Writer }

func (s spanLog) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		fmt.Fprintln(s.logs, "span", span.Name(), span.Attributes(), span.Events(), span.Status())
	}
	return nil
}

func (spanLog) Shutdown(context.Context) error { return nil }

// echo is all that the upstream knows of a call.
func echo(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	return fmt.Sprint(string(body), r.Header.Get("Authorization"), err)
}

// spoken are answers that are not HTTP, of an upstream that repeats the request on
// one line. net/http quotes what it can't read.
var spoken = map[string]func(request string) string{
	"not HTTP": func(request string) string { return oneLine(request) + "\r\n\r\n" },
	"status":   func(request string) string { return "HTTP/1.1 " + oneLine(request) + "\r\n\r\n" },
	"header":   func(request string) string { return "HTTP/1.1 200 OK\r\n" + oneLine(request) + "\r\n\r\n" },
	"length": func(request string) string {
		return "HTTP/1.1 200 OK\r\nContent-Length: " + oneLine(request) + "\r\n\r\n"
	},
	"encoding": func(request string) string {
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + oneLine(request) + "\r\n\r\n"
	},
	"chunk": func(request string) string {
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + oneLine(request) + "\r\n"
	},
	"location": func(request string) string {
		return "HTTP/1.1 302 Found\r\nLocation: :" + oneLine(request) + "\r\nContent-Length: 0\r\n\r\n"
	},
}

// oneLine has no line breaks, and the secret in clear.
func oneLine(request string) string {
	return strings.NewReplacer("\r", "", "\n", " ").Replace(request) + masterSecret
}

// TestNothingPrivateIsToldOn has an upstream that repeats what it was sent,
// beside every code and without one.
func TestNothingPrivateIsToldOn(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>", echo(r))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/?"+token+phone, http.StatusFound)
		},
		"field of another type": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"code":9001,"score":%s,"content":%q}`, phone, echo(r))
		},
		"unlisted code": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"code":77,"content":%q}`, echo(r))
		},
	}
	key := newKey(t)
	sealed := seal(t, key, phone)
	answers["a number to decrypt"] = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"code":8000,"phone":%q}`, sealed)
	}
	for name := range spoken {
		answers[name] = nil
	}
	for code := range codetable.All[jverificationv1.ResponseCode]() {
		answers[code.String()] = func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"code":%d,"content":%q}`, code, echo(r))
		}
	}
	for name, answer := range answers {
		for _, public := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, public %t", name, public), func(t *testing.T) {
				t.Parallel()
				var url string
				if answer != nil {
					url = newStub(t, answer).URL
				} else {
					url = raw(t, func(conn net.Conn, request string) { _, _ = io.WriteString(conn, spoken[name](request)) })
				}
				logs, registry := &logBuffer{}, prometheus.NewRegistry()
				config := configFor(url, logs)
				config.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
				config.Registerer = registry
				config.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spanLog{logs}))
				config.PhoneKey = key
				config.PublicBoundary = public
				config.RiskAttempts = 1 // with the delays of the table it would take a while
				told := everyMethod(t, dial(t, config))
				if got := logs.String(); !strings.Contains(got, "finished call") || !strings.Contains(got, "span") {
					t.Error("nothing was logged")
				}
				measured, err := registry.Gather()
				if err != nil {
					t.Error(err)
				}
				told += fmt.Sprint(measured)
				for _, secret := range private {
					if strings.Contains(told, secret) {
						t.Errorf("an error holds %q: %s", secret, told)
					}
					if strings.Contains(logs.String(), secret) {
						t.Errorf("the log holds %q:\n%s", secret, logs)
					}
				}
			})
		}
	}
}

func TestSecretHidesItself(t *testing.T) {
	t.Parallel()
	config := gateway.Config{MasterSecret: masterSecret, DevSecret: devSecret}
	shown := &strings.Builder{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(shown, verb, config)
		fmt.Fprintf(shown, verb, config.MasterSecret)
	}
	slog.New(slog.NewTextHandler(shown, nil)).Info("", "secret", config.MasterSecret, "config", config)
	slog.New(slog.NewJSONHandler(shown, nil)).Info("", "secret", config.MasterSecret)
	text, err := json.Marshal(config.DevSecret)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(text)
	for _, secret := range []string{masterSecret, devSecret, fmt.Sprintf("%x", masterSecret)} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%q is shown in %s", secret, shown)
		}
	}
	if !strings.Contains(shown.String(), "[redacted]") {
		t.Errorf("nothing was shown: %s", shown)
	}
}
