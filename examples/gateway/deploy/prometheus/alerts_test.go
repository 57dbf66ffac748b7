package prometheus_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/prometheustest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	root    = "../../../.." // of the repository
	runbook = "https://github.com/codetable/grpc-codetable/blob/main/"

	// noMoney is the alert for 9018, and unpaid its series for a method.
	noMoney = "ResponseCodeAppkeyNoMoney"
	unpaid  = `codetable_failures_total{grpc_method="VerifyNumber", domain="jverification.jiguang.cn", reason="APPKEY_NO_MONEY"}`
	// mistyped is the series of 9001: the end user typed another number.
	mistyped = `codetable_failures_total{grpc_method="VerifyNumber", domain="jverification.jiguang.cn", reason="VERIFY_NOT_CONSISTENT"}`
)

// account is an upstream whose account pays for two answers.
func account(t *testing.T) *embedded.Upstream {
	t.Helper()
	return gatewaytest.Simulator(t, func(c *simulator.Config) { c.Balance, c.NumberGap = 2, 0 })
}

// verify verifies a number with a token of the number of the end user's SIM.
func verify(t *testing.T, g *commandtest.Gateway, u *embedded.Upstream, sim string) error {
	t.Helper()
	_, err := g.Client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: u.Simulator.IssueToken(sim)})
	return err
}

// spend uses up the account with a success and with an answer that the end user has to
// act on, and waits until Prometheus has seen both, and no failure of the operator.
func spend(t *testing.T, g *commandtest.Gateway, u *embedded.Upstream, s *prometheustest.Server) {
	t.Helper()
	if err := verify(t, g, u, phone); err != nil {
		t.Fatal(err)
	}
	if err := verify(t, g, u, "13900000001"); !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT) {
		t.Fatalf("error = %v, want 9001", err)
	}
	s.AwaitQuery(t, mistyped+" == 1")
	s.AwaitQuery(t, unpaid+" == 0")
}

// TestOutOfMoney is the whole story of an alert: the account runs out of money, the
// alert fires and leads to its section of the runbook, the account is filled, and the
// alert ends.
func TestOutOfMoney(t *testing.T) {
	t.Parallel()
	rules := generate(t, "--window", "5s")
	upstream := account(t)
	g := commandtest.Start(t, commandtest.Options{Upstream: upstream, Settings: "cooldown: on\nadmin: true", Args: []string{"-internal"}})
	s := prometheustest.Start(t, g.Metrics, rules)
	spend(t, g, upstream, s)

	wantUnpaid(t, verify(t, g, upstream, phone))
	alert := awaitAlert(t, s)
	checkPrompt(t, s, alert)
	checkRunbook(t, string(alert.Annotations["runbook_url"]))

	upstream.Simulator.Refill(10)
	wantUnpaid(t, verify(t, g, upstream, phone)) // from the memory of the cool-down
	endCooldown(t, g)
	if err := verify(t, g, upstream, phone); err != nil {
		t.Fatalf("after the account was filled: %v", err)
	}
	prometheustest.Await(t, "an end of the alert", func() bool { return len(s.Alerts(t)) == 0 })
}

func wantUnpaid(t *testing.T, err error) {
	t.Helper()
	if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY) {
		t.Fatalf("error = %v, want 9018", err)
	}
}

// endCooldown does what the guide tells an operator to do.
func endCooldown(t *testing.T, g *commandtest.Gateway) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://"+g.Metrics+"/cooldown", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusOK {
		t.Fatalf("the cool-down was not ended: %s", response.Status)
	}
}

// TestFirstFailure has the committed rules, and a gateway whose callers see nothing of
// the operator's faults.
func TestFirstFailure(t *testing.T) {
	t.Parallel()
	upstream := account(t)
	g := commandtest.Start(t, commandtest.Options{Upstream: upstream, Settings: "cooldown: off"})
	s := prometheustest.Start(t, g.Metrics, "alerts.yaml", "recording.yaml")
	spend(t, g, upstream, s)

	err := verify(t, g, upstream, phone)
	if _, ok := codetable.Masked(err); !ok {
		t.Fatalf("error = %v, want a mask", err)
	}
	checkPrompt(t, s, awaitAlert(t, s))
	// increase misses what a series has when it is seen for the first time.
	if got := s.AwaitQuery(t, "increase("+unpaid+"[1m]) > 0"); len(got) != 1 || got[0].Metric["masked"] != "true" {
		t.Errorf("increase = %v, want one of masked failures", got)
	}
	checkNested(t, g, upstream, s)
	checkHealth(t, s)
}

