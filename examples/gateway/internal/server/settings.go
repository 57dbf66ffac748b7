package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
)

type settings struct {
	config gateway.Config
	file   string

	addr, webAddr, metricsAddr string
	webOrigins                 string
	page                       bool
	advance                    http.Handler // moves the clock of the simulator
	grace, drainDelay          time.Duration
	tls                        tlsfiles.Paths

	masterSecretFile, devSecretFile string
	upstreamCAFile, phoneKeyFile    string
	cooldown, redisAddr             string
	redisTimeout                    time.Duration

	logFormat string
	logLevel  slog.Level
	logRate   int
}

func parse(args []string, getenv func(string) string, stdout io.Writer) (*settings, error) {
	set := &settings{}
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	set.define(flags)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, usageError{err}
	case flags.NArg() > 0:
		return nil, usageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	}
	if err := set.complete(flags, getenv); err != nil {
		return nil, usageError{err}
	}
	return set, nil
}

func (s *settings) define(flags *flag.FlagSet) {
	flags.StringVar(&s.file, "config", "", "`file` of settings, such as gateway.example.yaml")
	s.defineListeners(flags)
	s.defineUpstream(flags)
	s.defineSignals(flags)
	flags.VisitAll(func(f *flag.Flag) { f.Usage += " [" + env(f.Name) + "]" })
}

func (s *settings) defineListeners(flags *flag.FlagSet) {
	c := &s.config
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8090", "`address` to serve gRPC on; port 0 picks a free one, for the other addresses too where they are not set")
	flags.StringVar(&s.webAddr, "web-addr", "127.0.0.1:8091", "`address` to serve gRPC-Web, Connect and REST on, or off")
	flags.StringVar(&s.webOrigins, "web-origins", "", "`origins` of other pages that may call, such as https://app.example.com, separated by commas")
	flags.BoolVar(&s.page, "page", true, "serve the page at / of the web address: a login and the reference of the codes")
	flags.StringVar(&s.metricsAddr, "metrics-addr", "127.0.0.1:8092", "`address` to serve /metrics on, or off")
	flags.StringVar(&s.tls.Cert, "tls-cert-file", "", "`file` of the PEM certificate chain for gRPC and web; without it they speak plain text")
	flags.StringVar(&s.tls.Key, "tls-key-file", "", "`file` of the PEM key that goes with the certificate")
	flags.StringVar(&s.tls.ClientCAs, "tls-client-ca-file", "", "`file` of the PEM authorities whose certificates clients need (mTLS)")
	flags.DurationVar(&s.drainDelay, "drain-delay", 0, "`time` between NOT_SERVING and the end of new calls at shutdown, for balancers to notice")
	flags.DurationVar(&s.grace, "grace", 10*time.Second, "`time` that calls under way get at shutdown")

	whole(flags, &c.MaxRequestBytes, "max-request-bytes", gateway.DefaultMaxRequestBytes, "`size` of a request at most")
	span(flags, &c.KeepaliveMinTime, "keepalive-min-time", gateway.DefaultKeepaliveMinTime, "`time` between a client's pings at least; who pings more often is disconnected")
	span(flags, &c.MaxConnectionAge, "max-connection-age", gateway.DefaultMaxConnectionAge, "`time` after which a connection is ended, so that clients see new replicas")
	span(flags, &c.MaxConnectionAgeGrace, "max-connection-age-grace", gateway.DefaultMaxConnectionAgeGrace, "`time` that calls on such a connection get")
}

func (s *settings) defineUpstream(flags *flag.FlagSet) {
	c := &s.config
	flags.StringVar(&c.UpstreamURL, "upstream-url", "", "`URL` of the API host; without it the embedded simulator answers")
	flags.StringVar(&c.AppKey, "app-key", "", "`name` that goes with the master secret")
	flags.StringVar(&s.masterSecretFile, "master-secret-file", "", "`file` that holds the master secret")
	flags.StringVar(&c.AdminURL, "admin-url", "", "`URL` of the host that switches one-click login on")
	flags.StringVar(&c.DevKey, "dev-key", "", "`name` that goes with the developer secret")
	flags.StringVar(&s.devSecretFile, "dev-secret-file", "", "`file` that holds the developer secret")
	flags.StringVar(&s.upstreamCAFile, "upstream-ca-file", "", "`file` of the PEM authorities that may vouch for the upstream, instead of the system's")
	span(flags, &c.Timeout, "timeout", gateway.DefaultTimeout, "`time` that the work upstream of a call may take at most")
	whole(flags, &c.MaxUpstreamCalls, "max-upstream-calls", gateway.DefaultMaxUpstreamCalls, "`number` of calls upstream at a time")
	whole(flags, &c.RiskAttempts, "risk-attempts", gateway.DefaultRiskAttempts, "`number` of times that a risk query is sent at most, where the table allows it")
	flags.Func("captcha-success-code", "`code` of a captcha that passed (default 0)", s.setCaptchaCode)
	flags.StringVar(&c.PhonePattern, "phone-pattern", "", "`regexp` of a whole phone number (default "+gateway.DefaultPhonePattern+")")
	flags.StringVar(&s.phoneKeyFile, "phone-key-file", "", "`file` of the PEM private key to decrypt the phone numbers of logins with; callers then read them")
	flags.Bool("simulate", false, "answer every call by the embedded simulator")
	flags.Bool("internal", false, "show operator codes")
	flags.BoolVar(&c.PublicBoundary, "public", false, "hide the codes that only the operator can fix")
	choice(flags, &s.cooldown, "cooldown", []string{"auto", "on", "off"}, "`answer` calls from memory while the upstream would refuse them: on, off, or auto, which is off for the simulator")
	flags.StringVar(&s.redisAddr, "redis-addr", "", "`address` or URL of a Redis that the cool-downs of several gateways share")
	span(flags, &s.redisTimeout, "redis-timeout", cooldown.DefaultTimeout, "`time` that a call waits for that Redis at most, before it goes by the gateway's own memory")
	whole(flags, &c.HealthFailures, "health-failures", gateway.DefaultHealthFailures, "`number` of calls in a row that do not reach the upstream before NOT_SERVING")
	whole(flags, &c.HealthSuccesses, "health-successes", gateway.DefaultHealthSuccesses, "`number` of calls in a row that reach it before SERVING again")
	span(flags, &c.ProbeInterval, "probe-interval", gateway.DefaultProbeInterval, "`time` without a call after which the upstream is probed")
}

func (s *settings) defineSignals(flags *flag.FlagSet) {
	choice(flags, &s.logFormat, "log-format", []string{"text", "json"}, "`format` of the log: text or json")
	flags.TextVar(&s.logLevel, "log-level", slog.LevelInfo, "`level` of the least important lines: debug, info, warn or error")
	whole(flags, &s.logRate, "log-rate", 100, "`number` of lines a second of each level; what is more is counted and left out")
}

func (s *settings) setCaptchaCode(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	s.config.CaptchaSuccessCode = int32(n)
	return err
}

// simulated says that the embedded simulator is the upstream.
func (s *settings) simulated() bool { return s.config.UpstreamURL == "" }

func (s *settings) origins() []string {
	return strings.FieldsFunc(s.webOrigins, func(r rune) bool { return r == ',' || r == ' ' })
}
