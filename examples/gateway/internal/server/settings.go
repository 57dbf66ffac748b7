package server

import (
	"crypto/x509"
	"errors"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
)

// settings are all that an operator decides: the keys of the file, which
// gateway.example.yaml explains, and the flags.
type settings struct {
	gateway.Config
	tlsfiles.Paths

	Addr           string        `yaml:"addr" flag:"addr"`
	WebAddr        string        `yaml:"web-addr" flag:"web-addr"`
	MetricsAddr    string        `yaml:"metrics-addr" flag:"metrics-addr"`
	Admin          bool          `yaml:"admin"`
	MaxConnections int           `yaml:"max-connections"`
	AllowedHosts   []string      `yaml:"allowed-hosts"`
	WebOrigins     []string      `yaml:"web-origins"`
	Page           string        `yaml:"page" flag:"page" choices:"auto, on, off"`
	Internal       bool          `yaml:"internal" flag:"internal"`
	DrainDelay     time.Duration `yaml:"drain-delay" least:"0"`
	Grace          time.Duration `yaml:"grace" least:"0"`

	MasterSecretFile file `yaml:"master-secret-file"`
	DevSecretFile    file `yaml:"dev-secret-file"`
	UpstreamCAFile   file `yaml:"upstream-ca-file"`
	PhoneKeyFile     file `yaml:"phone-key-file"`

	CoolDown     string `yaml:"cooldown" choices:"auto, on, off"`
	RedisAddr    string `yaml:"redis-addr"`
	RedisURLFile file   `yaml:"redis-url-file"`
	RedisURL     gateway.Secret
	RedisTimeout time.Duration `yaml:"redis-timeout"`

	LogFormat string `yaml:"log-format" choices:"text, json"`
	LogLevel  string `yaml:"log-level" flag:"log-level" choices:"debug, info, warn, error"`
	LogRate   int    `yaml:"log-rate"`

	File        file `flag:"config"`
	Simulate    bool `flag:"simulate"`
	CheckConfig bool `flag:"check-config"`
	Version     bool `flag:"version"`

	places   map[string]string         // of the settings that are given: "-addr" or "gateway.yaml:3: addr"
	contents map[string]gateway.Secret // of the files that settings name, or of the variables in their place
	faults   []error                   // nil for a check that found none
}

// file is the path of a file that is read once, at the start.
type file string

func newSettings() *settings {
	return &settings{
		Config: gateway.Config{}.WithDefaults(),
		Addr:   "127.0.0.1:8090", WebAddr: "127.0.0.1:8091", MetricsAddr: "127.0.0.1:8092", MaxConnections: 1000,
		Page: "auto", Grace: 10 * time.Second, CoolDown: "auto", RedisTimeout: shared.DefaultTimeout,
		LogFormat: "text", LogLevel: "info", LogRate: 100,
		places: map[string]string{}, contents: map[string]gateway.Secret{},
	}
}

// check finds what does not fit together. It opens no connection and no listener.
func (s *settings) check(env environment) {
	s.PublicBoundary = !s.Internal
	if s.places["max-caller-calls"] == "" {
		s.MaxCallerCalls = 0
		s.Config = s.WithDefaults() // a part of max-upstream-calls
	}
	s.readContents(env)
	s.MasterSecret, s.DevSecret, s.RedisURL = s.contents["master-secret-file"], s.contents["dev-secret-file"], s.contents["redis-url-file"]
	if text, ok := s.contents["upstream-ca-file"]; ok {
		s.UpstreamCAs = x509.NewCertPool()
		s.require(s.UpstreamCAs.AppendCertsFromPEM([]byte(text)), "upstream-ca-file", "holds no certificate: set it to a file of certificates in PEM")
	}
	if text, ok := s.contents["phone-key-file"]; ok {
		var err error
		s.PhoneKey, err = gateway.ParsePhoneKey([]byte(text))
		s.require(err == nil, "phone-key-file", "holds no RSA private key: set it to a file with one in PEM")
	}
	if len(s.faults) == 0 { // a secret that can't be read is not missing
		s.checkUpstream()
	}
	s.checkListeners()
	s.checkRedis()
	s.faults = append(s.faults, s.Check(), checkTracing(env))
}

// checkUpstream wants an upstream or the simulator, and no credentials for the
// latter.
func (s *settings) checkUpstream() {
	c := s.Config
	configured := c.UpstreamURL+c.AppKey+string(c.MasterSecret)+c.AdminURL+c.DevKey+string(c.DevSecret) != ""
	switch {
	case s.Simulate && configured:
		s.refuse("simulate", "would answer calls that are meant for an upstream: leave it out, or unset the URLs, keys and secrets of the upstream")
		return
	case s.Simulate:
		c.UpstreamURL, c.AppKey, c.MasterSecret = "http://localhost", "simulated", "simulated"
	case !configured:
		s.faults = append(s.faults, errors.New("no upstream is set: set upstream-url, app-key and master-secret-file in the file of -config, or use -simulate to try the gateway without one"))
		return
	}
	if invalid, ok := errors.AsType[*gateway.ConfigError](c.Validate()); ok {
		for _, fault := range invalid.Faults {
			s.refuse(fault.Key, fault.Problem)
		}
	}
}

// require refuses a setting unless ok.
func (s *settings) require(ok bool, key, problem string) {
	if !ok {
		s.refuse(key, problem)
	}
}

// refuse says what is wrong with a setting, and where it stands.
func (s *settings) refuse(key, problem string) {
	place, given := s.places[key]
	if !given {
		place, problem = key, problem+": set it in the file of -config"
		if variable := secrets[key]; variable != "" {
			problem += ", or set " + variable
		}
	}
	s.faults = append(s.faults, errors.New(place+" "+problem))
}
