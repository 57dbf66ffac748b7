package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// repeating is an upstream whose reply is the token of the request.
func repeating(t *testing.T) *stub {
	return newStub(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Token string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, body.Token)
	})
}

// counted returns the series of a metric that are not 0, each as the values of
// some labels and the value.
func counted(t *testing.T, registry *prometheus.Registry, name string, labels ...string) (list []string) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if family.GetName() != name || value == 0 {
				continue
			}
			words := make([]string, len(labels), len(labels)+1)
			for _, label := range m.GetLabel() {
				if i := slices.Index(labels, label.GetName()); i >= 0 {
					words[i] = label.GetValue()
				}
			}
			list = append(list, strings.Join(append(words, fmt.Sprint(value)), " "))
		}
	}
	return list
}

// TestPartsAreSignalled wants items, and the risk beside an answer, to be
// counted, logged and traced as what they are, also where they succeed.
func TestPartsAreSignalled(t *testing.T) {
	t.Parallel()
	registry, logs, spans := prometheus.NewRegistry(), &logBuffer{}, make(ended, 100)
	config := configFor(repeating(t).URL, logs)
	config.Registerer, config.PublicBoundary = registry, true
	config.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	client := dial(t, config)
	got := ask(t, client, []*jverificationv1.VerifyNumberRequest{
		{Phone: phone, Token: `{"code":9001,"id":117270465679982593}`},
		{Phone: phone, Token: `{"code":9000,"riskCheck":{"code":1805}}`, AssessRisk: true},
		{Phone: phone, Token: `{"code":9018}`},
		{Phone: phone, Token: `{"code":9000,"riskCheck":{"code":0}}`, AssessRisk: true},
	})
	if len(got) != 4 {
		t.Errorf("answers %v", got)
	}
	wantFailures := []string{
		"VerifyNumbers VERIFY_NOT_CONSISTENT END_USER FailedPrecondition false 1",
		"QueryBusinessRisk INSUFFICIENT_BALANCE OPERATOR Internal true 1",
		"VerifyNumbers APPKEY_NO_MONEY OPERATOR Internal true 1",
	}
	if diff := cmp.Diff(wantFailures, counted(t, registry, "codetable_failures_total", "grpc_method", "reason", "fault", "grpc_code", "masked")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	// Four items, and the stream itself. The success of the fourth, and of its risk,
	// ends what the others began.
	if diff := cmp.Diff([]string{"QueryBusinessRisk 2", "VerifyNumbers 5"}, counted(t, registry, "codetable_calls_total", "grpc_method")); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if standing := counted(t, registry, "codetable_standing_faults", "reason"); len(standing) > 0 {
		t.Errorf("standing %v", standing)
	}
	line := regexp.MustCompile(`level=\w+ msg="finished part" .*`)
	var parts []string
	for _, l := range line.FindAllString(logs.String(), -1) {
		words := regexp.MustCompile(`(level|grpc\.method|codetable\.code|codetable\.metadata\.id)=(\S+)`).FindAllStringSubmatch(l, -1)
		var values []string
		for _, word := range words {
			values = append(values, word[2])
		}
		parts = append(parts, strings.Join(values, " "))
	}
	wantParts := []string{
		"INFO VerifyNumbers 9001 117270465679982593", "ERROR QueryBusinessRisk 1805", "DEBUG VerifyNumbers",
		"ERROR VerifyNumbers 9018", "DEBUG QueryBusinessRisk", "DEBUG VerifyNumbers",
	}
	if diff := cmp.Diff(wantParts, parts); diff != "" {
		t.Errorf("parts in the log (-want +got):\n%s\n%s", diff, logs)
	}
	wantEvents := []string{"VERIFY_NOT_CONSISTENT", "INSUFFICIENT_BALANCE", "APPKEY_NO_MONEY"}
	if diff := cmp.Diff(wantEvents, spans.events("jiguang.jverification.v1.VerificationService/VerifyNumbers")); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// ended are the spans that have ended. That of a call may end after the client has
// its answer.
type ended chan sdktrace.ReadOnlySpan

// ExportSpans implements [sdktrace.SpanExporter].
func (e ended) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		e <- span
	}
	return nil
}

// Shutdown implements [sdktrace.SpanExporter].
func (ended) Shutdown(context.Context) error { return nil }

// events waits for the span of a call, and returns the types of the errors of
// its parts.
func (e ended) events(name string) (types []string) {
	span := <-e
	for span.Name() != name {
		span = <-e
	}
	for _, event := range span.Events() {
		for _, a := range event.Attributes {
			if event.Name == "codetable.failure" && a.Key == "error.type" {
				types = append(types, a.Value.AsString())
			}
		}
	}
	return types
}

// TestLevelsFollowTheFault wants an account without money and a wrong key to be
// errors, and a number that the end user mistyped not to be, for calls and items.
func TestLevelsFollowTheFault(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{
		`{"code":9018}`: "ERROR", `{"code":9011}`: "ERROR", `{"code":9001}`: "INFO", `{"code":9099}`: "WARN", `{"code":77}`: "ERROR",
	} {
		for _, public := range []bool{false, true} {
			t.Run(fmt.Sprint(reply, " public ", public), func(t *testing.T) {
				t.Parallel()
				logs := &logBuffer{}
				config := configFor(newStub(t, saying(reply)).URL, logs)
				config.PublicBoundary = public
				client := dial(t, config)
				if err := verify(t.Context(), client); err == nil {
					t.Fatal("no error")
				}
				ask(t, client, []*jverificationv1.VerifyNumberRequest{{Phone: phone, Token: token}})
				for _, line := range []string{`msg="finished call" .*grpc\.method=VerifyNumber `, `msg="finished part" `} {
					if !regexp.MustCompile(`level=` + want + ` ` + line).MatchString(logs.String()) {
						t.Errorf("no line level=%s %s:\n%s", want, line, logs)
					}
				}
			})
		}
	}
}

// TestFirstFailure wants every code that a method declares to be counted from 0,
// with the labels that its failure has, so that the first failure is an increase.
func TestFirstFailure(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		registry := prometheus.NewRegistry()
		config := configFor(repeating(t).URL, io.Discard)
		config.Registerer, config.PublicBoundary = registry, public
		client := dial(t, config)
		before := gathered(t, registry)
		for _, code := range []int{9018, 9001, 9099, 9011, 77} {
			_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: fmt.Sprintf(`{"code":%d}`, code)})
			if err == nil {
				t.Error("no error")
			}
		}
		if diff := cmp.Diff(before, gathered(t, registry)); diff != "" || before == 0 {
			t.Errorf("public %t: the failures made series (-before +after):\n%s", public, diff)
		}
		if got := counted(t, registry, "codetable_standing_faults", "reason"); !slices.Equal(got, []string{"APPKEY_NO_MONEY 1", "VERIFY_AUTH_FAILED 1"}) {
			t.Errorf("standing %v", got)
		}
	}
}

// gathered returns the number of series of failures and standing faults.
func gathered(t *testing.T, registry *prometheus.Registry) (n int) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		switch family.GetName() {
		case "codetable_failures_total", "codetable_standing_faults", "codetable_calls_total":
			n += len(family.GetMetric())
		}
	}
	return n
}
