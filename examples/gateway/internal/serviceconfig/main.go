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
	err := print(args, stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(stderr, "service-config: %v\nRun with -help to see the settings.\n", err)
	return 2
}

func print(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("service-config", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	set := DefaultSettings()
	flags.DurationVar(&set.UpstreamTimeout, "upstream-timeout", set.UpstreamTimeout, "the upstream timeout of the gateways")
	flags.IntVar(&set.Attempts, "attempts", set.Attempts, "how often a repeatable call is sent at most, the first time included: a `count` from 2 to 5")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	}
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	config, err := ServiceConfig(set)
	if err != nil {
		return err
	}
	_, err = stdout.Write(config)
	return err
}
