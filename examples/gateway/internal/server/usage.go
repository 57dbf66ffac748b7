package server

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

const about = `Serves JiGuang JVerification over gRPC, gRPC-Web, Connect and REST.

Without -upstream-url it calls a simulator of its own, and says so. To call the
real upstream:

  export JVERIFICATION_UPSTREAM_URL=https://api.verification.jpush.cn
  export JVERIFICATION_APP_KEY=...
  export JVERIFICATION_MASTER_SECRET=...

EnableOneClickLogin needs three settings more, and is Unimplemented without:

  export JVERIFICATION_ADMIN_URL=https://admin.verification.jpush.cn
  export JVERIFICATION_DEV_KEY=...
  export JVERIFICATION_DEV_SECRET=...

Each flag can be set by the environment variable in brackets, or by its name in
the file of -config; gateway.example.yaml lists them. A flag wins over the
variable, and the variable over the file. A secret is never a flag, since other
users of the machine could read it: it comes from JVERIFICATION_MASTER_SECRET or
JVERIFICATION_DEV_SECRET, or from a file that a flag names. The log warns of a
variable JVERIFICATION_... that is no setting, and may be misspelt.

The gRPC listener also has health checks and reflection. The service is SERVING
while the upstream can be reached. Certificates are read again when their files
change. Traces are sent where OTEL_EXPORTER_OTLP_ENDPOINT is set, such as
http://localhost:4317, over gRPC; the other OTEL_ variables have their standard
meaning.

SIGINT and SIGTERM shut down gracefully: first the service is NOT_SERVING, then
new calls are refused, then those under way get their time. A second signal ends
the process at once.

Flags:
`

// env is the environment variable of a flag.
func env(flag string) string {
	return "JVERIFICATION_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// usageError is a fault of the settings.
type usageError struct{ error }

// settingOf says how the user sets each field that gateway.New complains of.
var settingOf = map[string]string{
	"UpstreamURL":           flagOrEnv("upstream-url"),
	"AppKey":                flagOrEnv("app-key"),
	"MasterSecret":          env("master-secret") + " or -master-secret-file",
	"AdminURL":              flagOrEnv("admin-url"),
	"DevKey":                flagOrEnv("dev-key"),
	"DevSecret":             env("dev-secret") + " or -dev-secret-file",
	"CaptchaSuccessCode":    flagOrEnv("captcha-success-code"),
	"PhonePattern":          flagOrEnv("phone-pattern"),
	"Timeout":               flagOrEnv("timeout"),
	"MaxUpstreamCalls":      flagOrEnv("max-upstream-calls"),
	"RiskAttempts":          flagOrEnv("risk-attempts"),
	"HealthFailures":        flagOrEnv("health-failures"),
	"HealthSuccesses":       flagOrEnv("health-successes"),
	"ProbeInterval":         flagOrEnv("probe-interval"),
	"MaxRequestBytes":       flagOrEnv("max-request-bytes"),
	"KeepaliveMinTime":      flagOrEnv("keepalive-min-time"),
	"MaxConnectionAge":      flagOrEnv("max-connection-age"),
	"MaxConnectionAgeGrace": flagOrEnv("max-connection-age-grace"),
}

func flagOrEnv(name string) string { return "-" + name + " or " + env(name) }

// usage says what the package says of its fields in terms of the settings.
func usage(err error) error {
	invalid, ok := errors.AsType[*gateway.ConfigError](err)
	if !ok {
		return err
	}
	var lines []error
	for _, fault := range invalid.Faults {
		lines = append(lines, fmt.Errorf("%s %s: set %s", fault.Field, fault.Problem, settingOf[fault.Field]))
	}
	return usageError{errors.Join(lines...)}
}
