package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway"
)

const about = `Serves JiGuang JVerification over gRPC.

Without -upstream-url it calls a simulator of its own, and says so. To call the
real upstream:

  export JVERIFICATION_UPSTREAM_URL=https://api.verification.jpush.cn
  export JVERIFICATION_APP_KEY=...
  export JVERIFICATION_MASTER_SECRET=...

EnableOneClickLogin needs three settings more, and is Unimplemented without:

  export JVERIFICATION_ADMIN_URL=https://admin.verification.jpush.cn
  export JVERIFICATION_DEV_KEY=...
  export JVERIFICATION_DEV_SECRET=...

Each flag can be set by the environment variable in brackets; the flag wins. A
secret is never a flag, since other users of the machine could read it: it comes
from JVERIFICATION_MASTER_SECRET or JVERIFICATION_DEV_SECRET, or from a file
that a flag names.

The listener speaks gRPC without TLS, with health checks and reflection. SIGINT
and SIGTERM shut down gracefully; a second signal ends the process at once.

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
	"UpstreamURL":        "-upstream-url or " + env("upstream-url"),
	"AppKey":             "-app-key or " + env("app-key"),
	"MasterSecret":       env("master-secret") + " or -master-secret-file",
	"AdminURL":           "-admin-url or " + env("admin-url"),
	"DevKey":             "-dev-key or " + env("dev-key"),
	"DevSecret":          env("dev-secret") + " or -dev-secret-file",
	"Timeout":            "-timeout or " + env("timeout"),
	"CaptchaSuccessCode": "-captcha-success-code or " + env("captcha-success-code"),
}

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
