// Package command is the command simulator, which serves package simulator over plain
// HTTP.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

const (
	exitOK = iota
	exitFailure
	exitUsage
)

// The simulator answers from memory: a call that takes seconds has a client that does
// not read or write.
const (
	ioTimeout       = 10 * time.Second
	idleTimeout     = time.Minute
	shutdownTimeout = 5 * time.Second
)

// Main runs the command and ends the process: with 0 after SIGINT or SIGTERM,
// with 1 when it cannot serve and with 2 when its flags are not valid.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := start(ctx, args, stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(stderr, "simulator: %v\n", err)
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(stderr, "Run with -help to see the flags.")
		return exitUsage
	}
	return exitFailure
}

// usageError is a fault of the command line.
type usageError struct{ error }

func start(ctx context.Context, args []string, stdout io.Writer) error {
	set, err := parse(args, stdout)
	if err != nil {
		return err
	}
	key, err := set.newKey()
	if err != nil {
		return err
	}
	handler, err := simulator.New(set.config)
	if err != nil {
		return usageError{err}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", set.addr)
	if err != nil {
		return err // net names the operation and the address
	}
	defer listener.Close()
	if key != nil {
		// Written last, so that no file is left when the command can't serve.
		if err := writeKey(set.keyFile, key); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "simulator: listening on http://%s\n", listener.Addr())
	return serve(ctx, listener, handler)
}

// serve answers calls until ctx is done, and then finishes those under way.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: ioTimeout,
		ReadTimeout:       ioTimeout,
		WriteTimeout:      ioTimeout,
		IdleTimeout:       idleTimeout,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("shut down: %w", errors.Join(err, server.Close()))
	}
	return nil
}
