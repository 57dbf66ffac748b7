package gateway

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// DefaultTimeout bounds an upstream call where [Config] names no timeout.
const DefaultTimeout = 5 * time.Second

// Config says which upstream to call, and how.
type Config struct {
	// UpstreamURL is the API host, with AppKey and MasterSecret: required.
	// Plain http is accepted on loopback only, since each call carries the
	// secret.
	UpstreamURL  string
	AppKey       string
	MasterSecret Secret

	// AdminURL is the host of the activation, with DevKey and DevSecret. Without
	// all three EnableOneClickLogin is Unimplemented.
	AdminURL  string
	DevKey    string
	DevSecret Secret

	// Timeout bounds an upstream call; a caller's earlier deadline holds too.
	// Default [DefaultTimeout].
	Timeout time.Duration
	// CaptchaSuccessCode is the code of a captcha that passed, which the
	// upstream does not document. Default 0.
	CaptchaSuccessCode int32
	// PublicBoundary hides what only the operator can mend.
	PublicBoundary bool
	// Transport replaces the one that verifies TLS and reuses connections.
	Transport http.RoundTripper
	// Logger gets a line for each finished call. Default slog.Default().
	Logger *slog.Logger
}

// withDefaults fills what may be left out.
func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	return c
}

// validate finds every fault, so that one start shows them all.
func (c Config) validate() error {
	success := jverificationv1.ResponseCode(c.CaptchaSuccessCode)
	spec, listed := codetable.Lookup(success)
	var f faults
	f.requireHost("UpstreamURL", c.UpstreamURL, "AppKey", c.AppKey, "MasterSecret", c.MasterSecret)
	if c.hasAdmin() {
		f.requireHost("AdminURL", c.AdminURL, "DevKey", c.DevKey, "DevSecret", c.DevSecret)
	}
	f.require(c.Timeout > 0, "Timeout", "is not positive")
	f.require(!listed || spec.GRPCCode() == codes.OK, "CaptchaSuccessCode", "is a failure in the table")
	if len(f) > 0 {
		return &ConfigError{Faults: f}
	}
	return nil
}

func (c Config) hasAdmin() bool {
	return c.AdminURL != "" || c.DevKey != "" || c.DevSecret != ""
}

// ConfigError is what New returns for settings that are not valid.
type ConfigError struct{ Faults []Fault }

// Fault is a field of [Config] and what is wrong with it. It shows no value:
// somebody may have put a secret into the wrong field.
type Fault struct{ Field, Problem string }

func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, fault := range e.Faults {
		lines[i] = fault.Field + " " + fault.Problem
	}
	return "gateway config: " + strings.Join(lines, "; ")
}

type faults []Fault

func (f *faults) require(ok bool, field, problem string) {
	if !ok {
		*f = append(*f, Fault{field, problem})
	}
}

func (f *faults) requireHost(urlField, rawURL, keyField, key, secretField string, secret Secret) {
	f.requireURL(urlField, rawURL)
	f.require(key != "", keyField, "is missing")
	// Basic authentication ends the user name at its first colon.
	f.require(!strings.Contains(key, ":"), keyField, "contains a colon")
	f.require(secret != "", secretField, "is missing")
}

func (f *faults) requireURL(field, raw string) {
	if raw == "" {
		f.require(false, field, "is missing")
		return
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		f.require(false, field, "is not an absolute URL such as https://api.verification.jpush.cn")
		return
	}
	f.require(u.User == nil, field, "holds credentials, which have settings of their own")
	f.require(u.RawQuery == "" && u.Fragment == "", field, "has a query or a fragment")
	f.require(u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()), field,
		"does not begin with https://, and would show the secret to the network (http:// is for loopback only)")
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
