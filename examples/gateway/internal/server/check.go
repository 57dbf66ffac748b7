package server

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

// check reads the files that settings name, and finds what does not fit together.
// It opens no connection and no listener.
func (s *settings) check(env environment) {
	s.PublicBoundary = !s.Internal
	if s.places["max-caller-calls"] == "" {
		s.MaxCallerCalls = 0
		s.Config = s.WithDefaults() // a part of max-upstream-calls
	}
	s.MasterSecret = s.readSecret("master-secret-file", s.MasterSecretFile, env)
	s.DevSecret = s.readSecret("dev-secret-file", s.DevSecretFile, env)
	s.RedisURL = s.readSecret("redis-url-file", s.RedisURLFile, env)
	if text := s.read("upstream-ca-file", s.UpstreamCAFile); text != nil {
		s.UpstreamCAs = x509.NewCertPool()
		s.require(s.UpstreamCAs.AppendCertsFromPEM(text), "upstream-ca-file", "holds no certificate: set it to a file of certificates in PEM")
	}
	if text := s.read("phone-key-file", s.PhoneKeyFile); text != nil {
		var err error
		s.PhoneKey, err = gateway.ParsePhoneKey(text)
		s.require(err == nil, "phone-key-file", "holds no RSA private key: set it to a file with one in PEM")
	}
	if len(s.faults) == 0 { // a secret that can't be read is not missing
		s.checkUpstream()
	}
	s.checkListeners()
	s.checkRedis()
	if err := checkTracing(env); err != nil {
		s.faults = append(s.faults, err)
	}
}

func (s *settings) require(ok bool, key, problem string) {
	if !ok {
		s.refuse(key, problem)
	}
}

// read returns what a file holds, or nil where there is none.
func (s *settings) read(key, path string) []byte {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		s.refuse(key, fmt.Sprintf("names no file that can be read: %v", withoutPath(err)))
	}
	return text
}

// readSecret does not choose between a file and a variable: one of them may hold
// an old secret.
func (s *settings) readSecret(key, path string, env environment) gateway.Secret {
	value, text := env[secrets[key]], s.read(key, path)
	s.require(path == "" || value == "", key, "and "+secrets[key]+" are both set: unset one")
	secret := strings.TrimSpace(string(text))
	s.require(text == nil || secret != "", key, "names an empty file: write the secret into it")
	return gateway.Secret(cmp.Or(secret, value))
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

// withoutPath leaves out the name of a file, which may be a secret in the wrong
// place.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