// checkNested pays for a verification, and no longer for the risk in its reply: the call
// succeeds, and the operator is told all the same.
func checkNested(t *testing.T, g *commandtest.Gateway, u *embedded.Upstream, s *prometheustest.Server) {
	t.Helper()
	u.Simulator.Refill(1)
	request := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: u.Simulator.IssueToken(phone), AssessRisk: true}
	if _, err := g.Client.VerifyNumber(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	prometheustest.Await(t, "an alert for 1805", func() bool {
		return s.Alerts(t)["ResponseCodeInsufficientBalance"].State == prometheusv1.AlertStateFiring
	})
}

// awaitAlert waits for the alert for 9018, and wants no other: nobody is woken because
// an end user mistyped.
func awaitAlert(t *testing.T, s *prometheustest.Server) (alert prometheusv1.Alert) {
	t.Helper()
	prometheustest.Await(t, "an alert for 9018", func() bool {
		alert = s.Alerts(t)[noMoney]
		return alert.State == prometheusv1.AlertStateFiring
	})
	if alert.Labels["severity"] != "page" || alert.Labels["fault"] != "OPERATOR" {
		t.Errorf("labels = %v, want a page of an operator's fault", alert.Labels)
	}
	for name := range s.Alerts(t) {
		if name != noMoney {
			t.Errorf("alert %s, want %s alone", name, noMoney)
		}
	}
	return alert
}

// checkPrompt wants the alert within two evaluations after the scrape that saw the first
// failure. Both times are Prometheus' own: a sample has the time at which its scrape was
// due, and activeAt is the time for which the rule was evaluated. So a machine that is
// slow changes neither, unless Prometheus leaves evaluations out, which it counts.
func checkPrompt(t *testing.T, s *prometheustest.Server, alert prometheusv1.Alert) {
	t.Helper()
	seen := s.Scraped(t, unpaid, 1)
	took, most := alert.ActiveAt.Sub(seen), time.Duration(2+s.Missed(t))*prometheustest.Interval
	if took < 0 || took > most {
		t.Errorf("the alert is active since %v, %v after the scrape that saw the failure: want %v at most", alert.ActiveAt, took, most)
	}
	t.Logf("the alert is active %v after the scrape that saw the first failure", took)
}

// checkRunbook follows the link of an alert to a section of a file in the repository.
func checkRunbook(t *testing.T, link string) {
	t.Helper()
	path, inside := strings.CutPrefix(link, runbook)
	target, err := url.Parse(path)
	if err != nil || !inside || target.Fragment == "" {
		t.Fatalf("runbook_url = %q, want a section of a file under %s: %v", link, runbook, err)
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(target.Path)))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), fmt.Sprintf(`<a id="%s"></a>`, html.EscapeString(target.Fragment)))
	if !ok {
		t.Fatalf("%s has no anchor %s", target.Path, target.Fragment)
	}
	if title, _, _ := strings.Cut(strings.TrimSpace(section), "\n"); !strings.Contains(title, "9018") {
		t.Errorf("the link leads to %q, want 9018", title)
	}
}

// checkHealth wants Prometheus to have evaluated each rule without an error.
func checkHealth(t *testing.T, s *prometheustest.Server) {
	t.Helper()
	var faults error
	prometheustest.Await(t, "an evaluation of each rule", func() bool {
		var evaluated bool
		evaluated, faults = health(t, s)
		return evaluated
	})
	if faults != nil {
		t.Error(faults)
	}
}

func health(t *testing.T, s *prometheustest.Server) (evaluated bool, faults error) {
	t.Helper()
	result, err := s.Rules(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	evaluated = len(result.Groups) > 0
	for _, group := range result.Groups {
		for _, rule := range group.Rules {
			var name, problem string
			var state prometheusv1.RuleHealth
			switch rule := rule.(type) {
			case prometheusv1.AlertingRule:
				name, problem, state = rule.Name, rule.LastError, rule.Health
			case prometheusv1.RecordingRule:
				name, problem, state = rule.Name, rule.LastError, rule.Health
			}
			evaluated = evaluated && state != prometheusv1.RuleHealthUnknown
			if problem != "" {
				faults = errors.Join(faults, fmt.Errorf("%s: %s", name, problem))
			}
		}
	}
	return evaluated, faults
}

// generate runs the command that wrote the files of this folder, with other flags. It
// returns the path of the alerts.
func generate(t *testing.T, flags ...string) string {
	t.Helper()
	out := t.TempDir()
	args := append([]string{
		"run", "./codetable", "gen", "prometheus", "--proto", "../../proto", "--out", out,
		"--runbook-url", runbook + "examples/gateway/deploy/runbook.md",
	}, flags...)
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = filepath.Join(root, "interceptor", "cmd")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return filepath.Join(out, "alerts.yaml")
}
