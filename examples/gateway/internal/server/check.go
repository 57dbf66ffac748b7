package server

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

// off is the address of a listener that is not wanted.
const off = "off"

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
	invalid, _ := errors.AsType[*gateway.ConfigError](c.Validate())
	if invalid == nil {
		return
	}
	for _, fault := range invalid.Faults {
		key := map[string]string{"MasterSecret": "master-secret-file", "DevSecret": "dev-secret-file"}[fault.Field]
		if field, ok := reflect.TypeFor[gateway.Config]().FieldByName(fault.Field); ok && key == "" {
			key = field.Tag.Get("yaml")
		}
		s.refuse(key, fault.Problem)
	}
}

func (s *settings) checkListeners() {
	s.require(s.Addr != off, "addr", "can't be off: it is what the gateway is for")
	for key, addr := range map[string]string{"addr": s.Addr, "web-addr": s.WebAddr, "metrics-addr": s.MetricsAddr} {
		_, port, err := net.SplitHostPort(addr)
		_, notPort := strconv.ParseUint(port, 10, 16)
		s.require(addr == off || err == nil && notPort == nil, key, "is not an address such as 127.0.0.1:8090")
	}
	protection := http.NewCrossOriginProtection()
	for _, origin := range s.WebOrigins {
		s.require(protection.AddTrustedOrigin(origin) == nil, "web-origins", "holds something else than origins such as https://app.example.com")
	}
	if err := s.Paths.Check(); err != nil {
		s.faults = append(s.faults, err)
	}
}

func (s *settings) checkRedis() {
	_, err := redis.ParseURL(s.redisURL())
	s.require(!strings.Contains(s.RedisAddr, "@"), "redis-addr", "holds credentials: set redis-url-file or "+secrets["redis-url-file"]+" instead")
	s.require(s.RedisAddr == "" || s.RedisURL == "", "redis-addr", "and the URL of a Redis are both set: unset one")
	s.require(s.RedisAddr == "" || s.coolsDown(), "redis-addr", "has no effect without the cool-down: set cooldown to on, or unset redis-addr")
	s.require(s.RedisURL == "" || s.coolsDown(), "redis-url-file", "or "+secrets["redis-url-file"]+" has no effect without the cool-down: set cooldown to on, or unset it")
	s.require(err == nil || s.RedisURL == "", "redis-url-file", "or "+secrets["redis-url-file"]+" is not a URL such as redis://:password@host:6379")
	s.require(err == nil || s.RedisAddr == "", "redis-addr", "is not an address such as localhost:6379")
}

// secure says that the gateway serves TLS.
func (s *settings) secure() bool { return s.Cert != "" }

// withoutPath leaves out the name of a file, which may be a secret in the wrong
// place.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
