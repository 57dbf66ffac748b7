package gateway

import (
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// ConfigError is what New returns for settings that are not valid.
type ConfigError struct{ Faults []Fault }

// Fault is the YAML key of a setting, or the one for the file of a secret, and what is
// wrong with it. It shows no value, which may be a secret in the wrong place.
type Fault struct{ Key, Problem string }

func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, fault := range e.Faults {
		lines[i] = fault.Key + " " + fault.Problem
	}
	return "gateway config: " + strings.Join(lines, "; ")
}

// Validate finds every fault of the settings, so that one start shows them all.
// A zero that [Config.WithDefaults] would fill is one.
func (c Config) Validate() error {
	success := jverificationv1.ResponseCode(c.CaptchaSuccessCode)
	spec, listed := codetable.Lookup(success)
	var f faults
	f.requireHost("upstream-url", c.UpstreamURL, "app-key", c.AppKey, "master-secret-file", c.MasterSecret)
	if c.hasAdmin() {
		f.requireHost("admin-url", c.AdminURL, "dev-key", c.DevKey, "dev-secret-file", c.DevSecret)
	}
	f.require(!listed || spec.GRPCCode() == codes.OK, "captcha-success-code", "is a failure in the table")
	_, err := compilePhone(c.PhonePattern)
	f.require(err == nil, "phone-pattern", "is not a regular expression (https://go.dev/s/re2syntax)")
	f.require(identity(c.CallerIdentity) != nil, "caller-identity", "is none of address, certificate and metadata:NAME, with a lower-case name of a header that reaches methods")
	for field, value := range reflect.ValueOf(c).Fields() {
		if key := field.Tag.Get("yaml"); key != "-" && field.Tag.Get("least") == "" && value.CanInt() {
			f.require(value.Int() > 0, key, "is not more than 0")
		}
	}
	f.require(c.MaxRequestBytes <= largestRequest, "max-request-bytes", "is more than 1 GiB")
	if len(f) > 0 {
		return &ConfigError{Faults: f}
	}
	return nil
}

// largestRequest fits the 32 bits that the size of a message has in gRPC.
const largestRequest = 1 << 30

func (c Config) hasAdmin() bool {
	return c.AdminURL != "" || c.DevKey != "" || c.DevSecret != ""
}

// compilePhone makes a pattern speak of the whole text. Alone it has to be valid
// too: its parentheses could end the group.
func compilePhone(pattern string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

type faults []Fault

func (f *faults) require(ok bool, key, problem string) {
	if !ok {
		*f = append(*f, Fault{key, problem})
	}
}

func (f *faults) requireHost(urlKey, rawURL, nameKey, name, secretKey string, secret Secret) {
	f.requireURL(urlKey, rawURL)
	f.require(name != "", nameKey, "is missing")
	// Basic authentication ends the user name at its first colon.
	f.require(!strings.Contains(name, ":"), nameKey, "contains a colon")
	f.require(secret != "", secretKey, "is missing")
}

func (f *faults) requireURL(key, raw string) {
	if raw == "" {
		f.require(false, key, "is missing")
		return
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		f.require(false, key, "is not an absolute URL such as https://api.verification.jpush.cn")
		return
	}
	f.require(u.User == nil, key, "holds credentials, which have settings of their own")
	f.require(u.RawQuery == "" && u.Fragment == "", key, "has a query or a fragment")
	f.require(u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()), key,
		"does not begin with https://, and would show the secret to the network (http:// is for loopback only)")
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
