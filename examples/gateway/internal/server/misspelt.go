package server

import (
	"flag"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// injected is what Kubernetes sets for a service that is called jverification or
// begins with that.
var injected = regexp.MustCompile(`_SERVICE_HOST=|_SERVICE_PORT(_[A-Z0-9_]+)?=|_PORT(_\d+_[A-Z]+)?=[a-z]+://|_PORT_\d+_[A-Z]+_(PROTO|PORT|ADDR)=`)

// misspelt finds the variables of an environment that look like settings and are
// none. They are no error, since anybody may set variables of that prefix, but a
// setting that is not heard may be one that hides or refuses something.
func misspelt(environ []string) []error {
	known := variableNames()
	var warnings []error
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(strings.ToUpper(name), env("")) || slices.Contains(known, name) || injected.MatchString(variable) {
			continue
		}
		warnings = append(warnings, fmt.Errorf("%s is not a setting, and has no effect: see -help for the settings, or unset it", name))
	}
	return warnings
}

func warn(log *slog.Logger, warnings []error) {
	for _, warning := range warnings {
		log.Warn(warning.Error())
	}
}

// variableNames are those of all settings.
func variableNames() []string {
	names := []string{env("master-secret"), env("dev-secret")}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	new(settings).define(flags)
	flags.VisitAll(func(f *flag.Flag) { names = append(names, env(f.Name)) })
	return names
}
