package serviceconfig

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `Print the gRPC service config for clients of several gateways, as JSON:
round_robin, health checking, timeouts, and retries of the calls that may be
repeated, on the statuses that the table of response codes allows.

	go run ./gateway/cmd/service-config >service_config.json

Settings:
`

// Main runs the command service-config and ends the process: with 0, or with 2
// when a setting is not valid.
func Main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	set, flags := DefaultSettings(), flag.NewFlagSet("service-config", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.DurationVar(&set.UpstreamTimeout, "upstream-timeout", set.UpstreamTimeout, "the upstream timeout of the gateways")
	flags.IntVar(&set.Attempts, "attempts", set.Attempts, "how often a repeatable call is sent at most, the first time included: a `count` from 2 to 5")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return 0
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	var config []byte
	if err == nil {
		config, err = ServiceConfig(set)
	}
	if err == nil {
		_, err = stdout.Write(config)
	}
	if err != nil {
		fmt.Fprintf(stderr, "service-config: %v\nRun with -help to see the settings.\n", err)
		return 2
	}
	return 0
}
