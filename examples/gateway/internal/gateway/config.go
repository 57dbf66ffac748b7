package gateway

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// Defaults that other packages go by as well.
const (
	DefaultTimeout          = 5 * time.Second
	DefaultMaxUpstreamCalls = 256
	DefaultPhonePattern     = `\+?[0-9]{6,15}` // E.164 has at most 15 digits
	DefaultHealthFailures   = 3
	DefaultHealthSuccesses  = 2
	DefaultProbeInterval    = 10 * time.Second
)

// Config says which upstream to call, and how. A field with a YAML key is a
// setting of the command too; where it is zero, it has the value that
// gateway.example.yaml shows. The others are objects that a program makes.
type Config struct {
	// UpstreamURL is the API host, with AppKey and MasterSecret: required.
	// Plain http is accepted on loopback only, since each call carries the
	// secret.
	UpstreamURL  string `yaml:"upstream-url"`
	AppKey       string `yaml:"app-key"`
	MasterSecret Secret `yaml:"-"`

	// AdminURL is the host of the activation, with DevKey and DevSecret. Without
	// all three EnableOneClickLogin is Unimplemented.
	AdminURL  string `yaml:"admin-url"`
	DevKey    string `yaml:"dev-key"`
	DevSecret Secret `yaml:"-"`

	// UpstreamCAs are the authorities that may vouch for the upstream. Default:
	// those of the system.
	UpstreamCAs *x509.CertPool `yaml:"-"`
	// Timeout bounds the work upstream of one call, waits and repeats included.
	// A request that was sent goes on until then, also where its caller has left
	// or has an earlier deadline.
	Timeout time.Duration `yaml:"timeout"`
	// MaxUpstreamCalls bounds the calls upstream that are under way at a time.
	MaxUpstreamCalls int `yaml:"max-upstream-calls"`
	// MaxCallerCalls bounds those of one caller, so that it leaves places to the
	// others. Default: half of MaxUpstreamCalls. It is a bound of all gateways
	// together where they share CallerPlaces.
	MaxCallerCalls int `yaml:"max-caller-calls"`
	// CallerIdentity says what tells callers apart: "address" (without the port;
	// a /64 of IPv6 is one caller), "certificate" (of mTLS) or "metadata:NAME", a
	// header that a trusted proxy sets or appends to. Whoever can send that header
	// past the proxy can pose as many callers.
	CallerIdentity string `yaml:"caller-identity"`
	// RiskAttempts bounds how often a risk query is sent, the one call that may
	// be repeated; 1 is never again.
	RiskAttempts int `yaml:"risk-attempts"`
	// CaptchaSuccessCode is the code of a captcha that passed, which the
	// upstream does not document. Default 0, which the method declares.
	CaptchaSuccessCode int32 `yaml:"captcha-success-code" least:"none"`
	// PhonePattern is a regular expression for the whole of a phone number.
	PhonePattern string `yaml:"phone-pattern"`
	// PhoneKey decrypts the phone number of a login for the caller. Default:
	// only the encrypted number is handed on.
	PhoneKey *rsa.PrivateKey `yaml:"-"`
	// PublicBoundary hides the codes that only the operator can fix, and those that
	// the table does not list, from statuses, from the items of a stream and from the
	// risk beside a verified number: see [interceptor.WithPublicBoundary].
	PublicBoundary bool `yaml:"-"`
	// Interceptor has more options of the interceptors. They hold for what fails
	// inside a call as well. Default: none.
	Interceptor []interceptor.ServerOption `yaml:"-"`
	// Cooldown answers calls from memory while the upstream would refuse them.
	// Default: every call is sent.
	Cooldown Cooldown `yaml:"-"`
	// CallerPlaces bounds the calls of a caller in all gateways together. Default:
	// each gateway bounds its own.
	CallerPlaces CallerPlaces `yaml:"-"`

	// HealthFailures calls in a row that do not reach the upstream make the
	// service NOT_SERVING, and HealthSuccesses that do make it SERVING again.
	HealthFailures  int `yaml:"health-failures"`
	HealthSuccesses int `yaml:"health-successes"`
	// ProbeInterval is how long the upstream may go without a call before it is
	// probed.
	ProbeInterval time.Duration `yaml:"probe-interval"`

	// MaxRequestBytes bounds a message of a caller. It is 1 GiB at most.
	MaxRequestBytes int `yaml:"max-request-bytes"`
	// KeepaliveMinTime is the least time between the pings of one client; who
	// pings more often is disconnected.
	KeepaliveMinTime time.Duration `yaml:"keepalive-min-time"`
	// MaxConnectionIdle ends a connection that has had no call for so long.
	MaxConnectionIdle time.Duration `yaml:"max-connection-idle"`
	// MaxConnectionAge ends a connection, about; calls under way on it get
	// MaxConnectionAgeGrace.
	MaxConnectionAge      time.Duration `yaml:"max-connection-age"`
	MaxConnectionAgeGrace time.Duration `yaml:"max-connection-age-grace"`

	// Transport replaces the one that verifies TLS and reuses connections.
	Transport http.RoundTripper `yaml:"-"`
	// Logger gets what concerns the gateway as a whole. Default slog.Default().
	Logger *slog.Logger `yaml:"-"`
	// CallLogger gets a line for each finished call. Default Logger.
	CallLogger *slog.Logger `yaml:"-"`
	// Registerer gets the metrics. Default: none are kept.
	Registerer prometheus.Registerer `yaml:"-"`
	// Tracer gets the spans. Default: none are made.
	Tracer trace.TracerProvider `yaml:"-"`
}

