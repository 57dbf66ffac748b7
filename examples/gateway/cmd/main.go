// Command cmd serves package gateway. Run it with -help to see its settings.
//
// It exits with 0 after SIGINT or SIGTERM, with 1 when it cannot serve and with
// 2 when a setting is not valid.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"github.com/codetable/grpc-codetable/examples/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/embedded"
)

const (
	exitOK = iota
	exitFailure
	exitUsage
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on the default applies again, so that a second one
	// does not have to wait for open calls.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	err := start(ctx, args, getenv, stdout, stderr)
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

func start(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	set, err := parse(args, getenv, stdout)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	config := set.config
	config.Logger = log
	if config.UpstreamURL == "" {
		upstream, err := embedded.Start(ctx)
		if err != nil {
			return err
		}
		defer upstream.Close()
		config = upstream.Configure(config)
		log.Warn("NO UPSTREAM IS SET: every answer comes from the embedded simulator, not from JVerification; set "+env("upstream-url")+" to call the real one",
			"simulator", upstream.URL)
	}
	g, err := gateway.New(config)
	if err != nil {
		return usage(err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", set.addr)
	if err != nil {
		return fmt.Errorf("%w; set -addr or %s to a free address", err, env("addr"))
	}
	log.Info("gateway is listening", "address", listener.Addr().String(), "upstream", config.UpstreamURL, "public_boundary", config.PublicBoundary)
	return serve(ctx, listener, g, set.grace, log)
}
