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
	reloads := make(chan os.Signal, 1)
	signal.Notify(reloads, syscall.SIGHUP)
	p := process{os.Args[1:], newEnvironment(os.Environ()), os.Stdout, os.Stderr, reloads}
	os.Exit(p.run(ctx))
}

// process is what the command gets from the system.
type process struct {
	args           []string
	env            environment
	stdout, stderr io.Writer
	reloads        <-chan os.Signal // SIGHUP
}

func (p process) run(ctx context.Context) int {
	set, err := parse(p.args, p.env)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = fmt.Fprint(p.stdout, usage)
	case err != nil:
		fmt.Fprintf(p.stderr, "gateway: %v\nRun with -help to see the settings.\n", err)
		return exitUsage
	case set.Version:
		_, err = fmt.Fprintln(p.stdout, version())
	case set.CheckConfig:
		_, err = fmt.Fprintln(p.stdout, "ok")
	default:
		err = p.start(ctx, set)
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "gateway: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// start serves until ctx is done. What it opens it closes in reverse, so that
// the log and the traces get the end of everything else.
func (p process) start(ctx context.Context, set *settings) error {
	signals, err := newSignals(ctx, set, p.env, p.stderr)
	if err != nil {
		return err
	}
	defer signals.close()
	for _, warning := range p.env.misspelt() {
		signals.log.Warn(warning.Error())
	}
	config := signals.configure(set.Config)
	closeStore, err := set.share(&config, signals)
	if err != nil {
		return err
	}
	defer closeStore()
	var advance http.Handler // moves the clock of the simulator
	if set.Simulate {
		upstream, err := embedded.Start(ctx)
		if err != nil {
			return err
		}
		defer upstream.Close()
		config, advance = upstream.Configure(config), http.HandlerFunc(upstream.Simulator.ServeAdvance)
		signals.log.Warn("SIMULATED: every answer comes from the embedded simulator, not from JVerification", "simulator", upstream.URL)
	}
	g, err := gateway.New(config)
	if err != nil {
		return err
	}
	s, err := listen(ctx, g, set, signals, advance)
	if err != nil {
		return err
	}
	s.announce(config)
	if set.Simulate {
		_ = s.invite(p.stdout) // nobody may be there to read it
	}
	s.reloads, s.load = p.reloads, func() (*settings, error) { return parse(p.args, p.env) }
	return s.serve(ctx)
}