// WithDefaults fills the settings that may be left out.
func (c Config) WithDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.MaxUpstreamCalls = cmp.Or(c.MaxUpstreamCalls, DefaultMaxUpstreamCalls)
	c.MaxCallerCalls = cmp.Or(c.MaxCallerCalls, max(1, c.MaxUpstreamCalls/2))
	c.CallerIdentity = cmp.Or(c.CallerIdentity, "address")
	c.RiskAttempts = cmp.Or(c.RiskAttempts, 3)
	c.PhonePattern = cmp.Or(c.PhonePattern, DefaultPhonePattern)
	c.HealthFailures = cmp.Or(c.HealthFailures, DefaultHealthFailures)
	c.HealthSuccesses = cmp.Or(c.HealthSuccesses, DefaultHealthSuccesses)
	c.ProbeInterval = cmp.Or(c.ProbeInterval, DefaultProbeInterval)
	c.MaxRequestBytes = cmp.Or(c.MaxRequestBytes, 64<<10)
	c.KeepaliveMinTime = cmp.Or(c.KeepaliveMinTime, 20*time.Second)
	c.MaxConnectionIdle = cmp.Or(c.MaxConnectionIdle, 15*time.Minute)
	c.MaxConnectionAge = cmp.Or(c.MaxConnectionAge, 30*time.Minute)
	c.MaxConnectionAgeGrace = cmp.Or(c.MaxConnectionAgeGrace, time.Minute)
	return c
}

// withObjects fills the objects that may be left out.
func (c Config) withObjects() Config {
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.CallLogger = cmp.Or(c.CallLogger, c.Logger)
	if c.Transport == nil {
		c.Transport = newTransport(c)
	}
	if c.Cooldown == nil {
		c.Cooldown = noCooldown{}
	}
	return c
}

// interceptorOptions say what the caller sees of an error.
func (c Config) interceptorOptions() []interceptor.ServerOption {
	if !c.PublicBoundary {
		return c.Interceptor
	}
	return append(slices.Clone(c.Interceptor), interceptor.WithPublicBoundary())
}

// telemetry tells the calls of callers. The lines have the upstream's serial,
// by which it finds a call.
func (c Config) telemetry() *telemetry.Telemetry {
	return telemetry.New(telemetry.WithLogger(c.CallLogger), telemetry.WithLoggedMetadata(serialKey),
		telemetry.WithRegisterer(c.Registerer), telemetry.WithTracerProvider(c.Tracer))
}
