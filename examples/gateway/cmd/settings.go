package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway"
)

type settings struct {
	config           gateway.Config
	addr             string
	grace            time.Duration
	masterSecretFile string
	devSecretFile    string
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
	c := &s.config
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8090", "`address` to listen on; port 0 picks a free one")
	flags.DurationVar(&s.grace, "grace", 10*time.Second, "`time` that calls under way get at shutdown")

	flags.StringVar(&c.UpstreamURL, "upstream-url", "", "`URL` of the API host; without it the embedded simulator answers")
	flags.StringVar(&c.AppKey, "app-key", "", "`name` that goes with the master secret")
	flags.StringVar(&s.masterSecretFile, "master-secret-file", "", "`file` that holds the master secret")
	flags.StringVar(&c.AdminURL, "admin-url", "", "`URL` of the host that switches one-click login on")
	flags.StringVar(&c.DevKey, "dev-key", "", "`name` that goes with the developer secret")
	flags.StringVar(&s.devSecretFile, "dev-secret-file", "", "`file` that holds the developer secret")
	flags.DurationVar(&c.Timeout, "timeout", gateway.DefaultTimeout, "`time` that an upstream call may take at most")
	flags.Func("captcha-success-code", "`code` of a captcha that passed (default 0)", s.setCaptchaCode)
	flags.BoolVar(&c.PublicBoundary, "public", false, "hide the codes that only the operator can mend")

	flags.VisitAll(func(f *flag.Flag) { f.Usage += " [" + env(f.Name) + "]" })
}

func (s *settings) setCaptchaCode(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	s.config.CaptchaSuccessCode = int32(n)
	return err
}

// complete adds what the command line leaves out.
func (s *settings) complete(flags *flag.FlagSet, getenv func(string) string) error {
	if err := fromEnvironment(flags, getenv); err != nil {
		return err
	}
	var errs [2]error
	s.config.MasterSecret, errs[0] = readSecret("master-secret", s.masterSecretFile, getenv)
	s.config.DevSecret, errs[1] = readSecret("dev-secret", s.devSecretFile, getenv)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	c := s.config
	if c.Timeout <= 0 {
		// The package takes 0 for its default, and a user means something by it.
		return fmt.Errorf("timeout %v is not positive: set -timeout or %s", c.Timeout, env("timeout"))
	}
	if c.UpstreamURL == "" && (c.AppKey != "" || c.MasterSecret != "" || c.AdminURL != "" || c.DevKey != "" || c.DevSecret != "") {
		return fmt.Errorf("credentials without an upstream would be answered by the simulator: set -upstream-url or %s, or unset them", env("upstream-url"))
	}
	return nil
}

// fromEnvironment sets the flags that the command line does not.
func fromEnvironment(flags *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var errs []error
	flags.VisitAll(func(f *flag.Flag) {
		value := getenv(env(f.Name))
		if value == "" || given[f.Name] {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: invalid value %q: %w", env(f.Name), value, err))
		}
	})
	return errors.Join(errs...)
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
