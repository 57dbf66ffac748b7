package gateway

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

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

// Validate finds every fault of the settings, so that one start shows them all.
// A zero that [Config.WithDefaults] would fill is one.
func (c Config) Validate() error {
	success := jverificationv1.ResponseCode(c.CaptchaSuccessCode)
	spec, listed := codetable.Lookup(success)
	var f faults
	f.requireHost("UpstreamURL", c.UpstreamURL, "AppKey", c.AppKey, "MasterSecret", c.MasterSecret)
	if c.hasAdmin() {
		f.requireHost("AdminURL", c.AdminURL, "DevKey", c.DevKey, "DevSecret", c.DevSecret)
	}
	f.require(!listed || spec.GRPCCode() == codes.OK, "CaptchaSuccessCode", "is a failure in the table")
	_, err := compilePhone(c.PhonePattern)
	f.require(err == nil, "PhonePattern", "is not a regular expression (https://go.dev/s/re2syntax)")
	f.require(identity(c.CallerIdentity) != nil, "CallerIdentity", "is none of address, certificate and metadata:NAME, with a lower-case name of a header")
	for _, limit := range c.limits() {
		f.require(limit.value > 0, limit.field, "is not positive")
	}
	f.require(c.MaxRequestBytes <= largestRequest, "MaxRequestBytes", "is more than 1 GiB")
	if len(f) > 0 {
		return &ConfigError{Faults: f}
	}
	return nil
}

// largestRequest fits the 32 bits that the size of a message has in gRPC.
const largestRequest = 1 << 30

type limit struct {
	field string
	value int64
}

// limits are the fields whose zero is a default, and which nothing below makes
// sense for.
func (c Config) limits() []limit {
	return []limit{
		{"Timeout", int64(c.Timeout)},
		{"MaxUpstreamCalls", int64(c.MaxUpstreamCalls)},
		{"MaxCallerCalls", int64(c.MaxCallerCalls)},
		{"RiskAttempts", int64(c.RiskAttempts)},
		{"HealthFailures", int64(c.HealthFailures)},
		{"HealthSuccesses", int64(c.HealthSuccesses)},
		{"ProbeInterval", int64(c.ProbeInterval)},
		{"MaxRequestBytes", int64(c.MaxRequestBytes)},
		{"KeepaliveMinTime", int64(c.KeepaliveMinTime)},
		{"MaxConnectionIdle", int64(c.MaxConnectionIdle)},
		{"MaxConnectionAge", int64(c.MaxConnectionAge)},
		{"MaxConnectionAgeGrace", int64(c.MaxConnectionAgeGrace)},
	}
}

func (c Config) hasAdmin() bool {
	return c.AdminURL != "" || c.DevKey != "" || c.DevSecret != ""
}

// compilePhone makes a pattern speak of the whole text.
func compilePhone(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
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
