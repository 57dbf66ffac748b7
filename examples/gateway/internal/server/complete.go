package server

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

// off is the address of a listener that is not wanted.
const off = "off"

// complete adds what the command line leaves out, and checks what belongs
// together.
func (s *settings) complete(flags *flag.FlagSet, getenv func(string) string) error {
	if strings.Contains(s.redisAddr, "@") {
		return fmt.Errorf("-redis-addr holds credentials, which other users of the machine could read: set %s instead", env("redis-addr"))
	}
	if err := s.fill(flags, getenv); err != nil {
		return err
	}
	if err := s.readFiles(getenv); err != nil {
		return err
	}
	s.followPort(flags)
	c := s.config
	switch {
	case s.simulated() && (c.AppKey != "" || c.MasterSecret != "" || c.AdminURL != "" || c.DevKey != "" || c.DevSecret != ""):
		return fmt.Errorf("credentials without an upstream would be answered by the simulator: set -upstream-url or %s, or unset them", env("upstream-url"))
	case (s.tls.Cert == "") != (s.tls.Key == ""):
		return errors.New("a certificate needs its key: set both of -tls-cert-file and -tls-key-file, or neither")
	case s.tls.ClientCAs != "" && s.tls.Cert == "":
		return errors.New("-tls-client-ca-file has no effect without TLS: set -tls-cert-file and -tls-key-file too")
	case s.redisAddr != "" && !s.coolsDown():
		return fmt.Errorf("-redis-addr or %s has no effect without the cool-down: set -cooldown on, or unset it", env("redis-addr"))
	case s.addr == off:
		return errors.New("-addr cannot be off: it is what the gateway is for")
	case s.drainDelay < 0 || s.grace < 0:
		return errors.New("-drain-delay and -grace cannot be negative: set them to 0 or more")
	}
	return nil
}

// fill sets the flags that the command line does not: from the environment,
// and where that does not either, from the file.
func (s *settings) fill(flags *flag.FlagSet, getenv func(string) string) error {
	err := apply(flags, func(name string) (value, source string) { return getenv(env(name)), env(name) })
	if err != nil || s.file == "" {
		return err
	}
	values, err := readSettings(s.file, flags)
	if err != nil {
		return fmt.Errorf("-config: %w", err)
	}
	return apply(flags, func(name string) (value, source string) {
		v := values[name]
		return v.text, fmt.Sprintf("%s:%d: %s", s.file, v.line, name)
	})
}

// apply sets the flags that are not set yet.
func apply(flags *flag.FlagSet, lookup func(name string) (value, source string)) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var errs []error
	flags.VisitAll(func(f *flag.Flag) {
		value, source := lookup(f.Name)
		if value == "" || given[f.Name] {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: invalid value %q: %w", source, value, err))
		}
	})
	return errors.Join(errs...)
}

// followPort gives the other listeners a free port where gRPC has one and they
// are not set, so that several gateways run beside each other.
func (s *settings) followPort(flags *flag.FlagSet) {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil || port != "0" {
		return // Listen tells what is wrong with an address
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if !given["web-addr"] {
		s.webAddr = net.JoinHostPort(host, port)
	}
	if !given["metrics-addr"] {
		s.metricsAddr = net.JoinHostPort(host, port)
	}
}

func (s *settings) readFiles(getenv func(string) string) error {
	var errs [4]error
	s.config.MasterSecret, errs[0] = readSecret("master-secret", s.masterSecretFile, getenv)
	s.config.DevSecret, errs[1] = readSecret("dev-secret", s.devSecretFile, getenv)
	s.config.UpstreamCAs, errs[2] = readAuthorities(s.upstreamCAFile)
	if s.phoneKeyFile != "" {
		text, err := os.ReadFile(s.phoneKeyFile)
		if err == nil {
			if s.config.PhoneKey, err = gateway.ParsePhoneKey(text); err != nil {
				err = fmt.Errorf("%s %w: set it to a file with an RSA private key in PEM", s.phoneKeyFile, err)
			}
		}
		if err != nil {
			errs[3] = fmt.Errorf("-phone-key-file: %w", err)
		}
	}
	return errors.Join(errs[:]...)
}

// readSecret reads a secret from its file or its environment variable. It does
// not choose between two: one of them may be an old one.
func readSecret(name, file string, getenv func(string) string) (gateway.Secret, error) {
	value := getenv(env(name))
	switch {
	case file == "":
		return gateway.Secret(value), nil
	case value != "":
		return "", fmt.Errorf("%s and -%s-file are both set: unset one", env(name), name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("-%s-file: %w", name, err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", fmt.Errorf("-%s-file: %s is empty", name, file)
	}
	return gateway.Secret(secret), nil
}

func readAuthorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("-upstream-ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("-upstream-ca-file: %s holds no certificate: set it to a file of certificates in PEM", file)
	}
	return pool, nil
}
