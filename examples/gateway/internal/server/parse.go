package server

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed usage.txt
var usage string

// usageError is a fault of the settings.
type usageError struct{ error }

// parse returns the settings of a command line, and of the file and the
// environment where it says nothing. All faults are one error.
func parse(args []string, env environment, stdout io.Writer) (*settings, error) {
	s := newSettings()
	given := map[string]string{}
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	fields := s.fields("flag")
	for name, f := range fields {
		define := flags.Func
		if _, toggle := f.pointer.(*bool); toggle {
			define = flags.BoolFunc
		}
		define(name, "", func(text string) error { given[name] = text; return nil }) // flag would show a wrong value
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return nil, err
	} else if err != nil {
		return nil, usageError{err}
	}
	if flags.NArg() > 0 {
		return nil, usageError{errors.New("unexpected argument: want only flags")}
	}
	if path, ok := given["config"]; ok {
		s.File, s.places["config"] = path, "-config"
		s.readFile()
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		s.places[name] = "-" + name
		if problem := fields[name].decode(&yaml.Node{Kind: yaml.ScalarNode, Value: given[name]}); problem != "" {
			s.refuse(name, problem)
		}
	}
	if s.followPort(); len(s.faults) == 0 && !s.Version {
		s.check(env)
	}
	if len(s.faults) > 0 {
		return nil, usageError{errors.Join(append(s.faults, env.misspelt()...)...)} // which may be why
	}
	return s, nil
}

// environment has the variables of the process.
type environment map[string]string

func newEnvironment(variables []string) environment {
	env := environment{}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	return env
}

// secrets are the variables for what a file holds that a key names.
var secrets = map[string]string{
	"master-secret-file": "JVERIFICATION_MASTER_SECRET",
	"dev-secret-file":    "JVERIFICATION_DEV_SECRET",
	"redis-url-file":     "JVERIFICATION_REDIS_URL",
}

// injected is what Kubernetes sets for a service that is called jverification or
// begins with that.
var injected = regexp.MustCompile(`_SERVICE_HOST=|_SERVICE_PORT(_[A-Z0-9_]+)?=|_PORT(_\d+_[A-Z]+)?=[a-z]+://|_PORT_\d+_[A-Z]+_(PROTO|PORT|ADDR)=`)

// misspelt finds the variables that look like settings and are none. They are no
// error, since anybody may set variables of that prefix, but the setting that was
// meant may be one that hides or refuses something.
func (env environment) misspelt() (warnings []error) {
	known := slices.Sorted(maps.Values(secrets))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(strings.ToUpper(name), "JVERIFICATION_") && !slices.Contains(known, name) && !injected.MatchString(name+"="+env[name]) {
			warnings = append(warnings, fmt.Errorf("%s is not a setting, and has no effect: unset it, and use the file of -config, or one of %s",
				name, strings.Join(known, ", ")))
		}
	}
	return warnings
}
