package prometheus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"google.golang.org/grpc/codes"

	dto "github.com/prometheus/client_model/go"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/prometheustest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const phone = "13800138000"

// methods call each method with one word that the simulator answers by.
var methods = map[string]func(context.Context, jverificationv1.VerificationServiceClient, string) error{
	"VerifyNumber": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		_, err := c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word})
		return err
	},
	"VerifyNumbers": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		stream, err := c.VerifyNumbers(ctx)
		if err != nil {
			return err
		}
		item := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word}
		if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
			return err
		}
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		return codetable.NewError(answer.GetItem().GetCode())
	},
	"ExchangeLoginToken": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		_, err := c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: word})
		return err
	},
	"QueryBusinessRisk": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		_, err := c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: word})
		return err
	},
	"CheckCaptcha": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		_, err := c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: word})
		return err
	},
	"EnableOneClickLogin": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) error {
		_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: word, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example",
		})
		return err
	},
}

// sendEveryCode has the upstream answer each method with each code of the table, and
// with one that the table does not list. A success of another method is unintelligible.
func sendEveryCode(t *testing.T, g *commandtest.Gateway) {
	t.Helper()
	numbers := []jverificationv1.ResponseCode{-77}
	for code := range codetable.All[jverificationv1.ResponseCode]() {
		numbers = append(numbers, code)
	}
	if got := len(numbers) - 1; got != 49 {
		t.Errorf("the table has %d codes, want 49", got)
	}
	for name, call := range methods {
		for _, number := range numbers {
			err := call(t.Context(), g.Client, fmt.Sprintf("code-%d", number))
			if spec, _ := codetable.Lookup(number); spec.GRPCCode() != codes.OK && !codetable.Is(err, number) {
				t.Errorf("%s: code-%d is %v", name, number, err)
			}
		}
	}
}

// scrape returns what the gateway exposes in a format.
func scrape(t *testing.T, g *commandtest.Gateway, format string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.Metrics+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", format)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if got := response.Header.Get("Content-Type"); err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(got, format) {
		t.Fatalf("%s of type %s, want %s: %v", response.Status, got, format, err)
	}
	return text
}

// TestExposition looks at what the gateway exposes after every code was sent.
func TestExposition(t *testing.T) {
	t.Parallel()
	g := commandtest.Start(t, commandtest.Options{
		Upstream: gatewaytest.Simulator(t), Settings: "cooldown: off\nrisk-attempts: 1", Args: []string{"-internal"},
		Env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"}, // spans are made, and go nowhere
	})
	sendEveryCode(t, g)
	text := scrape(t, g, "text/plain")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("lint", func(t *testing.T) {
		t.Parallel()
		lint(t, text)
	})
	t.Run("lint with a cool-down", func(t *testing.T) {
		t.Parallel()
		lint(t, scrape(t, commandtest.Start(t, commandtest.Options{Upstream: gatewaytest.Simulator(t)}), "text/plain"))
	})
	t.Run("contract", func(t *testing.T) {
		t.Parallel()
		checkContract(t, families)
	})
	t.Run("private", func(t *testing.T) {
		t.Parallel()
		checkLabels(t, families)
	})
	t.Run("OpenMetrics", func(t *testing.T) {
		t.Parallel()
		checkOpenMetrics(t, g)
	})
}

// lint wants promtool to find nothing.
func lint(t *testing.T, text []byte) {
	t.Helper()
	promtool := programtest.Program{Name: "promtool", Package: "prometheus"}.Find(t)
	command := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	command.Stdin = bytes.NewReader(text)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// checkOpenMetrics lets Prometheus read the text, which it refuses for a single fault.
func checkOpenMetrics(t *testing.T, g *commandtest.Gateway) {
	t.Helper()
	if text := scrape(t, g, "application/openmetrics-text"); !bytes.HasSuffix(text, []byte("\n# EOF\n")) {
		t.Errorf("the text has no end: %q", text[max(0, len(text)-80):])
	}
	s := prometheustest.Start(t, g.Metrics)
	s.AwaitQuery(t, "up == 1")
	if got := s.Query(t, `count(codetable_failures_total{reason!=""} > 0)`); len(got) != 1 || got[0].Value < 49-5 {
		t.Errorf("%v series of failures, want one or more for each of the 44 codes that fail", got)
	}
	now := time.Now()
	found, err := s.QueryExemplars(t.Context(), "codetable_failures_total", now.Add(-time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || len(found[0].Exemplars) == 0 || found[0].Exemplars[0].Labels["trace_id"] == "" {
		t.Errorf("exemplars = %v, want some with a trace id", found)
	}
}

// private is what no label may hold: a phone number, an address, and a word that the
// test has sent.
var private = regexp.MustCompile(`\d{6,}|\d+\.\d+\.\d+\.\d+|localhost|code-|com\.example`)

// public are labels of the Go runtime and of buckets.
var public = []string{"version", "le", "quantile"}

func checkLabels(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if !slices.Contains(public, label.GetName()) && private.MatchString(label.GetValue()) {
					t.Errorf("%s{%s=%q} may be private", name, label.GetName(), label.GetValue())
				}
			}
		}
	}
}
