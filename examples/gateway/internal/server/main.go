// Package server is the command gateway: its settings, its listeners, and its
// start and end.
package server

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

const (
	exitOK = iota
	exitFailure
	exitUsage
)

// Main runs the command and ends the process: with 0 after SIGINT or SIGTERM,
// with 1 when it cannot serve and with 2 when a setting is not valid.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on the default applies again, so that a second one
	// does not have to wait for open calls.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr, os.Environ()...))
}

// run takes the whole environment too, to find what is misspelt in it.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer, environ ...string) int {
	err := start(ctx, args, getenv, stdout, stderr, misspelt(environ))
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(stderr, "gateway: %v\n", err)
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(stderr, "Run with -help to see the settings.")
		return exitUsage
	}
	return exitFailure
}

// start serves until ctx is done. What it opens it closes in reverse, so that
// the log and the traces get the end of everything else.
func start(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer, misspelt []error) error {
	set, err := parse(args, getenv, stdout)
	if err != nil {
		return errors.Join(append([]error{err}, misspelt...)...) // which may be why
	}
	config := set.config
	signals, err := newSignals(ctx, set, getenv, stderr)
	if err != nil {
		return err
	}
	defer signals.close()
	warn(signals.log, misspelt)
	signals.configure(&config)
	if set.simulated() {
		upstream, err := embedded.Start(ctx)
		if err != nil {
			return err
		}
		defer upstream.Close()
		config = upstream.Configure(config)
		set.advance = http.HandlerFunc(upstream.Simulator.ServeAdvance)
		signals.log.Warn("NO UPSTREAM IS SET: every answer comes from the embedded simulator, not from JVerification; set "+
			env("upstream-url")+" to call the real one", "simulator", upstream.URL)
	}
	var closeStore func()
	if config.Cooldown, closeStore, err = set.newCooldown(signals.log); err != nil {
		return err
	}
	defer closeStore()
	g, err := gateway.New(config)
	if err != nil {
		return usage(err)
	}
	s, err := listen(ctx, g, set, signals)
	if err != nil {
		return err
	}
	s.announce(config)
	if set.simulated() {
		fmt.Fprint(stdout, s.invitation())
	}
	return s.serve(ctx)
}
