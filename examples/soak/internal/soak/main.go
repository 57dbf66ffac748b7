// Package soak is the command soak. It makes calls of all kinds under failures,
// cancellations, resets and malformed replies for as long as it is told, and
// checks that no code is lost, no secret is sent and nothing is left behind.
package soak

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed
)

//go:embed usage.txt
var usage string

const (
	exitOK = iota
	exitFailed
	exitUsage
)

// Main runs the command soak and ends the process: with 1 if a check failed, with
// 2 when its flags are not valid.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command runs the command and returns its exit code.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	c, asJSON := define(flags)
	c.progress = stderr
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return exitOK
	}
	if err != nil {
		return exitUsage // package flag has printed it
	}
	if err := c.validate(flags); err != nil {
		fmt.Fprintf(stderr, "soak: %v\nRun with -help to see the flags.\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "soak: seed %d; -seed %[1]d makes the same calls\n", c.seed)
	report, err := soak(ctx, *c)
	if err == nil {
		err = report.print(stdout, *asJSON)
	}
	if err != nil {
		fmt.Fprintf(stderr, "soak: %v\n", err)
		return exitFailed
	}
	if !report.OK {
		fmt.Fprintln(stderr, "soak: a check failed")
		return exitFailed
	}
	return exitOK
}

func define(flags *flag.FlagSet) (*config, *bool) {
	c := &config{}
	flags.Uint64Var(&c.seed, "seed", rand.Uint64(), "`number` that decides what each call does; a random one if not given") //nolint:gosec // not a secret
	flags.Uint64Var(&c.first, "first", 0, "`number` of the first call, to repeat one that the report names: -seed S -first N -calls 1")
	flags.Uint64Var(&c.calls, "calls", 0, "end after this `number` of calls, not after -duration")
	flags.DurationVar(&c.duration, "duration", time.Minute, "end after this `time`")
	flags.DurationVar(&c.round, "round", 5*time.Second, "longest `time` between two lines, for each of which all calls end and the heap is measured")
	flags.IntVar(&c.workers, "workers", 4*runtime.GOMAXPROCS(0), "`number` of clients that call at once; every fourth has no client interceptors")
	flags.Float64Var(&c.rate, "rate", 0, "largest `number` of calls in a second; 0 is no limit")
	return c, flags.Bool("json", false, "print the report as JSON")
}

func (c *config) validate(flags *flag.FlagSet) error {
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.workers < 1:
		return errors.New("-workers must be at least 1")
	case c.rate < 0:
		return errors.New("-rate must not be negative")
	case c.round <= 0 || c.duration <= 0:
		return errors.New("-round and -duration must be positive")
	default:
		return nil
	}
}
